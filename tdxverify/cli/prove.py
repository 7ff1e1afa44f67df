"""`tdxverify prove`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdxverify.cli.terminal import show, width


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path, readable=False)
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds for each check."
)
@click.option(
    "--update", is_flag=True, help="Write files anew that are damaged, forged, foreign or of a newer format."
)
@click.option(
    "--second", is_flag=True, help="Have proofs that have not changed accepted by another solver, too."
)
def command(paths: tuple[Path, ...], timeout: float | None, update: bool, second: bool) -> int:
    """Answer the checks of specs, and keep the answers: NAME.proof.json beside NAME.tdx.

    What is stored and still holds is left as it is. Where a spec has changed, the old proof is tried
    first, then repaired, and only then is a new one searched for. Commit the files: 'tdxverify
    recheck' replays them without any search. A new proof is put to another solver where one is
    installed (bitwuzla, cvc5); the file names all who have accepted it.
    """
    from tdxverify.cli.progress import Progress
    from tdxverify.cli.proof_lines import run_lines
    from tdxverify.proofs.proving import prove
    from tdxverify.reports.problems import problem_lines

    with Progress(sys.stderr) as progress:
        run = prove(paths, progress, timeout=timeout, update=update, second=second)
    show(problem_lines(run.diagnostics), sys.stderr)
    if run.answers or not run.diagnostics:
        show(run_lines(run, width(sys.stdout)), sys.stdout)
    return run.exit_status
