"""Nouns that are counted: the only place that says `1 step` and `2 steps`."""

from __future__ import annotations


def counted(count: int, one: str, more: str | None = None) -> str:
    """`1 formula`, `1,024 states`; `more` where it is not `one` with an s: `2 indices`."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {more or f'{one}s'}"
