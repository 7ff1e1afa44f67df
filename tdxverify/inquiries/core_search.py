"""What a proof needs: a minimal inductive validity core.

1. The invariant of the proof, put to the relaxed model, leaves a contradiction for every kind of step; its
   unsatisfiable core names the parts that were used. Leaving them out one at a time makes that minimal for
   this invariant.
2. A run (replayed) of the model with one part alone switched off shows that every proof needs that part.
3. Another invariant may need less. So of what is left each part is switched off together with all that is not
   in the core, and the question decided anew: a run shows that the part is needed while the rest of the core
   stays as it is, another proof that it is not.
4. The model with all other parts switched off is certified like any other proof.
5. A part that is needed only in that sense is switched off alone once more: the property may still hold, and
   then there are other cores, without it.

Ghassabani, Gacek and Whalen, "Efficient generation of inductive validity cores for safety properties",
FSE 2016; the same and Heimdahl, "Efficient generation of all minimal inductive validity cores", FMCAD 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from tdxverify.budget import LATE, Allowance, Budget, LimitReached, NotDecided, held
from tdxverify.diagnostics import InternalError
from tdxverify.engines.anysize import SMALLEST, instance
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import find
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.scripts.inductive import script_for
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.inquiries.elements import Element
from tdxverify.inquiries.part_switches import Freedom
from tdxverify.inquiries.switched_question import Relaxed
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import names_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.trace import Trace
from tdxverify.smt.cores import SwitchedQuestions
from tdxverify.smt.switched import broken_without
from tdxverify.telling.range_errors import leaves_range

_QUERY_MS = 1_000
_DEEPEST = 16  # steps of a trace that shows that a part is needed
_SEARCH_SECONDS = 10.0  # for all such traces of one kind
_ATTEMPT_SECONDS = 5.0  # for deciding the question without one part, where there is no short trace
_ALONE_SECONDS = 2.0  # for the same where all else is on, which changes nothing about what is needed


@dataclass(frozen=True, slots=True)
class Case:
    """The question at some sizes, or at every size, and what proves it there."""

    relaxed: Relaxed
    invariant: Invariant


@dataclass(frozen=True, slots=True)
class Breach:
    """The actions of a run to a bad state, and how its steps are called; `out_of_range`: bad because an
    assignment leaves its range.

    `alone`: with one part off and all others on; else all that is not in the core is off as well.
    """

    actions: tuple[str, ...]
    run: tuple[str, ...]
    out_of_range: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Core:
    """`needed` suffice, in the order of the model's elements; the proof of that was certified.

    `broken`: for those of them (by switch) that this core cannot do without, a run that breaks the property.
    `spare`: those of them without which, all else being as in the model, the property still holds: certified.
    `cases` have the invariants of the proof that uses `needed` alone.
    """

    needed: tuple[Element, ...]
    others: tuple[Element, ...]
    broken: Mapping[str, Breach]
    spare: frozenset[str]
    cases: tuple[Case, ...]

    @property
    def open(self) -> tuple[Element, ...]:
        """Those for which it was not found out whether a proof can do without."""
        return tuple(element for element in self.needed if element.switch not in self.broken)


def validity_core(cases: Sequence[Case], budget: Budget, observer: Observer, *, alone: bool = True) -> Core:
    """What the proofs `cases` of one check need. Every case has the same elements but for unused ones.

    `alone`: find out, too, what each part is needed for where all others are on.
    Raises NotDecided. `budget` limits the search for smaller cores; what was found in it holds all the same.
    """
    search = _Search(tuple(cases), budget, observer)
    try:
        with held(budget):
            search.reduce()
    except LimitReached as reached:
        raise NotDecided(reached.told) from None
    with suppress(LimitReached), held(budget):
        if alone:
            search.find_needed(alone=True)
        search.find_needed(alone=False)
        search.try_each()
        if alone:
            search.try_each_alone()
    return search.core()


class _Search:
    def __init__(self, cases: tuple[Case, ...], budget: Budget, observer: Observer) -> None:
        self._cases = cases
        self._budget = budget
        self._observer = observer
        by_switch = {e.switch: e for case in cases for e in case.relaxed.elements}
        self._elements = sorted(by_switch.values(), key=lambda element: element.number)
        self._place = {element.switch: element.number for element in self._elements}
        self._on = frozenset(by_switch)
        self._broken: dict[str, Breach] = {}  # what happens without what is needed
        self._spare: set[str] = set()

    # --- one invariant -------------------------------------------------------------------

    def reduce(self) -> None:
        """Switch off whatever the invariants do without."""
        asked = [_questions(case, self._limit) for case in self._cases]
        used: set[str] = set()
        for one in asked:
            for number in range(len(one)):
                found = one.needed(number, self._named(self._on))
                if found is None:
                    raise NotDecided("the solver could not tell which parts the invariant rests on")
                used |= found
        kept = {element.switch for element in self._elements if _in_scripts(element.switch) in used}
        for switch in sorted(kept, key=self._place.__getitem__, reverse=True):
            if self._budget.expired():
                break
            fewer = kept - {switch}
            if all(_suffice(one, self._named(fewer), _in_scripts(switch)) for one in asked):
                kept = fewer
        self._on = frozenset(kept)

    def _named(self, switches: Collection[str]) -> frozenset[str]:
        return frozenset(map(_in_scripts, switches))

    def _limit(self) -> Allowance:
        if self._budget.work is None:
            return Allowance(_QUERY_MS)
        return self._budget.briefly(_QUERY_MS / 1000).allowance()

    # --- other invariants ----------------------------------------------------------------

    def find_needed(self, *, alone: bool) -> None:
        """Find out by bounded search what cannot be done without, where all else or all of the core is on."""
        for case in self._cases:
            if self._budget.expired():
                return
            small = case.relaxed
            if case.invariant.any_size:
                small = small.at(instance(small.problem, SMALLEST))
            pending = sorted(self._on - self._broken.keys(), key=self._place.__getitem__)
            whole = frozenset(small.switches) if alone else self._on
            problem = small.partly(on=whole.difference(pending), open_ones=pending)
            self._observer.progress("core", counted(len(pending), "part"))
            for switch, trace in broken_without(problem, pending, _DEEPEST, self._search_limit()):
                certified(problem, Refuted(trace), self._budget)
                _require_off(problem, trace, pending, switch)
                self._broken[switch] = _breach(problem, trace, case.relaxed.freedom, alone=alone)

    def _search_limit(self) -> Callable[[], Allowance]:
        return self._budget.briefly(_SEARCH_SECONDS).allowance

    def try_each(self) -> None:
        """Switch off one part after another, and decide the question again."""
        for switch in sorted(self._on - self._broken.keys(), key=self._place.__getitem__, reverse=True):
            if self._budget.expired():
                return
            if switch not in self._on:
                continue  # a new invariant did without it
            self._observer.progress("core", self._described(switch))
            self._try_without(switch)

    def _try_without(self, switch: str) -> None:
        fewer = self._on - {switch}
        found: list[Case] = []
        for case in self._cases:
            problem, decided = self._decided(case, case.relaxed.with_only(fewer), _ATTEMPT_SECONDS)
            if isinstance(decided, Refuted):
                self._broken[switch] = _breach(problem, decided.trace, case.relaxed.freedom, alone=False)
                return
            if not isinstance(decided, Proved) or not _is_about_the_model(
                decided.certificate, case.relaxed.freedom
            ):
                return
            assert isinstance(decided.certificate, Invariant)
            found.append(replace(case, invariant=decided.certificate))
        self._adopt(tuple(found), fewer)

    def _adopt(self, cases: tuple[Case, ...], on: frozenset[str]) -> None:
        """Go on with new invariants, which need no more than `on`."""
        before = self._cases, self._on
        self._cases, self._on = cases, on
        try:
            self.reduce()
        except NotDecided:
            self._cases, self._on = before

    def try_each_alone(self) -> None:
        """Decide the question once more without each part that not every proof is known to need."""
        for switch in sorted(self._on, key=self._place.__getitem__):
            if self._budget.expired():
                return
            breach = self._broken.get(switch)
            if breach is None or not breach.alone:
                self._observer.progress("core", self._described(switch))
                self._try_alone(switch)

    def _try_alone(self, switch: str) -> None:
        for case in self._cases:
            others = set(case.relaxed.switches) - {switch}
            problem, decided = self._decided(case, case.relaxed.with_only(others), _ALONE_SECONDS)
            if isinstance(decided, Refuted):
                self._broken[switch] = _breach(problem, decided.trace, case.relaxed.freedom, alone=True)
                return
            if not isinstance(decided, Proved):
                return
        self._spare.add(switch)

    def _decided(self, case: Case, problem: Problem, seconds: float) -> tuple[Problem, Verdict]:
        """The certified answer to `problem`, in at most `seconds`.

        With it the instance that it is about.
        """
        budget = self._budget.briefly(seconds)
        general = case.invariant.any_size
        engine = "any-size" if general else "pdr"
        found = find(engine, problem, budget, self._observer, every_size=general)
        return found.problem, found.verdict

    # --- the result ------------------------------------------------------------------------

    def core(self) -> Core:
        """Certified: the question with nothing but the core."""
        late = self._budget.extended(LATE)
        for case in self._cases:
            problem, proof = case.relaxed.with_only(self._on), Proved(case.invariant)
            verdict = certified(problem, proof, late)
            if isinstance(verdict, Unknown):
                raise NotDecided(verdict.detail)
        needed = [e for e in self._elements if e.switch in self._on]
        return Core(
            needed=tuple(needed),
            others=tuple(e for e in self._elements if e.switch not in self._on),
            broken={e.switch: self._broken[e.switch] for e in needed if e.switch in self._broken},
            spare=frozenset(self._spare & self._on),
            cases=self._cases,
        )

    def _described(self, switch: str) -> str:
        return next(f"without {e.text}" for e in self._elements if e.switch == switch)


def _questions(case: Case, limit: Callable[[], Allowance]) -> SwitchedQuestions:
    """Initiation, consecution and safety of the invariant for the relaxed question."""
    script = script_for(case.relaxed.problem, case.invariant)
    switches = [_in_scripts(switch) for switch in case.relaxed.switches]
    return SwitchedQuestions(script.prelude, [o.text for o in script.obligations], switches, limit)


def _suffice(asked: SwitchedQuestions, on: Collection[str], without: str) -> bool:
    """Whether every question that may notice that `without` is off is still contradictory."""
    return all(
        asked.needed(number, on) is not None
        for number, mentioned in enumerate(asked.mentioned)
        if without in mentioned
    )


def _is_about_the_model(certificate: Evidence, freedom: Freedom) -> bool:
    """It is an invariant that says nothing of free values."""
    if not isinstance(certificate, Invariant):
        return False
    return freedom.values.isdisjoint(n for formula in certificate.formulas for n in names_of(formula))


def _breach(problem: Problem, trace: Trace, freedom: Freedom, *, alone: bool) -> Breach:
    actions = tuple(step.action for step in trace.steps if step.action not in freedom.renewing)
    run = StepNames(problem).run_of(trace, frozenset(actions))
    return Breach(actions, run, leaves_range(problem, trace), alone)


def _require_off(problem: Problem, trace: Trace, open_ones: Collection[str], switch: str) -> None:
    """Raises InternalError where `switch` is not the only one of `open_ones` that is off in `trace`."""
    cells = zip(problem.rigid_layout.cells, trace.rigid, strict=True)
    off = [cell.symbol.name for cell, value in cells if cell.symbol.name in open_ones and not value]
    if off != [switch]:
        raise InternalError(f"a run without {switch} is one without {off}")


def _in_scripts(switch: str) -> str:
    """What the parameter is called there."""
    return f"${switch}"
