"""Traces that need one switch off: each is the one that an engine finds with that switch off."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.budget import Budget
from tdxverify.engines.bmc import run
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.expr import FALSE, TRUE, Bound, disjunction, equal, negation
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort
from tdxverify.smt.switched import broken_without
from tests.building import action, number, problem, read, rigid, some, start, state, write
from tests.texts import Silent

LINE = IndexSort("Line")
line = Bound("l", LINE)


def test_each_has_the_least_trace_of_the_problem_without_it() -> None:
    """There are many shortest ones: by any line, with any count elsewhere, one step may be another."""
    guard, limit, unused = rigid("guard"), rigid("limit"), rigid("unused")
    dirty, count = state("dirty", BOOL, LINE), state("count", RangeSort(-2, 9), LINE)
    smear = action("smear", negation(read(guard)), write(dirty, TRUE, line), parameters=(line,))
    may_rise = disjunction(read(dirty, line), negation(read(limit)))
    rise = action("rise", may_rise, write(count, number(7), line), parameters=(line,))
    asked = problem(
        "switched",
        (start(dirty, FALSE), start(count, number(3), number(4))),
        (action("rest", TRUE), rise, smear),
        some(line, equal(read(count, line), number(7))),
        sizes=((LINE, 3),),
        parameters=(unused, guard, limit),
    )
    found = dict(broken_without(asked, ["guard", "limit"], 5, lambda: None))
    assert {name: [s.action for s in trace.steps] for name, trace in found.items()} == {
        "limit": ["rise"],
        "guard": ["smear", "rise"],
    }
    for off, on in ((guard, limit), (limit, guard)):
        assumed = (*asked.assumptions, negation(read(off)), read(on))
        alone = run(replace(asked, assumptions=assumed), Budget(), Silent())
        assert isinstance(alone, Refuted) and alone.trace == found[off.name]
