"""What is kept when the tool finds itself wrong: a directory that reproduces it."""

from __future__ import annotations

import re
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tdxverify import __version__
from tdxverify.characters import visible
from tdxverify.cli.terminal import show
from tdxverify.diagnostics import InternalError
from tdxverify.files.writing import written
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, line

HOME = ".tdxverify"


def report_failure(error: Exception, arguments: Sequence[str]) -> None:
    """Keep what reproduces `error`, and say on stderr where."""
    entries = dict(error.bundle) if isinstance(error, InternalError) else {}
    message = str(error) if isinstance(error, InternalError) else f"{type(error).__name__}: {error}"
    entries["message.txt"] = message + "\n"
    entries["traceback.txt"] = "".join(traceback.format_exception(error))
    entries["command.txt"] = f"tdxverify {' '.join(arguments)}\nversion {__version__}\n{sys.version}\n"
    show(_report(message, entries), sys.stderr)


def _report(message: str, entries: Mapping[str, str]) -> list[Line]:
    place = write_bundle(entries)
    where = (
        "nothing could be kept: no directory is writable"
        if place is None
        else f"what reproduces it is in {place}"
    )
    return [
        (Piece("internal error", Style.BAD), Piece(f": {message}", Style.STRONG)),
        line("This is a bug of tdxverify, not of the specification. Believe no verdict of this check."),
        line(f"{where}; please report it."),
        EMPTY,
    ]


def write_bundle(entries: Mapping[str, str]) -> Path | None:
    """Write `entries` below the current directory, or else the temporary one. Equal entries, equal name."""
    content = "\0".join(f"{name}\0{text}" for name, text in sorted(entries.items()))
    name = f"bundle-{sha256(content.encode('utf-8', 'replace')).hexdigest()[:12]}"
    for parent in (Path(HOME), Path(tempfile.gettempdir()) / HOME):
        try:
            _write(parent / name, entries)
        except OSError:
            continue
        return parent / name
    return None


def _write(directory: Path, entries: Mapping[str, str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in entries.items():
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "entry"
        written(directory / safe, visible(text).encode("utf-8", "backslashreplace"))
