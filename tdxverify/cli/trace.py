"""`tdxverify trace`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.outputs import deliver, destination, writes
from tdxverify.cli.selection import Choice, about_one_check, require_trace
from tdxverify.outputs.formats import FORMATS, Document

if TYPE_CHECKING:
    from tdxverify.checker import FoundTrace
    from tdxverify.reports.layout import Line


@click.command()
@about_one_check
@writes(Document.TRACE)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Take no trace of a check, but this JSON one.",
)
def command(
    choice: Choice,
    form: str,
    output: Path | None,
    replay: Path | None,
) -> None:
    """Write the trace of the first check of FILE that has one.

    A JSON trace can be read back with --replay: its choices are made again on the model as it is now. The
    formats c (a kernel module) and sh are skeletons of a reproducer, made of what the spec says with 'emit'.
    """
    target = destination(output, [choice.file], [] if replay is None else [replay])
    found = require_trace(choice) if replay is None else replayed(choice, replay)
    deliver(FORMATS[Document.TRACE][form], found, partial(_lines, found), target)


def replayed(choice: Choice, saved: Path) -> FoundTrace:
    """The trace that `saved` tells, made again. Raises SpecError."""
    from tdxverify.checker import asked_in
    from tdxverify.interop.trace_json import read_trace, sizes_of
    from tdxverify.syntax.read import read

    text = read(saved).text
    asked = asked_in(choice.file, choice.options, choice.line)[0].anywhere()
    problem = asked.problem(sizes_of(text))
    return asked.found(problem, read_trace(problem, text))


def _lines(found: FoundTrace, columns: int) -> list[Line]:
    from tdxverify.reports.trace_text import story_lines

    return story_lines(found.story, columns, everything=False)
