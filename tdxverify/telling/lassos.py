"""A run that goes round for ever, told for people: the stem, where the loop begins, what it never does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tdxverify.logic.expr import TRUE, Bound, Expr
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sorts import show
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.looping import BEGIN
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso, Turns, asked_in
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.story import Dependence, Loop, Story, StoryStep


def with_loop_told(
    story: Story, original: Problem, promise: Promise, lasso: Lasso, candidates: Iterable[Fairness]
) -> Story:
    """`story`, of the run that was found with a step at which the loop begins, without such steps.

    `candidates`: what might be fair; those that exclude this very loop are named.
    """
    semantics = Semantics(original)
    excluding = tuple(one.name for one in candidates if not Turns(semantics, one, lasso).are_fair())
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
        dependences=tuple(_dependences(story)),
        loop=Loop(lasso.begin, lasso.stops, excluding),
    )


def _steps(steps: Iterable[StoryStep]) -> Iterator[StoryStep]:
    left = (step for step in steps if step.action != BEGIN)
    return (replace(step, number=number) for number, step in enumerate(left, start=1))


def _dependences(story: Story) -> Iterator[Dependence]:
    """What steps need, of which there are fewer now; what the loop needs to begin, its first step needs, or
    the end."""
    begun = [step.number for step in story.steps if step.action == BEGIN]
    seen = set()
    for one in story.dependences:
        consumer = one.consumer - sum(number < one.consumer for number in begun)
        producer = one.producer
        if producer is not None:
            producer -= sum(number <= producer for number in begun)
        found = replace(one, consumer=consumer, producer=producer)
        if found not in seen:
            seen.add(found)
            yield found


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
