"""All elements of an atomic `foreach` done at once: what one element writes, for every element.

The body was executed for one arbitrary element, before which no other was done. That its writes stand for
all elements together, in whichever order these are taken, is shown by `model/ordering.py`. Here they are
put into a form that says it in one formula: a write to a cell of the element's own (each bound variable is
one of its indices) is made for every value of the variables; a write to a cell that several elements share
is made where one of them makes it, which can be said only if cell and value do not mention the element.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.model import expr as core
from tdxverify.model.expr import Bound, Expr
from tdxverify.model.model import Write
from tdxverify.source import Span

HINT = "index it with the element, use forall/exists, or a labelled foreach of a process"


def close_foreach(
    writes: Iterable[Write], binders: tuple[Bound, ...], span: Span, diagnostics: DiagnosticCollector
) -> list[Write]:
    """`writes` of one element, made for every value of `binders`.

    E401, E411 where the value or the cell of a write would need an element that its indices do not name.
    """
    closed = []
    for write in writes:
        missing = tuple(b for b in binders if b not in write.indices)
        own = tuple(b for b in binders if b in write.indices)
        if mentions((write.value,), missing):
            _refuse(write, "the last element to be done would decide the value", span, diagnostics)
        elif mentions(write.indices, missing):
            _refuse(write, "several elements may write the same cell", span, diagnostics, code=Code.E411)
        condition = core.quantified(missing, write.condition, universal=False)
        closed.append(Write(write.symbol, (*own, *write.binders), write.indices, condition, write.value))
    return closed


def mentions(terms: Iterable[Expr], binders: Iterable[Bound]) -> bool:
    """Whether one of `binders` occurs in one of `terms`."""
    looked_for = set(binders)
    return bool(looked_for) and any(node in looked_for for term in terms for node in core.walk(term))


def _refuse(
    write: Write, reason: str, span: Span, diagnostics: DiagnosticCollector, *, code: Code = Code.E401
) -> None:
    message = f"'foreach' does all elements at once, but for '{write.symbol.name}' {reason}"
    diagnostics.report(code, message, span, hint=HINT)
