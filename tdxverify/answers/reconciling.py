"""From verdicts about problems to the outcome about a property: where every command ends."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.answer import Outcome
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question


def outcome_of(asked: Question, verdicts: Sequence[Verdict]) -> Outcome:
    """What certified `verdicts` show together about `asked`.

    `verdicts`: one for each combination of sizes that `asked` is about, up to the first refutation; or one
    for every size at once. UNKNOWN where one of them is, or where sizes are left open that none is about.
    """
    last = verdicts[-1]
    if isinstance(last, Refuted):
        return _told(asked, found=True)
    if any(isinstance(verdict, Unknown) for verdict in verdicts):
        return Outcome.UNKNOWN
    if asked.sizing.open and not (isinstance(last, Proved | Vacuous) and last.evidence.any_size):
        return Outcome.UNKNOWN
    if all(isinstance(verdict, Vacuous) for verdict in verdicts):
        return Outcome.VACUOUS
    return _told(asked, found=False)


def _told(asked: Question, *, found: bool) -> Outcome:
    return Outcome.PROVED if kind_of(asked.property).holds(found=found) else Outcome.REFUTED
