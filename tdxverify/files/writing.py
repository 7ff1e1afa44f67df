"""The one place where files are written: beside their target first, then renamed, so that none is ever half
written or lost; and never in the place of something that a command reads.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tdxverify.characters import visible
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.files.reading import kind_of
from tdxverify.files.signals import signals_held_back

Identity: TypeAlias = tuple[int, int]  # device and number of a file, whatever name led to it

SPEC_SUFFIX = ".tdx"
PROOF_SUFFIX = ".proof.json"
_DESCRIPTOR = re.compile(r"/(?:dev/fd|proc/(?:self|[0-9]+)/fd)/([0-9]{1,6})")
_NEW_FILE = 0o666  # less what the user's umask takes away


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that can be written as far as one can know before; made by `output_file`."""

    path: Path
    protected: frozenset[Identity] = frozenset()

    def write(self, content: str | bytes) -> None:
        """Write the file, whole or not at all; characters that cannot be seen are spelled out in text.

        Raises SpecError (E705); what was there before is still there then.
        """
        data = visible(content).encode("utf-8", "backslashreplace") if isinstance(content, str) else content
        _refuse_protected(self.path, self.protected)
        try:
            written(self.path, data)
        except OSError as error:
            raise _failed(self.path, error) from None


def output_file(path: Path, inputs: Callable[[], Iterable[Path]]) -> OutputFile:
    """What a user names for the output. `inputs` lists the files that the command reads; it is only asked
    where `path` exists. Raises SpecError (E705) where nothing can be written, or nothing should.
    """
    try:
        _require_writable(path)
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None
    protected = frozenset[Identity]() if _identity(path) is None else identities(inputs())
    _refuse_protected(path, protected)
    for name in (path.name, os.path.basename(os.path.realpath(path))):
        if name.lower().endswith((SPEC_SUFFIX, PROOF_SUFFIX)):
            what = "specs" if name.lower().endswith(SPEC_SUFFIX) else "stored proofs"
            raise _refused(path, f"names such as {name} are for {what}")
    return OutputFile(path, protected)


def identities(paths: Iterable[Path]) -> frozenset[Identity]:
    """Of those that exist."""
    return frozenset(one for path in paths if (one := _identity(path)) is not None)


def written(path: Path, data: bytes) -> None:
    """Write `data` to `path`: into pipes and devices as they are, else beside the file and renamed.

    A link stays, and what it leads to is replaced; so do the permissions of a file that is replaced.
    Raises OSError; nothing is left behind then, whatever signal comes.
    """
    descriptor = _open_stream(path)
    if descriptor is not None:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        return
    target = os.path.realpath(path)
    aside = os.path.join(os.path.dirname(target), f".tdxverify-{secrets.token_hex(8)}")
    with signals_held_back():
        try:
            _write_aside(aside, data, _status(target))
            os.replace(aside, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(aside)
            raise


def _write_aside(aside: str, data: bytes, before: os.stat_result | None) -> None:
    """A new file, with the permissions and, where that is allowed, the owner of the one it will replace."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(os.open(aside, flags, _NEW_FILE), "wb") as file:
        if before is not None:
            with suppress(OSError):
                os.chown(aside, before.st_uid, before.st_gid)
            os.chmod(aside, stat.S_IMODE(before.st_mode))
        file.write(data)


# --- what the target is -------------------------------------------------------------------


def _status(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _identity(path: Path) -> Identity | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _own_descriptor(path: Path) -> int | None:
    """The open file of ours that `path` names: /dev/fd/5, or whatever standard output goes to."""
    named = _DESCRIPTOR.fullmatch(os.path.abspath(path))
    if named is not None:
        return int(named[1])
    found = _status(path)
    for number in (1, 2):
        with suppress(OSError):
            if found is not None and os.path.samestat(found, os.fstat(number)):
                return number
    return None


def _open_stream(path: Path) -> int | None:
    """Where to write directly; None for an ordinary file, and for one that is still to be made."""
    number = _own_descriptor(path)
    if number is not None:
        if number == 1 and sys.stdout is not None:
            sys.stdout.flush()
        return os.dup(number)
    found = _status(path)
    if found is None or stat.S_ISREG(found.st_mode):
        return None
    # Without waiting, because the pipe may have no reader: that is an error then, and no endless wait.
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    os.set_blocking(descriptor, True)
    return descriptor


def _require_writable(path: Path) -> None:
    """Raises OSError or ValueError."""
    if _own_descriptor(path) is not None:
        return
    found = _status(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        if not (stat.S_ISFIFO(found.st_mode) or stat.S_ISCHR(found.st_mode)):
            raise OSError(errno.EINVAL, f"it is {kind_of(found.st_mode)}")
        _require_access(path, os.W_OK)
        return
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not stat.S_ISDIR(os.stat(folder).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if found is not None:
        _require_access(target, os.W_OK)
    _require_access(folder, os.W_OK | os.X_OK)


def _require_access(path: str | Path, mode: int) -> None:
    if not os.access(path, mode):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _refuse_protected(path: Path, protected: frozenset[Identity]) -> None:
    if _identity(path) in protected:
        raise _refused(path, "the command reads this file")


def _refused(path: Path, reason: str) -> SpecError:
    hint = "give the output a name of its own"
    return SpecError(
        [Diagnostic(Code.E705, f"nothing is written to {path}: {reason}", hint=hint, file=str(path))]
    )


def _failed(path: Path, error: OSError | ValueError) -> SpecError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        reason = "nobody reads from it"
    return SpecError([Diagnostic(Code.E705, f"cannot write {path}: {reason}", file=str(path))])
