"""`check --strict`: a proof that holds because of what never happens counts only where one is expected, and
an answer that rests on an access table which was not checked for its sizes is none.

A function from one finished run to another; who made it does not know about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import PathLike

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.answers.trivially import examined, is_proof, with_contrast
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import load_all


def strict(
    run: Run,
    paths: Iterable[str | PathLike[str]],
    options: Options,
    observer: RunObserver,
    budget: Budget = UNLIMITED,
) -> Run:
    """`run` with every proof examined, and answers that rest on what was not checked turned into unknown
    ones, as far as there is time.

    Requires: `run` is what `answers.checking.check` gave for `paths` and `options`. A check whose file has
    changed since then stays as it is.
    """
    run = replace(run, answers=tuple(_without_doubt(found) for found in run.answers))
    if not any(found.outcome is Outcome.PROVED for found in run.answers):
        return run
    known = {
        (str(spec.path), asked.check.span.line, asked.check.property): asked
        for spec in load_all(paths, budget, options.timeout).specs
        for asked in every_check(spec, options)
    }
    judged: list[Answer] = []
    for position, found in enumerate(run.answers):
        asked = known.get((found.asked.file, found.asked.line, found.asked.property))
        if asked is not None and is_proof(found, asked):
            doing = f"{found.asked.property}, is it about anything?"
            observer.check_started(found.asked.file, doing, position + 1, len(run.answers))
            try:
                found = judge(found, asked, budget)
            except KeyboardInterrupt:
                return replace(run, answers=(*judged, *run.answers[position:]), interrupted=True)
        judged.append(found)
    places = [(found.asked.file, found.asked.line, found.asked.property) for found in judged]
    if any(place not in known for place in places):
        return replace(run, answers=tuple(judged))
    return replace(run, answers=with_contrast(judged, [known[place] for place in places]))


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
