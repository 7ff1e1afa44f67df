"""The checks of a finished run, looked at once more by those who say something about its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike

from tdxverify.answers.answer import Answer
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import Place, place_of
from tdxverify.budget import Budget
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import load_all


@dataclass(frozen=True, slots=True)
class Visit:
    """`look` at an answer that is `wanted`, with its question; `doing`: what progress shows meanwhile."""

    wanted: Callable[[Answer, Question], bool]
    doing: Callable[[Answer], str]
    look: Callable[[Answer, Question], Answer]


def questions_of(
    paths: Iterable[str | PathLike[str]], options: Options, budget: Budget
) -> Mapping[Place, Question]:
    """The questions of `options` about the specs at `paths` as they are now, by where their checks stand."""
    return {
        (str(spec.path), asked.check.span.line, asked.check.property): asked
        for spec in load_all(paths, budget, options.timeout).specs
        for asked in every_check(spec, options)
    }


def visited(run: Run, known: Mapping[Place, Question], observer: RunObserver, visit: Visit) -> Run:
    """`run` with the answers that `visit` gives in the place of those that it wants.

    An answer whose question is not among the `known` stays as it is; after Ctrl-C all others do.
    """
    told: list[Answer] = []
    for position, found in enumerate(run.answers):
        asked = known.get(place_of(found))
        if asked is not None and visit.wanted(found, asked):
            observer.check_started(found.asked.file, visit.doing(found), position + 1, len(run.answers))
            try:
                found = visit.look(found, asked)
            except KeyboardInterrupt:
                return replace(run, answers=(*told, *run.answers[position:]), interrupted=True)
        told.append(found)
    return replace(run, answers=tuple(told))
