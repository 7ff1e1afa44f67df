"""The table of kinds of evidence."""

from __future__ import annotations

from tdxverify.evidence.bad_run import BadRun
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.diagram import DecisionDiagram
from tdxverify.evidence.distances import Distances
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Item, Unusable
from tdxverify.evidence.no_start import NoStart
from tdxverify.evidence.plans import Plans
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.trap import Trap
from tdxverify.questions.problems.problem import Problem

KINDS: tuple[type[Evidence], ...] = (
    Invariant,
    KInductive,
    Enumeration,
    Ranking,
    DecisionDiagram,
    NoStart,
    BadRun,
    Distances,
    Plans,
    Trap,
)


def kind_of(item: Item) -> type[Evidence]:
    """Raises Unusable where there is no such kind."""
    for kind in KINDS:
        if kind.kind == item.kind:
            return kind
    raise Unusable(f"there is no evidence of the kind '{item.kind[:40]}'")


def evidence_in(problem: Problem, item: Item) -> Evidence:
    """The evidence that `item` stores for `problem`. Raises Unusable."""
    kind = kind_of(item)
    for name, _ in item.content:
        if name not in kind.parts:
            raise Unusable(f"the {kind.kind} has no part '{name[:40]}'")
    return kind.read(problem, item)
