"""Which steps assign what, whether they ever happen or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdxverify.inquiries.elements import Element
from tdxverify.logic import expr as core
from tdxverify.model.model import Action
from tdxverify.questions.question import Question

_WORD = re.compile(r"\w+")


def writers(asked: Question, start: Element) -> Iterator[tuple[Action, str]]:
    """The steps that assign something of which `start` says how it starts, with its name."""
    words = set(_WORD.findall(start.text))
    for action in asked.spec.model.actions:
        for write in action.writes:
            if write.symbol.name in words:
                yield action, write.symbol.name
                break


def unassigned(asked: Question) -> Iterator[str]:
    """Declared variables of the property that no step ever assigns: what it says of them never changes.

    A statement under a condition that no values of their types satisfy assigns nothing.
    """
    model, formula = asked.spec.model, asked.property.formula
    spoken_of = set() if formula is None else core.names_of(formula)
    assigned = {write.symbol.name for action in model.actions for write in action.writes}
    for info in model.symbols:
        name = info.symbol.name
        if info.origin in ("state", "memory") and name in spoken_of and name not in assigned:
            yield name
