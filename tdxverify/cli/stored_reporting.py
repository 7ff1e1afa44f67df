"""How commands about proof files end: what nobody expected is explained, then everything is reported."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from tdxverify.answers.checking import Broken
from tdxverify.answers.run import Run
from tdxverify.cli.progress import Progress
from tdxverify.cli.proof_lines import closing_lines
from tdxverify.cli.reporting import Reporting, RunText, finish, report
from tdxverify.cli.terminal import show
from tdxverify.outputs.text.layout import Line
from tdxverify.outputs.text.problems import problem_lines


def finish_stored(
    run: Run,
    lines: Callable[[Run, int], list[Line]],
    reporting: Reporting,
    *,
    seconds: float | None,
    is_shown: bool,
) -> int:
    """Report `run`, which reads as `lines`, and return its exit status.

    `seconds`: for each answer that is explained. Raises SpecError (E705), and Broken where a run shows that
    an answer is wrong: what was found out is reported even then.
    """
    text = partial(_text, lines, is_shown)
    try:
        run = _explained(run, seconds)
    except Broken as broken:
        show(problem_lines(report(broken.run, text(broken.run), reporting)), sys.stderr)
        raise
    return finish(run, text(run), reporting)


def _text(lines: Callable[[Run, int], list[Line]], is_shown: bool, run: Run) -> RunText:
    return RunText(partial(lines, run), partial(closing_lines, run), is_shown)


def _explained(run: Run, seconds: float | None) -> Run:
    if run.interrupted or all(found.as_expected for found in run.answers):
        return run
    from tdxverify.inquiries.unexpected import explained, explained_again

    with Progress(sys.stderr) as progress:
        if run.questions:
            return explained(run, progress)
        return explained_again(run, progress, seconds)
