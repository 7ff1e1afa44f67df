"""Where lines of text meet the terminal: the only place that decides about colour and width."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

from tdxverify.reports.layout import Line, Style, plain

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
    """Write `lines`, styled where `stream` is a terminal."""
    if coloured(stream):
        write(_styled(lines), stream)
    else:
        write(plain(lines), stream)


def _styled(lines: Iterable[Line]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        for pieces in lines:
            text = Text.assemble(*((piece.text, LOOK[piece.style]) for piece in pieces))
            text.rstrip()
            console.print(text, soft_wrap=True)
    return capture.get()


def write(text: str, stream: TextIO) -> None:
    """Write and flush. A reader that has gone away (`| head`) is no error."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # Python flushes the stream once more on exit; give it somewhere harmless to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare_streams() -> None:
    """Characters that the locale cannot write are escaped instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
