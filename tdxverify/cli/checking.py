"""Run the checks, report what was found, and choose the exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tdxverify.answers import checking
from tdxverify.answers.run import Run
from tdxverify.budget import Budget
from tdxverify.cli.progress import Progress
from tdxverify.cli.reporting import Reporting, RunText, finish, report
from tdxverify.cli.terminal import show
from tdxverify.outputs.text.comparison import comparison
from tdxverify.outputs.text.layout import Line, line
from tdxverify.outputs.text.problems import problem_lines
from tdxverify.outputs.text.run_text import closing_lines, text_lines

if TYPE_CHECKING:
    from tdxverify.questions.options import Options


@dataclass(frozen=True, slots=True)
class Telling:
    """What the text tells besides the answers; see `as_text.text_lines`."""

    verbose: bool
    invariants: bool


def check_and_report(
    paths: Sequence[Path],
    options: Options,
    reporting: Reporting,
    telling: Telling,
    *,
    strict: bool = False,
) -> int:
    """Ensures: what was found out is reported even where a check shows a bug of ours, which is raised.

    `strict`: a proof that holds because of what never happens counts only where one is expected.
    Raises SpecError (E705).
    """
    budget = Budget.of(options.total_timeout)
    try:
        with Progress(sys.stderr) as progress:
            run = checking.check(paths, options, progress)
            if strict:
                from tdxverify.inquiries.strict import strict as judged

                run = judged(run, progress, budget)
            if any(not found.as_expected for found in run.answers):
                from tdxverify.inquiries.unexpected import explained

                run = explained(run, progress, budget)
    except checking.Broken as broken:
        show(problem_lines(report(broken.run, _text(broken.run, telling), reporting)), sys.stderr)
        raise
    if run.interrupted and not run.answers:
        show([line("interrupted before any check was begun")], sys.stderr)
    return finish(run, _text(run, telling), reporting)


def _text(run: Run, telling: Telling) -> RunText:
    return RunText(partial(_whole, run, telling), partial(closing_lines, run), is_shown=bool(run.answers))


def _whole(run: Run, telling: Telling, columns: int) -> list[Line]:
    """Proof files are looked at only where there is a table that names them."""
    stored = None
    if comparison(run.answers) is not None:
        from tdxverify.answers.stored.overview import stored_proofs

        stored = stored_proofs(run)
    return text_lines(
        run, width=columns, verbose=telling.verbose, invariants=telling.invariants, stored=stored
    )
