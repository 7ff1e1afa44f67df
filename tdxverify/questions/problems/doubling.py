"""What two runs have in common, as a question about single states.

Both runs take the same steps with the same choices, so one state can hold both: what may differ is there
twice, the rest, which is the same in both, once. A state is bad if what must be the same in both is not.
G. Barthe, P. D'Argenio, T. Rezk: "Secure Information Flow by Self-Composition" (CSFW 2004); that what cannot
differ is kept once is T. Terauchi, A. Aiken: "Secure Information Flow as a Safety Problem" (SAS 2005).

A step that only one of the runs can take ends the comparison; where steps count, it is a difference. A value
that leaves its range in the second run alone is not bad: as the first run of another pair it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Implicit, Read, Role, Symbol
from tdxverify.logic.show import SECOND_RUN
from tdxverify.model.compared import Comparison, View
from tdxverify.model.model import Action, Choice, InitialValue, Write
from tdxverify.questions.problems.problem import Problem


def with_second_run(problem: Problem, comparison: Comparison, beginnings: Mapping[Expr, str]) -> Problem:
    """The question whether two runs are told apart: are the bad states of `problem`, or two states that
    differ for who must not tell, reachable together?

    `beginnings`: those of the constraints that say where a process stands at the start, with its name. The
    symbols of `problem` are about the first run.
    """
    return _Doubling(problem, comparison, beginnings).doubled()


def second_of(symbol: Symbol) -> Symbol:
    """What `symbol` is in the second run, where that may be something else.

    No name of a spec has a blank in it, and no other of ours ends so.
    """
    name = f"{symbol.name} {SECOND_RUN}"
    return Symbol(name, Role.STATE, symbol.indices, symbol.sort, Implicit.SECOND)


def equalities(problem: Problem) -> tuple[Expr, ...]:
    """Of each symbol that is there for both runs: it is the same in both; nothing where none are compared."""
    first = {second_of(symbol).name: symbol for symbol in problem.state_symbols}
    return tuple(
        _same(first[symbol.name], symbol)
        for symbol in problem.state_symbols
        if symbol.implicit is Implicit.SECOND
    )


def _same(symbol: Symbol, copy: Symbol) -> Expr:
    cells = tuple(Bound(name, sort) for name, sort in zip("ijklmnopqrstuvw", symbol.indices, strict=False))
    return core.quantified(cells, core.equal(Read(symbol, cells), Read(copy, cells)), universal=True)


def second_input(parameter: Bound) -> Bound:
    """The choice that the second run makes by itself where the first chooses `parameter`."""
    return Bound(f"{parameter.name} {SECOND_RUN}", parameter.sort)


def own_choices(action: Action, comparison: Comparison) -> tuple[Bound, ...]:
    """The parameters of `action` that each run chooses by itself: what `any` assigns to a secret."""
    secrets = {symbol.name for symbol in comparison.secrets}
    own = (c.parameter for c in action.choices if c.symbol is not None and c.symbol.name in secrets)
    return tuple(dict.fromkeys(own))


def common_choices(action: Action, comparison: Comparison) -> tuple[Choice, ...]:
    """The choices that both runs have to make in the same way, where both make them."""
    own = own_choices(action, comparison)
    return tuple(choice for choice in action.choices if choice.parameter not in own)


@dataclass(frozen=True)
class _Doubling:
    problem: Problem
    comparison: Comparison
    beginnings: Mapping[Expr, str]

    def doubled(self) -> Problem:
        problem = self.problem
        return replace(
            problem,
            symbols=(*problem.symbols, *self._copies.values()),
            initial=(*problem.initial, *self._starts()),
            constraints=(*problem.constraints, *self._start_together()),
            actions=tuple(map(self._together, problem.actions)),
            bad=core.disjunction(problem.bad, self._parted()),
        )

    # --- what may differ

    @cached_property
    def _copies(self) -> dict[Symbol, Symbol]:
        """What may have different values in the two runs -> what it is in the second."""
        return {s: second_of(s) for s in self.problem.state_symbols if s.name in self._differing}

    @cached_property
    def _differing(self) -> frozenset[str]:
        """The names of what may differ: secrets, what is done in one run alone, and whatever that reaches."""
        found = {symbol.name for symbol in self.comparison.secrets}
        writes: list[tuple[str, Set[str]]] = []
        for action in self.problem.actions:
            for write in self._reached(action, found):
                writes.append((write.symbol.name, set[str]().union(*map(core.names_of, write.expressions))))
        writes += [(name, core.names_of(formula)) for formula, name in self._decided_at_start()]
        while more := {name for name, read in writes if name not in found and read & found}:
            found |= more
        return frozenset(found & {symbol.name for symbol in self.problem.state_symbols})

    def _reached(self, action: Action, found: set[str]) -> Iterator[Write]:
        """The writes of `action`; those whose symbol differs for sure are put into `found`."""
        own = {*own_choices(action, self.comparison)}
        for write in action.writes:
            chosen = any(one in own for part in write.expressions for one in core.variables_of(part))
            if chosen or self._is_alone(action):
                found.add(write.symbol.name)
            yield write

    def _decided_at_start(self) -> Iterator[tuple[Expr, str]]:
        """Constraints that decide what something of our own is at the start, with its name."""
        for formula in self.problem.constraints:
            if formula in self.beginnings:
                yield formula, self._counter(formula).name
            elif self.problem.range_monitor in core.names_of(formula):
                assert self.problem.range_monitor is not None
                yield formula, self.problem.range_monitor

    def _counter(self, beginning: Expr) -> Symbol:
        process = self.beginnings[beginning]
        (found,) = (
            symbol
            for symbol in self.problem.state_symbols
            if symbol.implicit is Implicit.COUNTER and symbol.about == (process,)
        )
        return found

    def _is_alone(self, action: Action) -> bool:
        """Is it done in the first run alone?"""
        return self.comparison.without is not None and action.actor == self.comparison.without

    # --- the second run

    def _second(self, expr: Expr, mapping: dict[Bound, Expr] | None = None) -> Expr:
        """`expr` about the second run."""
        named = {symbol.name: copy for symbol, copy in self._copies.items()}

        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Bound):
                return None if mapping is None else mapping.get(node)
            if not isinstance(node, Read) or node.symbol.name not in named:
                return None
            indices = tuple(core.transform(index, visit) for index in node.indices)
            return Read(named[node.symbol.name], indices, node.primed)

        return core.transform(expr, visit)

    def _starts(self) -> Iterator[InitialValue]:
        for start in self.problem.initial:
            if start.symbol in self._copies:
                yield replace(start, symbol=self._copies[start.symbol])

    def _start_together(self) -> Iterator[Expr]:
        """The second run begins in an initial state as well, which differs in secrets alone."""
        for formula in self.problem.constraints:
            second = self._second(formula)
            if second != formula:
                yield second
        decided: dict[str, Expr] = {name: formula for formula, name in self._decided_at_start()}
        secrets = {symbol.name for symbol in self.comparison.secrets}
        for start in self.problem.initial:
            symbol = start.symbol
            if symbol not in self._copies or symbol.name in secrets:
                continue
            beginning = decided.get(symbol.name)
            if beginning is not None:
                if beginning in self.beginnings:
                    yield self._same_beginning(symbol, beginning)
            elif start.choices is None or len(start.choices) > 1:
                yield _same(symbol, self._copies[symbol])

    def _same(self, symbol: Symbol, cells: tuple[Bound, ...]) -> Expr:
        return core.equal(Read(symbol, cells), Read(self._copies[symbol], cells))

    def _same_beginning(self, counter: Symbol, formula: Expr) -> Expr:
        """A process begins at the same place in both runs, if in both it can."""
        is_each = isinstance(formula, core.Quantified) and len(formula.binders) == len(counter.indices)
        if not isinstance(formula, core.Quantified) or not is_each:
            return self._same_place(counter, formula, ())
        body = self._same_place(counter, formula.body, formula.binders)
        return core.quantified(formula.binders, body, universal=True)

    def _same_place(self, counter: Symbol, formula: Expr, cells: tuple[Bound, ...]) -> Expr:
        copy = self._copies[counter]
        only_first = core.negation(_with_symbol(self._second(formula), copy, counter))
        only_second = core.negation(_with_symbol(formula, counter, copy))
        return core.disjunction(self._same(counter, cells), only_first, only_second)

    # --- the steps

    def _together(self, action: Action) -> Action:
        """`action` in both runs, or in the first alone."""
        compared = self._revealed_same()
        if self._is_alone(action):
            return replace(action, guard=core.conjunction(action.guard, compared))
        mapping: dict[Bound, Expr] = {p: second_input(p) for p in own_choices(action, self.comparison)}
        writes = (self._second_write(write, mapping) for write in action.writes)
        doubled = (*action.writes, *(write for write in writes if write is not None))
        guard = core.conjunction(action.guard, self._second(action.guard, mapping), compared)
        read = {one for expr in (guard, *_parts(doubled)) for one in core.variables_of(expr)}
        more = tuple(second for p in mapping if (second := second_input(p)) in read)
        parameters = (*action.parameters, *more)
        hidden = action.hidden + len(more)
        return replace(action, parameters=parameters, hidden=hidden, guard=guard, writes=doubled)

    def _second_write(self, write: Write, mapping: dict[Bound, Expr]) -> Write | None:
        copy = self._copies.get(write.symbol)
        if copy is None:
            return None
        indices = tuple(self._second(index, mapping) for index in write.indices)
        condition, value = (self._second(part, mapping) for part in (write.condition, write.value))
        return Write(copy, write.binders, indices, condition, value)

    # --- what is asked of a state

    def _parted(self) -> Expr:
        """Who must not tell sees a difference, and nothing is wrong with the second run itself."""
        compared = self.comparison
        told = [self._differs(view) for view in compared.views]
        if compared.by_steps:
            told += (part for action in self.problem.actions for part in self._only_one(action))
        wrong = core.negation(
            self._second(core.disjunction(self.problem.undefined, self.problem.out_of_range))
        )
        return core.conjunction(core.disjunction(*told), self._revealed_same(), wrong)

    def _revealed_same(self) -> Expr:
        return core.negation(core.disjunction(*map(self._differs, self.comparison.revealed)))

    def _differs(self, view: View) -> Expr:
        same = core.equal(view.value, self._second(view.value))
        return core.quantified(view.binders, core.negation(same), universal=False)

    def _only_one(self, action: Action) -> Iterator[Expr]:
        """`action` is possible in one run with choices that the other cannot make."""
        mapping: dict[Bound, Expr] = {p: second_input(p) for p in _hidden(action)}
        guards = action.guard, self._second(action.guard, mapping)
        if guards[0] == guards[1]:
            return
        both: list[Expr] = []
        for choice in common_choices(action, self.comparison):
            made = core.conjunction(choice.condition, self._second(choice.condition, mapping))
            same = core.equal(choice.parameter, second_input(choice.parameter))
            both.append(core.implication(made, same))
        hidden = _hidden(action)
        inputs = hidden, tuple(map(second_input, hidden))
        declared = action.parameters[: len(action.parameters) - action.hidden]
        for one, other in ((0, 1), (1, 0)):
            follows = core.quantified(inputs[other], core.conjunction(guards[other], *both), universal=False)
            alone = core.conjunction(guards[one], core.negation(follows))
            yield core.quantified((*declared, *inputs[one]), alone, universal=False)


def _hidden(action: Action) -> tuple[Bound, ...]:
    return action.parameters[len(action.parameters) - action.hidden :]


def _parts(writes: tuple[Write, ...]) -> Iterator[Expr]:
    for write in writes:
        yield from write.expressions


def _with_symbol(expr: Expr, old: Symbol, new: Symbol) -> Expr:
    """`expr` in which `new` is read in the place of `old`."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or node.symbol != old:
            return None
        return Read(new, tuple(core.transform(index, visit) for index in node.indices), node.primed)

    return core.transform(expr, visit)
