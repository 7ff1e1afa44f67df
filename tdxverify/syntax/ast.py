"""Surface syntax: what was written, nothing decided yet.

Every node carries a `span`, which takes no part in equality, so that
`parse(print(m)) == m` compares meaning-bearing structure only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from tdxverify.source import Span


def _span() -> Span:
    return field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier where it is declared or used."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Citation:
    """A fact id such as `F-TDX-31`."""

    identifier: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Annotations:
    """The optional description string and citations that any declaration may carry."""

    description: str | None = None
    citations: tuple[Citation, ...] = ()


# --- types -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoolType:
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NamedType:
    """An enum or an index sort, by name."""

    name: Name
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RangeType:
    """`low..high`, both included; bounds are integer literals, possibly negative."""

    low: int
    high: int
    span: Span = _span()


Type: TypeAlias = BoolType | NamedType | RangeType


@dataclass(frozen=True, slots=True)
class Binder:
    """`name : type`, in parameter lists and after `forall`/`exists`/`foreach`."""

    name: Name
    type: Type
    span: Span = _span()


# --- expressions -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoolLiteral:
    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IntLiteral:
    value: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NameExpr:
    """A variable, parameter, enum member or argument-less define: `phase`, `running`, `Phase.running`.

    `primed` is `phase'`, the value after the step, allowed in `step` properties only.
    """

    name: Name
    qualifier: Name | None = None
    primed: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IndexExpr:
    """`name[e, ...]`, or primed `name'[e, ...]`."""

    name: Name
    indices: tuple[Expr, ...]
    primed: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class CallExpr:
    """`define(e, ...)`."""

    name: Name
    arguments: tuple[Expr, ...]
    span: Span = _span()


class UnaryOperator(Enum):
    NOT = "not"
    NEGATE = "-"


class BinaryOperator(Enum):
    IFF = "iff"
    IMPLIES = "implies"
    OR = "or"
    AND = "and"
    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "div"
    MODULO = "mod"


@dataclass(frozen=True, slots=True)
class Unary:
    operator: UnaryOperator
    operand: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Binary:
    operator: BinaryOperator
    left: Expr
    right: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class SetMember:
    """`e in { a, b }`."""

    element: Expr
    choices: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class RangeMember:
    """`e in 1..3`."""

    element: Expr
    type: RangeType
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IfExpr:
    """`if c then a else b`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = _span()


class Quantifier(Enum):
    FORALL = "forall"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: Quantifier
    binders: tuple[Binder, ...]
    body: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AtLabel:
    """`kexec at jump`, `flusher[c] at done`: where a process stands."""

    process: Name
    indices: tuple[Expr, ...]
    label: Name
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TookFault:
    """`host_kernel took #MC`: the actor has taken that fault at some time before. `actor` is None for `anyone`."""

    actor: Name | None
    fault: Name
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IsDead:
    """`host_kernel is dead`: a fatal fault has stopped that actor."""

    actor: Name
    span: Span = _span()


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
    | IfExpr
    | Quantified
    | AtLabel
    | TookFault
    | IsDead
)


# --- statements ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnyValue:
    """The right side `any`, or `any { a, b }`: the environment chooses."""

    choices: tuple[Expr, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Assign:
    """`name[indices] := value`."""

    target: Name
    indices: tuple[Expr, ...]
    value: Expr | AnyValue
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FaultHandler:
    """`on #MC { ... }` behind an access: what is done instead of giving up the step."""

    fault: Name
    body: tuple[Statement, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Access:
    """`host_read(l)`: perform an access; the table decides what happens."""

    name: Name
    arguments: tuple[Expr, ...]
    handlers: tuple[FaultHandler, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IfStatement:
    """`if c { } else if d { } else { }`; branches in order, `otherwise` may be empty."""

    branches: tuple[tuple[Expr, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Foreach:
    """`foreach l : Line { }` inside one step: all elements at once, atomically."""

    binders: tuple[Binder, ...]
    body: tuple[Statement, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Either:
    """`either { } or { }`: the environment chooses a branch."""

    branches: tuple[tuple[Statement, ...], ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class When:
    """`when e` among statements: the step can only be taken where e holds at this point."""

    condition: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Goto:
    """`goto label`; last statement of its branch, in process steps only."""

    label: Name
    span: Span = _span()


Statement: TypeAlias = Assign | Access | IfStatement | Foreach | Either | When | Goto


# --- process bodies --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """`label: when e { ... }`: one atomic step."""

    label: Name
    guard: Expr | None
    body: tuple[Statement, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class WhileItem:
    """`label: while e { ... }`. The body is labelled items, or statements that make one step."""

    label: Name
    condition: Expr
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ForeachItem:
    """`label: foreach l : Line { ... }`: one element after another, in any order, interruptible between."""

    label: Name
    binder: Binder
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class EitherItem:
    """`label: either { items } or { items }`: a choice between labelled continuations."""

    label: Name
    branches: tuple[tuple[ProcessItem, ...], ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


ProcessItem: TypeAlias = Step | WhileItem | ForeachItem | EitherItem


# --- declarations ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParamDecl:
    """`param erratum : bool "..." cite ...`."""

    name: Name
    type: Type
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AssumeDecl:
    """`assume e`: a constraint between parameters and constants."""

    condition: Expr
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IndexDecl:
    """`index Line`: a sort of unstated size."""

    name: Name
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class EnumDecl:
    name: Name
    members: tuple[Name, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FaultDecl:
    """`fault #MC "..." fatal kills a, b must not reach c`, or `fixable`."""

    name: Name
    fixable: bool
    fatal: bool
    kills: tuple[Name, ...]
    must_not_reach: tuple[Name, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ActorDecl:
    """`actor a, b`."""

    names: tuple[Name, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IndexPosition:
    """One index of a state or constant: `Line`, or `l : Line` where the initial value needs the name."""

    name: Name | None
    sort: Name
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ConstDecl:
    """`const page_of[Line] : Page` or `const limit : 0..7 = 3`; without a value it is left open."""

    name: Name
    indices: tuple[IndexPosition, ...]
    type: Type
    value: Expr | None
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StateDecl:
    """`state dirty[Cpu, Line] : bool = false`; `initial` None or a set means a free initial value.

    Fields of `memory Line { poison : bool = false }` are StateDecls with one index and `memory` set.
    """

    name: Name
    indices: tuple[IndexPosition, ...]
    type: Type
    initial: Expr | AnyValue | None
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class MemoryDecl:
    """`memory Line { field : type = value ... }`."""

    sort: Name
    fields: tuple[StateDecl, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class InitDecl:
    """`init e`: a further constraint on initial states."""

    condition: Expr
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class DefineDecl:
    """`define shared(l : Line) : bool = e`; the result type may be left out."""

    name: Name
    parameters: tuple[Binder, ...]
    type: Type | None
    value: Expr
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AccessRow:
    """`guard -> outcome { effects }`; `guard` None is `otherwise`.

    `fault` is the fault's name, or None for `ok` and `dropped`; `result` is `ok`, `dropped` or
    `fault`; `detail` the word in `ok(zeros)`.
    """

    guard: Expr | None
    result: str
    detail: str | None
    fault: Name | None
    effects: tuple[Statement, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AccessDecl:
    name: Name
    parameters: tuple[Binder, ...]
    rows: tuple[AccessRow, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ActionDecl:
    """`action donate(l : Line) by tdx_module when e { ... }`."""

    name: Name
    parameters: tuple[Binder, ...]
    actor: Name | None
    guard: Expr | None
    body: tuple[Statement, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ProcessDecl:
    """`process kexec by host_kernel { ... }`, or `process flush(c : Cpu) by ...` for one instance per CPU."""

    name: Name
    parameters: tuple[Binder, ...]
    actor: Name | None
    items: tuple[ProcessItem, ...]
    annotations: Annotations = Annotations()
    span: Span = _span()


class PropertyKind(Enum):
    NEVER = "never"
    ALWAYS = "always"
    REACHABLE = "reachable"
    STEP = "step"
    NEVER_TAKES = "takes"
    NEVER_DEADLOCK = "deadlock"
    CONTAINED = "contained"


@dataclass(frozen=True, slots=True)
class PropertyDecl:
    """`property p "..." never e`.

    `condition` is set for never, always, reachable and step; `actor` (None = anyone) and `fault`
    for `never A takes #F`; `fault` for `#F contained` (no actor it must not reach ever takes it).
    """

    name: Name
    kind: PropertyKind
    condition: Expr | None
    actor: Name | None
    fault: Name | None
    annotations: Annotations = Annotations()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class SizeClause:
    """`Line = 2` (`at_most` False) or `Cpu <= 3`."""

    sort: Name
    at_most: bool
    size: int
    span: Span = _span()


class Expected(Enum):
    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"


@dataclass(frozen=True, slots=True)
class CheckDecl:
    """`check p, q for Line = 2 where e expect refuted in 5`."""

    properties: tuple[Name, ...]
    sizes: tuple[SizeClause, ...]
    any_size: bool
    where: Expr | None
    expected: Expected
    expected_length: int | None
    annotations: Annotations = Annotations()
    span: Span = _span()


Declaration: TypeAlias = (
    ParamDecl
    | AssumeDecl
    | IndexDecl
    | EnumDecl
    | FaultDecl
    | ActorDecl
    | ConstDecl
    | StateDecl
    | MemoryDecl
    | InitDecl
    | DefineDecl
    | AccessDecl
    | ActionDecl
    | ProcessDecl
    | PropertyDecl
    | CheckDecl
)


@dataclass(frozen=True, slots=True)
class Import:
    """`import platform.tdx` or `import "rules/local.tdx"`; `path` is what was written, without quotes."""

    path: str
    quoted: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Module:
    """One file."""

    name: Name | None
    imports: tuple[Import, ...]
    declarations: tuple[Declaration, ...]
    span: Span = _span()
