"""Why does something never happen that was expected to? The parts of the model that stand in its way.

A part is in the way if, without it and with all else as in the model, what was expected is reached. That is
looked for by bounded search over the relaxed model (`switched_question`): guards and conditions of steps
first, since what somebody has got wrong is mostly one of those; the check's own conditions, effects and the
start only where no guard is. Each such obstacle has a run, which the evaluator has replayed in the model
without that part and, as far as it goes, in the model itself.

Where several parts stand in the way together, there is no such run. Then those guards are told that a proof
needs (`core_search`) and that stop a step which never happens, though without the guard it would; or where
there are none, those that a proof needs and whose step never happens. How something starts is told only
together with the steps that assign it, none of which ever happens.

Where nothing is found in runs of a few steps of small machines, somewhat larger machines are looked at, then
longer runs.

What may be done is counted: steps of runs, obstacles, states, and steps of solvers, of which every part of
the search has its share. So what is named does not depend on the clock. That may end the whole; then it is
said to be cut short.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from tdxverify.budget import STEPS_A_SECOND, Budget, LimitReached, NotDecided, TooLarge, held
from tdxverify.diagnostics import InternalError
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import find
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.inquiries.assigning import unassigned, writers
from tdxverify.inquiries.chosen_start import chosen
from tdxverify.inquiries.elements import Element, Kind
from tdxverify.inquiries.probes import any_of, asking
from tdxverify.inquiries.proof_core import proof_needs
from tdxverify.inquiries.reachability import Status, sights
from tdxverify.inquiries.shared_run import shared as shared_run
from tdxverify.inquiries.switched_question import relaxed, written
from tdxverify.inquiries.triggers import fires, shortened, some
from tdxverify.inquiries.vacuity import never
from tdxverify.inquiries.ways import Pairs
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted as number_of
from tdxverify.logic.expr import FALSE, Expr
from tdxverify.logic.show import show_expression
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.smt.switched import broken_without
from tdxverify.telling.story import Location
from tdxverify.telling.unexpected import Obstacle, Part, Unexpected

DEEPEST = 12  # steps of a run,
DEEPER = 40  # and where nothing is found in those
MOST_FOUND = 6  # obstacles, among which those to be told are chosen
MOST_TOLD = 3
MOST_WRITERS = 4  # steps that assign something, none of which happens
MOST_IDLE = 8  # steps that never happen, where there is nothing else to be told
_SIZE = 2  # elements of each sort, or as near to that as the check is about,
_LARGER = (3, 4)  # and where nothing is found there
WORK = 10 * STEPS_A_SECOND  # of solvers, for all of it
_STATES = 100_000
_AGAIN = 0.3  # of all of it, for each number of more elements, and for longer runs
_FIRST = 0.5  # of the work left, for parts of one kind that stand in the way alone,
_CORE = 0.6  # for what a proof needs,
_ONE_STEP = 0.3  # and for the proof that a step never happens
_KINDS = (
    (Kind.GUARD, Kind.CONDITION, Kind.STOP),
    (Kind.ROW, Kind.FAULT),
    (Kind.WHERE, Kind.OPTION, Kind.ASSUMPTION),
    (Kind.EFFECT, Kind.ROW_EFFECT),
    (Kind.CONSTANT, Kind.START),
)
_WORDS = {
    Kind.STOP: "stops",
    Kind.GUARD: "when",
    Kind.CONDITION: "if",
    Kind.ASSUMPTION: "assume",
    Kind.CONSTANT: "const",
    Kind.EFFECT: "does",
    Kind.FAULT: "row",
    Kind.ROW_EFFECT: "row",
}
CUT_SHORT = "This was cut short by the clock: with more time, more or other parts may be named."
NOT_FOUND = "It was not found out which part of the model stands in the way."


def counted(budget: Budget) -> Budget:
    """The same with what may be done for one answer."""
    return replace(budget.working(WORK), max_states=_STATES)


def small_sizes(asked: Question, size: int = _SIZE) -> Sizes:
    """So many elements of each sort, or as near to that as the check is about."""
    return {
        r.sort: size if r.sort in asked.sizing.open else min(max(size, r.low), r.high)
        for r in asked.sizing.ranges
    }


def obstacles(asked: Question, budget: Budget, observer: Observer) -> Unexpected:
    """What stands in the way of a bad state of `asked`, which has none: that is proved.

    Raises InternalError where a run shows that it has one.
    """
    looking = _Looking(asked, budget, observer)
    found, at = looking.found()
    told = Unexpected(at=at, obstacles=found, unassigned=tuple(unassigned(asked)))
    if not found:
        told = replace(told, remark=f"{NOT_FOUND} {looking.where()}", idle=looking.idle())
    return replace(told, remark=CUT_SHORT) if budget.is_late() else told


class _Looking:
    """In small machines, then in larger ones, then at longer runs: at first for what is mostly wrong."""

    def __init__(self, asked: Question, budget: Budget, observer: Observer) -> None:
        self._asked, self._observer, self._usual = asked, observer, counted(budget)
        self._sizes = small_sizes(asked)
        larger = [small_sizes(asked, size) for size in _LARGER]
        self._larger = [sizes for sizes in larger if sizes != self._sizes]
        self._extents = [(self._sizes, DEEPEST, self._usual)]
        further = [*((sizes, DEEPEST) for sizes in self._larger), (self._sizes, DEEPER)]
        self._extents += [(*extent, counted(budget).share(_AGAIN)) for extent in further]
        self._searches: dict[int, _Search] = {}

    def found(self) -> tuple[tuple[Obstacle, ...], str]:
        """What is in the way, and where."""
        for kinds in (_KINDS[:1], _KINDS[1:]):
            for number, (sizes, _, budget) in enumerate(self._extents):
                with suppress(LimitReached, NotDecided, TooLarge), held(budget):
                    budget.check_time()
                    self._search(number).look(kinds, in_core=number == 0 and kinds == _KINDS[:1])
                search = self._searches.get(number)
                if search is not None and search.found:
                    return search.told(), sizes_text([sizes])
        return (), sizes_text([self._sizes])

    def _search(self, number: int) -> _Search:
        sizes, deepest, budget = self._extents[number]
        if number not in self._searches:
            self._searches[number] = _Search(self._asked, sizes, deepest, budget, self._observer)
        return self._searches[number]

    def where(self) -> str:
        """Which runs were looked at."""
        most, fewer = number_of(DEEPER, "step"), number_of(DEEPEST, "step")
        told = f"Looked at were runs of up to {most} {sizes_text([self._sizes])}".rstrip()
        if self._larger:
            larger = " and ".join(sizes_text([sizes]) for sizes in self._larger)
            told += f" and of up to {fewer} {larger}"
        return f"{told}, as far as that was not too much work."

    def idle(self) -> tuple[str, ...]:
        """Steps that never happen."""
        with suppress(LimitReached), held(self._usual):
            self._usual.check_time()
            return _idle(self._asked, self._sizes, self._usual, self._observer)
        return ()


def part_of(element: Element) -> Part:
    """As it is told."""
    span = element.span
    where = None if span is None else Location(span.source.path, span.line)
    word = _WORDS.get(element.kind, element.kind.value)
    return Part(word, _text(element), where, element.description)


def _text(element: Element) -> str:
    match element.kind:
        case Kind.GUARD:
            text = f"when {element.text}"
        case Kind.ROW if element.text != "otherwise":
            text = f"only where {element.text}"
        case _:
            text = element.text
    return f"{_name(element)}: {text}" if element.owner else text


def _name(element: Element) -> str:
    """What it is a part of, without the word for what that is."""
    return element.owner.removeprefix("action ").removeprefix("step ")


@dataclass(frozen=True, slots=True)
class _Found:
    """An obstacle, with its part and the name of what that is a part of."""

    element: Element
    told: Obstacle

    def rank(self) -> tuple[bool, bool, bool, int, int]:
        """The most telling first: steps that never happen, whose guard is not just what is bad."""
        told = self.told
        at_the_end = told.alone and told.before is not None and len(told.before) + 1 == len(told.run)
        return told.never is None, at_the_end, not told.alone, len(told.run), self.element.number


class _Search:
    def __init__(
        self, asked: Question, sizes: Sizes, deepest: int, budget: Budget, observer: Observer
    ) -> None:
        self._asked = asked
        self._deepest = deepest
        self._budget = budget
        self._observer = observer
        self._never: dict[str, str | None] = {}
        self._model = at(asked, sizes)
        self._bounded = _within_ranges(self._model)
        whole = relaxed(written(asked), asked, sizes)
        self._whole = replace(whole, problem=_within_ranges(whole.problem))
        self._element = {element.switch: element for element in whole.elements}
        self.found: list[_Found] = []

    def look(self, some: Sequence[Collection[Kind]], *, in_core: bool) -> None:
        """Fill `found` with parts of the first of these kinds of which there are some. `in_core`: also with
        those that stand in the way together."""
        for kinds in some:
            if self.found:
                break
            self._alone(kinds, self._budget.share(_FIRST))
        if in_core and not any(one.told.never for one in self.found if not one.rank()[1]):
            with suppress(NotDecided):
                self._in_the_core(self._budget.share(_CORE))
        self.found = [one for one in map(self._with_writers, self.found) if one is not None]

    def told(self) -> tuple[Obstacle, ...]:
        return tuple(one.told for one in sorted(self.found, key=_Found.rank)[:MOST_TOLD])

    # --- parts that stand in the way by themselves -----------------------------------------

    def _alone(self, kinds: Collection[Kind], budget: Budget) -> None:
        self._observer.progress("obstacles", ", ".join(kind.value for kind in kinds))
        names = [switch for switch, element in self._element.items() if element.kind in kinds]
        with suppress(LimitReached), held(budget):
            budget.check_time()
            for one in islice(self._runs(names, budget), MOST_FOUND):
                self.found.append(one)
        asked = [(one, self._never_happens(one.element)) for one in self.found]
        self.found = [replace(one, told=replace(one.told, never=never)) for one, never in asked]

    def _runs(self, names: Sequence[str], budget: Budget) -> Iterator[_Found]:
        """Shortest first."""
        whole = self._whole
        problem = whole.partly(on=set(whole.switches) - set(names), open_ones=names)
        names = [name for name in names if any(s.name == name for s in problem.symbols)]
        if not names:
            return
        for switch, trace in broken_without(problem, names, self._deepest, budget.allowance):
            if not isinstance(certified(problem, Refuted(trace), budget), Refuted):
                return
            yield _Found(self._element[switch], self._alone_in_the_way(switch, problem, trace, budget))

    def _alone_in_the_way(self, switch: str, problem: Problem, trace: Trace, budget: Budget) -> Obstacle:
        """The part of `switch`, and `trace`, a run of the model without it. Raises InternalError."""
        run = StepNames(problem).run_of(trace, self._bounded.action_named)
        part, shared = part_of(self._element[switch]), shared_run(self._bounded, problem, trace, budget)
        if shared is None:
            return Obstacle(part, run, alone=True, before=None)
        if shared.next is None:
            raise InternalError(f"{problem.name} was proved, and there is a run to a bad state: {run}")
        start = chosen(self._asked, self._bounded, shared, problem, shared.next)
        return Obstacle(part, run, True, shared.run, shared.stopped, shared.possible, start=start)

    def _never_happens(self, element: Element) -> str | None:
        """That the step which `element` guards never happens, if that is certain."""
        action = self._guarded(element)
        return None if action is None else self._never_fires(action)

    def _never_fires(self, action: Action) -> str | None:
        if action.name not in self._never:
            where = self._nowhere(fires(action))
            told = None if where is None else f"{action.name} never happens {where}".rstrip()
            self._never[action.name] = told
        return self._never[action.name]

    def _nowhere(self, wanted: Expr) -> str | None:
        """Where `wanted` is certain never to hold ("at any size"); None where that is not certain."""
        problem = partial(asking, self._asked, wanted=wanted)
        answer = never(self._asked, problem, self._budget.share(_ONE_STEP), self._observer)
        return None if answer is None else answer.where

    # --- how something starts ------------------------------------------------------------------

    def _with_writers(self, one: _Found) -> _Found | None:
        """`one` with why nothing changes what it says of the start; None where that is not certain."""
        if one.element.kind is not Kind.START:
            return one
        told: list[str] = []
        for action, name in writers(self._asked, one.element):
            happens = self._never_fires(action)
            if happens is None or len(told) == MOST_WRITERS:
                return None
            told.append(
                f"{action.name} assigns {name}, and{happens.removeprefix(action.name)}{self._why(action)}"
            )
        return replace(one, told=replace(one.told, writers=tuple(told)))

    def _why(self, action: Action) -> str:
        """The first condition of `action` that never holds, which is why it never happens."""
        for part in core.conjuncts(action.guard):
            if self._nowhere(some(action.parameters, part)) is not None:
                return f", since {shortened(show_expression(part))} is never true"
        return ""

    def _guarded(self, element: Element) -> Action | None:
        """The step that `element` is a guard of."""
        name = _name(element)
        if element.kind is not Kind.GUARD:
            return None
        return next((action for action in self._asked.spec.model.actions if action.name == name), None)

    # --- guards of steps that never happen, where more than one part stands in the way --------

    def _in_the_core(self, budget: Budget) -> None:
        """Guards that a proof needs, of steps that never happen and without them would. Raises NotDecided."""
        proof = find("pdr", self._model, budget, self._observer).verdict
        if not isinstance(proof, Proved):
            return
        needs = proof_needs(self._asked, [(self._model, proof)], budget, self._observer, alone=False)
        loose: list[_Found] = []
        for element in needs.needed:
            action, breach = self._guarded(element), needs.broken.get(element.switch)
            known = any(one.element.switch == element.switch for one in self.found)
            if action is None or breach is None or breach.out_of_range or known:
                continue
            told = self._never_happens(element)
            if told is None:
                continue
            way = self._way_to(action, element, budget)
            obstacle = Obstacle(part_of(element), breach.run, alone=False, before=(), never=told)
            if way is not None:
                obstacle = replace(obstacle, before=way[0], stopped=way[1], start=way[2])
            (loose if way is None else self.found).append(_Found(element, obstacle))
        self.found = self.found or loose

    def _way_to(
        self, action: Action, element: Element, budget: Budget
    ) -> tuple[tuple[str, ...], str, Pairs] | None:
        """A run of the model, `action` as it would come next but for `element`, and what the start is chosen
        to be."""
        whole = self._whole
        loose = whole.with_only(set(whole.switches) - {element.switch})
        wanted = replace(loose, possible=None, bad=fires(loose.action_named[action.name]))
        answer = find("bmc", wanted, replace(budget, bound=self._deepest), self._observer).verdict
        if not isinstance(answer, Refuted):
            return None
        trace = answer.trace
        shared = shared_run(self._bounded, wanted, trace, budget)
        alone = Semantics(replace(wanted, actions=(wanted.action_named[action.name],)), budget)
        following = next(alone.successors(trace.rigid, trace.states[-1]), None)
        if shared is None or shared.stopped is not None or following is None:
            return None
        stopped = StepNames(wanted).listed(trace.rigid, trace.states[-1], following[0])
        return shared.run, stopped, chosen(self._asked, self._bounded, shared, wanted, following[0])


def _within_ranges(problem: Problem) -> Problem:
    """Only what the property says is bad: a value that leaves its range is another matter."""
    regular = core.conjunction(core.negation(problem.undefined), core.negation(problem.out_of_range))
    bad = core.conjunction(problem.bad, regular)
    return replace(problem, possible=None, bad=bad, range_monitor=None, undefined=FALSE)


def _idle(asked: Question, sizes: Sizes, budget: Budget, observer: Observer) -> tuple[str, ...]:
    """Steps that certainly never happen at `sizes`."""
    actions = asked.spec.model.actions
    formulas = [fires(action) for action in actions]
    seen = sights(asking(asked, sizes, any_of(formulas)), formulas, budget, observer) or ()
    idle = (a.name for a, sight in zip(actions, seen, strict=False) if sight.status is Status.NEVER)
    return tuple(islice(idle, MOST_IDLE))
