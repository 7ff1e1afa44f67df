"""Specifications broken in one place: what the mutation score counts.

A mutant drops one statement, drops one conjunct of a guard (of an action, a step, an `if`, a `when`, a
`while` or a row of an access table), lets the access of one row succeed where it faulted, or do what another
row of the table does where it was dropped. A refinement is broken like what it stands for, or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from tdxverify.source import Span
from tdxverify.syntax.ast import (
    AccessDecl,
    AccessRow,
    ActionDecl,
    Declaration,
    Module,
    ProcessDecl,
    RefineActor,
    RefineByProcess,
    RefineGuard,
    RefineRow,
    RefineValue,
)
from tdxverify.syntax.ast_expressions import Binary, BinaryOperator, Expr
from tdxverify.syntax.ast_statements import (
    Access,
    Assign,
    Either,
    Foreach,
    IfStatement,
    Step,
    When,
    WhileItem,
)

_DROPPED = (Assign, Access, IfStatement, Foreach, Either, When)
_GUARDED = (ActionDecl, Step, AccessRow)
_CONDITIONAL = (When, WhileItem)
_BROKEN = (ActionDecl, ProcessDecl, AccessDecl, RefineByProcess, RefineRow)
_NARROWING = (RefineGuard, RefineActor)  # each asks for one thing more, and may be left out


@dataclass(frozen=True, slots=True)
class Mutant:
    """`module` with one place broken; `place` says where and how, `declaration` in which action or table."""

    place: str
    declaration: str
    module: Module


def mutants(module: Module) -> Iterator[Mutant]:
    """Every mutant of one file, in the order of the text."""
    for position, declaration in enumerate(module.declarations):
        for line, what, broken in _broken_declaration(declaration):
            declarations = (*module.declarations[:position], *broken, *module.declarations[position + 1 :])
            name = _name(declaration)
            yield Mutant(f"line {line}, {name}: {what}", name, replace(module, declarations=declarations))


def _broken_declaration(declaration: Declaration) -> Iterator[tuple[int, str, tuple[Declaration, ...]]]:
    """The line, what was done there, and what stands for `declaration` then: nothing where it is left out."""
    if isinstance(declaration, _BROKEN):
        for line, what, broken in _broken(declaration):
            yield line, what, (broken,)
    elif isinstance(declaration, RefineValue):
        yield declaration.span.line, f"no '{_words(declaration.span)}'", ()
    elif isinstance(declaration, _NARROWING):
        yield from _less_narrow(declaration)


def _less_narrow(refined: RefineGuard | RefineActor) -> Iterator[tuple[int, str, tuple[Declaration, ...]]]:
    for what, weaker in _weaker(refined.guard if isinstance(refined, RefineGuard) else refined.condition):
        if weaker is None:
            yield refined.span.line, what, ()
        elif isinstance(refined, RefineGuard):
            yield refined.span.line, what, (replace(refined, guard=weaker),)
        else:
            yield refined.span.line, what, (replace(refined, condition=weaker),)


def _name(declaration: Any) -> str:
    """What is declared, or refined."""
    if isinstance(declaration, RefineByProcess):
        return declaration.process.name.text
    return (declaration.access if isinstance(declaration, RefineRow) else declaration.name).text


def _broken(node: Any) -> Iterator[tuple[int, str, Any]]:
    """`node` with one place below it broken, the line of the place, and what was done."""
    if isinstance(node, _GUARDED) and node.guard is not None:
        for what, guard in _weaker(node.guard):
            if guard is not None or not isinstance(node, AccessRow):  # there, None means `otherwise`
                yield node.guard.span.line, what, replace(node, guard=guard)
    if isinstance(node, _CONDITIONAL):
        for what, condition in _weaker(node.condition):
            if condition is not None:  # all of it: the statement is dropped as a whole
                yield node.span.line, what, replace(node, condition=condition)
    if isinstance(node, AccessRow) and node.fault is not None:
        what = f"succeeds instead of #{node.fault.text.lstrip('#')}"
        yield node.span.line, what, replace(node, result="ok", fault=None)
    if isinstance(node, AccessDecl):
        yield from _not_dropped(node)
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            for line, what, changed in _broken_tuple(value):
                yield line, what, replace(node, **{field.name: changed})
        elif is_dataclass(value) and not isinstance(value, (Span, type)):
            for line, what, changed in _broken(value):
                yield line, what, replace(node, **{field.name: changed})


def _not_dropped(access: AccessDecl) -> Iterator[tuple[int, str, AccessDecl]]:
    """A dropped access does what another row of the table does, if there is one that does anything."""
    effects = next((row.effects for row in access.rows if row.result == "ok" and row.effects), None)
    for i, row in enumerate(access.rows):
        if row.result == "dropped" and effects is not None:
            passing = replace(row, result="ok", effects=effects)
            rows = (*access.rows[:i], passing, *access.rows[i + 1 :])
            yield row.span.line, "succeeds instead of dropping", replace(access, rows=rows)


def _broken_tuple(values: tuple[Any, ...]) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
    for i, value in enumerate(values):
        if isinstance(value, _DROPPED):
            what = f"no '{_words(value.span)}'"
            yield value.span.line, what, (*values[:i], *values[i + 1 :])
        if isinstance(value, tuple):
            broken = _broken_branch(value) if _is_branch(value) else _broken_tuple(value)
        elif is_dataclass(value) and not isinstance(value, type):
            broken = _broken(value)
        else:
            continue
        for line, what, changed in broken:
            yield line, what, (*values[:i], changed, *values[i + 1 :])


def _is_branch(value: tuple[Any, ...]) -> bool:
    """One branch of an `if`: its condition and its statements."""
    return len(value) == 2 and isinstance(value[1], tuple) and is_dataclass(value[0])


def _broken_branch(branch: tuple[Any, ...]) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
    condition, body = branch
    for what, weaker in _weaker(condition):
        if weaker is not None:
            yield condition.span.line, what, (weaker, body)
    for line, what, changed in _broken_tuple(body):
        yield line, what, (condition, changed)


def _weaker(guard: Expr) -> Iterator[tuple[str, Expr | None]]:
    """`guard` without one of its conjuncts; None if that was all."""
    conjuncts = list(_conjuncts(guard))
    for i, dropped in enumerate(conjuncts):
        yield (
            f"without '{_words(dropped.span)}'",
            _conjunction(guard, conjuncts[:i] + conjuncts[i + 1 :]),
        )


def _words(span: Span) -> str:
    """The text of `span`, in one line that is not too long to read."""
    words = " ".join(span.source.text[span.start : span.end].split())
    return words if len(words) <= 70 else f"{words[:67]}..."


def _conjunction(guard: Expr, parts: Sequence[Expr]) -> Expr | None:
    """`parts` joined by `and`, standing where `guard` stood."""
    joined: Expr | None = None
    for part in parts:
        joined = part if joined is None else Binary(BinaryOperator.AND, joined, part, span=guard.span)
    return joined


def _conjuncts(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Binary) and expr.operator is BinaryOperator.AND:
        yield from _conjuncts(expr.left)
        yield from _conjuncts(expr.right)
    else:
        yield expr
