"""Surface syntax of names, types and expressions. Imported through `tdxverify.syntax.ast`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from tdxverify.source import Span
from tdxverify.syntax.operators import BinaryOperator, UnaryOperator


def span_field() -> Any:
    """The position of a node: it takes no part in equality, so that nodes compare by what they say."""
    return field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier where it is declared or used."""

    text: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Citation:
    """A fact id such as `F-TDX-31`."""

    identifier: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Annotations:
    """The optional description string and citations that any declaration may carry."""

    description: str | None = None
    citations: tuple[Citation, ...] = ()


# --- types -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoolType:
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class NamedType:
    """An enum or an index sort, by name."""

    name: Name
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RangeType:
    """`low..high`, both included; bounds are integer literals, possibly negative."""

    low: int
    high: int
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class OptionalType:
    """`type or none`."""

    type: BoolType | NamedType | RangeType
    span: Span = span_field()


Type: TypeAlias = BoolType | NamedType | RangeType | OptionalType


@dataclass(frozen=True, slots=True)
class Binder:
    """`name : type`, in parameter lists and after `forall`/`exists`/`foreach`."""

    name: Name
    type: Type
    span: Span = span_field()


# --- expressions -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoolLiteral:
    value: bool
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IntLiteral:
    value: int
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class NameExpr:
    """A variable, parameter, enum member or argument-less define: `phase`, `running`, `Phase.running`.

    `primed` is `phase'`, the value after the step, allowed in `step` properties only.
    """

    name: Name
    qualifier: Name | None = None
    primed: bool = False
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IndexExpr:
    """`name[e, ...]`, or primed `name'[e, ...]`."""

    name: Name
    indices: tuple[Expr, ...]
    primed: bool = False
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class CallExpr:
    """`define(e, ...)`."""

    name: Name
    arguments: tuple[Expr, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Unary:
    operator: UnaryOperator
    operand: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Binary:
    operator: BinaryOperator
    left: Expr
    right: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class SetMember:
    """`e in { a, b }`."""

    element: Expr
    choices: tuple[Expr, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RangeMember:
    """`e in 1..3`."""

    element: Expr
    type: RangeType
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class NextAfter:
    """`b next after a`: of an ordered index sort, the element `later` follows `earlier` with none between."""

    later: Expr
    earlier: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IfExpr:
    """`if c then a else b`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = span_field()


class Quantifier(Enum):
    FORALL = "forall"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: Quantifier
    binders: tuple[Binder, ...]
    body: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Count:
    """`count l : Line: e`: for how many elements `e` holds. Only compared with a fixed number."""

    binders: tuple[Binder, ...]
    body: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class AtLabel:
    """`kexec at jump`, `flusher[c] at done`: where a process stands."""

    process: Name
    indices: tuple[Expr, ...]
    label: Name
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Took:
    """`host_kernel took #MC`, `guest took ok(zeros)`: an access of that actor has had this outcome some time
    before. `actor` None is `anyone`; `indices` say which of several that it is the name of."""

    actor: Name | None
    indices: tuple[Expr, ...]
    outcome: Name
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IsDead:
    """`host_kernel is dead`, `guest[t] is dead`: a fatal fault has stopped that actor."""

    actor: Name
    indices: tuple[Expr, ...]
    span: Span = span_field()


Expr: TypeAlias = (
    BoolLiteral
    | IntLiteral
    | NameExpr
    | IndexExpr
    | CallExpr
    | Unary
    | Binary
    | SetMember
    | RangeMember
    | NextAfter
    | IfExpr
    | Quantified
    | Count
    | AtLabel
    | Took
    | IsDead
)
