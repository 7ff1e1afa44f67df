"""What must happen in the end, as a question about single states.

There are finitely many states at every size, so a run in which something never happens comes back to a state
where it was before, and may go round from there for ever. A step of its own, BEGIN, keeps a copy of the
state where the loop is to begin; a state is bad if it is equal to that copy, the promise was open all the
way round, and every fairness condition was met on the way. Biere, Artho, Schuppan: "Liveness Checking as
Safety Checking" (FMICS 2002).

A loop may be empty: then the run stops in that state, which fairness may forbid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Const, Expr, Implicit, Read, Role, Symbol
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Valuation, cell_variables
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, RangeSort, element_sort, lowest
from tdxverify.model.fair import Fairness
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.problem import Origin, Problem
from tdxverify.source import Span

# Whether steps look for a loop is no part of how long a run is.
BEGIN = "loop begins"  # no action of a spec has a blank in its name


def with_loop(problem: Problem, promise: Promise, fairness: tuple[Fairness, ...], span: Span) -> Problem:
    """The question whether a run that is fair breaks `promise`: are the bad states of `problem`, or a loop,
    reachable? `span` is the place of the step BEGIN."""
    reduced = _Reduction(problem, promise, fairness, span).reduced()
    return replace(reduced, origin=Origin(problem, promise, fairness, span))


def origin_of(problem: Problem) -> Origin | None:
    """The question about whole runs that `problem` asks, at its sizes and under its assumptions: made into
    one about single states again, it is `problem`. None where there is none, or it was changed otherwise
    since.
    """
    origin = problem.origin
    if origin is None:
        return None
    same = replace(
        origin.problem, sizes=problem.sizes, assumptions=problem.assumptions, limits=problem.limits
    )
    origin = replace(origin, problem=same)
    return origin if with_loop(same, origin.promise, origin.fairness, origin.span) == problem else None


def beginning_within(problem: Problem, most: int) -> Problem:
    """The same question about loops that begin after at most `most` steps, and about bad states that are
    reached in as many. A trace of it, without the last cell of its states, is one of `problem`. Requires that
    there is an `origin_of` it."""
    origin = origin_of(problem)
    assert origin is not None
    reduction = _Reduction(origin.problem, origin.promise, origin.fairness, origin.span)
    return reduction.within(problem, most)


def begun(problem: Problem, origin: Origin, state: Valuation) -> Valuation:
    """The initial state of `problem` in which `state` is, one of its `origin`."""
    reduction = _Reduction(origin.problem, origin.promise, origin.fairness, origin.span)
    copied = {copy: symbol for symbol, copy in reduction._copies.items()}
    before, layout = origin.problem.state_layout.offset, problem.state_layout
    once = reduction._waiting if origin.promise.asked is None else None
    values = list(state)
    for position, cell in enumerate(layout.cells[len(state) :], len(state)):
        symbol = copied.get(cell.symbol)
        if symbol is None:
            values.append(int(cell.symbol == once))
        elif _is_element(symbol):
            values.append(state[before[symbol.name] + position - layout.offset[cell.symbol.name]])
        else:
            values.append(lowest(symbol.sort))
    return tuple(values)


def asked_for(promise: Promise) -> Expr:
    """Over one state: something is asked for in it, or from the start on, and is not so yet."""
    asked = TRUE if promise.asked is None else promise.asked
    is_open = core.conjunction(asked, core.negation(promise.kept))
    return core.quantified(promise.binders, is_open, universal=False)


def enabled(problem: Problem, fair: Fairness) -> Expr:
    """Over a state and the binders of `fair`: a step that belongs to it is possible."""
    possible = []
    for number, part in enumerate(fair.parts):
        action = problem.action_named[part.action]
        fresh = {p: Bound(f"{p.name} of {fair.name} {number}", p.sort) for p in action.parameters}
        body = core.conjunction(core.substitute(part.condition, _as_exprs(fresh)), action.guard)
        inside = core.substitute(body, _as_exprs(fresh))
        possible.append(core.quantified(tuple(fresh.values()), inside, universal=False))
    return core.disjunction(*possible)


def _as_exprs(mapping: dict[Bound, Bound]) -> dict[Bound, Expr]:
    return dict(mapping)


@dataclass(frozen=True)
class _Reduction:
    problem: Problem
    promise: Promise
    fairness: tuple[Fairness, ...]
    span: Span

    def reduced(self) -> Problem:
        written = replace(self.problem, actions=tuple(map(self._watched, self.problem.actions)))
        return replace(
            written,
            symbols=(*self.problem.symbols, *self._monitors, *self._copies.values()),
            initial=(*self.problem.initial, *self._starts()),
            constraints=(*self.problem.constraints, *self._same_elements()),
            actions=(*written.actions, self._begin()),
            bad=core.disjunction(self.problem.bad, self._round()),
        )

    def within(self, reduced: Problem, most: int) -> Problem:
        """Steps are counted up to where the loop begins; if it is left, nothing more happens."""
        steps = Symbol("steps so far", Role.STATE, (), RangeSort(0, most + 1), Implicit.MONITOR)
        before = core.less(Op.LT, Read(steps), _number(most + 1))
        good = core.negation(self.problem.bad)
        further = Write(steps, (), (), before, core.arithmetic(Op.ADD, Read(steps), _number(1)))
        begun = Write(steps, (), (), TRUE, _number(most + 1))
        left = core.disjunction(core.less(Op.LT, Read(steps), _number(most)), self._is_looping("within"))
        actions = (
            replace(one, guard=core.conjunction(one.guard, good, before), writes=(*one.writes, begun))
            if one.name == BEGIN
            else replace(one, guard=core.conjunction(one.guard, good, left), writes=(*one.writes, further))
            for one in reduced.actions
        )
        bad = core.conjunction(self.problem.bad, before)
        return replace(
            reduced,
            symbols=(*reduced.symbols, steps),
            initial=(*reduced.initial, InitialValue(steps, (), (_number(0),))),
            actions=tuple(actions),
            bad=core.disjunction(bad, core.conjunction(self._round(), good)),
            origin=None,
        )

    def _is_looping(self, use: str) -> Expr:
        others = _fresh(self.promise.binders, use)
        return core.quantified(others, Read(self._looping, others), universal=False)

    # --- the symbols

    @cached_property
    def _waiting(self) -> Symbol:
        """It was asked for before, and is not kept since."""
        return self._monitor("promise open", self.promise.binders)

    @cached_property
    def _looping(self) -> Symbol:
        """The loop has begun, and in all its states but perhaps this one the promise is open."""
        return self._monitor("in the loop", self.promise.binders)

    @cached_property
    def _met(self) -> tuple[Symbol, ...]:
        """In the loop so far: a fair step was taken or, for weak fairness, not possible."""
        return self._of_fairness("had its turn")

    @cached_property
    def _seen(self) -> tuple[Symbol, ...]:
        """In the loop before this state: a step was possible. In the order of `fairness`."""
        return self._of_fairness("was possible")

    def _of_fairness(self, told: str) -> tuple[Symbol, ...]:
        """One for each: one name may be fair in both ways, and an actor may be called as an action is."""
        names = [fair.name for fair in self.fairness]
        earlier = [names[:number].count(name) for number, name in enumerate(names)]
        return tuple(
            self._monitor(f"{fair.name}{f' ({count + 1})' if count else ''} {told}", fair.binders)
            for fair, count in zip(self.fairness, earlier, strict=True)
        )

    @cached_property
    def _monitors(self) -> tuple[Symbol, ...]:
        strong = (seen for fair, seen in zip(self.fairness, self._seen, strict=True) if fair.strong)
        return (self._waiting, self._looping, *self._met, *strong)

    @cached_property
    def _copies(self) -> dict[Symbol, Symbol]:
        """What is written by some action -> what it was where the loop began."""
        written = {write.symbol for action in self.problem.actions for write in action.writes}
        return {
            symbol: replace(symbol, name=f"{symbol.name} before", implicit=Implicit.MONITOR, about=())
            for symbol in self.problem.state_symbols
            if symbol in written and symbol.name != self.problem.range_monitor
        }

    def _monitor(self, name: str, binders: tuple[Bound, ...]) -> Symbol:
        """`name` has a blank in it, as no name of a spec has."""
        return Symbol(name, Role.STATE, tuple(b.sort for b in binders), BOOL, Implicit.MONITOR)

    def _starts(self) -> Iterator[InitialValue]:
        once = TRUE if self.promise.asked is None else FALSE
        for monitor in self._monitors:
            yield InitialValue(
                monitor, cell_variables(monitor), (once if monitor is self._waiting else FALSE,)
            )
        for symbol, copy in self._copies.items():
            choices = None if _is_element(symbol) else (Const(lowest(symbol.sort), symbol.sort),)
            yield InitialValue(copy, cell_variables(copy), choices)

    def _same_elements(self) -> Iterator[Expr]:
        """No formula can name an element, so copies of some start as what they are copies of."""
        return (_same(symbol, copy) for symbol, copy in self._copies.items() if _is_element(symbol))

    # --- what is asked of a state

    def _open(self, binders: tuple[Bound, ...]) -> Expr:
        """The promise is asked for by now, and not kept."""
        mapping: dict[Bound, Expr] = dict(zip(self.promise.binders, binders, strict=True))
        asked = FALSE if self.promise.asked is None else core.substitute(self.promise.asked, mapping)
        kept = core.substitute(self.promise.kept, mapping)
        return core.conjunction(core.disjunction(Read(self._waiting, binders), asked), core.negation(kept))

    def _round(self) -> Expr:
        """The run can go round from here for ever, fairly."""
        binders = _fresh(self.promise.binders, "round")
        same = (_same(symbol, copy) for symbol, copy in self._copies.items())
        fair = (self._is_fair(*one) for one in zip(self.fairness, self._met, self._seen, strict=True))
        whole = core.conjunction(Read(self._looping, binders), self._open(binders), *same, *fair)
        return core.quantified(binders, whole, universal=False)

    def _is_fair(self, fair: Fairness, met: Symbol, seen: Symbol) -> Expr:
        could = enabled(self.problem, fair)
        before = Read(seen, fair.binders) if fair.strong else FALSE
        never = core.negation(core.disjunction(before, could))
        return core.quantified(fair.binders, core.disjunction(Read(met, fair.binders), never), universal=True)

    # --- the steps

    def _begin(self) -> Action:
        """The loop is to begin here, with a promise that is open."""
        binders = _fresh(self.promise.binders, "begin")
        writes = [Write(self._looping, (), binders, TRUE, TRUE)]
        for monitor in (*self._met, *(s for s in self._seen if s in self._monitors)):
            cells = cell_variables(monitor)
            writes.append(Write(monitor, cells, cells, TRUE, FALSE))
        for symbol, copy in self._copies.items():
            cells = cell_variables(symbol)
            writes.append(Write(copy, cells, cells, TRUE, Read(symbol, cells)))
        guard = core.conjunction(self._open(binders), core.negation(self._is_looping("begun")))
        return Action(BEGIN, None, binders, 0, guard, tuple(writes), (), (), None, (), self.span)

    def _watched(self, action: Action) -> Action:
        """`action`, with what it means for the loop."""
        return replace(action, writes=(*action.writes, *self._notes(action)))

    def _notes(self, action: Action) -> Iterator[Write]:
        binders = _fresh(self.promise.binders, "noted")
        is_open = self._open(binders)
        yield Write(self._waiting, binders, binders, TRUE, is_open)
        closed = core.conjunction(Read(self._looping, binders), core.negation(is_open))
        yield Write(self._looping, binders, binders, closed, FALSE)
        looping = self._is_looping("looping")
        for fair, met, seen in zip(self.fairness, self._met, self._seen, strict=True):
            could = enabled(self.problem, fair)
            taken = core.disjunction(*(part.condition for part in fair.parts if part.action == action.name))
            idle = FALSE if fair.strong else core.negation(could)
            turn = core.conjunction(looping, core.disjunction(taken, idle))
            yield from _note(met, fair.binders, turn)
            if fair.strong:
                yield from _note(seen, fair.binders, core.conjunction(looping, could))


def _note(monitor: Symbol, binders: tuple[Bound, ...], condition: Expr) -> Iterator[Write]:
    if condition != FALSE:
        yield Write(monitor, binders, binders, condition, TRUE)


def _number(value: int) -> Expr:
    return constant(value, RangeSort(value, value))


def _is_element(symbol: Symbol) -> bool:
    return element_sort(symbol.sort) is not None


def _same(symbol: Symbol, copy: Symbol) -> Expr:
    cells = cell_variables(symbol)
    return core.quantified(cells, core.equal(Read(symbol, cells), Read(copy, cells)), universal=True)


def _fresh(binders: tuple[Bound, ...], use: str) -> tuple[Bound, ...]:
    return tuple(Bound(f"{binder.name} {use}", binder.sort) for binder in binders)
