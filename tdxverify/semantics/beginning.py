"""Has every machine a start in which given cells are as they are? By case splits, with the evaluator.

A machine is a choice of values of the rigid cells. Those without any initial state are not meant: nothing is
said of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Expr, Role, conjuncts, names_of
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Value
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.escaping import Allowed, Escaping
from tdxverify.semantics.needed_run import Known, Missing, NoSuchStart, Place, Starts, definitions


@dataclass(frozen=True, slots=True)
class Ties:
    """What decides which values some cells can start with, together with the cells that are tied to them.

    `constraints`: those of the parts of `init` that speak of any of these cells; `symbols`: their names;
    `rigid`: names of the rigid symbols that are read there. Other cells can start however they may: where
    the cells of `rigid` are as in some machine that has a start with the values asked about, every machine
    that has a start has one with them too.
    """

    symbols: frozenset[str]
    constraints: tuple[Expr, ...]
    rigid: frozenset[str]

    def of(self, problem: Problem) -> Problem:
        """`problem` without all else that `init` says."""
        initial = tuple(
            start if start.symbol.name in self.symbols else replace(start, choices=None)
            for start in problem.initial
        )
        return replace(problem, constraints=self.constraints, initial=initial)


def ties(problem: Problem, places: Iterable[Place], defined: frozenset[str]) -> Ties:
    """Of the state cells among `places`. Rigid symbols among `defined` count as what they are made of."""
    rigid = {symbol.name for symbol in problem.rigid_symbols}
    cells = problem.state_layout.cells
    found = {cells[place.position].symbol.name for place in places if place.role is Role.STATE}
    parts = [(part, names_of(part)) for fact in problem.constraints for part in conjuncts(fact)]
    tied: set[int] = set()
    while more := {at for at, (_, names) in enumerate(parts) if at not in tied and names & found}:
        tied |= more
        found |= set[str]().union(*(parts[at][1] for at in more)) - rigid
    read = set[str]().union(*(parts[at][1] & rigid for at in tied))
    for start in problem.initial:
        if start.symbol.name in found:
            read |= set[str]().union(*(names_of(choice) for choice in start.choices or ()))
    constraints = tuple(parts[at][0] for at in sorted(tied))
    return Ties(frozenset(found), constraints, _made_of(problem, read, defined))


def _made_of(problem: Problem, names: set[str], defined: frozenset[str]) -> frozenset[str]:
    """`names` of rigid symbols, those that are said to be something replaced by what that is made of."""
    stated = definitions(problem, defined)
    waiting, found = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in stated:
            waiting += names_of(stated[name][1])
        else:
            found.add(name)
    return frozenset(found)


class Beginning:
    """Of machines that satisfy the facts of `search`. `usual` are values to try first."""

    def __init__(self, starts: Starts, search: Escaping, facts: Iterable[Expr], usual: Valuation) -> None:
        self._starts = starts
        self._search = search
        self._facts = [part for fact in facts for part in conjuncts(fact)]
        self._usual = usual
        self._allowed: Allowed = {}
        self._shown: tuple[Place, ...] = ()
        self._constraints: tuple[Expr, ...] = ()
        self._left = 0
        self.tried = 0  # starts, to answer the last question

    def machine(self, allowed: Allowed, tied: Ties, most: int) -> Known | None:
        """The values that decide that a machine has a start, and none with the one `allowed` value each of
        the state cells there; None where there is no such machine. Rigid cells have one of the `allowed`
        values. `tied`: those of the state cells. Raises NotDecided beyond so many tries."""
        self._allowed, self._left, self.tried = allowed, most, 0
        self._shown = tuple(place for place in allowed if place.role is Role.STATE)
        self._constraints = tied.constraints
        try:
            return self._machine({place: values[0] for place, values in allowed.items() if len(values) == 1})
        except RecursionError:
            raise NotDecided("the formulas are too deep") from None

    def _machine(self, known: Known) -> Known | None:
        if self._is_excluded(known):
            return None
        try:
            if self._begins(known):
                return None
        except Missing as missing:
            place, options = missing.place, missing.options
        else:
            return self._with_another_start(known)
        for value in self._allowed.get(place, options):
            found = self._machine({**known, place: value})
            if found is not None:
                return found
        return None

    def _is_excluded(self, known: Known) -> bool:
        self._count(known)
        starts = self._starts
        for fact in self._facts:
            try:
                if not starts.formula(fact)(starts.rigid, starts.state, ()):
                    return True
            except NoSuchStart:
                return True
            except Missing:
                continue
        return False

    def _begins(self, known: Known) -> bool:
        """Whether all machines with what is `known` have a start with it. Raises Missing, of a rigid cell
        that may decide that."""
        self._count(known)
        gap: Missing | None = None
        blocked: Missing | None = None
        for number in range(len(self._constraints) + len(self._shown)):
            try:
                if not self._holds(number):
                    return False
            except NoSuchStart:
                return False
            except Missing as missing:
                if missing.place.role is Role.STATE:
                    gap = gap or missing
                else:
                    blocked = blocked or missing
        if gap is not None:
            return self._begins_with_some(known, gap)
        if blocked is not None:
            raise blocked
        return True

    def _holds(self, number: int) -> bool:
        """One of the constraints, and that a cell can start with the value that is asked about."""
        starts = self._starts
        if number < len(self._constraints):
            return bool(starts.formula(self._constraints[number])(starts.rigid, starts.state, ()))
        place = self._shown[number - len(self._constraints)]
        return not starts.is_chosen(place) or starts.state[place.position] in starts.options(place)

    def _begins_with_some(self, known: Known, gap: Missing) -> bool:
        blocked: Missing | None = None
        usual = self._usual[gap.place.position]
        for value in sorted(gap.options, key=lambda value: value != usual):
            try:
                if self._begins({**known, gap.place: value}):
                    return True
            except Missing as missing:
                blocked = blocked or missing
        if blocked is not None:
            raise blocked
        return False

    def _with_another_start(self, known: Known) -> Known | None:
        machine: dict[Place, Sequence[Value]] = {
            place: values for place, values in self._allowed.items() if place.role is Role.RIGID
        }
        machine |= {place: (value,) for place, value in known.items() if place.role is Role.RIGID}
        try:
            return self._search.some(machine, self._left)
        finally:
            self._left -= self._search.tried
            self.tried += self._search.tried

    def _count(self, known: Known) -> None:
        if self._left <= 0:
            raise NotDecided("it takes more starts than were allowed")
        self._left -= 1
        self.tried += 1
        self._starts.known = known
