"""All elements of an atomic `foreach` done at once: what one element writes, for every element.

The body was executed for one arbitrary element, before which no other was done. That its writes stand for
all elements together, in whichever order these are taken, is shown by `model/ordering.py`. Here they are
put into a form that says it in one formula: a write to a cell of the element's own (each bound variable is
one of its indices) is made for every value of the variables; a write to a cell that several elements share
is made where one of them makes it, which can be said only if cell and value do not mention the element. That
is a matter of shape: some bodies are refused whose order would not matter, and no assumption (say, that a
function is one-to-one) makes a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.grounding import instances
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import RangeSort
from tdxverify.model.model import Write
from tdxverify.source import Span

HINT = "index it with the element, use forall/exists, or a labelled foreach of a process"
AT_ONCE = "this cannot be said for all elements at once, whether or not their order matters"


def close_foreach(
    writes: Iterable[Write], binders: tuple[Bound, ...], span: Span, diagnostics: DiagnosticCollector
) -> list[Write]:
    """`writes` of one element, made for every value of `binders`.

    A number may also stand in an index, as in `acc[i + 1]`: one write for each value says it then.

    E401, E411 where the value or the cell of a write would need an element that its indices do not name.
    """
    closed = []
    for write in (own for one in writes for own in _spelt_out(one, binders)):
        missing = tuple(b for b in binders if b not in write.indices)
        own = tuple(b for b in binders if b in write.indices)
        if mentions((write.value,), missing):
            what = f"the value that '{write.symbol.name}' gets"
            _refuse(Code.E401, what, _mentioned((write.value,), missing), span, diagnostics)
        elif mentions(write.indices, missing):
            what = f"which cell of '{write.symbol.name}' is written"
            _refuse(Code.E411, what, _mentioned(write.indices, missing), span, diagnostics)
        condition = core.quantified(missing, write.condition, universal=False)
        closed.append(Write(write.symbol, (*own, *write.binders), write.indices, condition, write.value))
    return closed


def _spelt_out(write: Write, binders: tuple[Bound, ...]) -> Iterator[Write]:
    """`write`, once for each value of those numbers among `binders` that stand in its indices, unless a
    number is itself an index whose cells are counted by the same numbers.
    """
    own = {i for i, sort in zip(write.indices, write.symbol.indices, strict=True) if i.sort == sort}
    numbers = tuple(
        b for b in binders if isinstance(b.sort, RangeSort) and b not in own and mentions(write.indices, (b,))
    )
    for chosen in instances(numbers, {}):
        indices = tuple(core.substitute(index, chosen) for index in write.indices)
        condition = core.substitute(write.condition, chosen)
        if condition != core.FALSE:
            value = core.substitute(write.value, chosen)
            yield Write(write.symbol, write.binders, indices, condition, value)


def mentions(terms: Iterable[Expr], binders: Iterable[Bound]) -> bool:
    """Whether one of `binders` occurs in one of `terms`."""
    looked_for = set(binders)
    return bool(looked_for) and any(node in looked_for for term in terms for node in core.walk(term))


def _mentioned(terms: Iterable[Expr], binders: Iterable[Bound]) -> list[Bound]:
    terms = list(terms)
    return [binder for binder in binders if mentions(terms, (binder,))]


def _refuse(
    code: Code, what: str, binders: Iterable[Bound], span: Span, diagnostics: DiagnosticCollector
) -> None:
    names = " and ".join(f"'{written_name(binder)}'" for binder in binders)
    message = (
        f"'foreach' does all elements at once, but {what} may depend on {names}, not itself an index of it"
    )
    diagnostics.report(code, message, span, notes=(Note(AT_ONCE),), hint=HINT)
