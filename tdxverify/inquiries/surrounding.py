"""What need not be said, since it is a part of something that plays no part either, and that is said."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.diagnostics import Code
from tdxverify.inquiries.behaviour import Target
from tdxverify.source import Span


class Surrounding:
    """All of `open_ones`, which were not seen to happen."""

    def __init__(self, open_ones: Sequence[Target]) -> None:
        steps = [one for one in open_ones if one.code is Code.W101]
        self._idle = {name for one in steps for name in one.steps}
        self._steps = [one.span for one in steps]
        self._rows = [one.span for one in open_ones if one.code is Code.W102]
        self._parts = [one for one in open_ones if one.code is Code.W117]

    def covers(self, target: Target) -> bool:
        """A step that is never made changes nothing, and what is inside of what is never taken is not either.
        Between the steps of a process it is the other way round: of a branch nothing is said where some step
        in it is never made."""
        if target.code not in (Code.W104, Code.W117, Code.W122):
            return False
        if target.steps and self._idle.issuperset(target.steps):
            return True
        if target.inside is None:
            return False
        around = any(_holds(row, target.span) for row in self._rows) or any(
            _comes_first(part, target) for part in self._parts
        )
        return around or any(_holds(target.inside, step) for step in self._steps)


def _comes_first(outer: Target, inner: Target) -> bool:
    """Whether `inner` is in the text of `outer`, and its steps come there only through that: the steps inside
    of a branch of a process may be made although no step leads into the branch."""
    if outer.inside is None or inner.inside is None or outer.inside == inner.inside:
        return False
    return _holds(outer.inside, inner.span) and set(inner.steps) <= set(outer.steps)


def _holds(text: Span, other: Span) -> bool:
    return text.source.path == other.source.path and text.start <= other.start < text.end
