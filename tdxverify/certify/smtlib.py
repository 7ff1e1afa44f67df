"""An inductive invariant as SMT-LIB text: three kinds of questions, each with the answer `unsat`.

    initiation    an initial state in which the invariant does not hold
    consecution   (one per action) a step from a state in which it holds into one in which it does not
    safety        a bad state in which it holds

The text is written straight from the problem; it shares nothing with the encodings that engines
search with, and any SMT-LIB 2.6 solver with datatypes, integers and quantifiers can read it. Index
sorts are uninterpreted (every size at once) or, for a certificate of stated sizes, enumerated.
Enums are datatypes, bounded integers are integers whose range is part of what is proved inductive.

NOTE(names): every name contains a sign that neither the model's names nor those of SMT-LIB have, a
different one per kind of thing. A spec may call a state `select`, a sort `Bool` or a line `Line0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tdxverify.diagnostics import InternalError
from tdxverify.model import expr as core
from tdxverify.model.expr import Apply, Bound, Const, Expr, Op, Quantified, Read, Role, Symbol
from tdxverify.model.model import Action, Write
from tdxverify.model.sorts import BOOL, BoolSort, EnumSort, IndexSort, RangeSort, Sort
from tdxverify.results.certificate import Invariant
from tdxverify.ts.problem import Problem

_OPERATORS = {Op.NOT: "not", Op.AND: "and", Op.OR: "or", Op.IMPLIES: "=>", Op.EQ: "=", Op.LT: "<", Op.LE: "<=",
              Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.DIV: "div", Op.MOD: "mod", Op.ITE: "ite"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Obligation:
    """One question; `text` is a whole script ending in `(check-sat)`, to be answered by `unsat`."""

    name: str
    text: str


def obligations(problem: Problem, certificate: Invariant) -> Iterator[Obligation]:
    """Everything to be shown for `certificate`, in a fixed order."""
    script = _Script(problem, certificate)
    goal = (*certificate.formulas, *script.ranges())
    invariant = [script.text(formula) for formula in goal]
    yield script.question("initiation", [*script.initial(), _not_all(invariant)])
    for action in problem.actions:
        later = [script.text(formula, after=True) for formula in goal]
        facts = [*invariant, script.text(action.guard), _not_all(later)]
        yield script.question(f"consecution of {action.name}", facts, action)
    yield script.question("safety", [*invariant, script.text(problem.bad)])


def _not_all(parts: Iterable[str]) -> str:
    return f"(not (and true {' '.join(parts)}))"


def _sort_name(name: str) -> str:
    return f"|sort {name}|"


def _element(sort: str, number: int) -> str:
    return f"|{sort} {number}|"


def _member(sort: EnumSort, value: int) -> str:
    return f"|{sort.name}: {sort.members[value]}|"


def _symbol(symbol: Symbol, *, after: bool = False) -> str:
    """The function for `symbol`; `after` the step, for those of the state."""
    primed = after and symbol.role is Role.STATE
    return f"|{symbol.role.value} {symbol.name}{chr(39) * primed}|"


def _variable(bound: Bound) -> str:
    return f"|{bound.name}?|"


def _number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


class _Script:
    """Writes the parts of a script about one problem."""

    def __init__(self, problem: Problem, certificate: Invariant) -> None:
        self.problem = problem
        self.any_size = certificate.any_size
        self.claimed = certificate.formulas

    def question(self, name: str, facts: Iterable[str], action: Action | None = None) -> Obligation:
        lines = [f"; {self.problem.name}", f"; {name}: the answer must be unsat", "(set-logic ALL)"]
        lines += self._declarations()
        if action is not None:
            lines += self._parameters(action)
            lines += [self._after(symbol, action) for symbol in self.problem.state_symbols]
        lines += [f"(assert {self.text(fact)})" for fact in self.problem.assumptions]
        lines += [f"(assert {fact})" for fact in facts]
        return Obligation(name, "\n".join([*lines, "(check-sat)", ""]))

    def initial(self) -> Iterator[str]:
        for start in self.problem.initial:
            choices = start.choices
            if choices is not None:
                options = core.disjunction(
                    *(core.equal(Read(start.symbol, start.binders), c) for c in choices)
                )
                yield self.text(core.quantified(start.binders, options, universal=True))
            elif isinstance(start.symbol.sort, RangeSort):
                yield self.text(_in_range(start.symbol))
        for constraint in self.problem.constraints:
            yield self.text(constraint)

    def ranges(self) -> tuple[Expr, ...]:
        """That every bounded integer of the state is in its range."""
        return tuple(_in_range(s) for s in self.problem.state_symbols if isinstance(s.sort, RangeSort))

    # --- declarations --------------------------------------------------------------

    def _declarations(self) -> Iterator[str]:
        for name, size in self.problem.sizes:
            if self.any_size:
                yield f"(declare-sort {_sort_name(name)} 0)"
            else:
                elements = " ".join(f"({_element(name, n)})" for n in range(size))
                yield f"(declare-datatypes (({_sort_name(name)} 0)) (({elements})))"
        for sort in self._enums():
            members = " ".join(f"({_member(sort, value)})" for value in range(len(sort.members)))
            yield f"(declare-datatypes (({_sort_name(sort.name)} 0)) (({members})))"
        for symbol in self.problem.symbols:
            indices = " ".join(self._sort(s) for s in symbol.indices)
            yield f"(declare-fun {_symbol(symbol)} ({indices}) {self._sort(symbol.sort)})"
        for symbol in self.problem.rigid_symbols:
            if isinstance(symbol.sort, RangeSort):
                yield f"(assert {self.text(_in_range(symbol))})"

    def _enums(self) -> list[EnumSort]:
        found: dict[str, EnumSort] = {}
        bound = (b for action in self.problem.actions for b in action.parameters)
        sorts = [s for symbol in self.problem.symbols for s in (*symbol.indices, symbol.sort)]
        for sort in [*sorts, *(b.sort for b in bound), *self._quantified_sorts()]:
            if isinstance(sort, EnumSort):
                found[sort.name] = sort
        return list(found.values())

    def _quantified_sorts(self) -> Iterator[Sort]:
        parts = [*self.claimed, self.problem.bad, *self.problem.assumptions, *self.problem.constraints]
        parts += [choice for start in self.problem.initial for choice in start.choices or ()]
        parts += [action.guard for action in self.problem.actions]
        for write in (write for action in self.problem.actions for write in action.writes):
            parts += [write.condition, write.value, *write.indices]
        for part in parts:
            for node in core.walk(part):
                if isinstance(node, Const | Bound):
                    yield node.sort
                elif isinstance(node, Quantified):
                    yield from (binder.sort for binder in node.binders)

    def _sort(self, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "Bool"
            case RangeSort():
                return "Int"
            case EnumSort(name=name) | IndexSort(name=name):
                return _sort_name(name)

    def _parameters(self, action: Action) -> Iterator[str]:
        for bound in action.parameters:
            yield f"(declare-const {_variable(bound)} {self._sort(bound.sort)})"
            if isinstance(bound.sort, RangeSort):
                yield f"(assert {_between(_variable(bound), bound.sort)})"

    def _after(self, symbol: Symbol, action: Action) -> str:
        """The definition of `symbol` after `action`: its writes in order, the last one on the outside."""
        places = tuple(Bound(f"place {n}", sort) for n, sort in enumerate(symbol.indices))
        value = self.text(Read(symbol, places))
        for write in action.writes:
            if write.symbol == symbol:
                value = self._written(write, places, value)
        arguments = " ".join(f"({_variable(p)} {self._sort(p.sort)})" for p in places)
        name = _symbol(symbol, after=True)
        return f"(define-fun {name} ({arguments}) {self._sort(symbol.sort)} {value})"

    def _written(self, write: Write, places: tuple[Bound, ...], before: str) -> str:
        mapping: dict[Bound, Expr] = {}
        tests: list[str] = []
        for index, place in zip(write.indices, places, strict=True):
            if isinstance(index, Bound) and index in write.binders and index not in mapping:
                mapping[index] = place
            else:
                tests.append(f"(= {self.text(core.substitute(index, mapping))} {_variable(place)})")
        if set(mapping) != set(write.binders):
            raise InternalError(f"a write to {write.symbol.name} has a binder that is no index")
        tests.append(self.text(core.substitute(write.condition, mapping)))
        value = self.text(core.substitute(write.value, mapping))
        return f"(ite (and {' '.join(tests)}) {value} {before})"

    # --- expressions -----------------------------------------------------------------

    def text(self, expr: Expr, *, after: bool = False) -> str:
        """`expr` over the state before the step, or (`after`) behind it."""
        match expr:
            case Const(value=value, sort=sort):
                return self._constant(value, sort)
            case Bound():
                return _variable(expr)
            case Read(symbol=symbol, indices=indices):
                name = _symbol(symbol, after=after)
                parts = " ".join(self.text(index, after=after) for index in indices)
                return f"({name} {parts})" if indices else name
            case Apply(op=op, arguments=arguments):
                parts = " ".join(self.text(argument, after=after) for argument in arguments)
                return f"({_OPERATORS[op]} {parts})"
            case Quantified():
                return self._quantified(expr, after=after)

    def _constant(self, value: int, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "true" if value else "false"
            case RangeSort():
                return _number(value)
            case EnumSort():
                return _member(sort, value)
            case IndexSort(name=name):
                if self.any_size:
                    raise InternalError(f"a formula names an element of {name}, whose size is open")
                return _element(name, value)

    def _quantified(self, expr: Quantified, *, after: bool) -> str:
        word, joint = ("forall", "=>") if expr.universal else ("exists", "and")
        binders = " ".join(f"({_variable(b)} {self._sort(b.sort)})" for b in expr.binders)
        body = self.text(expr.body, after=after)
        ranges = [_between(_variable(b), b.sort) for b in expr.binders if isinstance(b.sort, RangeSort)]
        if ranges:
            body = f"({joint} (and {' '.join(ranges)}) {body})"
        return f"({word} ({binders}) {body})"


def _between(name: str, sort: RangeSort) -> str:
    return f"(and (<= {_number(sort.low)} {name}) (<= {name} {_number(sort.high)}))"


def _in_range(symbol: Symbol) -> Expr:
    assert isinstance(symbol.sort, RangeSort)
    binders = tuple(Bound(f"at {n}", sort) for n, sort in enumerate(symbol.indices))
    # The sort of the read is the range itself, which would fold the comparison away.
    wide = RangeSort(symbol.sort.low - 1, symbol.sort.high + 1)
    read = Read(Symbol(symbol.name, symbol.role, symbol.indices, wide), binders)
    low, high = (Const(v, RangeSort(v, v)) for v in (symbol.sort.low, symbol.sort.high))
    bounds = core.conjunction(Apply(Op.LE, (low, read), BOOL), Apply(Op.LE, (read, high), BOOL))
    return core.quantified(binders, bounds, universal=True)
