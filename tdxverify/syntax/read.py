"""Path -> text, or one diagnostic that says why not."""

from __future__ import annotations

import os
from pathlib import Path

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.files.reading import NotAFile, read_bytes
from tdxverify.source import SourceFile

LARGEST_FILE = 2_000_000  # bytes


def read(path: Path) -> SourceFile:
    """The text at `path`; SpecError (E101 to E105) if there is none that could be a spec."""
    shown = shown_path(path)
    content = _content(path, shown)
    if len(content) > LARGEST_FILE:
        raise _refused(
            shown,
            Code.E105,
            f"{shown} is larger than {LARGEST_FILE // 1_000_000} MB, the most that a spec may have",
            "split it into modules and import them",
        )
    if b"\0" in content:
        raise _refused(shown, Code.E104, f"{shown} is a binary file, not a spec", "specs are text files")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{shown} is not UTF-8 text: byte 0x{content[error.start]:02x} in line {line}"
        raise _refused(shown, Code.E103, message, "save the file as UTF-8") from error
    return SourceFile(shown, text)


def shown_path(path: Path) -> str:
    """`path` as the user would type it: relative to the current folder where it lies below that."""
    try:
        absolute = os.path.abspath(path)
        relative = os.path.relpath(absolute)
    except (OSError, ValueError):  # the current folder is gone, or on another drive
        return str(path)
    return absolute if relative.startswith(os.pardir) else relative


def _content(path: Path, shown: str) -> bytes:
    """At most one byte more than LARGEST_FILE."""
    try:
        return read_bytes(path, LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _refused(shown, Code.E101, f"{shown} does not exist", _beside(path)) from error
    except NotAFile as error:
        raise _refused(
            shown, Code.E102, f"{shown} is {error.kind}, not a file", _instead(error.kind)
        ) from error
    except OSError as error:
        raise _refused(shown, Code.E102, f"{shown} cannot be read: {error.strerror}", None) from error


def _instead(kind: str) -> str:
    if kind == "a folder":
        return "name one of the files in it"
    return "save what comes from it to a file, and name that"


def _beside(path: Path) -> str | None:
    """A hint if the file exists under the usual ending."""
    ended = path.with_name(path.name + ".tdx") if path.name and path.suffix != ".tdx" else None
    return f"did you mean {shown_path(ended)}?" if ended is not None and os.path.isfile(ended) else None


def _refused(shown: str, code: Code, message: str, hint: str | None) -> SpecError:
    return SpecError([Diagnostic(code, message, hint=hint, file=shown)])
