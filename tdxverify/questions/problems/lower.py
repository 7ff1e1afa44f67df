"""`Model` and one check to `Problem`: the property becomes a set of bad states.

Monitors keep everything a question about single states: those of the kind of property, and `range error`,
which becomes true with a step in which a value does not fit into the range that it meets, or is from the
start where that happens there. All are sticky bools.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, Implicit, Read, Role, Symbol
from tdxverify.logic.sorts import BOOL, IndexSort, Sizes, lowest
from tdxverify.model.effects import after
from tdxverify.model.fair import Fairness
from tdxverify.model.model import Action, Check, InitialValue, Model, Property, Write
from tdxverify.model.ranges import some_violated
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.kind import Monitor, Promise
from tdxverify.questions.problems.doubling import with_second_run
from tdxverify.questions.problems.looping import with_loop
from tdxverify.questions.problems.plans import possibly
from tdxverify.questions.problems.problem import Problem

RANGE_MONITOR = Symbol("range error", Role.STATE, (), BOOL, Implicit.MONITOR)


def property_named(model: Model, name: str) -> Property:
    """The property of that name; KeyError if there is none."""
    for candidate in model.properties:
        if candidate.name == name:
            return candidate
    raise KeyError(name)


def lower(
    model: Model, check: Check, sizes: Sizes, extra: Expr = TRUE, unsettled: Collection[str] = ()
) -> Problem:
    """The question that `check` asks at `sizes` (which gives every index sort of the model).

    `extra` is a further constraint over rigid symbols. For a `reachable` property the bad states are
    those to be reached, so that a refutation of the problem is the wanted witness. Rigid symbols that nothing
    reads get one value, but for those named in `unsettled`.
    """
    target = property_named(model, check.property)
    problem, promise = _about_states(model, check, sizes, extra), kind_of(target).promise(target)
    if promise is not None:
        problem = with_loop(problem, promise, fairness_of(model, check), target.span)
    possible = kind_of(target).possibility(target)
    if possible is not None:
        problem = possibly(problem, possible)
    compared = kind_of(target).comparison(target)
    if compared is not None:
        problem = with_second_run(problem, compared, model.beginnings)
    return _settle_unused(problem, unsettled)


def fairness_of(model: Model, check: Check) -> tuple[Fairness, ...]:
    """What is declared, and what the check assumes besides; each once."""
    return tuple(dict.fromkeys((*model.fairness, *check.assuming)))


def lower_steps(model: Model, check: Check, sizes: Sizes, extra: Expr = TRUE) -> Problem:
    """What `check` is about without what its property promises: the model's own steps, none of which looks
    for a loop. Bad are values out of range alone where the property is about whole runs."""
    target = property_named(model, check.property)
    promise = kind_of(target).promise(target)
    unsettled = () if promise is None else _read_by(promise, fairness_of(model, check))
    return _settle_unused(_about_states(model, check, sizes, extra), unsettled)


def _read_by(promise: Promise, fairness: tuple[Fairness, ...]) -> set[str]:
    """The names of the symbols of which they speak."""
    conditions = (part.condition for fair in fairness for part in fair.parts)
    asked = () if promise.asked is None else (promise.asked,)
    return {name for expr in (promise.kept, *asked, *conditions) for name in core.names_of(expr)}


def _about_states(model: Model, check: Check, sizes: Sizes, extra: Expr) -> Problem:
    """The question without what the property promises."""
    target = property_named(model, check.property)
    kind = kind_of(target)
    watching = kind.monitors(target)
    at_start = (*model.start_obligations, *check.obligations)
    undefined = FALSE if kind.of_steps else some_violated(target.obligations)
    monitors = [monitor.symbol for monitor in watching]
    ranges = [*at_start, *(o for action in model.actions for o in action.obligations)]
    ranges += (o for monitor in watching for o in monitor.obligations)
    bad = core.disjunction(kind.bad(model, target), undefined)
    if ranges:
        monitors.append(RANGE_MONITOR)
        bad = core.disjunction(bad, Read(RANGE_MONITOR))
    symbols = (*(info.symbol for info in model.symbols), *monitors)
    mistaken = some_violated(at_start)
    return Problem(
        name=f"{model.name}: {check.property}",
        sizes=tuple((sort.name, sizes[sort.name]) for sort in model.index_sorts),
        symbols=symbols,
        assumptions=tuple(e for e in (*model.assumptions, check.where, extra) if e != TRUE),
        initial=(*model.initial, *(_start_of(monitor, mistaken) for monitor in monitors)),
        constraints=(*model.constraints, *_monitored(mistaken)),
        actions=tuple(_with_monitors(action, watching) for action in model.actions),
        bad=bad,
        range_monitor=RANGE_MONITOR.name if ranges else None,
        undefined=undefined,
    )


def _start_of(monitor: Symbol, mistaken: Expr) -> InitialValue:
    """False, unless the start may be mistaken: then `_monitored` says which."""
    free = monitor == RANGE_MONITOR and mistaken != FALSE
    return InitialValue(monitor, (), None if free else (FALSE,))


def _monitored(mistaken: Expr) -> tuple[Expr, ...]:
    return () if mistaken == FALSE else (core.equal(Read(RANGE_MONITOR), mistaken),)


def _with_monitors(action: Action, watching: tuple[Monitor, ...]) -> Action:
    """`action`, noting violated obligations, and what those who are watching require."""
    mistaken = some_violated(action.obligations)
    writes = list(action.writes)
    for monitor in watching:
        holds = after(action.writes, monitor.required, primed_only=True)
        writes.append(Write(monitor.symbol, (), (), core.negation(holds), TRUE))
        undefined = after(action.writes, some_violated(monitor.obligations), primed_only=True)
        mistaken = core.disjunction(mistaken, undefined)
    if mistaken != FALSE:
        writes.append(Write(RANGE_MONITOR, (), (), mistaken, TRUE))
    return replace(action, writes=tuple(writes), obligations=())


def _settle_unused(problem: Problem, unsettled: Collection[str] = ()) -> Problem:
    """Fix rigid symbols that nothing looks at to their least value: their freedom decides nothing.

    No formula can name an element of an open sort: those whose values are elements have one value
    everywhere, whichever it is.
    """
    used = {name for expr in problem.expressions() for name in core.names_of(expr)}.union(unsettled)
    settled = (_settled(symbol) for symbol in problem.rigid_symbols if symbol.name not in used)
    return replace(problem, assumptions=(*problem.assumptions, *(e for e in settled if e != TRUE)))


def assuming(problem: Problem, assumptions: Iterable[Expr]) -> Problem:
    """The same question with these `assumptions` in the place of all others.

    What nothing reads then gets one value, as in any question.
    """
    return _settle_unused(replace(problem, assumptions=tuple(e for e in assumptions if e != TRUE)))


def assumed(problem: Problem, symbols: Iterable[Symbol]) -> tuple[Expr, ...]:
    """The assumptions without any that say what lowering assumes of `symbols` where they decide nothing.

    A `where not p` says the same: requires that nobody has assumed that of them, or that it does not matter.
    """
    settled = {_settled(symbol) for symbol in symbols}
    return tuple(part for part in problem.assumptions if part not in settled)


def stated(problem: Problem) -> tuple[Expr, ...]:
    """The assumptions without what lowering assumes of symbols that nothing reads."""
    naming: dict[str, list[Expr]] = {}
    for part in problem.assumptions:
        for name in core.names_of(part):
            naming.setdefault(name, []).append(part)
    alone = [s for s in problem.rigid_symbols if naming.get(s.name) == [_settled(s)]]
    if not alone:
        return problem.assumptions
    bare = replace(problem, assumptions=())
    read = {name for expr in bare.expressions() for name in core.names_of(expr)}
    return assumed(problem, (symbol for symbol in alone if symbol.name not in read))


def _settled(symbol: Symbol) -> Expr:
    """What is assumed of a rigid symbol that decides nothing. TRUE where it has a single value anyway."""
    here, there = (
        tuple(Bound(f"{word} {n}", sort) for n, sort in enumerate(symbol.indices))
        for word in ("unused", "elsewhere")
    )
    if isinstance(symbol.sort, IndexSort):
        same = core.equal(Read(symbol, here), Read(symbol, there))
        return core.quantified((*here, *there), same, universal=True)
    value = core.equal(Read(symbol, here), core.Const(lowest(symbol.sort), symbol.sort))
    return core.quantified(here, value, universal=True)
