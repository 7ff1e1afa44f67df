"""`tdxverify check`: its options. What it does is in `checking`, which takes longer to import."""

from __future__ import annotations

from pathlib import Path

import click

from tdxverify.cli.outputs import destination, require_different, writes
from tdxverify.cli.values import PATH, SECONDS, in_configurations
from tdxverify.outputs.formats import FORMATS, Content, Document


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=PATH)
@click.option("--property", "properties", multiple=True, metavar="NAME", help="Only checks of this property.")
@in_configurations()
@click.option("--engine", default="auto", show_default=True, metavar="NAME", help="See: tdxverify engines.")
@click.option(
    "--bound", default=100, show_default=True, type=click.IntRange(0, 1_000_000), help="Deepest search."
)
@click.option("--timeout", type=SECONDS, metavar="S", help="Seconds for each check.")
@click.option(
    "--total-timeout",
    type=SECONDS,
    metavar="S",
    help="Seconds for all checks together.",
)
@click.option(
    "--size", "sizes", multiple=True, metavar="SORT=N", help="Another size: Line=3, Line=1..3 or 'Line<=3'."
)
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Narrow every check: erratum=true."
)
@writes(Document.RUN)
@click.option(
    "--report",
    "page",
    type=PATH,
    metavar="FILE.html",
    help="Also write an HTML page there.",
)
@click.option(
    "--verbose", "-v", is_flag=True, help="Also the witnesses of reachable properties, and all cells."
)
@click.option(
    "--show-invariant",
    is_flag=True,
    help="Also the invariants that proofs rest on; where states were counted there is none.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="A trivial proof that is not expected, or one that rests on a doubtful table, is a failure.",
)
def command(
    paths: tuple[Path, ...],
    properties: tuple[str, ...],
    configs: tuple[str, ...],
    engine: str,
    bound: int,
    timeout: float | None,
    total_timeout: float | None,
    sizes: tuple[str, ...],
    parameters: tuple[str, ...],
    form: str,
    output: Path | None,
    page: Path | None,
    verbose: bool,
    show_invariant: bool,
    strict: bool,
) -> int:
    """Run the checks of specs; a directory means every .tdx file below it.

    Proofs are certified and traces replayed before anything is printed.
    """
    from tdxverify.cli.arguments import parse_parameters, parse_sizes
    from tdxverify.cli.checking import Telling, check_and_report
    from tdxverify.cli.reporting import Reporting
    from tdxverify.questions.options import Options

    asked_sizes, asked_parameters = parse_sizes(sizes), parse_parameters(parameters)
    document, html = destination(output, paths), destination(page, paths)
    require_different(document, html)
    chosen = FORMATS[Document.RUN][form]
    told = page is not None or chosen.content is Content.PAGE
    options = Options(
        properties,
        engine,
        bound,
        timeout,
        total_timeout,
        asked_sizes,
        asked_parameters,
        surroundings=told,
        configs=configs,
    )
    reporting = Reporting(chosen, document, html)
    return check_and_report(paths, options, reporting, Telling(verbose, show_invariant), strict=strict)
