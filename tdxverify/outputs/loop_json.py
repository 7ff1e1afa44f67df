"""As JSON: how a run goes on for ever."""

from __future__ import annotations

import msgspec

from tdxverify.telling.story import Loop


class LoopDocument(msgspec.Struct, frozen=True):
    """It goes on as behind step `begin`, for ever, or `stops`. It is not fair to any of `excluded_by`, nor
    strongly fair to any of `excluded_strongly`."""

    begin: int
    stops: bool
    excluded_by: tuple[str, ...]
    excluded_strongly: tuple[str, ...]


def loop_document(loop: Loop) -> LoopDocument:
    """The same as it is written."""
    return LoopDocument(loop.begin, loop.stops, loop.excluded_by, loop.excluded_strongly)
