"""`tdxverify trace`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.outputs import deliver, destination, writes
from tdxverify.cli.selection import about_one_check, require_trace
from tdxverify.cli.values import PATH
from tdxverify.outputs.formats import FORMATS, Document

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.outputs.text.layout import Line
    from tdxverify.questions.options import Options


@click.command()
@about_one_check
@writes(Document.TRACE)
@click.option(
    "--replay",
    type=PATH,
    metavar="FILE",
    help="Take no trace of a check, but this JSON one.",
)
def command(
    file: Path,
    options: Options,
    at_line: int | None,
    form: str,
    output: Path | None,
    replay: Path | None,
) -> None:
    """Write the trace of the first check of FILE that has one.

    A JSON trace can be read back with --replay: its choices are made again on the model as it is now. The
    formats c (a kernel module) and sh are skeletons of a reproducer, made of what the spec says with 'emit'.
    """
    target = destination(output, [file], [] if replay is None else [replay])
    chosen = (file, options, at_line)
    if replay is None:
        found = require_trace(*chosen)
    else:
        from tdxverify.cli.replaying import replayed

        found = replayed(*chosen, replay).found
    deliver(FORMATS[Document.TRACE][form], found, partial(_lines, found), target)


def _lines(found: FoundTrace, columns: int) -> list[Line]:
    from tdxverify.outputs.text.trace_text import story_lines

    return story_lines(found.story, columns, everything=False)
