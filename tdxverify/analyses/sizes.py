"""Sizes in words: what a finding was looked for at."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.model.sorts import Sizes


def sizes_text(combinations: Sequence[Sizes]) -> str:
    """`for Line = 2`, or `for Cpu = 1..3, Line = 2` of several; nothing where there are no index sorts."""
    if not combinations or not combinations[0]:
        return ""
    shown = []
    for sort in combinations[0]:
        tried = sorted({sizes[sort] for sizes in combinations})
        shown.append(f"{sort} = {tried[0]}" if len(tried) == 1 else f"{sort} = {tried[0]}..{tried[-1]}")
    return f"for {', '.join(shown)}"
