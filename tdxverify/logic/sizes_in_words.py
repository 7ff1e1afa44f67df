"""Sizes in words: what was asked, and what a finding was looked for at; and how far."""

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


def first_steps(depth: int) -> str:
    """Up to where: `in the first 5 steps`."""
    if depth == 0:
        return "at the start"
    return "in the first step" if depth == 1 else f"in the first {depth} steps"


def limited_sizes(sizes: Iterable[tuple[str, str]]) -> str:
    """`Cpu <= 3, any number of Page`; `any number of all else` of several."""
    pairs = list(sizes)
    stated = [f"{sort} = {size}".replace(" = 1..", " <= ") for sort, size in pairs if size != ANY]
    free = [sort for sort, size in pairs if size == ANY]
    told = [f"any number of {free[0] if len(free) == 1 else 'all else'}"] if free else []
    return ", ".join([*stated, *told])


def sizes_text(combinations: Sequence[Sizes]) -> str:
    """`for Line = 2`, or `for Cpu = 1..3, Line = 2` of several; nothing where there are no index sorts."""
    if not combinations or not combinations[0]:
        return ""
    shown = []
    for sort in combinations[0]:
        tried = sorted({sizes[sort] for sizes in combinations})
        shown.append(f"{sort} = {tried[0]}" if len(tried) == 1 else f"{sort} = {tried[0]}..{tried[-1]}")
    return f"for {', '.join(shown)}"
