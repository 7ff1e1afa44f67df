"""Two runs, told for people: the first one, where the second differs, and what tells them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import show
from tdxverify.model.compared import Comparison
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.two_runs import PossibleInOne, Seen, TwoRuns, parting
from tdxverify.telling.cells import is_of_spec, told_cell
from tdxverify.telling.story import Beside, Difference, SecondRun, Story


def with_second_run_told(story: Story, original: Problem, comparison: Comparison, runs: TwoRuns) -> Story:
    """`story`, of the first of `runs`, with what the second does beside it."""
    semantics = Semantics(original)
    found = parting(semantics, comparison, runs)
    assert found is not None
    is_seen = isinstance(found, Seen)
    told = _seen(comparison, found) if isinstance(found, Seen) else _possible(original, runs, found)
    violation = story.violation
    if violation is not None:
        elements = _elements(found) if isinstance(found, Seen) else ()
        violation = replace(violation, conjunct=told, elements=elements, instead=told, is_evident=False)
    beside = tuple(_beside(original, runs))
    second = SecondRun(comparison.who, comparison.without, beside, told, is_seen)
    return replace(story, violation=violation, second_run=second)


def _elements(found: Seen) -> tuple[tuple[str, str], ...]:
    return tuple(
        (written_name(binder), show(binder.sort, value))
        for binder, value in zip(found.view.binders, found.elements, strict=True)
    )


def _seen(comparison: Comparison, found: Seen) -> str:
    """`host sees plain[p] = 0 in the first run and 1 in the second, for p = Page0`."""
    sort = found.view.value.sort
    first, second = show(sort, found.first), show(sort, found.second)
    where = ", ".join(f"{name} = {value}" for name, value in _elements(found))
    where = f", for {where}" if where else ""
    if comparison.without is not None:
        steps = f"the steps of {comparison.without}"
        return f"'{found.view.text}' is {first} with {steps} and {second} without them{where}"
    told = f"{comparison.who} sees '{found.view.text}' = {first} in the first run"
    return f"{told} and {second} in the second{where}"


def _possible(original: Problem, runs: TwoRuns, found: PossibleInOne) -> str:
    """`the step take(p = Page0) is possible in the first run and not in the second`."""
    states = runs.first.states if found.in_first else runs.states
    called = StepNames(original).called(runs.first.rigid, states[-1], found.step)
    one, other = ("first", "second") if found.in_first else ("second", "first")
    return f"the step {called} is possible in the {one} run and not in the {other}"


def _beside(original: Problem, runs: TwoRuns) -> Iterator[Beside]:
    """What differs at the start and after each step, and what the second run chose in it."""
    yield Beside((), tuple(_differences(original, runs.first.states[0], runs.states[0])))
    names, rigid = StepNames(original), runs.first.rigid
    for number, (step, other) in enumerate(zip(runs.first.steps, runs.steps, strict=True)):
        chosen: tuple[str, ...] = ()
        if other is not None:
            mine = names.chosen(rigid, runs.first.states[number], step)
            theirs = names.chosen(rigid, runs.states[number], other)
            chosen = tuple(text for text in theirs.texts() if text not in mine.texts())
        after = _differences(original, runs.first.states[number + 1], runs.states[number + 1])
        yield Beside(chosen, tuple(after), is_left_out=other is None)


def _differences(original: Problem, first: Valuation, second: Valuation) -> Iterator[Difference]:
    for cell, one, other in zip(original.state_layout.cells, first, second, strict=True):
        if one != other and is_of_spec(cell):
            sort = cell.symbol.sort
            yield Difference(told_cell(cell), show(sort, one), show(sort, other))
