"""Sizes in words: what was asked, and what a finding was looked for at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.logic.sorts import Sizes

ANY = "any"  # as which a size is shown that is left open


def stated_sizes(sizes: Iterable[tuple[str, int]]) -> str:
    """`Line = 2, Cpu = 1`."""
    return ", ".join(f"{sort} = {size}" for sort, size in sizes)


def told_sizes(sizes: Iterable[tuple[str, str]]) -> str:
    """`Line = 2, Cpu = 1..3, any number of Page`: what is stated, then what is open."""
    pairs = list(sizes)
    stated = [f"{sort} = {size}" for sort, size in pairs if size != ANY]
    return ", ".join([*stated, *(f"any number of {sort}" for sort, size in pairs if size == ANY)])


def limited_sizes(sizes: Iterable[tuple[str, str]]) -> str:
    """The same with `Cpu <= 3` for `Cpu = 1..3`."""
    return told_sizes(sizes).replace(" = 1..", " <= ")


def sizes_text(combinations: Sequence[Sizes]) -> str:
    """`for Line = 2`, or `for Cpu = 1..3, Line = 2` of several; nothing where there are no index sorts."""
    if not combinations or not combinations[0]:
        return ""
    shown = []
    for sort in combinations[0]:
        tried = sorted({sizes[sort] for sizes in combinations})
        shown.append(f"{sort} = {tried[0]}" if len(tried) == 1 else f"{sort} = {tried[0]}..{tried[-1]}")
    return f"for {', '.join(shown)}"
