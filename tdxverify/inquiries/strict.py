"""`check --strict`: a proof that holds only because nothing happens is no proof, nor is an answer that rests
on an access table which was not checked for its sizes.

A function from one finished run to another; who made it does not know about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import PathLike

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.budget import UNLIMITED, Budget, LimitReached, held
from tdxverify.engines.base import Observer
from tdxverify.inquiries.vacuity import emptiness
from tdxverify.questions.kinds import KINDS
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import load_all

SECONDS = 30.0  # for each proved check, where the options do not limit the time


def strict(
    run: Run,
    paths: Iterable[str | PathLike[str]],
    options: Options,
    observer: RunObserver,
    budget: Budget = UNLIMITED,
) -> Run:
    """`run` with every proof that says nothing turned into a vacuous one, and answers that rest on what was
    not checked into unknown ones, as far as there is time.

    Requires: `run` is what `answers.checking.check` gave for `paths` and `options`. A check whose file has
    changed since then stays as it is.
    """
    run = replace(run, answers=tuple(_without_doubt(found) for found in run.answers))
    if not any(_is_proof(found) for found in run.answers):
        return run
    known = {
        (str(spec.path), asked.check.span.line, asked.check.property): asked
        for spec in load_all(paths, budget, options.timeout).specs
        for asked in every_check(spec, options)
    }
    judged: list[Answer] = []
    for position, found in enumerate(run.answers):
        key = found.asked.file, found.asked.line, found.asked.property
        if _is_proof(found) and key in known:
            observer.check_started(
                found.asked.file,
                f"{found.asked.property}, is it about anything?",
                position + 1,
                len(run.answers),
            )
            try:
                found = judge(found, known[key], observer, budget)
            except KeyboardInterrupt:
                return replace(run, answers=(*judged, *run.answers[position:]), interrupted=True)
        judged.append(found)
    return replace(run, answers=tuple(judged))


def judge(found: Answer, question: Question, observer: Observer, budget: Budget = UNLIMITED) -> Answer:
    """`found`, the answer to `question`, or one that says why it is none: about nothing, or in doubt."""
    found = _without_doubt(found)
    if not _is_proof(found):
        return found
    seconds = question.options.timeout
    budget = budget.within(SECONDS if seconds is None else seconds)
    try:
        with held(budget):
            empty = emptiness(question, budget, observer)
    except LimitReached:
        return found
    if empty is None:
        return found
    return replace(
        found,
        outcome=Outcome.VACUOUS,
        reason=f"proved, but about nothing: {empty.reason} ({empty.code.name})",
    )


def _without_doubt(found: Answer) -> Answer:
    """Unknown, where the answer rests on tables that may have more or fewer rows than one for a state."""
    if not found.told.partly_checked or found.outcome is Outcome.UNKNOWN:
        return found
    return replace(
        found,
        outcome=Outcome.UNKNOWN,
        reason=f"{found.outcome.value}, but it rests on what was not checked for all of these sizes",
    )


def _is_proof(found: Answer) -> bool:
    """A proof that something never happens; that something does happen is shown by a trace."""
    kind = found.asked.kind
    return found.outcome is Outcome.PROVED and kind is not None and not KINDS[kind].is_sought
