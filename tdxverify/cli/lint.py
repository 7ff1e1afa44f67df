"""`tdxverify lint`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdxverify.cli.terminal import show
from tdxverify.reports.layout import Style, line

_NO_FINDINGS = 0
_FINDINGS = 1
_WRONG_INPUT = 3


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--size", "sizes", multiple=True, metavar="SORT=N", help="Look at this many elements, not at 2: Line=3."
)
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Seconds for each file, and for each check.",
)
def command(paths: tuple[Path, ...], sizes: tuple[str, ...], timeout: float) -> int:
    """Say what in specs plays no part: steps never made, table rows that never decide, checks about nothing.

    Nothing is called impossible unless that is proved for the sizes stated; what was only searched for is
    said to be so. Exit status: 0 no findings, 1 findings, 3 a specification or the command is wrong.
    """
    from tdxverify.analyses.lint import LintOptions, lint
    from tdxverify.cli.arguments import parse_sizes
    from tdxverify.cli.progress import Progress
    from tdxverify.reports.problems import problem_lines

    options = LintOptions(parse_sizes(sizes), timeout)
    with Progress(sys.stderr) as progress:
        run = lint(paths, options, progress)
    show(problem_lines(run.mistakes), sys.stderr)
    show(problem_lines(run.findings), sys.stdout)
    if run.mistakes:
        return _WRONG_INPUT
    if run.findings:
        return _FINDINGS
    show([line("no findings", Style.GOOD)], sys.stdout)
    return _NO_FINDINGS
