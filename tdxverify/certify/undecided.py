"""What it is called when evidence could not be checked."""

from __future__ import annotations


class NotRechecked(Exception):
    """Neither accepted nor refused: there was no time, or the solver gave up.

    The verdict must not be believed. An exception rather than a result, so that it cannot be overlooked.
    """
