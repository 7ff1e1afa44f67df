"""A command in a process of its own that is a fork of the test's: with streams, a folder and an environment
of its own, but without Python's start and what is loaded then.

What depends on how Python starts (the locale, streams that are closed, signals) needs a fresh process:
`test_process.command`.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import NoReturn

from tdxverify.cli.main import main

SECONDS = 60.0


def forked_command(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` would give; nothing takes a minute."""
    output, output_end = os.pipe()
    errors, errors_end = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there may be threads of the test runner
        number = os.fork()
    if number == 0:
        os.close(output)
        os.close(errors)
        _become(folder, list(arguments), environment, output_end, errors_end)
    os.close(output_end)
    os.close(errors_end)
    try:
        told = _read((output, errors))
    except BaseException:
        os.kill(number, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(number, 0)
        os.close(output)
        os.close(errors)
    texts = (told[end].decode("utf-8", "surrogateescape") for end in (output, errors))
    return subprocess.CompletedProcess(list(arguments), os.waitstatus_to_exitcode(status), *texts)


def _read(ends: Sequence[int]) -> dict[int, bytes]:
    """All that comes from each. Raises TimeoutError."""
    told = dict.fromkeys(ends, b"")
    until = monotonic() + SECONDS
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, until - monotonic()))
            if not ready:
                raise TimeoutError("the command does not end")
            for key, _ in ready:
                part = os.read(key.fd, 65536)
                told[key.fd] += part
                if not part:
                    selector.unregister(key.fd)
    return told


def _become(
    folder: Path, arguments: list[str], environment: Mapping[str, str], output: int, errors: int
) -> NoReturn:
    status = 1
    try:
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        sys.argv = ["tdxverify", *arguments]
        try:
            main(arguments)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - as Python does with what nobody catches
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)
