"""What `why` says of a run into a trap: what stays true there, what could still be done one step before, and
with which parameter there is no trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tdxverify.cli.why_loop import tried_lines
from tdxverify.outputs.text.layout import EMPTY, Line, Style, indent, line, wrap
from tdxverify.outputs.text.trace_text import no_way_lines

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.budget import Budget


def trap_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """Requires a run into a trap."""
    return list(_lines(found, columns, budget))


def _lines(found: FoundTrace, columns: int, budget: Budget) -> Iterator[Line]:
    from tdxverify.inquiries.loops import other_parameters
    from tdxverify.inquiries.traps import last_way

    assert found.story.no_way is not None
    yield line("the trap:", Style.STRONG)
    yield from indent(no_way_lines(found.story.no_way, columns - 4), "    ")
    way = last_way(found, budget)
    if way is not None:
        count = len(found.trace) - 1
        place = f"after step {count}" if count else "at the start"
        told = f"until then there was a way: {place}, {', then '.join(way)}" if way else ""
        yield EMPTY
        yield from wrap(line(told or f"{place} it holds"), columns, hanging=4)
    tried = tuple(other_parameters(found, budget))
    if tried:
        yield EMPTY
        yield from tried_lines(found, tried, columns, "what would keep it out")
