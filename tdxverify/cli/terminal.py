"""Where lines of text meet the terminal: the only place that decides about colour and width."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

from tdxverify.characters import visible
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.outputs.text.layout import Line, Style, plain

DEFAULT_WIDTH = 80
WIDEST = 100
NARROWEST = 60

LOOK = {
    Style.PLAIN: "",
    Style.STRONG: "bold",
    Style.GOOD: "green",
    Style.BAD: "bold red",
    Style.DOUBT: "yellow",
    Style.FAINT: "dim",
    Style.GUIDE: "cyan",
}


def coloured(stream: TextIO) -> bool:
    """A terminal that can show colour, and nobody asked for none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Columns to write for: those of the terminal within reason, 80 for everything else."""
    if not stream.isatty():
        return DEFAULT_WIDTH
    columns = shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns
    return max(NARROWEST, min(columns, WIDEST))


def show(lines: Iterable[Line], stream: TextIO) -> None:
    """Write `lines`, styled where `stream` is a terminal. Raises SpecError as `write` does."""
    if coloured(stream):
        _put(_styled(lines), stream)
    else:
        write(plain(lines), stream)


def _styled(lines: Iterable[Line]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        for pieces in lines:
            parts = ((piece.text.replace("\n", "\\n"), LOOK[piece.style]) for piece in pieces)
            text = Text.assemble(*parts)
            text.rstrip()
            console.print(text, soft_wrap=True)
    return capture.get()


def write(document: str | bytes, stream: TextIO) -> None:
    """Write and flush; text with characters that cannot be seen spelled out.

    A reader that has gone away (`| head`) is no error. Raises SpecError (E705) where standard output is full
    or closed; of standard error that could be told nobody.
    """
    _put(visible(document) if isinstance(document, str) else document, stream)


def _put(document: str | bytes, stream: TextIO) -> None:
    try:
        if isinstance(document, str):
            stream.write(document)
        else:
            stream.buffer.write(document)
        stream.flush()
    except BrokenPipeError:
        _give_up(stream)
    except OSError as error:
        if stream is sys.stdout:
            raise lost_output(error) from None
        _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Python flushes the stream once more on exit: give it somewhere harmless to go."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def lost_output(error: OSError) -> SpecError:
    """What is said where standard output takes no more (E705). Nothing more is written to it."""
    _give_up(sys.stdout)
    reason = "it is closed" if error.errno == errno.EBADF else error.strerror
    return SpecError([Diagnostic(Code.E705, f"cannot write to standard output: {reason}")])


def prepare_streams() -> None:
    """Streams that are closed are opened, so that no file of ours takes their place; characters that the
    locale cannot write, and bytes that it cannot read, are escaped instead of ending the program.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _stand_in(number))
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _stand_in(number: int) -> TextIO:
    """For a closed stream: nothing to read; an output that fails when it is written to; errors to nowhere."""
    opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False)
