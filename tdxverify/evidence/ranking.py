"""All reachable states, listed, and ranks of those in which a promise is open: no fair run stays among these.

Listed are the states of the question about whole runs. The evaluator takes every step again. A state in which
something is asked for and not kept has a rank; whatever a step leads to from there has one too, unless what
was promised is so. No step leads to a higher rank; and of the states of one rank it is shown that no fair run
stays among them (`logic.components.Reason`). Since ranks cannot fall for ever, every fair run keeps the
promise. It may stop nowhere among them, since some fairness demands a step.

Stored is only how many states there are: they are enumerated and ranked again, by the evaluator's steps
alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.base import Accepted, Evidence, Judgement, refused
from tdxverify.evidence.enumeration import ClosedSet, ClosureCheck, reachable
from tdxverify.evidence.item import Content, Item, Unusable
from tdxverify.logic.components import Rank, Ranks, Reason, possible, taken_apart
from tdxverify.logic.counting import counted
from tdxverify.logic.evaluate import Formula
from tdxverify.logic.expr import Read, walk
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.logic.packing import Packing
from tdxverify.questions.problems.looping import origin_of
from tdxverify.questions.problems.problem import Origin, Problem
from tdxverify.questions.problems.turns import instances_of, marks_of
from tdxverify.semantics.successors import Semantics

_BATCH = 512  # states between two looks at the clock


@dataclass(frozen=True, slots=True)
class Ranking(Evidence):
    """There are so many reachable (rigid, state) pairs, none of them bad; `members` are these, if at hand,
    with `ranks` for each value of the promise's binders.
    """

    kind: ClassVar[str] = "ranking"
    parts: ClassVar[tuple[str, ...]] = ("states",)
    by_evaluator: ClassVar[bool] = True
    accepted: ClassVar[str] = (
        "The evaluator, without any solver, took every step from every listed state again: none leads out of "
        "the list; and where something is promised and not yet so, the states have ranks that no step "
        "increases, and no fair run stays among those of one rank."
    )

    states: int
    members: ClosedSet | None = None
    ranks: tuple[Ranks, ...] = ()

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        origin = origin_of(problem)
        bare = Ranking(self.states)
        if origin is None:
            return refused(problem, bare, "the question is not about whole runs")
        unlimited = replace(limits, max_states=sys.maxsize)
        try:
            members = self.members or reachable(origin.problem, self.states, unlimited)
            if len(members) != self.states:
                raise Unusable(f"it lists {counted(len(members), 'state')}, not {self.states:,}")
            _Check(origin, members, unlimited).run(self.ranks if self.members is not None else None)
        except Unusable as error:
            return refused(problem, bare, str(error))
        return Accepted()

    def stored(self, problem: Problem) -> Content:
        return (("states", self.states),)

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Ranking:
        states = item.part("states")
        if isinstance(states, int) and states >= 1:
            return cls(states)
        raise Unusable("the number of states is no number")

    def described(self) -> str:
        return f"ranking of {counted(self.states, 'state')}"

    def told(self, problem: Problem) -> str:
        return (
            "all reachable states, listed one by one, with ranks that show that no fair run stays among some"
        )


class Steps:
    """All that may happen in a state, by the evaluator: where it leads, and whose turn it is."""

    def __init__(self, origin: Origin, packing: Packing, limits: Budget) -> None:
        self._semantics = Semantics(origin.problem)
        self._limits = limits
        self._packing = packing
        self._shifts = [field.shift for field in packing.state]
        self._belonging = {
            action.name: self._conditions(origin, action.name) for action in origin.problem.actions
        }
        self._known: dict[tuple[str, Valuation], int] = {}
        self.width = marks_of(origin.problem, origin.fairness).width

    def _conditions(self, origin: Origin, action: str) -> tuple[bool, list[tuple[int, Valuation, Formula]]]:
        """Which bit is for a step of the action, for which instance and when; and whether that is known of
        its arguments alone.
        """
        instances = instances_of(origin.problem, origin.fairness)
        parameters = origin.problem.action_named[action].parameters
        found, fixed = [], True
        for number, (fair, values) in enumerate(instances):
            for part in fair.parts:
                if part.action == action:
                    formula = self._semantics.evaluator.formula(part.condition, (*fair.binders, *parameters))
                    found.append((1 << len(instances) - 1 - number, values, formula))
                    fixed = fixed and not any(isinstance(node, Read) for node in walk(part.condition))
        return fixed, found

    def of(self, packed: int, rigid: Valuation, state: Valuation) -> list[int]:
        """Edges as in `logic.components`; without those that change nothing and are nobody's turn."""
        found = []
        for moves in self._semantics.moves:
            name = moves.action.name
            for arguments, changes in moves.steps(rigid, state, self._limits):
                after = packed
                for position, value in changes.items():
                    after += (value - state[position]) << self._shifts[position]
                marks = self._marks(name, rigid, state, arguments)
                if marks or after != packed:
                    found.append(after << self.width | marks)
        return found

    def _marks(self, action: str, rigid: Valuation, state: Valuation, arguments: Valuation) -> int:
        fixed, conditions = self._belonging[action]
        known = self._known.get((action, arguments)) if fixed else None
        if known is None:
            known = 0
            for bit, values, belongs in conditions:
                if belongs(rigid, state, (*values, *arguments)):
                    known |= bit
            if fixed:
                self._known[action, arguments] = known
        return known


class _Check:
    def __init__(self, origin: Origin, members: ClosedSet, limits: Budget) -> None:
        problem, promise = origin.problem, origin.promise
        self._promise = promise
        self._semantics = Semantics(problem)
        self._members = members
        self._closure = ClosureCheck(problem, members, limits)
        self._limits = limits
        self._known: dict[tuple[int, int, Rank], dict[Rank, int]] = {}
        self._steps = Steps(origin, members.packing, limits)
        self._marks = marks_of(problem, origin.fairness)
        evaluator = self._semantics.evaluator
        self._kept = evaluator.formula(promise.kept, promise.binders)
        self._asked = None if promise.asked is None else evaluator.formula(promise.asked, promise.binders)
        self._elements = list(values_of(promise.binders, problem.size_of))

    def run(self, ranks: Sequence[Ranks] | None) -> None:
        """None: they are to be found. Raises Unusable and LimitReached."""
        self._closure.check_start()
        starts = self._starts()
        if ranks is None:
            ranks = [self._ranked(elements, starts) for elements in self._elements]
        if len(ranks) != len(self._elements):
            raise Unusable("not each value of what the promise is for has ranks")
        for number, packed in enumerate(self._members.packed):
            if number % _BATCH == 0:
                self._limits.check_time()
            rigid, state = self._closure.values(packed)
            edges = self._steps.of(packed, rigid, state)
            for edge in edges:
                if edge >> self._marks.width not in self._members.packed:
                    raise Unusable(f"a step leads out of it from {state} under {rigid}")
            ranked = []
            for elements, found in zip(self._elements, ranks, strict=True):
                if packed in found.of:
                    ranked.append((elements, found))
                elif self._is_asked(packed, rigid, state, elements, starts):
                    raise Unusable(f"a promise is open in {state} under {rigid}, which has no rank")
            if ranked:
                self._check_ranks(packed, edges, ranked)

    def _starts(self) -> set[int]:
        """Where something is asked for because it is the start."""
        if self._asked is not None:
            return set()
        return {
            self._members.packing.pack(rigid, state)
            for rigid in self._semantics.rigid_valuations(self._limits)
            for state in self._semantics.initial_states(rigid, self._limits)
        }

    def _is_asked(
        self, packed: int, rigid: Valuation, state: Valuation, elements: Valuation, starts: set[int]
    ) -> bool:
        """Whether something is asked for there, and is not so."""
        asked = packed in starts if self._asked is None else self._asked(rigid, state, elements)
        return bool(asked) and not self._kept(rigid, state, elements)

    def _is_kept(self, packed: int, elements: Valuation) -> bool:
        return bool(self._kept(*self._members.packing.unpack(packed), elements))

    def _ranked(self, elements: Valuation, starts: set[int]) -> Ranks:
        """Of the states in which the promise may be open."""
        members, edges = self._members, dict[int, list[int]]()
        waiting = [
            p for p in members.packed if self._is_asked(p, *members.packing.unpack(p), elements, starts)
        ]
        known = set(waiting)
        while waiting:
            packed = waiting.pop()
            edges[packed] = self._steps.of(packed, *members.packing.unpack(packed))
            for edge in edges[packed]:
                after = edge >> self._marks.width
                if after not in known and not self._is_kept(after, elements):
                    known.add(after)
                    waiting.append(after)
        ranks, fair = taken_apart(list(edges), edges, self._marks, self._limits.check_time)
        if fair:
            raise Unusable("a fair run breaks the promise")
        return ranks

    # --- ranks

    def _check_ranks(
        self, packed: int, edges: Sequence[int], ranked: Sequence[tuple[Valuation, Ranks]]
    ) -> None:
        width = self._marks.width
        here = possible(edges, width)
        if not here:
            raise Unusable(f"a run may stop in {packed}, where a promise is open")
        for elements, ranks in ranked:
            rank, rank_of = ranks.of[packed], ranks.of.get
            known = self._known.setdefault((id(ranks), here, rank), {})
            for edge in edges:
                other = rank_of(edge >> width)
                if other is not None:
                    if other not in known:
                        known[other] = self._forbidden(ranks, here, rank, other)
                    if edge & known[other]:
                        raise Unusable("a step does not fit the ranks")
                elif not self._is_kept(edge >> width, elements):
                    raise Unusable(f"a step leads from {packed} to {edge >> width}, which has no rank")

    def _forbidden(self, ranks: Ranks, here: int, rank: Rank, other: Rank) -> int:
        """The marks that no edge may have from a state of `rank`, with these marks on its edges, to one of
        the `other` rank: where it falls none, else those of which the reasons say that they are not there.
        """
        self._check_node(here, ranks, rank)
        return self._of_reasons(ranks, here, rank, other)

    def _check_node(self, here: int, ranks: Ranks, rank: Rank) -> None:
        """A weak reason speaks of every node, a strong one of those that it takes out."""
        reasons = self._reasons(ranks, rank)
        for reason in reasons:
            if reason.weak & ~(here & self._marks.weak):
                raise Unusable("a weak reason does not hold of a state")
        last = reasons[-1]
        if last.strong and not last.weak and not here & last.strong & self._marks.strong:
            raise Unusable("a strong reason does not hold of a state")

    def _reasons(self, ranks: Ranks, rank: Rank) -> list[Reason]:
        found = [ranks.reasons.get(rank[:count]) for count in range(1, len(rank) + 1)]
        if not found or None in found:
            raise Unusable("a part has no reason")
        return [one for one in found if one is not None]

    def _of_reasons(self, ranks: Ranks, here: int, rank: Rank, other: Rank) -> int:
        found = 0
        for count, (one, next_one) in enumerate(zip(rank, other, strict=False), 1):
            if one > next_one:
                return found
            reason = ranks.reasons[rank[:count]]
            strong = reason.strong & self._marks.strong
            if one < next_one or not (reason.weak or strong):
                break
            found |= reason.weak | strong
            if reason.weak or len(other) == count or here & strong:
                return found
        raise Unusable("a step does not fit the ranks")
