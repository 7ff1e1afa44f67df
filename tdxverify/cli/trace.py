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
@click.option(
    "--watch",
    "watches",
    multiple=True,
    metavar="EXPR",
    help="Show the value of EXPR in every state (text, json); elements are called as shown: used[Line0].",
)
def command(
    file: Path,
    options: Options,
    at_line: int | None,
    form: str,
    output: Path | None,
    replay: Path | None,
    watches: tuple[str, ...],
) -> None:
    """Write the trace of the first check of FILE that has one.

    A JSON trace can be read back with --replay: its choices are made again on the model as it is now. The
    formats c (a kernel module) and sh are skeletons of a reproducer, made of what the spec says with 'emit'.
    """
    formats = FORMATS[Document.TRACE]
    if watches and not formats[form].has_watched:
        those = " and ".join(name for name, row in formats.items() if row.has_watched)
        raise click.UsageError(f"--watch is shown in the formats {those}, not in {form}")
    target = destination(output, [file], [] if replay is None else [replay])
    chosen = (file, options, at_line)
    if replay is None:
        found = require_trace(*chosen)
    else:
        from tdxverify.cli.replaying import replayed

        found = replayed(*chosen, replay).found
    if watches:
        from tdxverify.cli.watching import with_watched

        found = with_watched(found, watches)
    deliver(formats[form], found, partial(_lines, found), target)


def _lines(found: FoundTrace, columns: int) -> list[Line]:
    from tdxverify.outputs.text.trace_text import story_lines

    return story_lines(found.story, columns, everything=False)
