"""`tdxverify trace`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.outputs import destination
from tdxverify.cli.selection import about_one_check, deliver, require_trace

if TYPE_CHECKING:
    from tdxverify.checker import FoundTrace
    from tdxverify.questions.options import Options

FORMATS = ("text", "json", "itf", "vcd", "mermaid", "plantuml", "c", "sh")


@click.command()
@about_one_check
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="Write the trace there."
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, readable=False),
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
    found = require_trace(*chosen) if replay is None else replayed(*chosen, replay)
    deliver(_document(found, form), target)


def replayed(file: Path, options: Options, at_line: int | None, saved: Path) -> FoundTrace:
    """The trace that `saved` tells, made again for the first check that is chosen. Raises SpecError."""
    from tdxverify.checker.tracing import told
    from tdxverify.interop.trace_json import read_trace, sizes_of
    from tdxverify.questions.question import anywhere, in_file, smallest
    from tdxverify.syntax.read import read

    text = read(saved).text
    asked = anywhere(in_file(file, options, at_line)[0])
    problem = smallest(asked, sizes_of(text))
    return told(asked, problem, read_trace(problem, text))


def _document(found: FoundTrace, form: str) -> str:
    match form:
        case "json":
            from tdxverify.interop.trace_json import trace_text

            return trace_text(found.problem, found.trace)
        case "itf":
            from tdxverify.interop.itf import itf_text

            return itf_text(found.problem, found.trace, found.story)
        case "vcd":
            from tdxverify.interop.vcd import vcd_text

            return vcd_text(found.problem, found.trace, found.story)
        case "mermaid":
            from tdxverify.interop.diagrams import mermaid_text

            return mermaid_text(found.story)
        case "plantuml":
            from tdxverify.interop.diagrams import plantuml_text

            return plantuml_text(found.story)
        case "c":
            from tdxverify.interop.reproducer import c_text

            return c_text(found)
        case "sh":
            from tdxverify.interop.reproducer import sh_text

            return sh_text(found)
        case _:
            from tdxverify.cli.terminal import width
            from tdxverify.reports.layout import plain
            from tdxverify.reports.trace_text import story_lines

            return plain(story_lines(found.story, width(sys.stdout), everything=False))
