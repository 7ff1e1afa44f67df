"""`tdxverify lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.outputs import deliver, destination, writes
from tdxverify.cli.terminal import show
from tdxverify.cli.values import PATH, SECONDS, in_configurations
from tdxverify.outputs.formats import FORMATS, Document
from tdxverify.outputs.text.layout import Line, Style, line

if TYPE_CHECKING:
    from tdxverify.inquiries.lint import LintRun


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=PATH)
@click.option(
    "--size", "sizes", multiple=True, metavar="SORT=N", help="Look at this many elements, not at 2: Line=3."
)
@click.option("--property", "properties", multiple=True, metavar="NAME", help="The checks of this property.")
@in_configurations(help="The checks in this configuration.")
@click.option("--line", "at_line", type=int, metavar="N", help="The checks on this line.")
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Narrow every check: erratum=true."
)
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=SECONDS,
    metavar="S",
    help="Seconds for reading a file, for its names, for its steps, and for each check.",
)
@click.option("--total-timeout", type=SECONDS, metavar="S", help="Seconds for the whole run.")
@writes(Document.FINDINGS)
def command(
    paths: tuple[Path, ...],
    sizes: tuple[str, ...],
    properties: tuple[str, ...],
    configs: tuple[str, ...],
    at_line: int | None,
    parameters: tuple[str, ...],
    timeout: float,
    total_timeout: float | None,
    form: str,
    output: Path | None,
) -> int:
    """Say what in specs plays no part: steps never made, table rows that never decide, checks about nothing.

    With --property, --config, --line or --param: what never happens in the machines of these checks.

    Nothing is called impossible unless that is proved for the sizes stated; what was only searched for is
    said to be so. Exit status: 0 no findings, 1 findings, 2 none, but it was interrupted or the time ran out,
    3 a specification or the command is wrong.
    """
    from tdxverify.cli.arguments import parse_parameters, parse_sizes
    from tdxverify.cli.progress import Progress
    from tdxverify.inquiries.lint import LintOptions, lint
    from tdxverify.outputs.text.problems import problem_lines

    options = LintOptions(
        parse_sizes(sizes), timeout, total_timeout, properties, parse_parameters(parameters), at_line, configs
    )
    target = destination(output, paths)
    with Progress(sys.stderr) as progress:
        run = lint(paths, options, progress)
    if run.interrupted:
        show([line("interrupted: there may be more findings", Style.DOUBT)], sys.stderr)
    elif run.out_of_time:
        show([line("the time ran out: there may be more findings", Style.DOUBT)], sys.stderr)
    show(problem_lines(run.mistakes), sys.stderr)
    deliver(FORMATS[Document.FINDINGS][form], run, lambda columns: _lines(run), target)
    return run.exit_status


def _lines(run: LintRun) -> list[Line]:
    from tdxverify.outputs.text.problems import problem_lines

    if run.findings or run.mistakes:
        return problem_lines(run.findings)
    return [line("no findings", Style.GOOD)]
