"""Do the checks of a specification bite? Break it in one place at a time and see whether a verdict changes.

    python -m benchmarks.mutation spec/properties/reclaim.tdx [--all-files]

A mutant drops one statement, one conjunct of a guard, or the fault of one row of an access table, in the
file itself, or with `--all-files` in everything that it imports. It is killed if it is rejected as a
specification, or if some check of the file has another verdict or another shortest trace, at one and then
at two elements of every index sort. Survivors are printed: each is either a rule that no check of this file
needs, or a check that is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from tdxverify.diagnostics import SpecError
from tdxverify.engines.base import Budget
from tdxverify.engines.explicit import run as enumerate_states
from tdxverify.model.build import build_model
from tdxverify.model.model import Model
from tdxverify.results.verdict import Refuted
from tdxverify.source import Span
from tdxverify.syntax.ast import AccessDecl, AccessRow, ActionDecl, Module, ProcessDecl
from tdxverify.syntax.ast_expressions import Binary, BinaryOperator, Expr
from tdxverify.syntax.ast_statements import (
    Access,
    Assign,
    Either,
    Foreach,
    IfStatement,
    Step,
)
from tdxverify.syntax.imports import load
from tdxverify.ts.lower import lower

STATEMENTS = (Assign, Access, IfStatement, Foreach, Either)
GUARDED = (ActionDecl, Step)
BROKEN = (ActionDecl, ProcessDecl, AccessDecl)
BUDGET = Budget(max_states=100_000)

Verdicts: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """`modules` with one place broken; `place` says where and how."""

    place: str
    modules: tuple[Module, ...]


class _Silent:
    def progress(self, engine: str, text: str) -> None:
        pass


def mutants(modules: Sequence[Module], *, everywhere: bool) -> Iterator[Mutant]:
    """Every mutant of the last of `modules`, or of all of them."""
    called = {name for module in modules for name in _called(module.declarations)}
    for number, module in enumerate(modules):
        if not everywhere and number < len(modules) - 1:
            continue
        for position, declaration in enumerate(module.declarations):
            if not isinstance(declaration, BROKEN):
                continue
            if isinstance(declaration, AccessDecl) and declaration.name.text not in called:
                continue  # a table that nothing in this file uses
            for what, broken in _broken(declaration):
                declarations = (
                    *module.declarations[:position],
                    broken,
                    *module.declarations[position + 1 :],
                )
                changed = replace(module, declarations=declarations)
                place = f"{declaration.span.source.path}, {declaration.name.text}: {what}"
                yield Mutant(place, (*modules[:number], changed, *modules[number + 1 :]))


def _broken(node: Any) -> Iterator[tuple[str, Any]]:
    """`node` with one place below it broken."""
    if isinstance(node, GUARDED) and node.guard is not None:
        for what, guard in _weaker(node.guard):
            yield what, replace(node, guard=guard)
    if isinstance(node, AccessRow) and node.fault is not None:
        yield (
            f"no #{node.fault.text.lstrip('#')} in line {node.span.line}",
            replace(node, result="ok", fault=None),
        )
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            for what, changed in _broken_tuple(value):
                yield what, replace(node, **{field.name: changed})
        elif is_dataclass(value) and not isinstance(value, (Span, type)):
            for what, changed in _broken(value):
                yield what, replace(node, **{field.name: changed})


def _broken_tuple(values: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for i, value in enumerate(values):
        if isinstance(value, STATEMENTS):
            yield (
                f"no {type(value).__name__.lower()} in line {value.span.line}",
                (*values[:i], *values[i + 1 :]),
            )
        if isinstance(value, tuple):
            broken = _broken_tuple(value)
        elif is_dataclass(value) and not isinstance(value, type):
            broken = _broken(value)
        else:
            continue
        for what, changed in broken:
            yield what, (*values[:i], changed, *values[i + 1 :])


def _called(node: Any) -> Iterator[str]:
    """The accesses that something below `node` performs."""
    if isinstance(node, Access):
        yield node.name.text
    if isinstance(node, tuple):
        for part in node:
            yield from _called(part)
    elif is_dataclass(node) and not isinstance(node, (Span, type)):
        for field in fields(node):
            yield from _called(getattr(node, field.name))


def _weaker(guard: Expr) -> Iterator[tuple[str, Expr | None]]:
    """`guard` without one of its conjuncts; None if that was all."""
    conjuncts = list(_conjuncts(guard))
    for i, dropped in enumerate(conjuncts):
        span = dropped.span
        words = " ".join(span.source.text[span.start : span.end].split())
        yield f"no '{words}'", _conjunction(guard, conjuncts[:i] + conjuncts[i + 1 :])


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


def verdicts(model: Model, size: int) -> Verdicts:
    """What enumeration says about every check, with `size` elements of every sort."""
    sizes = {sort.name: size for sort in model.index_sorts}
    found = (enumerate_states(lower(model, check, sizes), BUDGET, _Silent()) for check in model.checks)
    return tuple(
        (type(verdict).__name__, len(verdict.trace.steps) if isinstance(verdict, Refuted) else 0)
        for verdict in found
    )


def killed(mutant: Mutant, expected: dict[int, Verdicts]) -> bool:
    try:
        model = build_model(mutant.modules)
        return any(verdicts(model, size) != expected[size] for size in expected)
    except SpecError:
        return True


def main(arguments: Sequence[str]) -> None:
    path = Path(next(argument for argument in arguments if not argument.startswith("--")))
    modules = load(path)
    model = build_model(modules)
    expected = {size: verdicts(model, size) for size in (1, 2)}
    every = list(mutants(modules, everywhere="--all-files" in arguments))
    survivors = [mutant.place for mutant in every if not killed(mutant, expected)]
    print(f"{path}: {len(every)} mutants, {len(every) - len(survivors)} killed")
    for place in survivors:
        print(f"  survives: {place}")


if __name__ == "__main__":
    main(sys.argv[1:])
