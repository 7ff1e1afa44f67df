"""Other processes: what they say is heard, and none of them outlives whoever has started it."""

from __future__ import annotations

import os
import signal
import sys
from time import sleep

import pytest

from tdxverify.diagnostics import InternalError
from tdxverify.processes import FEWEST, Died, Send, mapped, output_of, working


def echoed(argument: object, send: Send) -> None:
    send(os.getpid())
    send(argument)


def stuck(argument: object, send: Send) -> None:
    echoed(argument, send)
    while True:
        sleep(1)


def broken(argument: object, send: Send) -> None:
    raise InternalError(f"no {argument}", {"why": "a test"})


def killed(number: int, send: Send) -> None:
    sys.stderr.write("ouch")
    sys.stderr.flush()
    os.kill(os.getpid(), number)


def test_everything_that_is_sent_is_heard() -> None:
    with working(__name__, "echoed", {"large": "x" * 1_000_000}) as worker:
        assert isinstance(worker.heard(None), int)
        assert worker.heard(None) == {"large": "x" * 1_000_000}
        assert worker.heard(None) == Died(0, "")


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ValueError])
def test_it_ends_with_its_context(error: type[BaseException] | None) -> None:
    process = 0
    try:
        with working(__name__, "stuck", "here") as worker:
            process = worker.heard(None)
            assert worker.heard(None) == "here"
            assert worker.heard(0.01) is None
            if error is not None:
                raise error
    except (KeyboardInterrupt, ValueError) as raised:
        assert type(raised) is error
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_ctrl_c_is_not_for_the_worker() -> None:
    with working(__name__, "stuck", "here") as worker:
        process = worker.heard(None)
        os.kill(process, signal.SIGINT)
        assert worker.heard(None) == "here"
        assert worker.heard(0.1) is None


def test_a_bug_there_is_a_bug_here() -> None:
    with (
        working(__name__, "broken", "luck") as worker,
        pytest.raises(InternalError, match="no luck") as raised,
    ):
        worker.heard(None)
    assert raised.value.bundle == {"why": "a test"}


def test_a_death_is_told() -> None:
    with working(__name__, "killed", signal.SIGKILL) as worker:
        assert worker.heard(None) == Died(-signal.SIGKILL, "ouch")


def test_what_a_program_prints() -> None:
    python = [sys.executable, "-c"]
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert output_of([*python, echo], b"\xff", 60) == b"\xff"
    assert output_of([*python, f"{echo}; sys.exit(1)"], b"", 60) is None
    assert output_of([*python, "import time; time.sleep(60)"], b"", 0.2) is None
    assert output_of(["no such program"], b"", 60) is None


def test_one_function_many_things() -> None:
    prepared: list[int] = []

    def prepare() -> None:
        prepared.append(1)

    texts = [str(number) for number in range(FEWEST)]
    assert list(mapped(int, texts, 1, prepare)) == list(range(FEWEST)) and prepared == []
    assert list(mapped(int, texts, 2, prepare)) == list(range(FEWEST))
    assert prepared == ([1] if sys.platform == "linux" else [])
