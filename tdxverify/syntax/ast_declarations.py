"""Surface syntax of declarations. Imported through `tdxverify.syntax.ast`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.source import Span
from tdxverify.syntax.ast_expressions import (
    Annotations,
    Binder,
    Expr,
    Name,
    NamedType,
    RangeType,
    Type,
    span_field,
)
from tdxverify.syntax.ast_statements import (
    NO_ANNOTATIONS,
    AnyValue,
    Emit,
    ProcessItem,
    Refinement,
    Statement,
    refinements_field,
)
from tdxverify.syntax.claims import Expected, Fair, PropertyKind


@dataclass(frozen=True, slots=True)
class ParamDecl:
    """`param erratum : bool "..." cite ...`."""

    name: Name
    type: Type
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class AssumeDecl:
    """`assume e`: a constraint between parameters and constants."""

    condition: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IndexDecl:
    """`index Line`: a sort of unstated size; `index Epoch ordered`: one whose elements have an order."""

    name: Name
    annotations: Annotations = NO_ANNOTATIONS
    is_ordered: bool = False
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class EnumDecl:
    name: Name
    members: tuple[Name, ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class FaultDecl:
    """`fault #MC "..." fatal halts kills a, b must not reach c`, or `fixable`."""

    name: Name
    fixable: bool
    fatal: bool
    halts: bool
    kills: tuple[Name, ...]
    must_not_reach: tuple[Name, ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ActorDecl:
    """`actor a, b`, `actor guest[Td]`, or `actor a, b stopped when e`. `indices`: of each of `names`.

    `fair`: all that each of them does, taken together.
    """

    names: tuple[Name, ...]
    indices: tuple[tuple[IndexPosition, ...], ...]
    stopped: Expr | None = None
    annotations: Annotations = NO_ANNOTATIONS
    fair: Fair | None = None
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IndexPosition:
    """One index of a state or constant: `Line` or `0..5`, with a name where the initial value needs it."""

    name: Name | None
    type: NamedType | RangeType
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ConstDecl:
    """`const page_of[Line] : Page` or `const limit : 0..7 = 3`; without a value it is left open."""

    name: Name
    indices: tuple[IndexPosition, ...]
    type: Type
    value: Expr | None
    annotations: Annotations = NO_ANNOTATIONS
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class StateDecl:
    """`state dirty[Cpu, Line] : bool = false`; `initial` None or a set means a free initial value.

    Fields of `memory Line { poison : bool = false }` are StateDecls with one index and `memory` set.
    """

    name: Name
    indices: tuple[IndexPosition, ...]
    type: Type
    initial: Expr | AnyValue | None
    annotations: Annotations = NO_ANNOTATIONS
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class MemoryDecl:
    """`memory Line { field : type = value ... }`."""

    type: NamedType | RangeType
    fields: tuple[StateDecl, ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class InitDecl:
    """`init e`: a further constraint on initial states."""

    condition: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class DefineDecl:
    """`define shared(l : Line) : bool = e`; the result type may be left out."""

    name: Name
    parameters: tuple[Binder, ...]
    type: Type | None
    value: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


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
    annotations: Annotations = NO_ANNOTATIONS
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()

    @property
    def outcome(self) -> str:
        """As handlers name it: `ok`, `ok(zeros)`, `dropped` or `#MC`."""
        if self.fault is not None:
            return self.fault.text
        return self.result if self.detail is None else f"{self.result}({self.detail})"


@dataclass(frozen=True, slots=True)
class AccessDecl:
    name: Name
    parameters: tuple[Binder, ...]
    rows: tuple[AccessRow, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ActionDecl:
    """`action donate(l : Line) by tdx_module when e { ... }`, `action run(t : Td) by guest[t] { ... }`."""

    name: Name
    parameters: tuple[Binder, ...]
    actor: Name | None
    actor_indices: tuple[Expr, ...]
    guard: Expr | None
    body: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    fair: Fair | None = None
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ProcessDecl:
    """`process flush(c : Cpu) by a when e { ... }`: one instance per CPU; every step waits for `guard`."""

    name: Name
    parameters: tuple[Binder, ...]
    actor: Name | None
    actor_indices: tuple[Expr, ...]
    guard: Expr | None
    items: tuple[ProcessItem, ...]
    annotations: Annotations = NO_ANNOTATIONS
    fair: Fair | None = None
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class HaltDecl:
    """`halt when e`: nothing moves in such a state."""

    condition: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class SecretDecl:
    """`secret plain, keys`: two runs that are compared may differ in these."""

    names: tuple[Name, ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class View:
    """`phase`, `each p : Page: seen[p]`: what is seen, for each value of `binders`."""

    binders: tuple[Binder, ...]
    value: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ObserverDecl:
    """`observer host sees phase, each p : Page: seen[p]`."""

    name: Name
    views: tuple[View, ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class PropertyDecl:
    """`property p "..." never e`.

    `condition`, `actor` (None = anyone) and `fault` are set where they are parts of the kind. `never guest
    takes #F`: none of those that the name `guest` is for ever does, unless `actor_indices` say which.
    `contained #F`: no actor that the fault must not reach ever takes it. `each p : Page: e leads_to f`: of
    every value of `binders` by itself; `premise` is what stands before `leads_to`. `host cannot tell even by
    steps more than e`: `observer`, `by_steps`, and `views`, which in `host cannot change e` are what `actor`
    cannot change. `claim` is where it is written, without name and annotations.
    """

    name: Name
    kind: PropertyKind
    condition: Expr | None
    actor: Name | None
    actor_indices: tuple[Expr, ...]
    fault: Name | None
    annotations: Annotations = NO_ANNOTATIONS
    binders: tuple[Binder, ...] = ()
    premise: Expr | None = None
    observer: Name | None = None
    by_steps: bool = False
    views: tuple[View, ...] = ()
    span: Span = span_field()
    claim: Span = span_field()


@dataclass(frozen=True, slots=True)
class SizeClause:
    """`Line = 2` (`at_most` False) or `Cpu <= 3`."""

    sort: Name
    at_most: bool
    size: int
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ConfigDecl:
    """`config v5 "as posted" where e`: a name for values of parameters and constants."""

    name: Name
    condition: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class FairClause:
    """`fair retry`, `strongly fair update.wait`: what a check assumes besides what is declared."""

    fair: Fair
    name: Name
    label: Name | None
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class CheckDecl:
    """`check p, q in v5, v6 for Line = 2 assuming fair a where e expect refuted in 5`: each property in each
    configuration; without any, for all values that `where` leaves."""

    properties: tuple[Name, ...]
    sizes: tuple[SizeClause, ...]
    any_size: bool
    where: Expr | None
    expected: Expected
    expected_length: int | None
    annotations: Annotations = NO_ANNOTATIONS
    configs: tuple[Name, ...] = ()
    assuming: tuple[FairClause, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class PreludeDecl:
    """`prelude c "..."`: what reproducers in that language begin with."""

    emit: Emit
    span: Span = span_field()


# --- what an imported file says, put otherwise: gone once all files are read, see `refining` ---


@dataclass(frozen=True, slots=True)
class RefineGuard:
    """`refine action f when e`, `refine process p when e`, `refine step p.label when e`."""

    kind: str  # "action", "process" or "step"
    name: Name
    label: Name | None
    guard: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RefineValue:
    """`refine state x = e`, `refine const k[l : Line] = e`; without `indices` they are named as before."""

    kind: str  # "state" or "const"
    name: Name
    indices: tuple[IndexPosition, ...]
    value: Expr | AnyValue
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RefineRow:
    """`refine row GUARD of access { rows }`; `guard` None is `otherwise`."""

    access: Name
    guard: Expr | None
    rows: tuple[AccessRow, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RefineByProcess:
    """`refine action f by process p { items }`."""

    action: Name
    process: ProcessDecl
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class RefineActor:
    """`refine actor k stopped when e`, `refine actor guest[t : Td] stopped when e`."""

    name: Name
    indices: tuple[IndexPosition, ...]
    condition: Expr
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


RefineDecl: TypeAlias = RefineGuard | RefineValue | RefineRow | RefineByProcess | RefineActor

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
    | HaltDecl
    | SecretDecl
    | ObserverDecl
    | PropertyDecl
    | ConfigDecl
    | CheckDecl
    | PreludeDecl
    | RefineDecl
)
