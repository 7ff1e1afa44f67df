"""Which facts of a small machine hold however many elements there are."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Const
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import Limit
from tdxverify.smt.unsized_steps import UnsizedSteps
from tdxverify.triviality.facts import Fact, losing


def hold_everywhere(problem: Problem, facts: Sequence[Fact], limit: Limit) -> tuple[Fact, ...]:
    """The most of `facts` of which it is found that they hold at the start and go on together, at every size
    that `problem` is about. What an `init` says is among them only with all that it rests on."""
    search = _Search(problem, UnsizedSteps(problem, limit))
    return search.largest([fact for fact in facts if search.holds_at_start(fact)])


class _Search:
    """Asks `steps` only what is not seen anyway."""

    def __init__(self, problem: Problem, steps: UnsizedSteps) -> None:
        self._problem = problem
        self._steps = steps
        self._starts = {start.symbol: start for start in problem.initial}

    def holds_at_start(self, fact: Fact) -> bool:
        """Facts without a value say of all that is initial what is said of it anyway."""
        if fact.value is None:
            return True
        (symbol,) = fact.symbols
        choices = self._starts[symbol].choices
        if choices and all(isinstance(one, Const) and one.value != fact.value for one in choices):
            return True
        return not self._steps.can_start(core.negation(fact.formula))

    def largest(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Those that no step changes, as long as they are all so: Houdini, as in `smt.inductive`."""
        kept = list(facts)
        while True:
            still = list(kept)
            for fact in kept:
                if not self._goes_on(fact, still):
                    still.remove(fact)
            if still == kept:
                return tuple(kept)
            kept = still

    def _goes_on(self, fact: Fact, known: Sequence[Fact]) -> bool:
        if fact.fixed and fact.formula != core.TRUE:
            unchanged = {one for other in known if other.formula == core.TRUE for one in other.symbols}
            return unchanged.issuperset(fact.symbols)
        found = ((action, losing(action, fact)) for action in self._problem.actions)
        lost = [(action, formula) for action, formula in found if formula is not None]
        said = [one.formula for one in known if one.formula != core.TRUE]
        return not lost or not self._steps.can_happen(lost, said)
