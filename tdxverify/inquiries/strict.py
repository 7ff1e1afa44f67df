"""`check --strict` and `recheck --strict`: a proof that holds because of what never happens counts only where
one is expected, and an answer that rests on an access table which was not checked for its sizes is none.

A function from one finished run to another; who made it does not know about it.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.answers.answer import Answer, Outcome, Standing
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.answers.trivially import examined, is_proof, with_contrast
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.inquiries.afterwards import Visit, visited, with_questions
from tdxverify.questions.kinds import KINDS
from tdxverify.questions.question import Question
from tdxverify.triviality.judging import UNKNOWN


def strict(run: Run, observer: RunObserver, budget: Budget = UNLIMITED) -> Run:
    """`run` with every proof examined, and answers that rest on what was not checked turned into unknown
    ones, as far as there is time.

    An answer whose question the run does not have stays as it is.
    """
    run = replace(run, answers=tuple(_without_doubt(found) for found in run.answers))
    if not any(found.outcome is Outcome.PROVED for found in run.answers):
        return run
    visit = Visit(
        is_proof,
        lambda found: f"{found.asked.property}, is it about anything?",
        lambda found, asked: judge(found, asked, budget),
    )
    judged = visited(run, observer, visit)
    questions = [asked for asked in run.questions if asked is not None]
    stopped = judged.interrupted and not run.interrupted
    if stopped or len(questions) < len(judged.answers):
        return judged
    return replace(judged, answers=with_contrast(judged.answers, questions))


def judge(found: Answer, asked: Question, budget: Budget = UNLIMITED) -> Answer:
    """`found`, the answer to `asked`, held against what is expected of proofs; in doubt it is none."""
    found = _without_doubt(found)
    if not is_proof(found, asked):
        return found
    return _kept_as_told(examined(found, asked, budget, strict=True))


def strict_again(run: Run, observer: RunObserver, seconds: float | None) -> Run:
    """The same of a run without its questions: the files with proofs are read once more, and nothing is
    searched for. `seconds`: for each file and for each answer.

    What was not looked into, since a file could not be read again, is undecided.
    """
    try:
        known = with_questions(run, lambda found: found.outcome is Outcome.PROVED, seconds)
    except KeyboardInterrupt:
        return replace(run, interrupted=True)
    judged = strict(known, observer)
    answers = judged.answers if judged.interrupted else tuple(map(_unless_left_out, judged.answers))
    return replace(judged, answers=answers, questions=())


def _unless_left_out(found: Answer) -> Answer:
    sought = found.asked.kind is not None and KINDS[found.asked.kind].is_sought
    if found.outcome is not Outcome.PROVED or found.strict or sought:
        return found
    return _kept_as_told(replace(found, outcome=Outcome.UNKNOWN, reason=f"proved, but {UNKNOWN.reason}"))


def _kept_as_told(found: Answer) -> Answer:
    """A stored answer that is none now does not hold either: whether it does is undecided."""
    if found.kept is None or found.outcome is not Outcome.UNKNOWN:
        return found
    return replace(found, kept=replace(found.kept, standing=Standing.UNDECIDED))


def _without_doubt(found: Answer) -> Answer:
    """Unknown, where the answer rests on tables that may have more or fewer rows than one for a state."""
    if not found.told.partly_checked or found.outcome is Outcome.UNKNOWN:
        return found
    reason = f"{found.outcome.value}, but it rests on what was not checked for all of these sizes"
    return _kept_as_told(replace(found, outcome=Outcome.UNKNOWN, reason=reason))
