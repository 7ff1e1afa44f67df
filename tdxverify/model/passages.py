"""Where steps may come: branches of their statements, handlers, what stands behind a jump.

They mean nothing to a run. Each keeps the condition under which a step comes there, also where that can be
seen never to hold, so that it can be asked whether one ever does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdxverify.budget import TooLarge
from tdxverify.logic.expr import Bound, Expr
from tdxverify.model.model import Passage, PassageKind
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_expression, print_statements

Part: TypeAlias = ast.Statement | ast.ProcessItem
Body: TypeAlias = tuple[ast.Statement, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way into a part of the text: a `Passage` of which nobody has asked yet when it is taken."""

    kind: PassageKind
    told: str
    span: Span
    inside: Span

    def taken(self, condition: Expr, owner: str) -> Passage:
        """It is taken where `condition` holds."""
        return Passage(self.kind, self.told, owner, (), condition, self.span, self.inside)


def ways_of_if(item: ast.IfStatement | ast.IfItem) -> list[Way]:
    """One for each branch, `else` among them."""
    kinds = [PassageKind.IF, *[PassageKind.ELSE_IF] * (len(item.branches) - 1)]
    told = [print_expression(condition) for condition, _ in item.branches]
    found = [
        Way(kind, text, condition.span, _whole(body, _nothing(condition.span)))
        for kind, text, (condition, body) in zip(kinds, told, item.branches, strict=True)
    ]
    whole = _whole(item.otherwise, _nothing(item.span))
    return [*found, Way(PassageKind.ELSE, told[0], whole, whole)]


def bodies_of_if(item: ast.IfStatement) -> list[tuple[Way | None, Body]]:
    """Each branch with the way into it; last, `else`, into which there is none where nothing is in it."""
    *ways, last = ways_of_if(item)
    bodies = (body for _, body in item.branches)
    return [*zip(ways, bodies, strict=True), (last if item.otherwise else None, item.otherwise)]


def ways_of_either(item: ast.Either | ast.EitherItem) -> list[Way]:
    """One for each branch."""
    return [
        Way(PassageKind.EITHER, str(number), _whole(body, item.span), _whole(body, _nothing(item.span)))
        for number, body in enumerate(item.branches, start=1)
    ]


def way_into_while(item: ast.WhileItem) -> Way:
    span = item.condition.span
    whole = _whole(item.items or item.statements, _nothing(span))
    return Way(PassageKind.WHILE, print_expression(item.condition), span, whole)


def way_of_handler(handler: ast.Handler, access: str) -> Way:
    whole = _whole(handler.body, _nothing(handler.span))
    return Way(
        PassageKind.HANDLER, f"{handler.outcome.text}' behind access '{access}", handler.outcome.span, whole
    )


def way_behind(rest: Sequence[ast.Statement]) -> Way:
    """To `rest`, behind a statement that may end the step."""
    whole = _whole(rest, rest[0].span)
    return Way(PassageKind.BEHIND, "", whole, whole)


def _whole(body: Sequence[Part], otherwise: Span) -> Span:
    return replace(body[0].span, end=body[-1].span.end) if body else otherwise


def _nothing(span: Span) -> Span:
    """No text, where `span` begins."""
    return replace(span, end=span.start)


def for_some(
    passages: Sequence[Passage], binders: tuple[Bound, ...], here: Callable[[Expr], Expr]
) -> list[Passage]:
    """`passages` of one element, for any of `binders`, with conditions as `here` gives them.

    What would become too large is left out: nothing else depends on it.
    """
    found = []
    for one in passages:
        try:
            condition = here(one.condition)
        except TooLarge:
            continue
        found.append(replace(one, condition=condition, binders=(*binders, *one.binders)))
    return found


def on_one_line(body: Body) -> str:
    """`failed := true; n := 0`, without comments."""
    lines = [text.strip() for text in print_statements(body).splitlines() if text.strip()]
    return " ".join(lines) if any(text.endswith("{") for text in lines) else "; ".join(lines)
