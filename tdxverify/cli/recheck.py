"""`tdxverify recheck`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tdxverify.cli.outputs import destination, writes
from tdxverify.cli.values import PATH, SECONDS, in_configurations
from tdxverify.outputs.formats import FORMATS, Content, Document


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=PATH)
@in_configurations()
@click.option(
    "--second", is_flag=True, help="Have every proof accepted by another solver (bitwuzla, cvc5) as well."
)
@click.option("--timeout", type=SECONDS, metavar="S", help="Seconds for each check.")
@click.option(
    "--strict",
    is_flag=True,
    help="A trivial proof that is not expected, or one that rests on a doubtful table, is a failure.",
)
@click.option("--quiet", "-q", is_flag=True, help="Only answers that do not hold, and the count.")
@writes(Document.RUN)
def command(
    paths: tuple[Path, ...],
    configs: tuple[str, ...],
    second: bool,
    timeout: float | None,
    strict: bool,
    quiet: bool,
    form: str,
    output: Path | None,
) -> int:
    """Check the stored answers of specs again, without any search.

    Proofs are proved again by a fresh solver, most of them from text; traces are replayed by the
    evaluator, which knows no solver. An answer that is missing, out of date or refused is a failure. That no
    shorter trace exists is not checked again. With --strict it is asked whether proofs that hold are trivial,
    as by 'check --strict'.
    """
    from tdxverify.answers.stored.rechecking import recheck
    from tdxverify.cli.proof_lines import lost_lines, run_lines
    from tdxverify.cli.reporting import Reporting
    from tdxverify.cli.stored_reporting import finish_stored
    from tdxverify.questions.options import Options

    chosen = FORMATS[Document.RUN][form]
    reporting = Reporting(chosen, destination(output, paths))
    page = chosen.content is Content.PAGE
    options = Options(timeout=timeout, stories=chosen.tells_all, surroundings=page, configs=configs)
    run = recheck(paths, options, second=second, jobs=os.cpu_count() or 1)
    if strict:
        from tdxverify.cli.progress import Progress
        from tdxverify.inquiries.strict import strict_again

        with Progress(sys.stderr) as progress:
            run = strict_again(run, progress, timeout)
    shown = bool(quiet or run.answers or not run.diagnostics)
    lines = lost_lines if quiet else run_lines
    return finish_stored(run, lines, reporting, seconds=timeout, is_shown=shown)
