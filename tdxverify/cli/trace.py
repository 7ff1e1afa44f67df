"""`tdxverify trace`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.selection import about_one_check, deliver, options_of, require_trace

if TYPE_CHECKING:
    from tdxverify.checker import FoundTrace, Options

FORMATS = ("text", "json", "itf", "vcd", "mermaid", "plantuml")


@click.command()
@about_one_check
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the trace there.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take no trace of a check, but this JSON one.",
)
def command(
    file: Path,
    properties: tuple[str, ...],
    line: int | None,
    parameters: tuple[str, ...],
    sizes: tuple[str, ...],
    timeout: float | None,
    form: str,
    output: Path | None,
    replay: Path | None,
) -> None:
    """Write the trace of the first check of FILE that has one.

    A JSON trace can be read back with --replay: its choices are made again on the model as it is now.
    """
    from tdxverify.cli.arguments import require_writable

    options = options_of(properties, parameters, sizes, timeout)
    if output is not None:
        require_writable(output)
    found = require_trace(file, options, line) if replay is None else replayed(file, options, line, replay)
    deliver(_document(found, form), output)


def replayed(file: Path, options: Options, line: int | None, saved: Path) -> FoundTrace:
    """The trace that `saved` tells, made again. Raises SpecError."""
    from tdxverify.checker import asked_in
    from tdxverify.interop.trace_json import read_trace, sizes_of
    from tdxverify.syntax.read import read

    text = read(saved).text
    asked = asked_in(file, options, line)[0].anywhere()
    problem = asked.problem(sizes_of(text))
    return asked.found(problem, read_trace(problem, text))


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
        case _:
            from tdxverify.cli.terminal import width
            from tdxverify.reports.layout import plain
            from tdxverify.reports.trace_text import story_lines

            return plain(story_lines(found.story, width(sys.stdout), everything=False))
