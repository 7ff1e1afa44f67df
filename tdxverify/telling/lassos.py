"""A run that goes round for ever, told for people: the stem, where the loop begins, what it never does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from tdxverify.logic.counting import counted
from tdxverify.logic.expr import TRUE, Bound, Expr
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sorts import show
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.looping import BEGIN
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso, Turns, asked_in
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.dependences import dependences
from tdxverify.telling.loop_slicing import slice_lasso
from tdxverify.telling.story import Loop, Story, StoryStep

# What `questions.problems.looping` calls the variables that it adds.
_WORDS = tuple(
    (re.compile(word), meaning)
    for word, meaning in (
        (r"\bpromise open\b", "'promise open': asked for before this state, and not kept since"),
        (
            r"\bin the loop\b",
            "'in the loop': the loop has begun, and the promise was not kept in it before this state",
        ),
        (r"\w before\b", "'before': the value where the loop began"),
        (
            r"\bhad its turn\b",
            "'had its turn': done in the loop or, if it is weakly fair, once not possible there",
        ),
        (r"\bwas possible\b", "'was possible': at some time in the loop"),
    )
)


def with_loop_told(
    story: Story,
    original: Problem,
    promise: Promise,
    lasso: Lasso,
    fairness: tuple[tuple[Fairness, ...], Iterable[Fairness]],
    constants: Collection[str],
) -> Story:
    """`story`, of the run that was found with a step at which the loop begins, without such steps.

    `fairness`: what is fair, and what might be; those that exclude this very loop are named. `constants`:
    names of rigid symbols that are no parameters.
    """
    semantics = Semantics(original)
    possible = tuple(fairness[1])
    sliced = slice_lasso(original, promise, fairness[0], lasso)
    excluding = _unfair_to(semantics, lasso, possible)
    more = (replace(one, strong=True) for one in possible if one.name not in excluding)
    last = semantics.successors(lasso.trace.rigid, lasso.trace.states[-1])
    stuck = lasso.stops and next(iter(last), None) is None
    violation = story.violation
    if violation is not None:
        elements = tuple(
            (written_name(binder), show(binder.sort, value))
            for binder, value in zip(promise.binders, lasso.elements, strict=True)
        )
        told = _why(semantics, promise, lasso)
        violation = replace(violation, conjunct=told, elements=elements, instead=told)
    return replace(
        story,
        steps=tuple(_steps(story.steps)),
        violation=violation,
        dependences=tuple(dependences(original, lasso.trace, sliced, constants)),
        loop=Loop(lasso.begin, lasso.stops, excluding, _unfair_to(semantics, lasso, more), stuck),
    )


def _unfair_to(semantics: Semantics, lasso: Lasso, candidates: Iterable[Fairness]) -> tuple[str, ...]:
    return tuple(one.name for one in candidates if not Turns(semantics, one, lasso).are_fair())


def words_for_loops(formulas: Collection[str]) -> str | None:
    """What the formulas of a proof mean by the words that no spec has; None where they have none of them."""
    found = [meaning for word, meaning in _WORDS if any(word.search(formula) for formula in formulas)]
    return f"Said of runs that might go round for ever: {'; '.join(found)}." if found else None


def without_begin(run: Sequence[str]) -> tuple[list[str], str]:
    """Steps by what they are called, without those that say where a loop begins, and how they go on: `, the
    last 2 again and again`, `, then stops`; nothing where there is no such step. The last one counts."""
    begun = [number for number, step in enumerate(run) if step.partition("(")[0] == BEGIN]
    if not begun:
        return list(run), ""
    steps = [step for number, step in enumerate(run) if number not in begun]
    return steps, round_told(len(run) - 1 - begun[-1])


def round_told(length: int) -> str:
    """What becomes of a run with a loop of so many steps."""
    return f", the last {length} again and again" if length else ", then stops"


def length_told(begin: int, length: int) -> str:
    """Of a run with a loop of `length` steps behind `begin` others: `in 2 steps, then 3 steps for ever`."""
    start = f"in {counted(begin, 'step')}" if begin else "at the start"
    onward = f"{counted(length, 'step')} for ever" if length else "stops"
    return f"{start}, then {onward}"


def _steps(steps: Iterable[StoryStep]) -> Iterator[StoryStep]:
    left = (step for step in steps if step.action != BEGIN)
    return (replace(step, number=number) for number, step in enumerate(left, start=1))


def _why(semantics: Semantics, promise: Promise, lasso: Lasso) -> str:
    """`wants[c] holds after step 1, and done[c] never does from then on`."""
    names = {binder: written_name(binder) for binder in promise.binders}
    kept = _said(promise.kept, names)
    if promise.asked is None:
        return f"{kept} never holds"
    number = asked_in(semantics, promise, lasso)
    place = "at the start" if number == 0 else f"after step {number}"
    if promise.asked == TRUE:
        return f"{place} and from then on {kept} never holds"
    return f"{_said(promise.asked, names)} holds {place}, and from then on {kept} never does"


def _said(formula: Expr, names: dict[Bound, str]) -> str:
    return f"'{show_expression(formula, names)}'"
