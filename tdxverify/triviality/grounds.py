"""Why a bad state, or a step, is impossible: the least that excludes it, and why that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from tdxverify.budget import NotDecided
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Symbol
from tdxverify.model.model import Action, SizeRange
from tdxverify.smt.asker import Limit
from tdxverify.smt.products import Products, States
from tdxverify.smt.unsized_states import UnsizedStates
from tdxverify.triviality.everywhere import hold_everywhere
from tdxverify.triviality.facts import (
    Fact,
    breaks,
    facts_of,
    said_of_later,
    same_afterwards,
    starts_with,
    unchanged,
    with_later,
)
from tdxverify.triviality.subject import Subject


@dataclass(frozen=True, slots=True)
class Ground:
    """What excludes something: `assumed` of the parameters, and `facts` about variables."""

    assumed: tuple[Expr, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What excludes something at the start: `assumed` of the parameters, and what is `said` of initial
    states."""

    assumed: tuple[Expr, ...]
    said: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """What it takes to break a fact by some step, and `ground` excludes. `needs`: one condition of the step,
    over its parameters; None where several play together. `of_step`: the step cannot be made without it;
    otherwise that may be, but it does not break the fact."""

    ground: Ground
    needs: Expr | None = None
    of_step: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """`action` never breaks a fact, for each of `lacks`, of which there is at least one."""

    action: Action
    lacks: tuple[Lack, ...]


class _SomeSize:
    """What can hold together at some size that is asked about: what can in the machine that was looked at
    first is not asked of others, which takes much longer."""

    def __init__(self, here: States, anywhere: UnsizedStates) -> None:
        self._here = here
        self._anywhere = anywhere

    def contradiction(self, formulas: Sequence[Expr]) -> tuple[Expr, ...] | None:
        """Those of `formulas` that cannot all hold at any size, in their order; None if all can at some."""
        if self._here.contradiction(formulas) is None:
            return None
        return self._anywhere.contradiction(formulas)


class Holding:
    """What holds of each variable of `subject` on its own, and what that excludes. Raises NotDecided."""

    def __init__(self, subject: Subject, limit: Limit) -> None:
        self.subject = subject
        problem = subject.problem
        candidates = facts_of(problem)
        largest = Products(problem, [fact.formula for fact in candidates], limit)
        self.has_start = largest.has_start
        stay = [unchanged(symbol) for symbol in problem.state_symbols if symbol in largest.unchanged]
        ties = [
            Fact(tuple(s for s in problem.state_symbols if s in core.symbols_of(tie)), tie, fixed=True)
            for tie in largest.ties
        ]
        self.facts: tuple[Fact, ...] = (*(candidates[number] for number in largest.kept), *ties, *stay)
        self._assumed = tuple(part for whole in problem.assumptions for part in core.conjuncts(whole))
        self._here = self._pairs_here = States(problem, limit)
        if subject.of_steps:
            self._pairs_here = States(with_later(problem), limit)
        self._states: States | _SomeSize = self._here
        self._pairs: States | _SomeSize = self._pairs_here
        self._in_range = core.negation(problem.out_of_range)

    def everywhere(self, limits: Sequence[SizeRange], limit: Limit) -> Holding:
        """The same of what is found to hold at all sizes, within `limits`, rather than at those of the
        subject; what excludes something then does so at all of them, too."""
        problem = self.subject.problem.limited(limits)
        found = copy(self)
        found.facts = hold_everywhere(problem, self.facts, limit)
        found._states = found._pairs = _SomeSize(self._here, UnsizedStates(problem, limit))
        if self.subject.of_steps:
            found._pairs = _SomeSize(self._pairs_here, UnsizedStates(with_later(problem), limit))
        return found

    # --- bad states ----------------------------------------------------------------

    def excludes_bad(self) -> Ground | None:
        """The least because of which no state, or no pair of states, is bad; None if one is."""
        if not self.subject.of_steps:
            given = [(fact.formula, fact) for fact in self.facts if fact.formula != core.TRUE]
            return self._ground(self._states, [self._in_range, self.subject.bad], given)
        bad = said_of_later(self.subject.bad, primed_only=True)
        given = [(formula, fact) for fact in self.facts for formula in _of_pairs(fact)]
        later_in_range = said_of_later(self._in_range, primed_only=False)
        return self._ground(self._pairs, [self._in_range, later_in_range, bad], given)

    # --- steps ---------------------------------------------------------------------

    def blocked(self, fact: Fact) -> tuple[Blocked, ...]:
        """The steps that would break `fact` in some states, none of which is possible."""
        found = []
        for action in self.subject.problem.actions:
            breaking = breaks(self.subject.problem, action, fact)
            if breaking is None or self._states.contradiction([self._in_range, breaking]) is not None:
                continue
            ground = self._excluded(breaking)
            if ground is None:
                raise NotDecided(f"{action.name} breaks what no step breaks")
            found.append(Blocked(action, self._lacks(action, fact, ground)))
        return tuple(found)

    def _excluded(self, formula: Expr) -> Ground | None:
        given = [(fact.formula, fact) for fact in self.facts if fact.formula != core.TRUE]
        return self._ground(self._states, [self._in_range, formula], given)

    def _lacks(self, action: Action, fact: Fact, ground: Ground) -> tuple[Lack, ...]:
        """The conditions of the guard, and of a write, that breaking `fact` takes and that can never be met;
        one alone where that is for its parameters."""
        conditions = dict.fromkeys(core.conjuncts(action.guard), True)
        for write in action.writes:
            if write.symbol in fact.symbols and not write.binders:
                for part in core.conjuncts(write.condition):
                    conditions.setdefault(part, False)
        found: list[Lack] = []
        for condition, of_step in conditions.items():
            own = self._never_met(action, condition)
            if own is None or not (of_step or self._is_needed(action, fact, condition)):
                continue
            found.append(Lack(own, condition, of_step))
            if not own.facts:
                return (found[-1],)
        return tuple(found) or (Lack(ground),)

    def _never_met(self, action: Action, condition: Expr) -> Ground | None:
        closed = core.quantified(action.parameters, condition, universal=False)
        if closed == core.TRUE or self._states.contradiction([closed]) is not None:
            return None
        return self._excluded(closed)

    def _is_needed(self, action: Action, fact: Fact, condition: Expr) -> bool:
        without = breaks(self.subject.problem, action, fact, condition)
        return without is None or self._states.contradiction([self._in_range, without]) is not None

    # --- the start -----------------------------------------------------------------

    def at_start(self, fact: Fact) -> Beginning | None:
        """What makes `fact`, about one value, so at the start; None where the initial value alone does."""
        if fact.fixed or fact.value is None:
            return None
        other = core.negation(fact.formula)
        own, others = self._starting(set(fact.symbols))
        if self._states.contradiction([other, *own]) is not None:
            return None
        said = (*own, *others, *self.subject.problem.constraints)
        for count in range(len(self._assumed) + 1):  # as little of what a check adds as will do
            known = [*self._assumed[:count], *said]
            needed = self._states.contradiction([other, *known])
            if needed is not None:
                least = self._least(self._states, [other], known, needed)
                assumed = tuple(part for part in self._assumed if part in least)
                return Beginning(assumed, tuple(c for c in self.subject.problem.constraints if c in least))
        raise AssertionError(f"nothing makes {fact.formula} so at the start")

    def _starting(self, symbols: set[Symbol]) -> tuple[list[Expr], list[Expr]]:
        """What the initial values of `symbols` say, and those of all others."""
        own, others = list[Expr](), list[Expr]()
        for start in self.subject.problem.initial:
            if start.choices is not None:
                (own if start.symbol in symbols else others).append(starts_with(start))
        return own, others

    # --- the least ---------------------------------------------------------------------

    def _ground(
        self, states: States | _SomeSize, wanted: Sequence[Expr], given: Sequence[tuple[Expr, Fact]]
    ) -> Ground | None:
        """What of all that holds excludes `wanted`; parameters rather than variables."""
        facts = dict(given)
        known = [*self._assumed, *facts]
        needed = states.contradiction([*wanted, *known])
        if needed is None:
            return None
        least = self._least(states, wanted, known, needed)
        assumed = tuple(part for part in least if part not in facts)
        return Ground(assumed, tuple(dict.fromkeys(facts[part] for part in least if part in facts)))

    def _least(
        self,
        states: States | _SomeSize,
        wanted: Sequence[Expr],
        known: Sequence[Expr],
        needed: Sequence[Expr],
    ) -> list[Expr]:
        """Of `needed`, which excludes `wanted` and is of `known`, no more than that takes; what is said of
        parameters is spared last."""
        least = [part for part in known if part in needed]
        for part in sorted(least, key=lambda one: one in self._assumed):
            rest = [one for one in least if one != part]
            if states.contradiction([*wanted, *rest]) is not None:
                least = rest
        return least


def _of_pairs(fact: Fact) -> tuple[Expr, ...]:
    """What `fact` says of a state and a later one."""
    if fact.formula == core.TRUE:
        return tuple(same_afterwards(symbol) for symbol in fact.symbols)
    return fact.formula, said_of_later(fact.formula, primed_only=False)
