"""The engine `auto`: several engines in a fixed order, each with a share of the time.

1. explicit, while there are few states. It counts some 500,000 states a second and needs no solver, whose
   import alone takes longer (0.06 to 0.13 s) than 20,000 states. Skipped where there are many cells: with
   64 cache lines the first 20,000 states take half a second and decide nothing. How many states the sorts
   allow says nothing: switches make it 10^19 for models with a thousand states.
2. pdr: nearly every proof there is, and where a trace exists, bounded search for the shortest.
3. k-induction, whose base is bounded search, for small k.
4. explicit again, with all the states of the budget.
5. k-induction from where it ended, to the bound.

Where a check states no sizes, explicit looks at two elements of each sort for a trace, and the engine
`any-size` decides the rest.

Answers are compared: an engine that refutes what another has shown, be it only through some depth, is a
bug of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines.base import Observer
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.engines.kinduction import Induction

NAME = "auto"

FEW_STATES = 20_000
FEW_OF_RUNS = 200_000  # where the question is about whole runs, which others answer with copies of the states
MANY_CELLS = 120  # of state, beyond which enumeration is not tried
SMALL_K = 12
_SECONDS = 10.0  # of k-induction for small k, if there is no deadline
_PDR_SECONDS = 20.0  # of pdr, likewise
_PLAN_SECONDS = 60.0  # of plans, likewise
_SHARE = 0.4  # of the time left, for a phase that is not the last


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the engine that gave it."""

    engine: str
    verdict: Verdict


Phase: TypeAlias = Callable[[], Decision]


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """The verdict alone, for callers that do not ask who gave it."""
    return decide(problem, budget, observer).verdict


def decide(problem: Problem, budget: Budget, observer: Observer) -> Decision:
    """Let the engines take turns until one decides. Unknown: `clean_through` is the best of all."""
    given: list[Decision] = []
    phases = (
        _Phases(problem, budget, observer)
        if problem.possible is None
        else _Possible(problem, budget, observer)
    )
    for phase in phases.in_order():
        if given and budget.expired():
            break
        try:
            given.append(phase())
        except LimitReached as reached:
            given.append(Decision(NAME, Unknown(reached.why, None, reached.detail)))
        if not isinstance(given[-1].verdict, Unknown):
            break
    return reconcile(problem, given)


def is_small(problem: Problem) -> bool:
    """Whether enumerating states is worth a try."""
    if problem.origin is not None:  # states are enumerated without the copy of each
        problem = replace(problem.origin.problem, sizes=problem.sizes, limits=())
    return len(problem.state_layout.cells) <= MANY_CELLS


@dataclass(frozen=True, slots=True)
class GeneralDecision:
    """A decision about every size. `problem` is the instance that a trace belongs to, `clean` as in
    `AnySize`."""

    engine: str
    verdict: Verdict
    problem: Problem
    clean: tuple[tuple[tuple[str, int], ...], ...] = ()


def decide_any_size(problem: Problem, budget: Budget, observer: Observer) -> GeneralDecision:
    """Decide `problem` for every number of elements of its index sorts; its own sizes do not matter."""
    from tdxverify.engines import anysize
    from tdxverify.engines.explicit import engine as explicit

    small = anysize.instance(problem, anysize.SMALLEST)
    few = replace(budget, max_states=min(FEW_STATES, budget.max_states))
    counted = explicit.run(small, few, observer) if is_small(small) else None
    if isinstance(counted, Refuted):
        found = anysize.smallest(small, counted, lambda one, _: explicit.run(one, few, observer))
        return GeneralDecision(explicit.NAME, found.verdict, found.problem, found.clean)
    general = anysize.decide(problem, budget, observer)
    if isinstance(counted, Proved) and general.problem.sizes == small.sizes:
        reconcile(small, (Decision(explicit.NAME, counted), Decision(anysize.NAME, general.verdict)))
    return GeneralDecision(anysize.NAME, general.verdict, general.problem, general.clean)


class _Phases:
    """One run of `auto`. Solvers are imported by the phases that need them."""

    def __init__(self, problem: Problem, budget: Budget, observer: Observer) -> None:
        self._problem = problem
        self._budget = budget
        self._observer = observer
        self._induction: Induction | None = None

    def in_order(self) -> Sequence[Phase]:
        if self._budget.work is not None:  # k-induction goes by the clock
            return (self._count_few, self._push_frames) if self._is_small else (self._push_frames,)
        if not self._is_small:
            return self._push_frames, self._prove_patiently
        return (
            self._count_few,
            self._push_frames,
            self._prove_quickly,
            self._count_all,
            self._prove_patiently,
        )

    @property
    def _is_small(self) -> bool:
        return is_small(self._problem) and self._budget.max_states > 0

    def _push_frames(self) -> Decision:
        from tdxverify.engines.pdr import engine as pdr

        limited = self._share(_PDR_SECONDS) if self._budget.work is None else self._budget
        verdict = pdr.run(self._problem, limited, self._observer)
        return Decision(pdr.NAME, verdict)

    def _count_few(self) -> Decision:
        few = FEW_STATES if self._problem.origin is None else FEW_OF_RUNS
        return self._count(min(few, self._budget.max_states))

    def _count_all(self) -> Decision:
        return self._count(self._budget.max_states)

    def _count(self, most: int) -> Decision:
        from tdxverify.engines.explicit import engine as explicit

        limited = replace(self._share(None), max_states=most)
        return Decision(explicit.NAME, explicit.run(self._problem, limited, self._observer))

    def _prove_quickly(self) -> Decision:
        return self._prove(self._share(_SECONDS), min(SMALL_K, self._budget.bound + 1), patient=False)

    def _prove_patiently(self) -> Decision:
        return self._prove(self._budget, self._budget.bound + 1, patient=True)

    def _prove(self, limited: Budget, largest: int, *, patient: bool) -> Decision:
        from tdxverify.engines import bmc, kinduction

        if self._induction is None:
            self._induction = kinduction.Induction(self._problem, self._budget, self._observer)
        verdict = self._induction.run(largest, limited, patient=patient)
        # Its base is bounded search: that is what finds traces and missing initial states.
        name = bmc.NAME if isinstance(verdict, Refuted | Vacuous) else kinduction.NAME
        return Decision(name, verdict)

    def _share(self, without_deadline: float | None) -> Budget:
        """For a phase that others follow; `without_deadline` are seconds if there is no deadline."""
        if self._budget.deadline is None:
            return self._budget.within(without_deadline)
        return self._budget.share(_SHARE)


class _Possible(_Phases):
    """The same where something is to stay possible: plans lead there, or all states are looked at."""

    def in_order(self) -> Sequence[Phase]:
        if not self._is_small:
            return (self._plan,)
        if self._budget.work is not None:
            return self._count_few, self._plan
        return self._count_few, self._plan, self._count_all

    def _plan(self) -> Decision:
        from tdxverify.engines import possible

        limited = self._share(_PLAN_SECONDS) if self._is_small and self._budget.work is None else self._budget
        return possible.decide(self._problem, limited, self._observer, decide)


def reconcile(problem: Problem, given: Sequence[Decision]) -> Decision:
    """The one decision that follows from all `given`, of which there is at least one.

    Raises InternalError where two contradict each other.
    """
    for one in given:
        for other in given:
            if _contradict(one.verdict, other.verdict):
                bundle = {
                    "problem": repr(problem),
                    one.engine: repr(one.verdict),
                    other.engine: repr(other.verdict),
                }
                raise InternalError(f"{one.engine} and {other.engine} disagree about {problem.name}", bundle)
    definite = next((d for d in given if not isinstance(d.verdict, Unknown)), None)
    return definite or _undecided(given)


def _contradict(one: Verdict, other: Verdict) -> bool:
    """Whether `other` cannot be true if `one` is."""
    match one, other:
        case Refuted(trace=trace), Refuted(trace=shorter):
            return len(shorter) != len(trace)
        case Refuted(), Proved() | Vacuous():
            return True
        case Refuted(trace=trace), Unknown(clean_through=int(depth)):
            return depth >= len(trace)
        case _:
            return False


def _undecided(given: Sequence[Decision]) -> Decision:
    unknown = [d.verdict for d in given if isinstance(d.verdict, Unknown)]
    last = unknown[-1]
    known = [verdict.clean_through for verdict in unknown if verdict.clean_through is not None]
    reasons = [verdict.why for verdict in unknown]
    why = (
        Why.TIMEOUT
        if Why.TIMEOUT in reasons and last.why not in (Why.BOUND_REACHED, Why.RUNS_END)
        else last.why
    )
    return Decision(NAME, Unknown(why, max(known, default=None), last.detail, last.longest))
