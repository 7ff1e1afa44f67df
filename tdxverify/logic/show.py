"""Core expressions and cells as text, close to what the user could have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from tdxverify.logic.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Implicit,
    Quantified,
    Read,
    Symbol,
    names_of,
    variables_of,
)
from tdxverify.logic.layout import Cell
from tdxverify.logic.operators import Comparison, Kind, Level, Op
from tdxverify.logic.order import neighbours
from tdxverify.logic.sorts import BOOL, IndexSort, show


def show_call(name: str, arguments: Iterable[str]) -> str:
    """`name(a, b)`, or the name alone where there are no arguments."""
    shown = ", ".join(arguments)
    return f"{name}({shown})" if shown else name


def show_instance(name: str, elements: Sequence[str]) -> str:
    """`guest[Td0]`, or the name alone where it is for one only."""
    return f"{name}[{', '.join(elements)}]" if elements else name


def written_name(bound: Bound) -> str:
    """The name in the source; what follows the `$` only keeps equal names apart."""
    return bound.name.partition("$")[0]


SECOND_RUN = "in the second run"  # ends the name of a symbol that is about the second of two runs


def show_expression(expr: Expr, names: Mapping[Bound, str] | None = None) -> str:
    """`expr` as text; `names` are used for variables that occur free."""
    return _Shower(names or {}).text(expr, Level.QUANTIFIED)


def told_formulas(formulas: Iterable[Expr]) -> dict[str, Expr]:
    """Closed formulas by their text, in the order in which all who list them do: sorted, each text once."""
    found = {show_expression(formula): formula for formula in formulas}
    return {text: found[text] for text in sorted(found)}


def show_cell(cell: Cell) -> str:
    """`poison[Line0]`, `kexec at`, `flusher[Cpu0] at`, `guest[Td0] took #MC`."""
    values = zip(cell.symbol.indices, cell.indices, strict=True)
    return _indexed(cell.symbol, [show(sort, value) for sort, value in values])


def _indexed(symbol: Symbol, indices: Sequence[str], prime: str = "") -> str:
    shown = f"[{', '.join(indices)}]" if indices else ""
    if symbol.implicit in (Implicit.COUNTER, Implicit.TOOK, Implicit.DEAD) and indices:
        who = symbol.about[0]
        return f"{who}{prime}{shown}{symbol.name.removeprefix(who)}"
    if symbol.implicit is Implicit.SECOND:
        return f"{symbol.name.removesuffix(SECOND_RUN).rstrip()}{prime}{shown} {SECOND_RUN}"
    return f"{symbol.name}{prime}{shown}"


def as_written(index: Expr) -> Expr:
    """An index without what stands in for it where there is no such cell, which is a mistake of the spec."""
    match index:
        case Apply(
            op=Op.ITE,
            arguments=(
                Apply(op=Op.NOT, arguments=(Apply(op=order, arguments=sides),)),
                Const() as end,
                rest,
            ),
        ) if order.row.kind is Kind.ORDER:
            inner = as_written(rest)
            return inner if sides in ((inner, end), (end, inner)) else index
        case _:
            return index


class _Shower:
    def __init__(self, names: Mapping[Bound, str]) -> None:
        self._names = names

    def text(self, expr: Expr, level: Level) -> str:
        """`expr` as an operand that must bind at least as tightly as `level`."""
        text, own = self._shown(expr)
        return text if own >= level else f"({text})"

    def _shown(self, expr: Expr) -> tuple[str, Level]:
        match expr:
            case Const(value=0, sort=IndexSort(name=name, is_ordered=True)):
                return f"first({name})", Level.PRIMARY
            case Const(value=value, sort=sort):
                return show(sort, value), Level.PRIMARY
            case Bound():
                return self._names.get(expr, written_name(expr)), Level.PRIMARY
            case Read(symbol=symbol):
                text = self._read(expr)
                return text, Level.COMPARISON if symbol.implicit else Level.PRIMARY
            case Quantified():
                return self._quantified(expr), Level.QUANTIFIED
            case Apply(op=Op.NOT, arguments=(inner,)):
                return self._negation(inner)
            case Apply(op=Op.THE, arguments=(inner,)):
                return self._shown(inner)
            case Apply(op=Op.ITE, arguments=arguments):
                test, then, otherwise = (self.text(part, Level.QUANTIFIED) for part in arguments)
                return f"if {test} then {then} else {otherwise}", Level.QUANTIFIED
            case Apply():
                return self._operation(expr)

    def _read(self, expr: Read) -> str:
        indices = [self.text(as_written(index), Level.QUANTIFIED) for index in expr.indices]
        return _indexed(expr.symbol, indices, "'" if expr.primed else "")

    def _quantified(self, expr: Quantified) -> str:
        inner = _Shower(self._apart(expr))
        groups = []
        for sort, binders in groupby(expr.binders, key=lambda binder: binder.sort):
            groups.append(f"{', '.join(inner.text(b, Level.PRIMARY) for b in binders)} : {sort}")
        word = "forall" if expr.universal else "exists"
        return f"{word} {', '.join(groups)}: {inner.text(expr.body, Level.QUANTIFIED)}"

    def _apart(self, expr: Quantified) -> dict[Bound, str]:
        """Names for variables: as written, with a number where the body of `expr` means others by that."""
        names = dict(self._names)
        inside = set(variables_of(expr.body))
        taken = {names.get(one, written_name(one)) for one in inside if one not in expr.binders}
        taken |= names_of(expr.body)
        for binder in expr.binders:
            base, number = written_name(binder), 2
            name = base
            while name in taken:
                name, number = f"{base}{number}", number + 1
            names[binder] = name
            taken.add(name)
        return names

    def _operation(self, expr: Apply) -> tuple[str, Level]:
        row, level = expr.op.row, expr.op.row.level
        first, second = expr.arguments[0], expr.arguments[-1]
        if row.comparison is not None and first.sort == BOOL:
            return f"{self.text(first, Level.IMPLIES)} iff {self.text(second, Level.IMPLIES)}", Level.IFF
        if row.comparison is not None:
            return self._comparison(row.comparison, first, second, holds=True), level
        tighter = Level(level + 1)
        if level is Level.IMPLIES:
            return f"{self.text(first, tighter)} {row.name} {self.text(second, level)}", level
        if row.arity is None:
            parts = self._joined(expr, tighter)
            return f" {row.name} ".join(parts), level if len(parts) > 1 else Level.COMPARISON
        return f"{self.text(first, level)} {row.name} {self.text(second, tighter)}", level

    def _joined(self, expr: Apply, level: Level) -> list[str]:
        """The operands of a junction, two of which may be what `next after` says."""
        told: dict[int, str | None] = {}
        for place, other, later, earlier in neighbours(expr.arguments) if expr.op is Op.AND else ():
            told[place] = f"{self.text(later, Level.SUM)} next after {self.text(earlier, Level.SUM)}"
            told[other] = None
        parts = (told.get(n, self.text(one, level)) for n, one in enumerate(expr.arguments))
        return [part for part in parts if part is not None]

    def _comparison(self, comparison: Comparison, left: Expr, right: Expr, *, holds: bool) -> str:
        turned = isinstance(left, Const) and not isinstance(right, Const)
        sign = comparison.said(holds=holds, turned=turned).sign
        if turned:
            left, right = right, left
        if isinstance(left, Read) and _is_counter(left) and sign == "=" and isinstance(right, Const):
            return f"{self._read(left)} {self.text(right, Level.SUM)}"
        return f"{self.text(left, Level.SUM)} {sign} {self.text(right, Level.SUM)}"

    def _negation(self, inner: Expr) -> tuple[str, Level]:
        if isinstance(inner, Apply) and inner.op.row.comparison is not None:
            left, right = inner.arguments
            if left.sort != BOOL and not (_is_counter(left) or _is_counter(right)):
                return self._comparison(inner.op.row.comparison, left, right, holds=False), Level.COMPARISON
        if isinstance(inner, Quantified):
            return f"not {self._quantified(inner)}", Level.QUANTIFIED
        return f"not {self.text(inner, Level.NOT)}", Level.NOT


def _is_counter(expr: Expr) -> bool:
    return isinstance(expr, Read) and expr.symbol.implicit is Implicit.COUNTER
