"""Surface syntax: what was written, nothing decided yet.

Every node carries a `span`, which takes no part in equality, so that `parse(print(m)) == m` compares
what the text says and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.source import Span
from tdxverify.syntax.ast_declarations import (
    AccessDecl,
    AccessRow,
    ActionDecl,
    ActorDecl,
    AssumeDecl,
    CheckDecl,
    ConfigDecl,
    ConstDecl,
    Declaration,
    DefineDecl,
    EnumDecl,
    FairClause,
    FaultDecl,
    HaltDecl,
    IndexDecl,
    IndexPosition,
    InitDecl,
    MemoryDecl,
    ObserverDecl,
    ParamDecl,
    PreludeDecl,
    ProcessDecl,
    PropertyDecl,
    RefineActor,
    RefineByProcess,
    RefineDecl,
    RefineGuard,
    RefineRow,
    RefineValue,
    SecretDecl,
    SizeClause,
    StateDecl,
    View,
)
from tdxverify.syntax.ast_expressions import (
    Annotations,
    AtLabel,
    Binary,
    Binder,
    BoolLiteral,
    BoolType,
    CallExpr,
    Citation,
    Count,
    Expr,
    IfExpr,
    IndexExpr,
    IntLiteral,
    IsDead,
    Name,
    NamedType,
    NameExpr,
    NextAfter,
    OptionalType,
    Quantified,
    Quantifier,
    RangeMember,
    RangeType,
    SetMember,
    Took,
    Type,
    Unary,
    span_field,
)
from tdxverify.syntax.ast_statements import (
    Access,
    AnyValue,
    Assign,
    Either,
    EitherItem,
    Emit,
    EmitLine,
    Foreach,
    ForeachItem,
    Goto,
    Handler,
    IfItem,
    IfStatement,
    ProcessItem,
    Refinement,
    SameStep,
    Statement,
    Step,
    When,
    WhileItem,
    bodies_of,
    is_step,
    label_of,
    nodes,
)
from tdxverify.syntax.claims import Expected, Fair, Part, PropertyKind
from tdxverify.syntax.operators import BinaryOperator, UnaryOperator

__all__ = [
    "Access",
    "AccessDecl",
    "AccessRow",
    "ActionDecl",
    "ActorDecl",
    "Annotations",
    "AnyValue",
    "Assign",
    "AssumeDecl",
    "AtLabel",
    "Binary",
    "BinaryOperator",
    "Binder",
    "BoolLiteral",
    "BoolType",
    "CallExpr",
    "CheckDecl",
    "Citation",
    "ConfigDecl",
    "ConstDecl",
    "Count",
    "Declaration",
    "DefineDecl",
    "Either",
    "EitherItem",
    "Emit",
    "EmitLine",
    "EnumDecl",
    "Expected",
    "Expr",
    "Fair",
    "FairClause",
    "FaultDecl",
    "Handler",
    "Foreach",
    "ForeachItem",
    "Goto",
    "HaltDecl",
    "IfExpr",
    "IfItem",
    "IfStatement",
    "Import",
    "IndexDecl",
    "IndexExpr",
    "IndexPosition",
    "InitDecl",
    "IntLiteral",
    "IsDead",
    "MemoryDecl",
    "Module",
    "Name",
    "NameExpr",
    "NamedType",
    "NextAfter",
    "ObserverDecl",
    "OptionalType",
    "ParamDecl",
    "Part",
    "PreludeDecl",
    "ProcessDecl",
    "ProcessItem",
    "SameStep",
    "PropertyDecl",
    "PropertyKind",
    "Quantified",
    "Quantifier",
    "RangeMember",
    "RangeType",
    "RefineByProcess",
    "RefineDecl",
    "RefineActor",
    "RefineGuard",
    "RefineRow",
    "RefineValue",
    "Refinement",
    "SecretDecl",
    "SetMember",
    "SizeClause",
    "StateDecl",
    "Statement",
    "Step",
    "Took",
    "Type",
    "Unary",
    "UnaryOperator",
    "View",
    "When",
    "WhileItem",
    "bodies_of",
    "is_step",
    "label_of",
    "nodes",
]


@dataclass(frozen=True, slots=True)
class Import:
    """`import platform.tdx` or `import "rules/local.tdx"`; `path` is what was written, without quotes.

    `import platform.tdx as old`: all that the file declares is called `old_...` here.
    """

    path: str
    quoted: bool
    prefix: Name | None = None
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Module:
    """One file. `case`: which mistake it is about, where it shows one and how it was mended."""

    name: Name | None
    imports: tuple[Import, ...]
    declarations: tuple[Declaration, ...]
    case: str | None = None
    span: Span = span_field()
