"""Answers that nobody expected, with what explains them: `Unexpected` in what is told of each.

A function from one finished run to another, as `strict` is. What it may cost is counted, so that a run that
fails ends soon all the same: so many answers of a run, so much work for each. The clock may end it too: so
many seconds for each, of the check's own time and of the run's at most what is left.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.checking import Broken
from tdxverify.answers.lassos import promise_of
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Run
from tdxverify.budget import UNLIMITED, Budget, LimitReached, NotDecided, TooLarge, held
from tdxverify.diagnostics import InternalError
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Refuted, Unknown, Vacuous
from tdxverify.inquiries.afterwards import Visit, visited, with_questions
from tdxverify.inquiries.elements import Kind
from tdxverify.inquiries.obstacle import CUT_SHORT, counted, obstacles, part_of, small_sizes
from tdxverify.inquiries.switched_question import relaxed, written
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.logic.show import show_cell
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import show
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.syntax.ast import Expected
from tdxverify.telling.unexpected import Unexpected
from tdxverify.triviality.tautology import tautology

SECONDS = 60.0  # for one answer, should what is counted take that long
MOST_ANSWERS = 5  # of a run; the others get the command that looks further
_ENGINE = "auto"
_START = (Kind.WHERE, Kind.OPTION, Kind.ASSUMPTION, Kind.CONSTANT, Kind.START)
_MOST_PARTS = 60  # that may contradict one another; more are not told apart
_ONE_OF_MANY = f"Only the first {MOST_ANSWERS} unexpected answers of a run are looked into."


def is_unexplained(found: Answer) -> bool:
    """A definite answer that is not the expected one, and has no trace that shows why.

    That a proof is trivial, or is not, has a reason of its own.
    """
    definite = found.is_given and found.outcome is not Outcome.UNKNOWN
    proof_expected = found.asked.expected in (Expected.PROVED.value, Expected.TRIVIAL.value)
    as_such = found.outcome is Outcome.PROVED and proof_expected
    return definite and not found.as_expected and not as_such and found.told.story is None


def explained(run: Run, observer: RunObserver, budget: Budget = UNLIMITED) -> Run:
    """`run` with what explains its unexpected answers.

    An answer whose question the run does not have stays as it is. Raises Broken where a run shows that an
    answer is wrong.
    """
    numbers = count()

    def look(found: Answer, asked: Question) -> Answer:
        try:
            return explain(found, asked, observer, budget, deeply=next(numbers) < MOST_ANSWERS)
        except InternalError as error:
            raise Broken(error, {}, replace(run, is_broken=True)) from error

    visit = Visit(
        lambda found, _: is_unexplained(found),
        lambda found: f"{found.asked.property}, why not {found.asked.expected}?",
        look,
    )
    return visited(run, observer, visit)


def explained_again(run: Run, observer: RunObserver, seconds: float | None) -> Run:
    """The same of a run without its questions: the files with unexpected answers are read once more.

    `seconds`: for each file and for each answer.
    """
    if not any(map(is_unexplained, run.answers)):
        return run
    try:
        known = with_questions(run, is_unexplained, seconds)
    except KeyboardInterrupt:
        return replace(run, interrupted=True)
    return explained(known, observer)


def explain(
    found: Answer, asked: Question, observer: Observer, budget: Budget = UNLIMITED, *, deeply: bool = True
) -> Answer:
    """`found`, the answer to `asked`, with what explains it, if it needs that. `deeply`: look for reasons."""
    if not is_unexplained(found):
        return found
    reason: Unexpected | None = Unexpected(remark=_ONE_OF_MANY, command=why_command(asked))
    if deeply:
        reason = _reason(found, asked, budget.within(asked.options.timeout).within(SECONDS), observer)
    return replace(found, told=replace(found.told, unexpected=reason))


def _reason(found: Answer, asked: Question, budget: Budget, observer: Observer) -> Unexpected | None:
    match found.outcome:
        case _ if found.length is not None:  # a stored trace, which is not told here
            return Unexpected(command=why_command(asked))
        case Outcome.VACUOUS:
            return _nothing_starts(asked, budget, observer)
        case _ if asked.check.expected is Expected.VACUOUS:
            return _something_starts(asked, budget, observer)
        case _ if asked.check.expected is Expected.UNKNOWN:
            return Unexpected(command=why_command(asked))
        case _:
            return _in_the_way(asked, budget, observer)


def why_command(asked: Question) -> str:
    """What to type to see what the proof rests on."""
    check, options = asked.check, asked.options
    words = ["tdxverify", "why", str(asked.spec.path), "--line", str(check.span.line)]
    together = [other for other in asked.spec.model.checks if other.span.line == check.span.line]
    if len({other.property for other in together}) > 1:
        words += ["--property", check.property]
    if check.config is not None and len({other.config for other in together}) > 1:
        words += ["--config", check.config.name]
    for name, value in options.parameters:
        words += ["--param", f"{name}={value}"]
    for size in options.sizes:
        number = str(size.low) if size.low == size.high else f"{size.low}..{size.high}"
        words += ["--size", f"{size.sort}={number}"]
    return shlex.join(words)


def _in_the_way(asked: Question, budget: Budget, observer: Observer) -> Unexpected:
    """Where nothing could be, since no values are bad at all, that; but if it is so of some sizes only, where
    nothing else is found."""
    told = _whatever_happens(asked, budget)
    sizing = asked.sizing
    whole = sizing.told() if sizing.open else sizes_text(sizing.largest_first())
    if told is not None and told.at == whole:
        return told
    found = obstacles(asked, budget, observer)
    return replace(found, command=why_command(asked)) if found.obstacles or told is None else told


def _whatever_happens(asked: Question, budget: Budget) -> Unexpected | None:
    """Where no values of anything are bad nothing is in the way: that, and nothing else."""
    if promise_of(asked) is not None:
        return None  # runs are bad, not values
    where: str | None = None
    with suppress(LimitReached, NotDecided, TooLarge), held(budget):
        where = tautology(asked, small_sizes(asked), counted(budget))
    if where is None:
        return None
    wanted, ending = "break", "it holds for all values that the types allow."
    if kind_of(asked.property).is_sought:
        wanted, ending = "reach", "no values that the types allow are like that."
    told = f"{f'Nothing could ever {wanted} it {where}'.rstrip()}: {ending}"
    return Unexpected(at=where, remark=told)


# --- what starts, and what does not ---------------------------------------------------------


def _something_starts(asked: Question, budget: Budget, observer: Observer) -> Unexpected:
    """Where no initial state was expected: one of them."""
    sizes = small_sizes(asked)
    told = Unexpected(at=sizes_text([sizes]), command=why_command(asked))
    with suppress(LimitReached), held(budget):
        problem = _starting(at(asked, sizes))
        verdict = find(_ENGINE, problem, counted(budget), observer).verdict
        if isinstance(verdict, Refuted):
            cells = zip(problem.rigid_layout.cells, verdict.trace.rigid, strict=True)
            shown = ((show_cell(cell), show(cell.symbol.sort, value)) for cell, value in cells)
            return replace(told, start=tuple(shown))
    return replace(told, remark=CUT_SHORT) if budget.is_late() else told


def _starting(problem: Problem) -> Problem:
    """Is there an initial state?"""
    return replace(problem, actions=(), bad=TRUE, possible=None, range_monitor=None, undefined=FALSE)


def _nothing_starts(asked: Question, budget: Budget, observer: Observer) -> Unexpected | None:
    """What contradicts itself, where there is no initial state; None where that is not found out."""
    sizes, work = small_sizes(asked), counted(budget)
    with suppress(LimitReached, NotDecided), held(budget):
        whole = relaxed(written(asked), asked, sizes)
        whole = replace(whole, problem=_starting(whole.problem))
        names = [element.switch for element in whole.elements if element.kind in _START]

        def excludes(kept: Sequence[str]) -> bool:
            verdict = find(_ENGINE, whole.with_only(kept), work, observer).verdict
            if isinstance(verdict, Unknown):
                raise NotDecided(verdict.detail)
            return isinstance(verdict, Vacuous)

        if len(names) <= _MOST_PARTS and excludes(names):
            least = _least(names, excludes)
            parts = (part_of(element) for element in whole.elements if element.switch in least)
            return Unexpected(at=sizes_text([sizes]), excluding=tuple(parts))
    return Unexpected(remark=CUT_SHORT) if budget.is_late() else None


def _least(names: Sequence[str], excludes: Callable[[Sequence[str]], bool]) -> frozenset[str]:
    """Without what can be spared: none of the rest can. Later parts go first."""
    kept = list(names)
    for name in reversed(names):
        fewer = [one for one in kept if one != name]
        if excludes(fewer):
            kept = fewer
    return frozenset(kept)
