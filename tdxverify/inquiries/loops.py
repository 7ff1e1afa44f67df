"""What would keep a run from going round for ever: fairness that it lacks, or another value of a parameter.

Each is asked again at the sizes of the run, with its parameters but for the one that is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import STEPS_A_SECOND, Budget
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import domain, show
from tdxverify.model.fair import Fairness
from tdxverify.questions.question import Question, at, with_rigid

MOST_VALUES = 8  # of one parameter
MOST_TOGETHER = 12  # actions and processes that are tried together
WORK = 5 * STEPS_A_SECOND  # of solvers, for one question


@dataclass(frozen=True, slots=True)
class Remedy:
    """With all of `fair` (actions, processes, actors) fair besides, or with the parameter `name` being
    `value`: the property `holds`, or is broken by another run; None where that was not decided."""

    holds: bool | None
    fair: tuple[Fairness, ...] = ()
    name: str = ""
    value: str = ""


def remedies(found: FoundTrace, budget: Budget) -> tuple[Remedy, ...]:
    """What was tried of the run `found`, which goes round for ever; each answer is certified."""
    alone = tuple(_alone(found, budget))
    helps = any(one.holds is not False for one in alone)
    together = () if helps or not alone else tuple(_together(found, budget))
    return (*alone, *together, *other_parameters(found, budget))


def _alone(found: FoundTrace, budget: Budget) -> Iterator[Remedy]:
    """Each that would exclude this run, by itself."""
    loop = found.story.loop
    assert loop is not None
    for fair in found.question.spec.model.fair_candidates:
        if fair.name in loop.excluded_by:
            yield _with_fair(found, (fair,), budget)
    for fair in found.question.spec.model.fair_candidates:
        if fair.name in loop.excluded_strongly:
            yield _with_fair(found, (replace(fair, strong=True),), budget)


def _together(found: FoundTrace, budget: Budget) -> Iterator[Remedy]:
    """As few as are needed together, and as weak; nothing where all together do not help."""
    model = found.question.spec.model
    actors = {actor.name for actor in model.actors}  # do no steps but those of actions and processes
    weak = tuple(one for one in model.fair_candidates if one.name not in actors)
    if len(weak) > MOST_TOGETHER:
        return
    for all_of_them in (weak, tuple(replace(one, strong=True) for one in weak)):
        best = _with_fair(found, all_of_them, budget)
        if best.holds:
            yield _fewer(found, best, budget)
            return
    if best.holds is False:
        yield best


def _fewer(found: FoundTrace, best: Remedy, budget: Budget) -> Remedy:
    """Of what helps together, without those that are not needed, and none stronger than is needed."""
    for fair in best.fair:
        without = _with_fair(found, tuple(one for one in best.fair if one != fair), budget)
        weaker = tuple(replace(one, strong=False) if one == fair else one for one in best.fair)
        if without.holds:
            best = without
        elif fair.strong and (less := _with_fair(found, weaker, budget)).holds:
            best = less
    return best


def _with_fair(found: FoundTrace, fair: Sequence[Fairness], budget: Budget) -> Remedy:
    same = with_rigid(found.question, found.problem.rigid_layout, found.trace.rigid)
    assuming = (*same.check.assuming, *fair)
    asked = replace(same, check=replace(same.check, assuming=assuming))
    return Remedy(_holds(asked, found, budget), fair=tuple(fair))


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
