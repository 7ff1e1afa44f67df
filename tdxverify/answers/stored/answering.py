"""What proving and rechecking say about one check, as an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tdxverify.answers.answer import Answer, Asked, Kept, Outcome, Standing, Told
from tdxverify.answers.deciding import undecided
from tdxverify.answers.evidence_told import told_proof, told_trace
from tdxverify.answers.interrupting import INTERRUPTED, NOT_STARTED
from tdxverify.answers.partly import partly_checked
from tdxverify.answers.stored.entries import ANY_SIZE, Key
from tdxverify.answers.stored.judging import Judged
from tdxverify.budget import Budget, LimitReached, held
from tdxverify.diagnostics import Diagnostic
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.verdict import run_in, verdict_of
from tdxverify.logic.counting import counted
from tdxverify.questions.names import with_situation
from tdxverify.questions.question import Question

_TO_BE_WRITTEN = (Standing.NEW, Standing.SURVIVING, Standing.REPAIRED)


def good_answer(
    asked: Question, standing: Standing, judged: Judged, budget: Budget, second: str | None = None
) -> Answer:
    """The answer that accepted evidence gives. `second`: the second solver, if it accepted it too. What it
    tells beside that, where the options say so, is left out where `budget` does not suffice."""
    found = no_answer(asked, standing, None)
    evidence = [one.evidence for one in judged.accepted]
    return replace(
        found,
        outcome=judged.outcome,
        sizes=_sizes_of_trace(judged) or found.sizes,
        length=judged.length,
        is_given=True,
        told=_told(asked, judged, budget),
        kept=Kept(standing, _described(evidence), second),
    )


def _told(asked: Question, judged: Judged, budget: Budget) -> Told:
    if asked.options.stories:
        with suppress(LimitReached), held(budget):
            first = judged.accepted[0]
            if first.evidence.length is not None:
                return told_trace(asked, first.problem, first.evidence, budget)
            return told_proof(
                asked, [(one.problem, verdict_of(one.evidence)) for one in judged.accepted], None
            )
    problems = [one.problem for one in judged.accepted]
    general = asked.sizing.any_size and judged.length is None
    return Told(partly_checked=partly_checked(asked.spec.model, problems, any_size=general))


def no_answer(asked: Question, standing: Standing, reason: str | None, *, is_given: bool = False) -> Answer:
    """There is no evidence that holds, and why. `is_given`: that is an answer, and may be expected."""
    found = undecided(asked, "")
    return replace(found, reason=reason, is_given=is_given, kept=Kept(standing))


def not_written(found: Answer, mistakes: Sequence[Diagnostic], path: Path) -> Answer:
    """`found`, where the file at `path` was to keep it and stays as it is because of `mistakes`.

    What is there still, or was not decided, is as it was found.
    """
    if found.kept is None or found.kept.standing not in _TO_BE_WRITTEN:
        return found
    length = "" if found.length is None else f" in {found.length}"
    codes = ", ".join(dict.fromkeys(one.code.name for one in mistakes))
    reason = f"found ({found.outcome.value}{length}), but not written: {path} stays as it is ({codes})"
    kept = replace(found.kept, standing=Standing.NOT_WRITTEN)
    return replace(found, is_given=False, reason=reason, kept=kept)


def left_over(spec: Path, key: Key, reason: str) -> Answer:
    """For a stored answer whose check is gone."""
    any_size = key.sizes == ANY_SIZE
    sizes = () if isinstance(key.sizes, str) else key.sizes
    asked = Asked(str(spec), 0, key.property, None, key.where, sizes, any_size, "", None, name=_name(key))
    kept = Kept(Standing.LEFT_OVER)
    return Answer(asked, Outcome.UNKNOWN, sizes, reason=reason, is_given=False, kept=kept)


def _name(key: Key) -> str:
    """Of no check that is there: keys of those are others."""
    sizes = () if isinstance(key.sizes, str) else (f"{sort} = {size}" for sort, size in key.sizes)
    return f"{with_situation(key.property, (*sizes, key.assuming, key.where))} (left over)"


def _sizes_of_trace(judged: Judged) -> tuple[tuple[str, str], ...]:
    first = judged.accepted[0].evidence
    if first.length is None:
        return ()
    return tuple((sort, str(size)) for sort, size in run_in(first).sizes)


def _described(evidence: Sequence[Evidence]) -> str:
    """`invariant of 3 formulas`, with the number of combinations of sizes where there are several."""
    if len(evidence) == 1:
        return evidence[0].described()
    return (
        f"{', '.join(dict.fromkeys(one.described() for one in evidence))} ({counted(len(evidence), 'size')})"
    )


def not_begun(questions: Iterable[Question]) -> list[Answer]:
    """Of those that an interrupted run did not come to."""
    return [no_answer(asked, Standing.UNDECIDED, NOT_STARTED) for asked in questions]


def not_reached(questions: Sequence[Question]) -> Iterator[Answer]:
    """Of the check that was in hand when the run was interrupted, and those behind it."""
    for number, asked in enumerate(questions):
        yield no_answer(asked, Standing.UNDECIDED, NOT_STARTED if number else INTERRUPTED)
