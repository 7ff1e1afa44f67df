"""Steps that say whose turn they are: for whoever looks at single steps, and knows only where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.components import Marks
from tdxverify.logic.expr import FALSE, TRUE, Role, Symbol
from tdxverify.logic.layout import Valuation, cell_variables, values_of
from tdxverify.logic.sorts import BOOL
from tdxverify.model.fair import Fairness
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.problems.problem import Problem


def with_turns(problem: Problem, fairness: tuple[Fairness, ...]) -> Problem:
    """`problem` with a bool for each instance of `fairness`, behind all other cells of its states: false at
    the start, and true after a step that belongs to the instance. Nothing makes it false again."""
    turns = [_turn(number, fair) for number, fair in enumerate(fairness)]
    starts = (InitialValue(turn, cell_variables(turn), (FALSE,)) for turn in turns)
    return replace(
        problem,
        symbols=(*problem.symbols, *turns),
        initial=(*problem.initial, *starts),
        actions=tuple(
            replace(action, writes=(*action.writes, *_notes(action, fairness, turns)))
            for action in problem.actions
        ),
        origin=None,
    )


def stopping_where_bad(problem: Problem) -> Problem:
    """`problem` without steps from bad states, none of which is looked for."""
    good = core.negation(problem.bad)
    actions = tuple(replace(one, guard=core.conjunction(one.guard, good)) for one in problem.actions)
    return replace(problem, actions=actions, bad=FALSE)


def _turn(number: int, fair: Fairness) -> Symbol:
    """A name with a blank in it, as no name of a spec has."""
    indices = tuple(binder.sort for binder in fair.binders)
    return Symbol(f"turn {number}", Role.STATE, indices, BOOL)


def _notes(action: Action, fairness: tuple[Fairness, ...], turns: list[Symbol]) -> Iterator[Write]:
    for fair, turn in zip(fairness, turns, strict=True):
        mine = core.disjunction(*(part.condition for part in fair.parts if part.action == action.name))
        if mine != FALSE:
            yield Write(turn, fair.binders, fair.binders, mine, TRUE)


def instances_of(problem: Problem, fairness: tuple[Fairness, ...]) -> list[tuple[Fairness, Valuation]]:
    """Each condition for each value of its binders, in the order of the bools of `with_turns`."""
    return [(fair, values) for fair in fairness for values in values_of(fair.binders, problem.size_of)]


def marks_of(problem: Problem, fairness: tuple[Fairness, ...]) -> Marks:
    """The instances as bits, the first the highest: as those bools are packed into the lowest bits."""
    strong = [fair.strong for fair, _ in instances_of(problem, fairness)]
    bits = {is_strong: sum(1 << n for n, one in enumerate(reversed(strong)) if one is is_strong)
            for is_strong in (False, True)}  # fmt: skip
    return Marks(len(strong), bits[False], bits[True])
