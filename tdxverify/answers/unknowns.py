"""Parameters that stand for something nobody knows, and what an answer has to do with them.

Such a parameter cites an unknown (`cite U-05`). It bears on a check if it occurs in what decides the check:
the bad states, and what any variable depends on that they depend on, however indirectly. What is said then:

    the check, the command line or the spec exclude values assumed: the answer is about the others only
    all values are asked about, none reaches a bad state   any value: the same answer for each
    there is a trace, and the same steps are one for all   like a proof: assumed, or any value
    values that are asked about
    there is a trace, and that is not so, or not known     found with the value in the trace, and with those
                                                           for which the same steps are such a trace too
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from tdxverify.answers.answer import Bearing, UnknownUse
from tdxverify.logic.expr import Expr, Role, conjunction, conjuncts, names_of
from tdxverify.logic.layout import Cell
from tdxverify.logic.partial import Known, PartialEvaluator
from tdxverify.logic.sorts import Sizes, Value, domain, show
from tdxverify.model.model import Model, SymbolInfo
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.needed_run import Place
from tdxverify.telling.depending import Depending

MOST_SPLITS = 20_000  # to find out whether a value is possible; beyond it, it counts as possible
MOST_VALUES = 64  # of a parameter with which the trace is tried
_UNKNOWN = re.compile(r"U-\d+")


@dataclass(frozen=True, slots=True)
class OpenParameter:
    """A parameter that bears on a check. `possible`: all its values; `asked`: those the check is about."""

    info: SymbolInfo
    identifiers: tuple[str, ...]
    possible: tuple[Value, ...]
    asked: tuple[Value, ...]

    @property
    def restricted(self) -> bool:
        return self.asked != self.possible

    def shown(self, values: Iterable[Value]) -> tuple[str, ...]:
        return tuple(show(self.info.symbol.sort, value) for value in values)


def unknown_parameters(model: Model) -> list[tuple[SymbolInfo, tuple[str, ...]]]:
    """The parameters of `model` that cite unknowns, with these."""
    found = []
    for info in model.symbols:
        cited = tuple(c for c in info.citations if _UNKNOWN.fullmatch(c))
        if info.origin == "param" and cited:
            found.append((info, cited))
    return found


def open_parameters(model: Model, problem: Problem) -> tuple[OpenParameter, ...]:
    """Those that bear on `problem`, a question about `model`."""
    unknown = unknown_parameters(model)
    if not unknown:
        return ()
    deciding = deciding_names(model, problem)
    return tuple(
        OpenParameter(
            info,
            cited,
            tuple(domain(info.symbol.sort, problem.size_of)),
            tuple(_asked(info, problem.assumptions, problem.size_of)),
        )
        for info, cited in unknown
        if info.symbol.name in deciding
    )


def uses_in_proof(model: Model, problem: Problem) -> tuple[UnknownUse, ...]:
    """What a proof for `problem` has to do with unknowns."""
    return tuple(_proved(one) for one in open_parameters(model, problem))


def _proved(one: OpenParameter) -> UnknownUse:
    others = [value for value in one.possible if value not in one.asked]
    bearing = Bearing.ASSUMED if one.restricted else Bearing.ANY_VALUE
    name = one.info.symbol.name
    return UnknownUse(one.identifiers, name, bearing, one.shown(one.asked), one.shown(others))


def uses_in_trace(model: Model, problem: Problem, depending: Depending) -> tuple[UnknownUse, ...]:
    """The same for a trace of `problem`, by what it depends on. What is said of several parameters holds of
    all their values together."""
    parameters = open_parameters(model, problem)
    if not parameters:
        return ()
    offset = problem.rigid_layout.offset
    places = {Place(Role.RIGID, offset[one.info.symbol.name]): one for one in parameters}
    trials, trace = depending.trials, depending.trace
    wanted = {place: one.asked[:MOST_VALUES] for place, one in places.items()}
    same = trials.alike(depending.relevance, wanted)
    return tuple(
        _traced(
            replace(one, asked=trials.allowed(place, one.asked)), trace.rigid[place.position], same[place]
        )
        for place, one in places.items()
    )


def _traced(one: OpenParameter, value: Value, same: Collection[Value]) -> UnknownUse:
    """Like a proof, where the steps are a trace for all values that are asked about."""
    also = [other for other in same if other != value]
    others = [other for other in one.asked if other not in same]
    if not others:
        return _proved(one)
    name = one.info.symbol.name
    return UnknownUse(
        one.identifiers, name, Bearing.FOUND_WITH, one.shown((value,)), one.shown(others), one.shown(also)
    )


# --- what decides a question -----------------------------------------------------------


def deciding_names(model: Model, problem: Problem) -> set[str]:
    """Names of all symbols that may decide whether a bad state of `problem` is reached.

    That a check asks about some values of a parameter only does not make the parameter one of them.
    """
    found = names_of(problem.bad)
    conditions = (*problem.constraints, *model.assumptions, *problem.assumptions)
    ties = [names_of(part) for condition in conditions for part in conjuncts(condition)]
    effects = list(_effects(problem))
    while True:
        more = set[str]()
        for written, read in effects:
            if written in found:
                more |= read
        for names in ties:
            if names & found:
                more |= names
        if more <= found:
            return found
        found |= more


def _effects(problem: Problem) -> Iterator[tuple[str, set[str]]]:
    """Names of symbols, each with the names that a value of it is made from."""
    for start in problem.initial:
        yield start.symbol.name, set[str]().union(*(names_of(choice) for choice in start.choices or ()))
    for action in problem.actions:
        guard = names_of(action.guard)
        for write in action.writes:
            yield write.symbol.name, guard.union(*(names_of(part) for part in write.expressions))


# --- values that are asked about -------------------------------------------------------------


def _asked(info: SymbolInfo, assumptions: Iterable[Expr], sizes: Sizes) -> Iterator[Value]:
    """The values of the parameter that `assumptions` leave."""
    wanted = conjunction(*assumptions)
    for value in domain(info.symbol.sort, sizes):
        if _Search(wanted, sizes).succeeds({(info.symbol.name, ()): value}):
            yield value


class _Search:
    """Looks for values of parameters and constants by case splits."""

    def __init__(self, wanted: Expr, sizes: Sizes) -> None:
        self._wanted = wanted
        self._sizes = sizes
        self._splits = 0

    def succeeds(self, known: Known) -> bool:
        """Whether `wanted` can hold with what is `known`; also where that takes too long to find out."""
        self._splits += 1
        if self._splits > MOST_SPLITS:
            return True
        value = PartialEvaluator(known, self._sizes).value(self._wanted, {})
        if not isinstance(value, Cell):
            return bool(value)
        assert value.symbol.role is Role.RIGID
        place = (value.symbol.name, value.indices)
        return any(
            self.succeeds({**known, place: choice}) for choice in domain(value.symbol.sort, self._sizes)
        )
