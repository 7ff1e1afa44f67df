"""Mistakes in what a file declares, where another file has changed it: a note names the refinement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from tdxverify.diagnostics import Diagnostic, Note
from tdxverify.source import Span
from tdxverify.syntax import ast


def with_refinements(problem: Diagnostic, modules: tuple[ast.Module, ...]) -> Diagnostic:
    """`problem`, with a note for each refinement of the declaration that it is about, unless it is about what
    the refinement says itself."""
    where = problem.span
    if where is None:
        return problem
    notes: list[Note] = []
    for declaration in (one for module in modules for one in module.declarations):
        found = list(dict.fromkeys(ast.nodes(declaration, ast.Refinement)))
        if found and any(_within(where, span) for span in _spans(declaration)):
            notes += [
                Note(f"refined here: {one.text}", one.span) for one in found if not _within(where, one.span)
            ]
    fresh = [note for note in notes if note not in problem.notes]
    return replace(problem, notes=(*problem.notes, *dict.fromkeys(fresh))) if fresh else problem


def _within(inner: Span, outer: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end


def _spans(part: object) -> Iterator[Span]:
    """Of everything in `part`, but for what refinements say."""
    if isinstance(part, tuple):
        for one in part:
            yield from _spans(one)
    elif is_dataclass(part) and not isinstance(part, Span | ast.Refinement):
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, Span):
                yield value
            else:
                yield from _spans(value)
