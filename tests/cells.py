"""Cells as reports tell them, made of how they are written."""

from __future__ import annotations

import re

from tdxverify.logic.expr import Implicit
from tdxverify.telling.story import ToldCell

_CELL = re.compile(r"(?P<name>[^\[]*)\[(?P<index>[^\]]*)\](?P<rest>.*)")


def cell(text: str) -> ToldCell:
    """`poison[Line0]`, `flush[Cpu0] at`, `kernel took #MC`, `kernel is dead`."""
    found = _CELL.fullmatch(text)
    elements = () if found is None else tuple(found["index"].split(", "))
    variable = text if found is None else found["name"] + found["rest"]
    match variable.split(" "):
        case [process, "at"]:
            return ToldCell(text, variable, elements, Implicit.COUNTER, (process,))
        case [actor, "took", fault]:
            return ToldCell(text, variable, elements, Implicit.TOOK, (actor, fault))
        case [actor, "is", "dead"]:
            return ToldCell(text, variable, elements, Implicit.DEAD, (actor,))
    return ToldCell(text, variable, elements)
