"""When all elements of an atomic `foreach` can be done at once.

The body was executed for one arbitrary element. That stands for all elements together exactly if
no element sees or overwrites what another one writes. Two forms are accepted: a write to a cell
that belongs to the element (its index is the bound variable itself), and a write of one fixed
value to a cell common to all elements (`any_poison := true`), which any order leaves the same.
"""

from __future__ import annotations

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.model import expr as core
from tdxverify.model.effects import Effects
from tdxverify.model.expr import Bound, Expr
from tdxverify.model.model import Write
from tdxverify.source import Span


def close_foreach(
    effects: Effects, start: int, binders: tuple[Bound, ...], span: Span, diagnostics: DiagnosticCollector
) -> None:
    """Make the writes since `start` hold for every value of `binders`; E401 where the order would matter."""
    body = effects.order[start:]
    closed: list[Write] = []
    for write in body:
        if all(binder in write.indices for binder in binders):
            if not _reads_only_own_cell(effects, write, binders):
                _refuse(write, "one element reads what another one writes", span, diagnostics)
            closed.append(
                Write(write.symbol, (*binders, *write.binders), write.indices, write.condition, write.value)
            )
        else:
            closed.append(_common(effects, body, write, binders, span, diagnostics))
    effects.replace_since(start, closed)


def _reads_only_own_cell(effects: Effects, write: Write, binders: tuple[Bound, ...]) -> bool:
    """Whether every read of the written symbol in the body is at the element's own cell."""
    places = {binder: write.indices.index(binder) for binder in binders}
    return all(
        read.indices[place] == binder
        for read in effects.reads
        if read.symbol == write.symbol
        for binder, place in places.items()
    )


def _mentions(terms: tuple[Expr, ...], binders: tuple[Bound, ...]) -> bool:
    return any(node in binders for term in terms for node in core.walk(term))


def _common(
    effects: Effects,
    body: list[Write],
    write: Write,
    binders: tuple[Bound, ...],
    span: Span,
    diagnostics: DiagnosticCollector,
) -> Write:
    """A write to a cell that several elements share: done if any element does it."""
    missing = tuple(b for b in binders if b not in write.indices)
    own = tuple(b for b in binders if b in write.indices)
    same = [other for other in body if other.symbol == write.symbol]
    if any(read.symbol == write.symbol for read in effects.reads):
        _refuse(write, "one element reads what another one writes", span, diagnostics)
    elif _mentions((write.value,), missing) or any(other.value != write.value for other in same):
        _refuse(write, "the last element to be done would decide the value", span, diagnostics)
    elif any(_mentions((index,), missing) for index in write.indices):
        _refuse(write, "several elements may write the same cell", span, diagnostics, code=Code.E411)
    condition = core.quantified(missing, write.condition, universal=False)
    return Write(write.symbol, (*own, *write.binders), write.indices, condition, write.value)


def _refuse(
    write: Write, reason: str, span: Span, diagnostics: DiagnosticCollector, *, code: Code = Code.E401
) -> None:
    message = f"'foreach' does all elements at once, but for '{write.symbol.name}' {reason}"
    hint = "index it with the element, use forall/exists, or a labelled foreach of a process"
    diagnostics.report(code, message, span, hint=hint)
