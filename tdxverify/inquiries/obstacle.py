"""Why does something never happen that was expected to? The parts of the model that stand in its way.

A part is in the way if, without it and with all else as in the model, what was expected is reached. That is
looked for by bounded search over the relaxed model (`switched_question`): guards and conditions of steps
first, since what somebody has got wrong is mostly one of those; the check's own conditions, effects and the
start only where no guard is. Each such obstacle has a run, which the evaluator has replayed in the model
without that part and, as far as it goes, in the model itself.

Where several parts stand in the way together, there is no such run. Then those guards are told that a proof
needs (`core_search`) and that stop a step which never happens, though without the guard it would.

The search is limited in steps and obstacles. The clock, too, may end it; then less is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from tdxverify.budget import Budget, LimitReached, NotDecided, TooLarge, held
from tdxverify.diagnostics import InternalError
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import find
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.inquiries.elements import Element, Kind
from tdxverify.inquiries.probes import any_of, asking
from tdxverify.inquiries.proof_core import proof_needs
from tdxverify.inquiries.reachability import Status, sights
from tdxverify.inquiries.switched_question import relaxed, written
from tdxverify.inquiries.triggers import fires
from tdxverify.inquiries.vacuity import never
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.smt.switched import broken_without
from tdxverify.telling.steps import declared_arguments, declared_call
from tdxverify.telling.story import Location
from tdxverify.telling.unexpected import Obstacle, Part, Unexpected

DEEPEST = 12  # steps of a run
MOST_FOUND = 6  # obstacles, among which those to be told are chosen
MOST_TOLD = 3
MOST_IDLE = 8  # steps that never happen, where there is nothing else to be told
_SIZE = 2  # elements of each sort, or as near to that as the check is about
_FIRST = 0.5  # of the time left, for parts of one kind that stand in the way alone,
_CORE = 0.6  # for what a proof needs,
_ONE_STEP = 0.3  # and for the proof that a step never happens
_KINDS = (
    (Kind.GUARD, Kind.CONDITION),
    (Kind.ROW, Kind.FAULT),
    (Kind.WHERE, Kind.OPTION, Kind.ASSUMPTION),
    (Kind.EFFECT, Kind.ROW_EFFECT),
    (Kind.CONSTANT, Kind.START),
)
_WORDS = {
    Kind.GUARD: "when",
    Kind.CONDITION: "if",
    Kind.ASSUMPTION: "assume",
    Kind.CONSTANT: "const",
    Kind.EFFECT: "does",
    Kind.FAULT: "row",
    Kind.ROW_EFFECT: "row",
}
_NOT_FOUND = "It was not found out which part of the model stands in the way."


def small_sizes(asked: Question) -> Sizes:
    """Two elements of each sort, or as near to that as the check is about."""
    return {
        r.sort: _SIZE if r.sort in asked.sizing.open else min(max(_SIZE, r.low), r.high)
        for r in asked.sizing.ranges
    }


def obstacles(asked: Question, budget: Budget, observer: Observer) -> Unexpected:
    """What stands in the way of a bad state of `asked`, which has none: that is proved.

    Raises InternalError where a run shows that it has one.
    """
    sizes = small_sizes(asked)
    told = Unexpected(at=sizes_text([sizes]), unassigned=tuple(_unassigned(asked)))
    search: _Search | None = None
    with suppress(LimitReached, NotDecided, TooLarge), held(budget):
        budget.check_time()
        search = _Search(asked, sizes, budget, observer)
        search.look()
    if search is not None and search.found:
        return replace(told, obstacles=search.told())
    with suppress(LimitReached), held(budget):
        budget.check_time()
        told = replace(told, idle=_idle(asked, sizes, budget, observer))
    return replace(told, remark=_NOT_FOUND)


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
    def __init__(self, asked: Question, sizes: Sizes, budget: Budget, observer: Observer) -> None:
        self._asked = asked
        self._budget = budget
        self._observer = observer
        self._never: dict[str, str | None] = {}
        self._model = at(asked, sizes)
        self._bounded = _within_ranges(self._model)
        whole = relaxed(written(asked), asked, sizes)
        self._whole = replace(whole, problem=_within_ranges(whole.problem))
        self._element = {element.switch: element for element in whole.elements}
        self.found: list[_Found] = []

    def look(self) -> None:
        """Fill `found`."""
        self._alone(_KINDS[0], self._budget.share(_FIRST))
        if not any(one.told.never for one in self.found if not one.rank()[1]):
            with suppress(NotDecided):
                self._in_the_core(self._budget.share(_CORE))
        for kinds in _KINDS[1:]:
            if self.found:
                break
            self._alone(kinds, self._budget.share(_FIRST))

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
        for switch, trace in broken_without(problem, names, DEEPEST, budget.remaining_ms):
            if not isinstance(certified(problem, Refuted(trace), budget), Refuted):
                return
            yield _Found(self._element[switch], self._alone_in_the_way(switch, problem, trace, budget))

    def _alone_in_the_way(self, switch: str, problem: Problem, trace: Trace, budget: Budget) -> Obstacle:
        """The part of `switch`, and `trace`, a run of the model without it. Raises InternalError."""
        run = tuple(
            declared_call(problem, step) for step in trace.steps if step.action in self._bounded.action_named
        )
        part, shared = part_of(self._element[switch]), _shared(self._bounded, problem, trace, budget)
        if shared is None:
            return Obstacle(part, run, alone=True, before=None)
        if shared.steps == len(run):
            raise InternalError(f"{problem.name} was proved, and there is a run to a bad state: {run}")
        before, stopped = run[: shared.steps], run[shared.steps]
        return Obstacle(part, run, True, before, stopped, shared.possible)

    def _never_happens(self, element: Element) -> str | None:
        """That the step which `element` guards never happens, if that is certain."""
        action = self._guarded(element)
        if action is None:
            return None
        if action.name not in self._never:
            wanted = fires(action)
            answer = never(
                self._asked,
                partial(asking, self._asked, wanted=wanted),
                self._budget.share(_ONE_STEP),
                self._observer,
            )
            told = None if answer is None else f"{action.name} never happens {answer.where}".rstrip()
            self._never[action.name] = told
        return self._never[action.name]

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
        core = proof_needs(self._asked, [(self._model, proof)], budget, self._observer, alone=False)
        for element in core.needed:
            action, breach = self._guarded(element), core.broken.get(element.switch)
            known = any(one.element.switch == element.switch for one in self.found)
            if action is None or breach is None or breach.out_of_range or known:
                continue
            told = self._never_happens(element)
            way = None if told is None else self._way_to(action, element, budget)
            if way is not None:
                before, stopped = way
                part = part_of(element)
                obstacle = Obstacle(part, breach.actions, False, before, stopped, possible=False, never=told)
                self.found.append(_Found(element, obstacle))

    def _way_to(self, action: Action, element: Element, budget: Budget) -> tuple[tuple[str, ...], str] | None:
        """A run of the model, and `action` as it would come next but for `element`."""
        whole = self._whole
        loose = whole.with_only(set(whole.switches) - {element.switch})
        wanted = replace(loose, bad=fires(loose.action_named[action.name]))
        answer = find("bmc", wanted, replace(budget, bound=DEEPEST), self._observer).verdict
        if not isinstance(answer, Refuted):
            return None
        trace = answer.trace
        shared = _shared(self._bounded, wanted, trace, budget)
        run = tuple(
            declared_call(wanted, step) for step in trace.steps if step.action in self._bounded.action_named
        )
        alone = Semantics(replace(wanted, actions=(wanted.action_named[action.name],)), budget)
        following = next(alone.successors(trace.rigid, trace.states[-1]), None)
        if shared is None or shared.steps != len(run) or following is None:
            return None
        return run, declared_call(wanted, following[0])


def _within_ranges(problem: Problem) -> Problem:
    """Only what the property says is bad: a value that leaves its range is another matter."""
    regular = core.conjunction(core.negation(problem.undefined), core.negation(problem.out_of_range))
    return replace(problem, bad=core.conjunction(problem.bad, regular), range_monitor=None, undefined=FALSE)


def _unassigned(asked: Question) -> Iterator[str]:
    """Declared variables of the property that no step assigns: what it says of them never changes."""
    model, formula = asked.spec.model, asked.property.formula
    spoken_of = set() if formula is None else core.names_of(formula)
    assigned = {write.symbol.name for action in model.actions for write in action.writes}
    for info in model.symbols:
        name = info.symbol.name
        if info.origin in ("state", "memory") and name in spoken_of and name not in assigned:
            yield name


def _idle(asked: Question, sizes: Sizes, budget: Budget, observer: Observer) -> tuple[str, ...]:
    """Steps that certainly never happen at `sizes`."""
    actions = asked.spec.model.actions
    formulas = [fires(action) for action in actions]
    seen = sights(asking(asked, sizes, any_of(formulas)), formulas, budget, observer) or ()
    idle = (a.name for a, sight in zip(actions, seen, strict=False) if sight.status is Status.NEVER)
    return tuple(islice(idle, MOST_IDLE))


# --- how far a run of the weakened model is one of the model ------------------------------


@dataclass(frozen=True, slots=True)
class _Shared:
    """`steps`: so many the model has as well. `possible`: so is the next one, but it leads elsewhere."""

    steps: int
    possible: bool


def _shared(model: Problem, weakened: Problem, trace: Trace, budget: Budget) -> _Shared | None:
    """What of `trace`, without steps that only renew free values, is a run of `model` as well.

    None where it has not even the start.
    """
    rigid = _projected(model.rigid_layout, weakened.rigid_layout, trace.rigid)
    states = [_projected(model.state_layout, weakened.state_layout, state) for state in trace.states]
    semantics = Semantics(model)
    if not (semantics.assumed(rigid) and semantics.is_initial(rigid, states[0])):
        return None
    count = 0
    for step, before, after in zip(trace.steps, states, states[1:], strict=False):
        if step.action not in model.action_named:
            continue
        reached = _reached(model, weakened, step, rigid, before, budget)
        if after not in reached:
            return _Shared(count, possible=bool(reached))
        count += 1
    return _Shared(count, possible=False)


def _projected(wanted: Layout, given: Layout, values: Valuation) -> Valuation:
    """The values of the `wanted` cells, out of those of the `given` ones."""
    known = dict(zip(given.cells, values, strict=True))
    return tuple(known[cell] for cell in wanted.cells)


def _reached(
    model: Problem, weakened: Problem, step: Step, rigid: Valuation, before: Valuation, budget: Budget
) -> set[Valuation]:
    """Where the step leads in `model`, with whatever choices that have no name."""
    named = declared_arguments(weakened.action_named[step.action], step.arguments)
    action = model.action_named[step.action]
    alone = Semantics(replace(model, actions=(action,)), budget)
    return {
        after
        for taken, after in alone.successors(rigid, before)
        if declared_arguments(action, taken.arguments) == named
    }
