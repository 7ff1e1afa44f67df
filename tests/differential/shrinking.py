"""A smaller spec with the same kind of fault: parts of its syntax tree are left out or replaced by parts of
them, as long as the fault stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from time import monotonic
from typing import Any

from tdxverify.syntax import ast
from tests.printing import print_module

Persists = Callable[[ast.Module], bool]
_EXPRESSIONS = (
    ast.NameExpr,
    ast.IndexExpr,
    ast.CallExpr,
    ast.Unary,
    ast.Binary,
    ast.SetMember,
    ast.RangeMember,
    ast.IfExpr,
    ast.Quantified,
    ast.Count,
    ast.AtLabel,
    ast.Took,
    ast.IsDead,
    ast.BoolLiteral,
    ast.IntLiteral,
)
_KEPT = (ast.Annotations, ast.Name, str, int)


def shrunk(module: ast.Module, persists: Persists, seconds: float) -> ast.Module:
    """The smallest that was found in the time. `persists` says whether a candidate still has the fault."""
    until = monotonic() + seconds
    current, progress = module, True
    while progress and monotonic() < until:
        progress = False
        for candidate in smaller(current):
            if monotonic() >= until:
                break
            if size(candidate) < size(current) and persists(candidate):
                current, progress = candidate, True
                break
    return current


def size(module: ast.Module) -> int:
    return len(print_module(module))


def smaller(node: Any) -> Iterator[Any]:
    """Everything that is one change smaller, large changes first."""
    for field in fields(node):
        value = getattr(node, field.name)
        if field.name == "span":
            continue
        for new in _smaller_value(value, node, field.name):
            yield replace(node, **{field.name: new})


def _smaller_value(value: Any, owner: Any, name: str) -> Iterator[Any]:
    match value:
        case tuple():
            yield from _smaller_tuple(value, owner, name)
        case ast.Annotations(description=description, citations=citations) if description or citations:
            yield ast.Annotations()
        case _ if isinstance(value, _EXPRESSIONS):
            yield from _smaller_expression(value)
            if name in ("guard", "stopped", "where", "value", "initial") and _may_be_none(owner, name):
                yield None
        case _ if is_dataclass(value) and not isinstance(value, _KEPT):
            yield from smaller(value)
            if isinstance(value, ast.AnyValue) and name == "initial":
                yield None


def _may_be_none(owner: Any, name: str) -> bool:
    optional = (
        (ast.ActionDecl, "guard"),
        (ast.Step, "guard"),
        (ast.ProcessDecl, "guard"),
        (ast.ActorDecl, "stopped"),
        (ast.CheckDecl, "where"),
        (ast.ConstDecl, "value"),
        (ast.StateDecl, "initial"),
    )
    return any(isinstance(owner, kind) and name == field for kind, field in optional)


def _smaller_tuple(value: tuple[Any, ...], owner: Any, name: str) -> Iterator[Any]:
    count = len(value)
    for width in sorted({count // 2, count // 4, 1} - {0}, reverse=True):
        for start in range(0, count, width):
            rest = value[:start] + value[start + width :]
            if rest or not _needs_one(owner, name):
                yield rest
    for position, part in enumerate(value):
        if isinstance(owner, (ast.IfStatement, ast.IfItem)) and name == "branches":
            made: Iterator[Any] = _smaller_branch(*part)
        elif isinstance(part, tuple):
            made = _smaller_tuple(part, part, "")
        elif isinstance(part, _EXPRESSIONS):
            made = _smaller_expression(part)
        elif is_dataclass(part) and not isinstance(part, _KEPT):
            for inner in _bodies(part):
                yield value[:position] + inner + value[position + 1 :]
            made = smaller(part)
        else:
            continue
        for new in made:
            yield (*value[:position], new, *value[position + 1 :])


def _smaller_branch(condition: Any, body: tuple[Any, ...]) -> Iterator[Any]:
    """A branch of an `if`: its condition or its body."""
    yield from ((one, body) for one in _smaller_expression(condition))
    yield from ((condition, one) for one in _smaller_tuple(body, body, ""))


def _bodies(part: Any) -> Iterator[tuple[Any, ...]]:
    """What stands in a statement, or in an item of a process, and may stand there without it."""
    match part:
        case ast.IfStatement() | ast.IfItem():
            yield from (body for _, body in part.branches)
            yield part.otherwise
        case ast.Either(branches=choices) | ast.EitherItem(branches=choices):
            yield from choices
        case ast.WhileItem(items=items) | ast.ForeachItem(items=items):
            yield items
        case ast.Foreach(body=body):
            yield body
        case ast.Access(handlers=handlers):
            yield from (handler.body for handler in handlers)


def _needs_one(owner: Any, name: str) -> bool:
    needed = {"members", "rows", "names", "properties", "fields", "binders", "lines", "branches"}
    if isinstance(owner, (ast.WhileItem, ast.ForeachItem)):
        return True
    return name in needed or (name == "choices" and isinstance(owner, (ast.SetMember, ast.AnyValue)))


def _smaller_expression(expr: Any) -> Iterator[Any]:
    if not isinstance(expr, (ast.BoolLiteral, ast.IntLiteral)):
        yield ast.BoolLiteral(True, span=expr.span)
        yield ast.BoolLiteral(False, span=expr.span)
        yield ast.IntLiteral(0, span=expr.span)
        yield ast.IntLiteral(1, span=expr.span)
    for field in fields(expr):
        inner = getattr(expr, field.name)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(part, _EXPRESSIONS):
                yield part
    yield from smaller(expr)
