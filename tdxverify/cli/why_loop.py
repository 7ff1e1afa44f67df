"""What `why` says of a run that goes round for ever: what it never does, and what would keep it from that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.layout import Line, Piece, Style, line, wrap

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.budget import Budget
    from tdxverify.inquiries.loops import Remedy


def loop_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """How it goes on, and what was tried; requires a loop."""
    from tdxverify.inquiries.loops import remedies

    return list(_told(found, remedies(found, budget), columns))


def _told(found: FoundTrace, tried: Sequence[Remedy], columns: int) -> Iterator[Line]:
    if not tried:
        yield from wrap(
            line("nothing else that might be fair, and no parameter, excludes this loop"), columns
        )
        return
    yield from tried_lines(found, tried, columns, "what would keep it from that")


def tried_lines(found: FoundTrace, tried: Sequence[Remedy], columns: int, asked: str) -> Iterator[Line]:
    """What became of each remedy for the run `found`, under the heading `asked`."""
    sizes = stated_sizes(found.trace.sizes)
    at = f" ({sizes}, the other parameters as in this run)" if sizes or found.trace.rigid else ""
    yield from wrap(line(f"{asked}{at}:", Style.STRONG), columns, hanging=4)
    for holds, told in (
        (True, "the property holds"),
        (False, "another run breaks it"),
        (None, "not decided"),
    ):
        named = [_named(one) for one in tried if one.holds is holds]
        if named:
            style = Style.GOOD if holds else Style.FAINT
            pieces = (Piece(f"    with {' or '.join(named)}: "), Piece(told, style))
            yield from wrap(pieces, columns, hanging=8)


def _named(one: Remedy) -> str:
    return f"{one.name} = {one.value}" if one.fair is None else f"fair {one.fair}"
