"""Core expressions and cells as text, close to what the user could have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import groupby

from tdxverify.model.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Implicit,
    Op,
    Quantified,
    Read,
    Symbol,
    names_of,
    variables_of,
)
from tdxverify.model.layout import Cell
from tdxverify.model.sorts import BOOL, show


class _Level(IntEnum):
    """How tightly something binds, loosest first."""

    QUANTIFIED = 0
    IFF = 1
    IMPLIES = 2
    OR = 3
    AND = 4
    NOT = 5
    COMPARISON = 6
    SUM = 7
    PRODUCT = 8
    PRIMARY = 9


_SIGNS = {
    Op.AND: ("and", _Level.AND),
    Op.OR: ("or", _Level.OR),
    Op.IMPLIES: ("implies", _Level.IMPLIES),
    Op.EQ: ("=", _Level.COMPARISON),
    Op.LT: ("<", _Level.COMPARISON),
    Op.LE: ("<=", _Level.COMPARISON),
    Op.ADD: ("+", _Level.SUM),
    Op.SUB: ("-", _Level.SUM),
    Op.MUL: ("*", _Level.PRODUCT),
    Op.DIV: ("div", _Level.PRODUCT),
    Op.MOD: ("mod", _Level.PRODUCT),
}
_NEGATED = {"=": "!=", "<": ">=", "<=": ">"}
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def show_call(name: str, arguments: Iterable[str]) -> str:
    """`name(a, b)`, or the name alone where there are no arguments."""
    shown = ", ".join(arguments)
    return f"{name}({shown})" if shown else name


def written_name(bound: Bound) -> str:
    """The name in the source; what follows the `$` only keeps equal names apart."""
    return bound.name.partition("$")[0]


def show_expression(expr: Expr, names: Mapping[Bound, str] | None = None) -> str:
    """`expr` as text; `names` are used for variables that occur free."""
    return _Shower(names or {}).text(expr, _Level.QUANTIFIED)


def show_cell(cell: Cell) -> str:
    """`poison[Line0]`, `kexec at`, `flusher[Cpu0] at`."""
    values = zip(cell.symbol.indices, cell.indices, strict=True)
    return _indexed(cell.symbol, [show(sort, value) for sort, value in values])


def _indexed(symbol: Symbol, indices: Sequence[str], prime: str = "") -> str:
    shown = f"[{', '.join(indices)}]" if indices else ""
    if symbol.implicit is Implicit.COUNTER and indices:
        return f"{symbol.about[0]}{prime}{shown} at"
    return f"{symbol.name}{prime}{shown}"


class _Shower:
    def __init__(self, names: Mapping[Bound, str]) -> None:
        self._names = names

    def text(self, expr: Expr, level: _Level) -> str:
        """`expr` as an operand that must bind at least as tightly as `level`."""
        text, own = self._shown(expr)
        return text if own >= level else f"({text})"

    def _shown(self, expr: Expr) -> tuple[str, _Level]:
        match expr:
            case Const(value=value, sort=sort):
                return show(sort, value), _Level.PRIMARY
            case Bound():
                return self._names.get(expr, written_name(expr)), _Level.PRIMARY
            case Read(symbol=symbol):
                text = self._read(expr)
                return text, _Level.COMPARISON if symbol.implicit else _Level.PRIMARY
            case Quantified():
                return self._quantified(expr), _Level.QUANTIFIED
            case Apply(op=Op.NOT, arguments=(inner,)):
                return self._negation(inner)
            case Apply(op=Op.ITE, arguments=arguments):
                test, then, otherwise = (self.text(part, _Level.QUANTIFIED) for part in arguments)
                return f"if {test} then {then} else {otherwise}", _Level.QUANTIFIED
            case Apply():
                return self._operation(expr)

    def _read(self, expr: Read) -> str:
        indices = [self.text(index, _Level.QUANTIFIED) for index in expr.indices]
        return _indexed(expr.symbol, indices, "'" if expr.primed else "")

    def _quantified(self, expr: Quantified) -> str:
        inner = _Shower(self._apart(expr))
        groups = []
        for sort, binders in groupby(expr.binders, key=lambda binder: binder.sort):
            groups.append(f"{', '.join(inner.text(b, _Level.PRIMARY) for b in binders)} : {sort}")
        word = "forall" if expr.universal else "exists"
        return f"{word} {', '.join(groups)}: {inner.text(expr.body, _Level.QUANTIFIED)}"

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

    def _operation(self, expr: Apply) -> tuple[str, _Level]:
        sign, level = _SIGNS[expr.op]
        first, second = expr.arguments[0], expr.arguments[-1]
        if expr.op is Op.EQ and first.sort == BOOL:
            return f"{self.text(first, _Level.IMPLIES)} iff {self.text(second, _Level.IMPLIES)}", _Level.IFF
        if level is _Level.COMPARISON:
            return self._comparison(sign, first, second), level
        if expr.op is Op.IMPLIES:
            return f"{self.text(first, _Level.OR)} implies {self.text(second, _Level.IMPLIES)}", level
        tighter = _Level(level + 1)
        if expr.op in (Op.AND, Op.OR):
            return f" {sign} ".join(self.text(part, tighter) for part in expr.arguments), level
        return f"{self.text(first, level)} {sign} {self.text(second, tighter)}", level

    def _comparison(self, sign: str, left: Expr, right: Expr) -> str:
        if isinstance(left, Const) and not isinstance(right, Const):
            return self._comparison(_FLIPPED[sign], right, left)
        if isinstance(left, Read) and _is_counter(left) and sign == "=" and isinstance(right, Const):
            return f"{self._read(left)} {self.text(right, _Level.SUM)}"
        return f"{self.text(left, _Level.SUM)} {sign} {self.text(right, _Level.SUM)}"

    def _negation(self, inner: Expr) -> tuple[str, _Level]:
        if isinstance(inner, Apply) and inner.op in (Op.EQ, Op.LT, Op.LE):
            left, right = inner.arguments
            if left.sort != BOOL and not (_is_counter(left) or _is_counter(right)):
                return self._comparison(_NEGATED[_SIGNS[inner.op][0]], left, right), _Level.COMPARISON
        if isinstance(inner, Quantified):
            return f"not {self._quantified(inner)}", _Level.QUANTIFIED
        return f"not {self.text(inner, _Level.NOT)}", _Level.NOT


def _is_counter(expr: Expr) -> bool:
    return isinstance(expr, Read) and expr.symbol.implicit is Implicit.COUNTER
