"""Values of a parameter of which `why` says the same, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdxverify.inquiries.prevention import Switch

MOST_SENTENCES = 8  # about the values of one parameter, before less is said of each
FEWEST_IN_A_ROW = 4  # numbers that are written `1 to 4`


def alike_switches(switches: Iterable[Switch]) -> list[list[Switch]]:
    """Groups of those that differ in the value only, each where its first one was.

    Where they are many for one parameter, it is left out how long the traces are, and where steps lead.
    """
    groups: list[list[Switch]] = []
    for _, some in groupby(switches, key=lambda switch: switch.name):
        of_one = list(some)
        found = _grouped(of_one)
        if len(found) > MOST_SENTENCES:
            found = _grouped(replace(one, length=None, divergence=None, is_near=False) for one in of_one)
        groups += found
    return groups


def _grouped(switches: Iterable[Switch]) -> list[list[Switch]]:
    groups: dict[object, list[Switch]] = {}
    for switch in switches:
        shown = switch.divergence if switch.holds else None
        groups.setdefault(replace(switch, value="", divergence=shown), []).append(switch)
    return list(groups.values())


def in_words(values: Sequence[str]) -> str:
    """`0, 2 or 5 to 9`: numbers in a row are put together."""
    told = list(_rows(values))
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def _rows(values: Sequence[str]) -> Iterator[str]:
    row: list[str] = []
    for value in (*values, ""):
        if row and not _follows(row[-1], value):
            yield from [f"{row[0]} to {row[-1]}"] if len(row) >= FEWEST_IN_A_ROW else row
            row = []
        row.append(value)


def _follows(value: str, after: str) -> bool:
    try:
        return int(after) == int(value) + 1
    except ValueError:
        return False
