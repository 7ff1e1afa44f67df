"""`tdxverify recheck`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tdxverify.cli.terminal import show, width


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path, readable=False)
)
@click.option(
    "--second", is_flag=True, help="Have every proof accepted by another solver (bitwuzla, cvc5) as well."
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds for each check."
)
@click.option("--quiet", "-q", is_flag=True, help="Only answers that do not hold, and the count.")
def command(paths: tuple[Path, ...], second: bool, timeout: float | None, quiet: bool) -> int:
    """Check the stored answers of specs again, without any search.

    Proofs are proved again by a fresh solver, most of them from text; traces are replayed by the
    evaluator, which knows no solver. An answer that is missing, out of date or refused is a failure. That no
    shorter trace exists is not checked again.
    """
    from tdxverify.answers.answer import Outcome
    from tdxverify.cli.proof_lines import answer_lines, closing_lines, run_lines
    from tdxverify.proofs.rechecking import recheck
    from tdxverify.reports.problems import problem_lines

    run = recheck(paths, second=second, jobs=os.cpu_count() or 1, timeout=timeout)
    columns = width(sys.stdout)
    show(problem_lines(run.diagnostics), sys.stderr)
    if quiet:
        wrong = [one for one in run.answers if not one.as_expected or one.outcome is Outcome.UNKNOWN]
        lines = [text for one in wrong for text in answer_lines(one, columns)]
        show([*lines, *closing_lines(run, columns)], sys.stdout)
    elif run.answers or not run.diagnostics:
        show(run_lines(run, columns), sys.stdout)
    return run.exit_status
