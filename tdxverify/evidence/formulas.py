"""Formulas of invariants as JSON, and back.

The file holds each formula twice: as text for people, and as the nested lists written here, which
are what is checked. Text alone would not do: program counters and monitors (`kexec.sweep progress`,
`step violated`) are no expressions of the language, and a name such as `Line0` would have to be
looked up. Reading refuses a formula whose text is not that of its lists, so what people read is
what is checked.

    true, 42, "l"                                    constants, a bound variable
    ["member", "Phase", "running"]                   a member of an enum
    ["element", "Line", 0]                           an element, in proofs for stated sizes
    ["none", "Line"]                                 no element, or no member
    ["read", "poison", "l"]                          a symbol at its indices
    ["not", f], ["and", f, g, ...], ["=", a, b]      operators, by their names in the language
    ["exists", [["l", "Line"]], f]                   binders with their sorts: a name, bool or 0..3
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias, assert_never

from tdxverify.evidence.item import Json, Unusable
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Symbol
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import (
    BOOL,
    NONE,
    BoolSort,
    EnumSort,
    IndexSort,
    OptionalSort,
    RangeSort,
    Sort,
    bare,
)
from tdxverify.questions.problems.problem import Problem

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|cell \d+ of [^\s]+( [^\s]+)*")
_RANGE = re.compile(r"(-?[0-9]{1,18})\.\.(-?[0-9]{1,18})")
_LARGEST = 10**18
_DEEPEST = 100

Scope: TypeAlias = Mapping[str, Bound]


def to_json(expr: Expr) -> Json:
    """`expr` as nested lists. Variables get names that nothing else in it has."""
    return _to_json(expr, {}, {symbol.name for symbol in core.symbols_of(expr)})


def _to_json(expr: Expr, names: Mapping[Bound, str], taken: set[str]) -> Json:
    match expr:
        case Const(value=value, sort=sort):
            return _constant(value, sort)
        case Bound():
            return names[expr]
        case Read(symbol=symbol, indices=indices):
            return ["read", symbol.name, *(_to_json(index, names, taken) for index in indices)]
        case Apply(op=op, arguments=arguments):
            return [op.value, *(_to_json(argument, names, taken) for argument in arguments)]
        case Quantified(universal=universal, binders=binders, body=body):
            inner = dict(names)
            for binder in binders:
                inner[binder] = _fresh(written_name(binder), taken | set(inner.values()))
            bound: list[Json] = [[inner[b], str(b.sort)] for b in binders]
            return ["forall" if universal else "exists", bound, _to_json(body, inner, taken)]
        case _:
            assert_never(expr)


def _fresh(name: str, taken: set[str]) -> str:
    candidates = (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _constant(value: int, sort: Sort) -> Json:
    match sort:
        case BoolSort():
            return bool(value)
        case RangeSort():
            return value
        case EnumSort(name=name, members=members):
            return ["member", name, members[value]]
        case IndexSort(name=name):
            return ["element", name, value]
        case OptionalSort(base=base):
            return ["none", base.name] if value == NONE else _constant(value, base)


def symbols_in(data: Json) -> set[str]:
    """The names of all symbols that the lists read, whether or not they make sense otherwise."""
    found: set[str] = set()
    waiting = [data]
    while waiting:
        match waiting.pop():
            case ["read", str(name), *indices]:
                found.add(name)
                waiting.extend(indices)
            case list() as parts:
                waiting.extend(parts)
    return found


class FormulaReader:
    """Reads formulas about the symbols of one problem. Whatever is not well-sorted raises Unusable."""

    def __init__(self, problem: Problem) -> None:
        self._symbols: dict[str, Symbol] = {symbol.name: symbol for symbol in problem.symbols}
        self._sizes = problem.size_of
        self._with_none = problem.with_none
        self._problem = problem
        self._sorts: dict[str, Sort] = {"bool": BOOL, **{name: IndexSort(name) for name in self._sizes}}
        for symbol in problem.symbols:
            for sort in (*symbol.indices, bare(symbol.sort)):
                if isinstance(sort, EnumSort):
                    self._sorts[sort.name] = sort

    def formula(self, data: Json) -> Expr:
        """A closed formula."""
        if _depth(data) > _DEEPEST:
            raise Unusable("a formula is nested too deeply")
        return self._expect(self._expression(data, {}), BOOL)

    def _expression(self, data: Json, scope: Scope) -> Expr:
        match data:
            case bool():
                return core.TRUE if data else core.FALSE
            case int() if abs(data) < _LARGEST:
                return Const(data, RangeSort(data, data))
            case str() if data in scope:
                return scope[data]
            case ["member", str(sort), str(member)]:
                return self._member(sort, member)
            case ["element", str(sort), int(value)] if 0 <= value < self._sizes.get(sort, 0):
                return Const(int(value), IndexSort(sort, sort in self._problem.ordered_sorts))
            case ["none", str(sort)]:
                return core.none_of(self._or_none(sort))
            case ["read", str(name), *indices] if name in self._symbols:
                return self._read(self._symbols[name], indices, scope)
            case ["forall" | "exists" as word, [_, *_] as binders, body]:
                return self._quantified(binders, body, scope, universal=word == "forall")
            case [str(word), *arguments] if word in _OPERATORS:
                return self._operation(_OPERATORS[word], [self._expression(a, scope) for a in arguments])
        raise Unusable(f"it is no expression of this spec: {_shortened(data)}")

    def _member(self, name: str, member: str) -> Expr:
        sort = self._sorts.get(name)
        if not isinstance(sort, EnumSort) or member not in sort.members:
            raise Unusable(f"there is no {name}.{member}")
        return Const(sort.members.index(member), sort)

    def _or_none(self, name: str) -> OptionalSort:
        sort = self._sorts.get(name)
        if name not in self._with_none or not isinstance(sort, EnumSort | IndexSort):
            raise Unusable(f"there is no {name[:60]} that could be none")
        return OptionalSort(sort)

    def _read(self, symbol: Symbol, indices: list[Json], scope: Scope) -> Expr:
        if len(indices) != len(symbol.indices):
            raise Unusable(
                f"'{symbol.name}' has {counted(len(symbol.indices), 'index', 'indices')}, not {len(indices)}"
            )
        parts = (self._expression(index, scope) for index in indices)
        return Read(symbol, tuple(self._expect(p, s) for p, s in zip(parts, symbol.indices, strict=True)))

    def _quantified(self, data: list[Json], body: Json, scope: Scope, *, universal: bool) -> Expr:
        inner = dict(scope)
        binders: list[Bound] = []
        for pair in data:
            match pair:
                case [str(name), str(sort)] if self._may_be_bound(name, inner):
                    binders.append(Bound(name, self._sort(sort)))
                    inner[name] = binders[-1]
                case _:
                    raise Unusable(f"it is no variable, or a second one of the name: {_shortened(pair)}")
        return core.quantified(
            tuple(binders), self._expect(self._expression(body, inner), BOOL), universal=universal
        )

    def _may_be_bound(self, name: str, scope: Scope) -> bool:
        return _VARIABLE.fullmatch(name) is not None and name not in scope and name not in self._symbols

    def _sort(self, text: str) -> Sort:
        numbers = _RANGE.fullmatch(text)
        if numbers is not None and int(numbers[1]) <= int(numbers[2]):
            return RangeSort(int(numbers[1]), int(numbers[2]))
        if text.endswith(" or none"):
            return self._or_none(text.removesuffix(" or none"))
        if text not in self._sorts:
            raise Unusable(f"there is no sort '{text[:60]}'")
        return self._sorts[text]

    def _operation(self, op: Op, parts: list[Expr]) -> Expr:
        wanted = op.row.arity or max(2, len(parts))
        if len(parts) != wanted:
            raise Unusable(f"'{op.value}' of {counted(len(parts), 'operand')}")
        match op.row.kind:
            case Kind.CONNECTIVE:
                for part in parts:
                    self._expect(part, BOOL)
            case Kind.EQUALITY:
                self._alike(*parts)
            case Kind.CHOICE:
                self._expect(parts[0], BOOL)
                self._alike(*parts[1:])
            case Kind.ELEMENT:
                if not isinstance(parts[0].sort, OptionalSort):
                    raise Unusable(f"'{op.value}' of something that is never none")
            case Kind.ORDER if isinstance(parts[0].sort, EnumSort | IndexSort):
                sort = parts[0].sort
                if isinstance(sort, IndexSort) and sort.name not in self._problem.ordered_sorts:
                    raise Unusable(f"the elements of {sort} have no order")
                self._expect(parts[1], parts[0].sort)
            case Kind.ORDER | Kind.ARITHMETIC:
                self._numbers(op, parts)
        return core.apply(op, tuple(parts))

    def _numbers(self, op: Op, parts: list[Expr]) -> None:
        if not all(isinstance(part.sort, RangeSort) for part in parts):
            raise Unusable(f"'{op.value}' of something that is no number")
        divisor = parts[1].sort
        if op.row.positive_right and not (isinstance(divisor, RangeSort) and divisor.low > 0):
            raise Unusable("division by something that is no positive number")

    def _alike(self, left: Expr, right: Expr) -> None:
        """Refuses two values of different kinds; either may be one that may be none."""
        if bare(left.sort) != bare(right.sort):
            self._expect(right, left.sort)

    def _expect(self, expr: Expr, sort: Sort) -> Expr:
        both_numbers = isinstance(expr.sort, RangeSort) and isinstance(sort, RangeSort)
        if expr.sort != sort and not both_numbers:
            raise Unusable(f"{expr.sort} where {sort} is needed")
        return expr


_OPERATORS = {op.value: op for op in Op}


def _depth(data: Json) -> int:
    """How deep the lists are nested, without recursion."""
    depth, level = 0, [data]
    while level:
        depth += 1
        level = [inner for outer in level if isinstance(outer, list) for inner in outer]
    return depth


def _shortened(data: Json) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:60]}..."
