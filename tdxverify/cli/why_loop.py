"""What `why` says of a run that goes round for ever, or of two that part: what would keep them from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.layout import Line, Piece, Style, line, wrap

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.budget import Budget
    from tdxverify.inquiries.loops import Remedy


_ANSWERS = (True, "the property holds"), (False, "another run breaks it"), (None, "not decided")


def loop_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """How it goes on, and what was tried; requires a loop."""
    from tdxverify.inquiries.loops import remedies

    nothing = "nothing else that might be fair, and no parameter, excludes this loop"
    return list(_told(found, remedies(found, budget), columns, "what would keep it from that", nothing))


def two_runs_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """What was tried against the difference of two runs."""
    from tdxverify.inquiries.loops import other_parameters

    nothing = "this difference relies on no parameter"
    tried = tuple(other_parameters(found, budget))
    return list(_told(found, tried, columns, "what would keep the runs alike", nothing))


def _told(
    found: FoundTrace, tried: Sequence[Remedy], columns: int, head: str, nothing: str
) -> Iterator[Line]:
    if not tried:
        yield from wrap(line(nothing), columns)
        return
    yield from tried_lines(found, tried, columns, head)


def tried_lines(found: FoundTrace, tried: Sequence[Remedy], columns: int, asked: str) -> Iterator[Line]:
    """What became of each remedy for the run `found`, under the heading `asked`."""
    given = ("the other parameters as in this run",) if found.trace.rigid else ()
    within = ", ".join(filter(None, (stated_sizes(found.trace.sizes), *given)))
    at = f" ({within})" if within else ""
    yield from wrap(line(f"{asked}{at}:", Style.STRONG), columns, hanging=4)
    for holds, told in _ANSWERS:
        named = [_named(one) for one in tried if one.holds is holds]
        style = Style.GOOD if holds else Style.FAINT
        together = [f"any one of {', '.join(named)}" if len(named) > 1 else named[0]] if named else []
        for which in named if holds else together:
            pieces = (Piece(f"    with {which}: "), Piece(told, style))
            yield from wrap(pieces, columns, hanging=8)


def _named(one: Remedy) -> str:
    if not one.fair:
        return f"{one.name} = {one.value}"
    return " and ".join(map(str, one.fair))
