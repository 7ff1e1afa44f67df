"""`check --strict`: a proof that holds because of what never happens counts only where one is expected, and
an answer that rests on an access table which was not checked for its sizes is none.

A function from one finished run to another; who made it does not know about it.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.answers.trivially import examined, is_proof, with_contrast
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.inquiries.afterwards import Visit, visited
from tdxverify.questions.question import Question


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
    return examined(found, asked, budget, strict=True)


def _without_doubt(found: Answer) -> Answer:
    """Unknown, where the answer rests on tables that may have more or fewer rows than one for a state."""
    if not found.told.partly_checked or found.outcome is Outcome.UNKNOWN:
        return found
    return replace(
        found,
        outcome=Outcome.UNKNOWN,
        reason=f"{found.outcome.value}, but it rests on what was not checked for all of these sizes",
    )
