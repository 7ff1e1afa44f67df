"""Core expressions as Python source over one packed state, the local variable `s`.

Tests of single cells against constants ("literals") are merged: a conjunction of any number of them
becomes one `s & mask == bits`. Other reads of a known cell are written as a placeholder such as
`c17` (state) or `r3` (rigid); `resolve` later puts the extraction in its place, or in front of the
code as an assignment if it occurs more than once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdxverify.logic.evaluate import addressing
from tdxverify.logic.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Quantified,
    Read,
    Role,
    Symbol,
    fixed_by,
    negation,
)
from tdxverify.logic.grounding import constant_indices
from tdxverify.logic.layout import Layout
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.operators import PythonLevel as Level
from tdxverify.logic.packing import Field, Packing
from tdxverify.logic.sorts import BOOL, Sizes, domain


@dataclass(frozen=True, slots=True)
class Source:
    text: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The text as an operand that must bind at least as tightly as `level`."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Literal:
    """`s & mask == bits`."""

    mask: int
    bits: int

    def meet(self, other: Literal) -> Literal | None:
        """Both at once; None if they contradict each other."""
        if (self.bits ^ other.bits) & self.mask & other.mask:
            return None
        return Literal(self.mask | other.mask, self.bits | other.bits)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of one symbol are: at index values v the shift is `top` - sum of v[k] * steps[k]."""

    top: int
    steps: tuple[int, ...]
    width: int
    low: int
    allowed: range

    @property
    def full(self) -> int:
        return (1 << self.width) - 1

    def shift(self, values: Sequence[int]) -> int:
        return self.top - sum(v * step for v, step in zip(values, self.steps, strict=True))


_PLACEHOLDER = re.compile(r"\b[rc]\d+\b")


class Translator:
    """`names` says what variables are called in the generated code; callers extend it as they open loops."""

    def __init__(self, packing: Packing, rigid: Layout, state: Layout, sizes: Sizes) -> None:
        self.packing = packing
        self.names: dict[Bound, str] = {}
        self._layouts = {Role.RIGID: rigid, Role.STATE: state}
        self._sizes = sizes
        self._places: dict[Symbol, Place] = {}

    def place(self, symbol: Symbol) -> Place:
        found = self._places.get(symbol)
        if found is None:
            layout = self._layouts[symbol.role]
            base, strides = addressing(layout, symbol, self._sizes)
            first = layout.offset[symbol.name]
            field = self._fields(symbol.role)[first]
            steps = tuple(stride * field.width for stride in strides)
            top = field.shift + (first - base) * field.width
            allowed = domain(symbol.sort, self._sizes)
            found = Place(top, steps, field.width, field.low, allowed)
            self._places[symbol] = found
        return found

    def _fields(self, role: Role) -> tuple[Field, ...]:
        return self.packing.rigid if role is Role.RIGID else self.packing.state

    # --- conditions: true or false as Python sees it --------------------------

    def condition(self, expr: Expr) -> Source:
        literal = self.literal(expr)
        if literal is not None:
            return _test(literal)
        match expr:
            case Const(value=value):
                return Source("True" if value else "False")
            case Bound():
                return Source(self.names[expr])
            case Read():
                return self._dynamic_read(expr)
            case Quantified():
                return self._quantified(expr)
            case Apply(op=op, arguments=arguments):
                return self._condition_of(op, arguments)

    def _condition_of(self, op: Op, arguments: tuple[Expr, ...]) -> Source:
        match op:
            case Op.AND:
                return self._conjunction(arguments)
            case Op.OR:
                return self._disjunction(arguments)
            case Op.NOT:
                return _not(self.condition(arguments[0]))
            case Op.IMPLIES:
                return self._disjunction((negation(arguments[0]), arguments[1]))
            case Op.ITE:
                test, then, otherwise = (self.condition(part) for part in arguments)
                return conditional(test, then, otherwise)
            case _:
                return self._computed(op, arguments)

    def literal(self, expr: Expr) -> Literal | None:
        if expr.sort != BOOL:
            return None
        found = fixed_by(expr)
        if found is None:
            return None
        cell, constant = found
        indices = constant_indices(cell)
        place = self.place(cell.symbol)
        if cell.primed or indices is None or constant.value not in place.allowed:
            return None
        shift = place.shift(indices)
        return Literal(place.full << shift, (constant.value - place.low) << shift)

    def _conjunction(self, parts: Sequence[Expr]) -> Source:
        merged, others = self._merge(parts)
        if merged is None:
            return Source("False")
        texts = [] if not merged.mask else [_test(merged).at(Level.NOT)]
        texts += [self.condition(part).at(Level.NOT) for part in others]
        return _joined(texts, "and", Level.AND, empty="True")

    def _disjunction(self, parts: Sequence[Expr]) -> Source:
        """Literals by their negations: some disjunct holds unless all negations do."""
        merged, others = self._merge([negation(part) for part in parts])
        if merged is None:
            return Source("True")
        texts = [] if not merged.mask else [_not(_test(merged)).at(Level.AND)]
        texts += [self.condition(negation(part)).at(Level.AND) for part in others]
        return _joined(texts, "or", Level.OR, empty="False")

    def _merge(self, parts: Sequence[Expr]) -> tuple[Literal | None, list[Expr]]:
        """The meet of those parts that are literals, and the rest. None: they contradict one another."""
        merged: Literal | None = Literal(0, 0)
        others: list[Expr] = []
        for part in parts:
            literal = self.literal(part)
            if literal is None:
                others.append(part)
            elif merged is not None:
                merged = merged.meet(literal)
        return merged, others

    def _quantified(self, expr: Quantified) -> Source:
        loops: list[str] = []
        for binder in expr.binders:
            values = domain(binder.sort, self._sizes)
            name = self.names.setdefault(binder, f"q{len(self.names)}")
            loops.append(f"for {name} in range({values.start}, {values.stop})")
        body = self.condition(expr.body).text
        return Source(f"{'all' if expr.universal else 'any'}({body} {' '.join(loops)})")

    # --- values: integers -----------------------------------------------------

    def value(self, expr: Expr) -> Source:
        match expr:
            case Const(value=value):
                return Source(str(value))
            case Bound():
                return Source(self.names[expr])
            case Read():
                indices = constant_indices(expr)
                return self._dynamic_read(expr) if indices is None else self._placeholder(expr, indices)
            case Apply(op=Op.ITE, arguments=(test, then, otherwise)):
                return conditional(self.condition(test), self.value(then), self.value(otherwise))
            case Apply(op=op, arguments=arguments) if op.row.kind is Kind.ARITHMETIC:
                return self._computed(op, arguments)
            case Apply(op=op, arguments=(operand,)) if op.row.kind is Kind.ELEMENT:
                return Source(f"max({self.value(operand).text}, 0)")
            case _:
                return conditional(self.condition(expr), Source("1"), Source("0"))

    def _placeholder(self, expr: Read, indices: tuple[int, ...]) -> Source:
        role = expr.symbol.role
        base, strides = addressing(self._layouts[role], expr.symbol, self._sizes)
        position = base + sum(v * stride for v, stride in zip(indices, strides, strict=True))
        return Source(f"{'r' if role is Role.RIGID else 'c'}{position}")

    def _dynamic_read(self, expr: Read) -> Source:
        place = self.place(expr.symbol)
        shift = self.shift(place, expr.indices).at(Level.SUM)
        return offset(Source(f"s >> {shift} & {place.full}", Level.BIT_AND), place.low)

    def shift(self, place: Place, indices: Sequence[Expr]) -> Source:
        """The shift of the cell at `indices`, some of which are only known when the code runs."""
        known = place.top
        text = ""
        for index, step in zip(indices, place.steps, strict=True):
            if isinstance(index, Const):
                known -= index.value * step
            else:
                text += f" - {self.value(index).at(Level.PRODUCT)} * {step}"
        return Source(f"{known}{text}", Level.SUM if text else Level.ATOM)

    def _computed(self, op: Op, arguments: tuple[Expr, ...]) -> Source:
        written = op.row.python
        assert written is not None, f"{op} is written by nobody"
        left, right = (self.value(part) for part in arguments)
        return Source(written.text.format(left.at(written.left), right.at(written.right)), written.level)

    # --- placeholders ---------------------------------------------------------

    def extraction(self, placeholder: str) -> Source:
        """The source that extracts a cell's value from `s`."""
        role = Role.RIGID if placeholder[0] == "r" else Role.STATE
        field = self._fields(role)[int(placeholder[1:])]
        mask = (1 << field.width) - 1
        shifted = f"s >> {field.shift}" if field.shift else "s"
        return offset(Source(f"{shifted} & {mask}", Level.BIT_AND), field.low)

    def inline(self, line: str, hoisted: set[str]) -> str:
        """`line` with every placeholder that is not `hoisted` replaced by its extraction."""

        def replacement(match: re.Match[str]) -> str:
            name = match.group()
            return name if name in hoisted else f"({self.extraction(name).text})"

        return _PLACEHOLDER.sub(replacement, line)


def placeholders(line: str) -> list[str]:
    """All placeholders in `line`, once per occurrence."""
    return _PLACEHOLDER.findall(line)


def _test(literal: Literal) -> Source:
    if literal.mask == 0:
        return Source("True")
    if literal.bits == 0:
        return Source(f"not s & {literal.mask}", Level.NOT)
    if literal.mask.bit_count() == 1:
        return Source(f"s & {literal.mask}", Level.BIT_AND)
    return Source(f"s & {literal.mask} == {literal.bits}", Level.COMPARE)


def _not(source: Source) -> Source:
    if source.level is Level.NOT:
        return Source(source.text.removeprefix("not "), Level.COMPARE)
    return Source(f"not {source.at(Level.NOT)}", Level.NOT)


def _joined(texts: list[str], word: str, level: Level, *, empty: str) -> Source:
    if not texts:
        return Source(empty)
    return Source(f" {word} ".join(texts), level if len(texts) > 1 else Level.CONDITIONAL)


def conditional(test: Source, then: Source, otherwise: Source) -> Source:
    """`then if test else otherwise`."""
    text = f"{then.at(Level.OR)} if {test.at(Level.OR)} else {otherwise.text}"
    return Source(text, Level.CONDITIONAL)


def offset(source: Source, low: int) -> Source:
    """`source` + `low`."""
    if low == 0:
        return source
    return Source(f"{source.at(Level.SUM)} {'+' if low > 0 else '-'} {abs(low)}", Level.SUM)
