"""Actors that an importing file stops in further states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.syntax import ast
from tdxverify.syntax.chains import joined, operands_of
from tdxverify.syntax.printer import print_declared, print_expression


def apart(module: ast.Module, refined: Iterable[str]) -> ast.Module:
    """`module` in which actors of these names that are declared with others have a declaration each."""
    names = frozenset(refined)
    declarations = tuple(piece for one in module.declarations for piece in _pieces(one, names))
    return module if declarations == module.declarations else replace(module, declarations=declarations)


def _pieces(declaration: ast.Declaration, refined: frozenset[str]) -> Iterator[ast.Declaration]:
    if not isinstance(declaration, ast.ActorDecl) or refined.isdisjoint(n.text for n in declaration.names):
        yield declaration
        return
    for name, indices in zip(declaration.names, declaration.indices, strict=True):
        yield replace(declaration, names=(name,), indices=(indices,))


def stopped_as_well(declared: ast.ActorDecl, written: ast.RefineActor) -> ast.ActorDecl:
    """`declared`, the actor alone, which is stopped where `written` says so as well. Raises SpecError where
    its indices are others, or are called otherwise."""
    name, indices = written.name, _named_indices(declared, written)
    word, more = ast.BinaryOperator.OR, operands_of(written.condition, ast.BinaryOperator.OR)
    known = [] if declared.stopped is None else operands_of(declared.stopped, word)
    one = ast.Refinement(
        f"{print_declared(name, indices)} stopped when {print_expression(written.condition)}",
        written.annotations,
        is_idle=all(part in known for part in more),
        span=written.span,
    )
    stopped = joined(word, [*known, *more])
    return replace(declared, indices=(indices,), stopped=stopped, refinements=(*declared.refinements, one))


def _named_indices(declared: ast.ActorDecl, written: ast.RefineActor) -> tuple[ast.IndexPosition, ...]:
    """The indices with the names that either of the two gives them."""
    (own,) = declared.indices
    given = written.indices or own
    if [one.type for one in given] != [one.type for one in own]:
        message = f"actor '{written.name.text}' has other indices than that"
        raise _misfit(message, declared, written, "write them as they are declared, or leave them out")
    found = []
    for old, new in zip(own, given, strict=True):
        if old.name is not None and new.name is not None and old.name != new.name:
            message = f"index '{new.name.text}' of actor '{written.name.text}' is called '{old.name.text}'"
            raise _misfit(message, declared, written, f"call it '{old.name.text}' here as well")
        found.append(old if new.name is None else new)
    return tuple(found)


def _misfit(message: str, declared: ast.ActorDecl, written: ast.RefineActor, hint: str) -> SpecError:
    note = Note("declared here", declared.names[0].span)
    return SpecError([Diagnostic(Code.E145, message, written.name.span, (note,), hint)])
