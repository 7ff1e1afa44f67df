"""`tdxverify prove`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tdxverify.cli.outputs import destination, writes
from tdxverify.cli.values import PATH, SECONDS, in_configurations
from tdxverify.outputs.formats import FORMATS, Content, Document


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=PATH)
@in_configurations()
@click.option("--timeout", type=SECONDS, metavar="S", help="Seconds for each check.")
@click.option(
    "--update", is_flag=True, help="Write files anew that are damaged, forged, foreign or of a newer format."
)
@click.option(
    "--second", is_flag=True, help="Have proofs that have not changed accepted by another solver, too."
)
@writes(Document.RUN)
def command(
    paths: tuple[Path, ...],
    configs: tuple[str, ...],
    timeout: float | None,
    update: bool,
    second: bool,
    form: str,
    output: Path | None,
) -> int:
    """Answer the checks of specs, and keep the answers: NAME.proof.json beside NAME.tdx.

    What is stored and still holds is left as it is. Where a spec has changed, the old proof is tried
    first, then repaired, and only then is a new one searched for. Commit the files: 'tdxverify
    recheck' replays them without any search. A new proof is put to another solver where one is
    installed (bitwuzla, cvc5); the file names all who have accepted it.
    """
    from tdxverify.answers.stored.proving import prove
    from tdxverify.cli.progress import Progress
    from tdxverify.cli.proof_lines import run_lines
    from tdxverify.cli.reporting import Reporting
    from tdxverify.cli.stored_reporting import finish_stored
    from tdxverify.questions.options import Options

    chosen = FORMATS[Document.RUN][form]
    reporting = Reporting(chosen, destination(output, paths))
    page = chosen.content is Content.PAGE
    options = Options(timeout=timeout, stories=chosen.tells_all, surroundings=page, configs=configs)
    with Progress(sys.stderr) as progress:
        run = prove(paths, progress, options, update=update, second=second)
    shown = bool(run.answers or run.written or not run.diagnostics)
    return finish_stored(run, run_lines, reporting, seconds=timeout, is_shown=shown)
