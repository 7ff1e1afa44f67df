"""`tdxverify check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdxverify.cli.arguments import parse_parameters, parse_sizes, require_writable
from tdxverify.cli.progress import Progress
from tdxverify.cli.terminal import show, width, write
from tdxverify.reports.as_text import closing_lines, text_lines
from tdxverify.reports.layout import line, plain
from tdxverify.reports.problems import problem_lines
from tdxverify.results.run import ExitStatus, Run


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--property", "properties", multiple=True, metavar="NAME", help="Only checks of this property.")
@click.option("--engine", default="auto", show_default=True, metavar="NAME", help="See: tdxverify engines.")
@click.option(
    "--bound", default=100, show_default=True, type=click.IntRange(0, 1_000_000), help="Deepest search."
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds for each check."
)
@click.option(
    "--total-timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Seconds for all checks together.",
)
@click.option(
    "--size", "sizes", multiple=True, metavar="SORT=N", help="Another size: Line=3, Line=1..3 or 'Line<=3'."
)
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Narrow every check: erratum=true."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there.")
@click.option(
    "--verbose", "-v", is_flag=True, help="Also the witnesses of reachable properties, and all cells."
)
def command(
    paths: tuple[Path, ...],
    properties: tuple[str, ...],
    engine: str,
    bound: int,
    timeout: float | None,
    total_timeout: float | None,
    sizes: tuple[str, ...],
    parameters: tuple[str, ...],
    form: str,
    output: Path | None,
    verbose: bool,
) -> int:
    """Run the checks of specs; a directory means every .tdx file below it.

    Proofs are certified and traces replayed before anything is printed.
    """
    asked_sizes, asked_parameters = parse_sizes(sizes), parse_parameters(parameters)
    if output is not None:
        require_writable(output)

    from tdxverify import checker

    options = checker.Options(
        properties, engine, bound, timeout, total_timeout, asked_sizes, asked_parameters
    )
    try:
        with Progress(sys.stderr) as progress:
            run = checker.check(paths, options, progress)
    except checker.Broken as broken:
        report(broken.run, form, output, verbose=verbose, exit_status=ExitStatus.INTERNAL)
        raise
    report(run, form, output, verbose=verbose, exit_status=run.exit_status)
    return run.exit_status


def report(run: Run, form: str, output: Path | None, *, verbose: bool, exit_status: ExitStatus) -> None:
    """Print `run`, or write it to `output` and print how it went; mistakes go to stderr."""
    show(problem_lines(run.diagnostics), sys.stderr)
    if form == "json":
        from tdxverify.reports.as_json import json_text

        text = json_text(run, exit_status)
        if output is None:
            write(text, sys.stdout)
    elif output is None:
        text = ""
        show(text_lines(run, width=width(sys.stdout), verbose=verbose) if run.checks else [], sys.stdout)
    else:
        text = plain(text_lines(run, verbose=verbose))
    if output is not None:
        output.write_text(text, encoding="utf-8")
        show([*closing_lines(run, width(sys.stdout)), line(f"report: {output}")], sys.stdout)
