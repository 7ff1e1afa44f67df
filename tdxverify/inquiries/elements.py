"""The parts of a model that a proof may need or not, each of which can be weakened by itself.

Weakening a part means allowing more: a condition may be ignored, an assigned value may be any value, an
assumption is not made. So what holds of a weakened model holds of the model.

Taken as given, and never weakened: sorts, the order of the steps of a process, which elements a `foreach`
visits, `either` and `goto`, which rows of a table never fault, who dies of which fault, that only assigned
variables change, and the property itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tdxverify.source import Span


class Kind(Enum):
    """What a part is; the value heads it in lists. In the order in which lists show them."""

    WHERE = "where"
    OPTION = "option"
    ASSUMPTION = "assumption"
    CONSTANT = "constant"
    START = "start"
    STOP = "stop"
    GUARD = "guard"
    CONDITION = "condition"
    EFFECT = "effect"
    ROW = "row"
    FAULT = "fault"
    ROW_EFFECT = "row effect"


@dataclass(frozen=True, slots=True)
class Element:
    """One part. `switch` names the bool parameter of a relaxed model with which it counts; `number` is its
    place among all parts.

    `owner`: what it is a part of, in words ("action donate", "host_read, row 2"); empty where it stands by
    itself. `text`: as it was written, on one line. `span` None: from the command line. `description` and
    `citations` are those of the owner. `refined`: what a refinement that it came by has changed.
    """

    switch: str
    number: int
    kind: Kind
    owner: str
    text: str
    span: Span | None
    citations: tuple[str, ...] = ()
    description: str | None = None
    refined: str | None = None
