"""A k-inductive certificate as SMT-LIB text in bits: k + 1 questions, each with the answer `unsat`.

    base n      an initial state from which n steps lead to a bad state (n = 0 .. k - 1)
    induction   k good states in a row (all different, if that is claimed), and a step to a bad one

Per step the number of the action that fires is chosen, and its arguments; each cell of the next state is
then what that action makes of it. A state with a value outside its sort counts as bad, so that this is
excluded together with the bad states and not taken for granted.

In the state behind n steps `$poison` is called `n:$poison`; `?l 3:n` is a parameter of the third action
where it is step n, counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts.bits import BitWriter
from tdxverify.evidence.scripts.inductive import Obligation, Script, asked, defined, lines, title_of
from tdxverify.evidence.scripts.writer import State, junction, places_of, quoted
from tdxverify.logic.expr import Const, Read, Symbol
from tdxverify.logic.grounding import constant
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem


def induction_script_for(problem: Problem, certificate: KInductive) -> Script:
    """Everything to be shown for `certificate`. Raises TooLarge, and Unusable where it is none."""
    if certificate.k < 1:
        raise Unusable("k must be at least 1")
    runs = _Runs(problem, certificate.k)
    prelude = runs.definitions()  # declarations are of what has been written
    questions = tuple(runs.questions(different=certificate.simple_path))
    return Script(title_of(problem), runs.writer.logic, lines([*runs.declarations(), *prelude]), questions)


class _Runs:
    """States 0 .. `length`, and what it means to step from each to the next."""

    def __init__(self, problem: Problem, length: int) -> None:
        self.writer = BitWriter(problem)
        self._problem = problem
        self._length = length
        names = [symbol.name for symbol in problem.state_symbols]
        self._states: list[State] = [
            {name: quoted(f"{number}:${name}") for name in names} for number in range(length + 1)
        ]
        self._arguments = [
            {
                place: self.writer.parameters(action, f"{place}:{number}")
                for place, action in enumerate(problem.actions, start=1)
            }
            for number in range(length)
        ]

    def declarations(self) -> Iterator[str]:
        yield from self.writer.declarations()
        for state in self._states:
            for symbol in self._problem.state_symbols:
                yield self.writer.declared(symbol, state[symbol.name])

    def definitions(self) -> list[str]:
        """`initial!`, `good! n` of state n, and `step! n` from state n to the next, with what it chooses."""
        writer, first = self.writer, self._states[0]
        found = [f"(assert {writer.text(fact)})" for fact in self._problem.assumptions]
        found.append(defined("initial!", (writer.text(fact, state=first) for fact in writer.initial())))
        for number, state in enumerate(self._states):
            found.append(defined(quoted(f"good! {number}"), self._good(state)))
        for number in range(self._length):
            found.extend(self._choices(number))
            found.append(defined(quoted(f"step! {number}"), self._step(number)))
        return found

    def questions(self, *, different: bool) -> Iterator[Obligation]:
        steps = [quoted(f"step! {number}") for number in range(self._length)]
        good = [quoted(f"good! {number}") for number in range(self._length + 1)]
        for number in range(self._length):
            yield asked(f"base {number}", ["initial!", *steps[:number], f"(not {good[number]})"])
        apart = map(self._differ, *zip(*combinations(self._states, 2), strict=True)) if different else ()
        yield asked("induction", [*good[:-1], *steps, *apart, f"(not {good[-1]})"])

    def _good(self, state: State) -> Iterator[str]:
        for symbol in self._problem.state_symbols:
            yield from (self.writer.text(fact, state=state) for fact in self.writer.typing(symbol))
        yield f"(not {self.writer.text(self._problem.bad, state=state)})"

    # --- steps -----------------------------------------------------------------------

    def _fires(self, place: int, number: int) -> str:
        """Action `place` is step `number`."""
        width = len(self._problem.actions).bit_length()
        return f"(= {quoted(f'fires! {number}')} (_ bv{place} {width}))"

    def _choices(self, number: int) -> Iterator[str]:
        """What a step may choose: an action, counted from 1, and its arguments."""
        width = len(self._problem.actions).bit_length()
        if self._problem.actions:
            yield f"(declare-const {quoted(f'fires! {number}')} (_ BitVec {width}))"
        for names in self._arguments[number].values():
            for bound, name in names.items():
                yield f"(declare-const {name} {self.writer.sort(bound.sort)})"

    def _step(self, number: int) -> Iterator[str]:
        """One action fires, its guard holds, and every cell of the next state is what it makes of it."""
        before, actions = self._states[number], tuple(enumerate(self._problem.actions, start=1))
        yield junction("or", [self._fires(place, number) for place, _ in actions])
        for place, action in actions:
            names = self._arguments[number][place]
            typed = (fact for b, name in names.items() for fact in self.writer.typed(name, b.sort))
            guard = self.writer.text(action.guard, names, before)
            yield f"(=> {self._fires(place, number)} {junction('and', [*typed, guard])})"
        for symbol in self._problem.state_symbols:
            yield from self._cells(symbol, number)

    def _cells(self, symbol: Symbol, number: int) -> Iterator[str]:
        """What each cell of `symbol` is behind step `number`."""
        writer, before, behind = self.writer, self._states[number], self._states[number + 1]
        writers = [
            (place, action)
            for place, action in enumerate(self._problem.actions, start=1)
            if any(write.symbol.name == symbol.name for write in action.writes)
        ]
        for constants in self._places(symbol):
            places = {bound: writer.text(c) for bound, c in zip(places_of(symbol), constants, strict=True)}
            old = value = writer.text(Read(symbol, constants), state=before)
            for place, action in writers:
                after = writer.after(symbol, action, self._arguments[number][place], places, old, before)
                value = f"(ite {self._fires(place, number)} {after} {value})"
            yield f"(= {writer.text(Read(symbol, constants), state=behind)} {value})"

    def _places(self, symbol: Symbol) -> Iterator[tuple[Const, ...]]:
        domains = [domain(sort, self._problem.size_of) for sort in symbol.indices]
        for values in product(*domains):
            yield tuple(constant(value, sort) for value, sort in zip(values, symbol.indices, strict=True))

    def _differ(self, one: State, other: State) -> str:
        """Some cell has different values in the two states."""
        cells: list[str] = []
        for symbol in self._problem.state_symbols:
            for constants in self._places(symbol):
                left, right = (self.writer.text(Read(symbol, constants), state=s) for s in (one, other))
                cells.append(f"(not (= {left} {right}))")
        return junction("or", cells)
