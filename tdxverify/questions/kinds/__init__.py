"""The kinds of properties: everything that depends on one is asked of its value in `KINDS`."""

from __future__ import annotations

from collections.abc import Mapping

from tdxverify.model.model import Property
from tdxverify.questions.kinds.kind import Kind
from tdxverify.questions.kinds.pairs import OF_TWO_RUNS
from tdxverify.questions.kinds.possible import OF_POSSIBILITIES
from tdxverify.questions.kinds.runs import OF_RUNS
from tdxverify.questions.kinds.states import OF_STATES
from tdxverify.questions.kinds.steps import OF_STEPS
from tdxverify.syntax.claims import PropertyKind

KINDS: Mapping[PropertyKind, Kind] = {
    kind.written: kind for kind in (*OF_STATES, *OF_STEPS, *OF_RUNS, *OF_POSSIBILITIES, *OF_TWO_RUNS)
}


def kind_of(target: Property) -> Kind:
    """What `target` is: what is asked, and what a trace says of it."""
    return KINDS[target.kind]
