"""What would keep a run from going round for ever: the question is asked again with one more thing fair, or
with one parameter set otherwise, all else at the sizes and with the parameters of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import STEPS_A_SECOND, Budget
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import domain, show
from tdxverify.questions.question import Question, at, with_rigid

MOST_VALUES = 8  # of one parameter
WORK = 5 * STEPS_A_SECOND  # of solvers, for one question


@dataclass(frozen=True, slots=True)
class Remedy:
    """With `fair` (an action, a process, an actor) fair besides, or with the parameter `name` being `value`:
    the property `holds`, or is broken by another run; None where that was not decided."""

    holds: bool | None
    fair: str | None = None
    name: str = ""
    value: str = ""


def remedies(found: FoundTrace, budget: Budget) -> tuple[Remedy, ...]:
    """What was tried of the run `found`, which goes round for ever; each answer is certified."""
    layout, rigid = found.problem.rigid_layout, found.trace.rigid
    same = with_rigid(found.question, layout, rigid)
    return (*_fairness(found, same, budget), *other_parameters(found, budget))


def _fairness(found: FoundTrace, same: Question, budget: Budget) -> Iterator[Remedy]:
    loop = found.story.loop
    excluded = () if loop is None else loop.excluded_by
    for fair in found.question.spec.model.fair_candidates:
        if fair.name in excluded:
            assuming = (*same.check.assuming, fair)
            asked = replace(same, check=replace(same.check, assuming=assuming))
            yield Remedy(_holds(asked, found, budget), fair=fair.name)


def other_parameters(found: FoundTrace, budget: Budget) -> Iterator[Remedy]:
    """The parameters that the run relies on, one after another, with other values; as in `remedies`."""
    relied = set(found.story.parameters_that_matter or ())
    layout, rigid = found.problem.rigid_layout, found.trace.rigid
    for place, cell in enumerate(layout.cells):
        if show_cell(cell) not in relied:
            continue
        for value in domain(cell.symbol.sort, found.problem.size_of)[:MOST_VALUES]:
            if value != rigid[place]:
                changed: Valuation = (*rigid[:place], value, *rigid[place + 1 :])
                holds = _holds(with_rigid(found.question, layout, changed), found, budget)
                yield Remedy(holds, name=show_cell(cell), value=show(cell.symbol.sort, value))


def _holds(asked: Question, found: FoundTrace, budget: Budget) -> bool | None:
    """None too where there is no initial state: then nothing is shown by it."""
    problem = at(asked, found.problem.size_of)
    verdict = find("auto", problem, budget.working(WORK), Silent()).verdict
    match verdict:
        case Proved():
            return True
        case Refuted():
            return False
        case Vacuous():
            return None
        case _:
            return None
