"""The checks of a finished run, looked at once more by those who say something about its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from tdxverify.answers.answer import Answer
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.budget import Budget
from tdxverify.diagnostics import SpecError
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import load_checked


@dataclass(frozen=True, slots=True)
class Visit:
    """`look` at an answer that is `wanted`, with its question; `doing`: what progress shows meanwhile."""

    wanted: Callable[[Answer, Question], bool]
    doing: Callable[[Answer], str]
    look: Callable[[Answer, Question], Answer]


def visited(run: Run, observer: RunObserver, visit: Visit) -> Run:
    """`run` with the answers that `visit` gives in the place of those that it wants.

    An answer whose question the run does not have stays as it is; after Ctrl-C all others do.
    """
    told: list[Answer] = []
    count = len(run.answers)
    for position, (found, asked) in enumerate(zip_longest(run.answers, run.questions[:count])):
        if asked is not None and visit.wanted(found, asked):
            observer.check_started(found.asked.file, visit.doing(found), position + 1, count)
            try:
                found = visit.look(found, asked)
            except KeyboardInterrupt:
                return replace(run, answers=(*told, *run.answers[position:]), interrupted=True)
        told.append(found)
    return replace(run, answers=tuple(told))


def with_questions(run: Run, wanted: Callable[[Answer], bool], seconds: float | None) -> Run:
    """`run`, whose answers other processes gave, with the questions of the files that have a `wanted` one.

    Requires: every check of a file has been asked, in the order of the file. `seconds`: for each file, and
    for each question. A file that has changed since then has none.
    """
    questions: list[Question | None] = []
    for file, group in groupby(run.answers, key=lambda found: found.asked.file):
        answers = list(group)
        known = _questions(Path(file), seconds) if any(map(wanted, answers)) else ()
        pairs = list(zip_longest(answers, known[: len(answers)]))
        questions += [asked if _is_about(found, asked) else None for found, asked in pairs]
    return replace(run, questions=tuple(questions))


def _questions(path: Path, seconds: float | None) -> tuple[Question, ...]:
    try:
        spec = load_checked(path, Budget.of(seconds))
    except SpecError:
        return ()
    return () if spec is None else every_check(spec, Options(timeout=seconds))


def _is_about(found: Answer, asked: Question | None) -> bool:
    if asked is None:
        return False
    place = asked.check.span.line, asked.check.property, asked.check.expected.value
    return place == (found.asked.line, found.asked.property, found.asked.expected)
