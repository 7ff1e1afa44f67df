"""Which of many formulas are ever true? Asked all at once, since most are true early on.

Enumeration comes first; what it has not seen when it stops is looked for symbolically, one step deeper at
a time, by one unrolling for all formulas; what is still unseen after some steps is proved unreachable, if
it is, by the engine `pdr`, and such a proof counts only once it is certified.

NOTE(never): only a certified proof says NEVER: the set of all reachable states, or an invariant. A search
that ended for any other reason says UNSEEN, with the depth through which every question had an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tdxverify.budget import Budget, LimitReached
from tdxverify.engines.auto import is_small
from tdxverify.engines.base import Observer
from tdxverify.engines.explicit.reach import explore, prepare, select_where
from tdxverify.engines.registry import decide
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.enumeration import ClosedSet, Enumeration
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import FALSE, Expr, disjunction
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace

NAME = "lint"
ENUMERATED = 30_000  # states
DEEPEST = 12  # steps that are unrolled before a proof is tried
_PROOF = "pdr"
_BATCH = 2_048
_ENUMERATION_SHARE = 0.2  # of the time left


class Status(Enum):
    """What was found out about a formula; see NOTE(never)."""

    SEEN = "seen"
    NEVER = "never"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Sight:
    """`depth` of UNSEEN: no run of at most that many steps gets there; None if the start is open."""

    status: Status
    depth: int | None = None


def sights(
    problem: Problem, formulas: Sequence[Expr], budget: Budget, observer: Observer
) -> tuple[Sight, ...] | None:
    """One answer per formula, closed ones over a single state. None: there is no initial state.

    What is bad in `problem` plays no part.
    """
    search = _Search(
        replace(problem, bad=FALSE, possible=None, range_monitor=None, undefined=FALSE),
        tuple(formulas),
        budget,
        observer,
    )
    if not search.run() and isinstance(certified(problem, Vacuous(""), budget), Vacuous):
        return None
    return tuple(search.found)


class _Search:
    """`found` changes from UNSEEN to what is found out. Each phase says whether there is an initial state."""

    def __init__(
        self, problem: Problem, formulas: tuple[Expr, ...], budget: Budget, observer: Observer
    ) -> None:
        self._problem = problem
        self._formulas = formulas
        self._budget = budget
        self._observer = observer
        self.found = [Sight(Status.UNSEEN) for _ in formulas]

    @property
    def _open(self) -> list[int]:
        return [number for number, sight in enumerate(self.found) if sight.status is Status.UNSEEN]

    def run(self) -> bool:
        """Whether there is an initial state, as far as is known."""
        if is_small(self._problem):
            started = self._enumerate()
            if started is not None and (not started or not self._open):
                return started
        if not self._unroll():
            return False
        if self._open and not self._budget.expired():
            self._prove()
        return True

    def _asking(self, numbers: Sequence[int]) -> Problem:
        """The problem whose bad states satisfy one of the formulas with these numbers."""
        return replace(self._problem, bad=disjunction(*(self._formulas[number] for number in numbers)))

    def _accept(self, problem: Problem, proof: Proved, numbers: Sequence[int]) -> bool:
        """Believe `proof` that none of `numbers` is ever true, if it can be certified."""
        if not isinstance(certified(problem, proof, self._budget), Proved):
            return False
        for number in numbers:
            self.found[number] = Sight(Status.NEVER)
        return True

    # --- enumeration ------------------------------------------------------------

    def _enumerate(self) -> bool | None:
        """Look at the states within the limits. None: not even the initial ones could be enumerated."""
        limits = replace(self._budget, max_states=ENUMERATED).share(_ENUMERATION_SHARE)
        try:
            start = prepare(self._problem, Semantics(self._problem), limits)
        except LimitReached:
            return None
        if not start.initial:
            return False
        reached = explore(start, limits, lambda text: self._observer.progress(NAME, text))
        states = list(reached.visited)
        for number in self._open:
            if self._is_among(states, self._formulas[number]):
                self.found[number] = Sight(Status.SEEN)
        if reached.stopped is None and self._open:
            closed = Enumeration.of(ClosedSet(start.system.packing, frozenset(reached.visited)))
            self._accept(self._asking(self._open), Proved(closed), self._open)
        return True

    def _is_among(self, states: Sequence[int], formula: Expr) -> bool:
        """Whether one of `states` satisfies `formula`."""
        holding = select_where(replace(self._problem, actions=(), bad=FALSE), formula, {})
        starts = range(0, len(states), _BATCH)
        return any(holding(states[first : first + _BATCH]) for first in starts)

    # --- unrolling --------------------------------------------------------------

    def _unroll(self) -> bool:
        from tdxverify.smt.sightings import Sightings
        from tdxverify.smt.solver import GaveUp, Unsat

        runs = Sightings(self._problem, self._formulas, self._budget.allowance)
        clean: int | None = None
        while self._open and not self._budget.expired():
            self._observer.progress(NAME, f"depth {runs.depth}, {len(self._open)} not seen")
            answer = runs.sighting(self._open)
            match answer:
                case Trace():
                    self._seen_along(answer)
                    continue
                case GaveUp():
                    break
                case Unsat(outright=True):
                    if runs.depth == 0:
                        return False
                    break
                case Unsat():
                    clean = runs.depth
            if runs.depth >= min(DEEPEST, self._budget.bound):
                break
            runs.extend()
        for number in self._open:
            self.found[number] = Sight(Status.UNSEEN, clean)
        return True

    def _seen_along(self, trace: Trace) -> None:
        evaluator = Evaluator.of(self._problem.symbols, self._problem.size_of)
        for number in self._open:
            formula = evaluator.formula(self._formulas[number])
            if any(formula(trace.rigid, state, ()) for state in trace.states):
                self.found[number] = Sight(Status.SEEN)

    # --- proof ------------------------------------------------------------------

    def _prove(self) -> None:
        """All that is left at once; where that is not decided, one formula after another."""
        while self._open and not self._budget.expired():
            before = len(self._open)
            if not self._settle(self._open):
                break
            assert len(self._open) < before
        for number in self._open if len(self._open) > 1 else []:
            self._settle([number])

    def _settle(self, numbers: Sequence[int]) -> bool:
        """Try to prove that none of `numbers` is ever true; whether anything was found out."""
        problem = self._asking(numbers)
        verdict = decide(_PROOF, problem, self._share(), self._observer).verdict
        match verdict:
            case Refuted(trace=trace):
                self._seen_along(trace)
                return True
            case Proved():
                return self._accept(problem, verdict, numbers)
            case _:
                return False

    def _share(self) -> Budget:
        """Half of the time left, so that a question without an answer leaves some for the others."""
        return self._budget.share(0.5)
