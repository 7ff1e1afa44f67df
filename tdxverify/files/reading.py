"""Bytes of ordinary files. Pipes and devices are refused, because reading them may never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
NO_FILE = "an ordinary file"
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to would never open otherwise


class NotAFile(OSError):
    """There is something of that name, but no ordinary file; `kind` says what: "a folder"."""

    def __init__(self, path: Path, kind: str) -> None:
        self.kind = kind
        super().__init__(errno.EINVAL, f"it is {kind}, not a file", str(path))


def kind_of(mode: int) -> str:
    """What a file of that mode is: "a folder", or `NO_FILE` of what is one."""
    return next((name for is_one, name in _KINDS if is_one(mode)), NO_FILE)


def read_bytes(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file. Raises OSError, of which NotAFile is one."""
    try:
        descriptor = _opened(path)
    except ValueError as error:  # a name that no file can have
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


def resolved(path: Path) -> Path:
    """The file that `path` leads to, by which two names of it are known; else `path` itself."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, an impossible name: reading will tell
        return path


def _opened(path: Path) -> int:
    """Looked at before it is opened, because that alone may do something to a device; and after it."""
    _require_file(os.stat(path), path)
    descriptor = os.open(path, os.O_RDONLY | _NO_WAITING | getattr(os, "O_CLOEXEC", 0))
    try:
        _require_file(os.fstat(descriptor), path)
    except NotAFile:
        os.close(descriptor)
        raise
    return descriptor


def _require_file(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile(path, kind_of(found.st_mode))
