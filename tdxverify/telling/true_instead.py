"""What is true in a state where a property is false: parts that are enough for that, each as it is there.

A comparison of a count, which nothing behind the front end knows of, is told by how many elements there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TypeAlias

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Expr, Quantified, Read, Role, Symbol, walk
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sorts import BOOL, Value, domain, show
from tdxverify.telling.deciding_part import Explanation

MOST_LISTED = 4  # elements that were counted


@dataclass(frozen=True, slots=True)
class Counted:
    """Of all `binders` those `found` have `body`."""

    binders: tuple[Bound, ...]
    body: Expr
    found: tuple[tuple[Value, ...], ...]


Part: TypeAlias = Expr | Counted


@dataclass(frozen=True, slots=True)
class TrueInstead:
    """`parts` are true together, for `elements`; so the formula is false."""

    parts: tuple[Part, ...]
    elements: Mapping[Bound, Value]

    def text(self) -> str | None:
        """`(count l : Line: e[l]) = 2 (Line0, Line1) and not b for c = Cpu0`; None where nothing is said."""
        exprs = [part.body if isinstance(part, Counted) else part for part in self.parts]
        used = {node for expr in exprs for node in walk(expr) if isinstance(node, Bound)}
        elements = {bound: value for bound, value in self.elements.items() if bound in used}
        names = distinct_names(elements)
        told = core.conjunction(*(_as_expression(part, names) for part in self.parts))
        if not self.parts or told == core.TRUE:
            return None
        where = ", ".join(f"{names[bound]} = {show(bound.sort, value)}" for bound, value in elements.items())
        return show_expression(told, names) + (f" for {where}" if where else "")


def true_instead(explanation: Explanation, false: Expr) -> TrueInstead:
    """Requires: `false` is false there, and `explanation` has explained nothing yet."""
    parts = dict.fromkeys(_Deciding(explanation, false).parts(false, value=False))
    return TrueInstead(tuple(parts), explanation.elements)


@dataclass
class _Deciding:
    explanation: Explanation
    whole: Expr
    counted: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        several = (found for node in walk(self.whole) if (found := _counting(node)) and found.number > 1)
        self.counted = frozenset(map(_Counting.text, several))

    def parts(self, expr: Expr, *, value: bool) -> Iterator[Part]:
        """Of `expr`, which has that value there."""
        holds = self.explanation.holds
        match expr:
            case Apply(op=Op.NOT, arguments=(inner,)):
                yield from self.parts(inner, value=not value)
            case Apply(op=Op.AND | Op.OR as op, arguments=some):
                decided = [part for part in some if holds(part) is value]
                for part in decided[:1] if value is (op is Op.OR) else decided:
                    yield from self.parts(part, value=value)
            case Apply(op=Op.IMPLIES, arguments=(left, right)):
                if not value:
                    yield from self.parts(left, value=True)
                if not value or holds(right):
                    yield from self.parts(right, value=value)
                else:
                    yield from self.parts(left, value=False)
            case Apply(op=op, arguments=(left, right)) if op.row.kind is Kind.EQUALITY and left.sort == BOOL:
                yield from self.parts(left, value=holds(left))
                yield from self.parts(right, value=holds(right))
            case Quantified() if (found := self._found(expr)) is not None:
                yield found
            case Quantified(universal=universal) if universal is not value:
                self.explanation.choose(expr)
                yield from self.parts(expr.body, value=value)
            case _:
                yield expr if value else core.negation(expr)

    def _found(self, expr: Quantified) -> Counted | None:
        """What was counted, if `expr` compares a count."""
        counting = _counting(expr)
        if counting is None or counting.text() not in self.counted:
            return None
        binders, elements = counting.binders, self.explanation.elements
        domains = [domain(binder.sort, self.explanation.evaluator.sizes) for binder in binders]
        found = []
        for values in product(*domains):
            elements.update(zip(binders, values, strict=True))
            if self.explanation.holds(counting.body):
                found.append(values)
        for binder in binders:
            elements.pop(binder)
        if (len(found) >= counting.number) is not self.explanation.holds(expr):
            return None
        return Counted(binders, counting.body, tuple(found))


@dataclass(frozen=True, slots=True)
class _Counting:
    """There are `number` different elements, each for all `binders`, with `body`."""

    binders: tuple[Bound, ...]
    body: Expr
    number: int

    def text(self) -> str:
        return show_expression(core.quantified(self.binders, self.body, universal=False))


def _counting(expr: Expr) -> _Counting | None:
    """How front ends write that there are so many: of as many variables, no two are the same."""
    if not isinstance(expr, Quantified) or expr.universal:
        return None
    parts = expr.body.arguments if isinstance(expr.body, Apply) and expr.body.op is Op.AND else (expr.body,)
    for number in range(len(expr.binders), 1, -1):
        each, rest = divmod(len(expr.binders), number)
        groups = [expr.binders[at : at + each] for at in range(0, len(expr.binders), each)]
        if rest == 0 and (found := _alike(groups, parts)) is not None:
            return found
    return _Counting(expr.binders, expr.body, 1)


def _alike(groups: list[tuple[Bound, ...]], parts: tuple[Expr, ...]) -> _Counting | None:
    different = [
        core.negation(core.conjunction(*map(core.equal, one, other)))
        for one, other in combinations(groups, 2)
    ]
    bodies = parts[len(different) :]
    size, rest = divmod(len(bodies), len(groups))
    if parts[: len(different)] != tuple(different) or rest or not size:
        return None
    found = [
        _Counting(group, core.conjunction(*bodies[at * size : (at + 1) * size]), len(groups))
        for at, group in enumerate(groups)
    ]
    return found[0] if len({one.text() for one in found}) == 1 else None


def _as_expression(part: Part, names: Mapping[Bound, str]) -> Expr:
    """Something that is shown as `part` is told."""
    if not isinstance(part, Counted):
        return part
    listed = show_expression(core.quantified(part.binders, part.body, universal=False), names)
    told = f"(count {listed.removeprefix('exists ')}) = {len(part.found)}"
    if 0 < len(part.found) <= MOST_LISTED:
        told += f" ({', '.join(_element(part.binders, values) for values in part.found)})"
    return Read(Symbol(told, Role.STATE, (), BOOL))


def _element(binders: tuple[Bound, ...], values: tuple[Value, ...]) -> str:
    return " and ".join(show(binder.sort, value) for binder, value in zip(binders, values, strict=True))


def distinct_names(elements: Mapping[Bound, Value]) -> dict[Bound, str]:
    """Names as written; where two variables are called the same, the later one gets a number."""
    names: dict[Bound, str] = {}
    for bound in elements:
        base, number = written_name(bound), 2
        name = base
        while name in names.values():
            name = f"{base}{number}"
            number += 1
        names[bound] = name
    return names
