"""Whether a fair run breaks a promise, by enumeration: the least of the shortest, or ranks (`loops`).

Shortest is a run whose loop begins after as few steps as possible, and of those one whose loop has the
fewest. A value that leaves its range after no more steps than that is told instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit.compiled import packing_of
from tdxverify.engines.explicit.loops import (
    Graph,
    Part,
    Region,
    Round,
    any_round,
    regions,
    shortest_rounds,
)
from tdxverify.engines.explicit.reach import Reached, Report, Start, explore, prepare, shortest_trace
from tdxverify.evidence.enumeration import ClosedSet
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.looping import BEGIN
from tdxverify.questions.problems.problem import Origin, Problem
from tdxverify.questions.problems.turns import stopping_where_bad
from tdxverify.semantics.lasso import run_with_loop
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step


def decide(problem: Problem, origin: Origin, start: Start, budget: Budget, report: Report) -> Verdict:
    """The answer to `problem`, which asks what `origin` does; `start` is that of the latter. Raises
    LimitReached."""
    found = explore(start, budget, report)
    if found.stopped is not None:
        return Unknown(found.stopped.why, None, found.stopped.detail)
    if found.bad:
        return _with_mistake(problem, origin, start, found, budget, report)
    return _Search(problem, origin, start, found, set(), budget, report).verdict(None)


def _with_mistake(
    problem: Problem, origin: Origin, start: Start, found: Reached, budget: Budget, report: Report
) -> Verdict:
    """`found` has a bad state: unless a loop begins sooner, that is what is wrong."""
    trace = shortest_trace(origin.problem, Semantics(origin.problem, budget), start, found)
    mistake = Refuted(run_with_loop(problem, origin, trace.rigid, trace.states[0], trace.steps))
    if not trace.steps:
        return mistake
    going_on = replace(origin, problem=stopping_where_bad(origin.problem))
    again = prepare(going_on.problem, Semantics(going_on.problem, budget), budget)
    whole = explore(again, budget, report)
    if whole.stopped is not None:
        return replace(mistake, unsure=whole.stopped.told)
    bad = {state for level in whole.levels for state in start.system.bad(level)}
    search = _Search(problem, going_on, again, whole, bad, budget, report)
    return search.verdict(mistake)


class _Search:
    def __init__(
        self,
        problem: Problem,
        origin: Origin,
        start: Start,
        found: Reached,
        without: set[int],
        budget: Budget,
        report: Report,
    ) -> None:
        self._problem = problem
        self._origin = origin
        self._start = start
        self._found = found
        self._without = without
        self._budget = budget
        self._report = report
        self._graph = Graph(origin, start, budget)
        self._unsure = ""

    def verdict(self, mistake: Refuted | None) -> Verdict:
        """`mistake`: a bad state is reached; it is told unless a loop begins sooner."""
        self._report("ways round")
        found = list(regions(self._graph, self._start, self._found, self._without))
        stems = [one.shortest_stem for one in found]
        least = min((stem for stem in stems if stem is not None), default=None)
        if mistake is not None and (least is None or least >= len(mistake.trace)):
            return mistake
        if least is None:
            members = ClosedSet(self._start.system.packing, frozenset(self._found.visited))
            return Proved(Ranking(len(members), members, tuple(one.ranks for one in found)), len(members))
        loops = self._loops([one for one, stem in zip(found, stems, strict=True) if stem == least], least)
        stem = _Stem(self._graph, self._start, self._found, least, loops)
        around = _way_round(self._graph, stem.rigid, loops[stem.region][stem.state])
        steps = [*stem.steps, Step(BEGIN, stem.region.elements), *around]
        trace = run_with_loop(self._problem, self._origin, stem.rigid, stem.first, steps)
        return Refuted(trace, self._unsure)

    def _loops(self, found: Sequence[Region], depth: int) -> dict[Region, dict[int, list[set[int]]]]:
        """Of each region in which a shortest loop begins after `depth` steps, where those begin, and how they
        lead on."""
        begins = {
            region: [node for node, steps in region.depth.items() if steps == depth] for region in found
        }
        loops: dict[Region, dict[int, list[set[int]]]] = {}
        for region, nodes in begins.items():
            stops = region.stops.intersection(nodes)
            if stops:
                loops[region] = {node: [] for node in stops}
        if loops:
            return loops
        rounds = [
            (region, Round(part, node))
            for region, nodes in begins.items()
            for part in (Part(self._graph, members) for members in region.fair)
            for node in nodes
            if node in part.nodes
        ]
        try:
            shortest = set(shortest_rounds([one for _, one in rounds], self._budget, self._told))
        except LimitReached as reached:
            if reached.why is not Why.STATE_SPACE:
                raise
            self._unsure = reached.told
            region, first = min(rounds, key=lambda one: one[1].first)
            return {region: {first.first: any_round(first.part, first.first)}}
        for region, one in rounds:
            if one in shortest:
                loops.setdefault(region, {})[one.first] = one.useful()
        return loops

    def _told(self, steps: int) -> None:
        self._report(f"{counted(steps, 'step')} round")


class _Stem:
    """The least way of `depth` steps to where one of `loops` begins: `rigid`, `first`, `steps`, and the
    `state` and the `region` in which it does.
    """

    def __init__(
        self,
        graph: Graph,
        start: Start,
        found: Reached,
        depth: int,
        loops: dict[Region, dict[int, list[set[int]]]],
    ) -> None:
        self._packing = packing = start.system.packing
        semantics = Semantics(graph.origin.problem, graph.budget)
        useful = (_Useful(graph, start, found, depth, region, set(at)) for region, at in loops.items())
        live: list[Live] = [(one, False) for one in useful]
        packed = min(state for state in start.initial if _going(live, 0, state))
        live = _going(live, 0, packed)
        self.rigid, self.first = packing.unpack(packed)
        self.steps: list[Step] = []
        state = self.first
        for number in range(1, depth + 1):
            step, state, live = self._step(semantics, live, number, state)
            self.steps.append(step)
        self.state = packing.pack(self.rigid, state)
        self.region = min((one.region for one, _ in live), key=lambda region: region.elements)

    def _step(
        self, semantics: Semantics, live: Sequence[Live], number: int, state: Valuation
    ) -> tuple[Step, Valuation, list[Live]]:
        """The least step, the one of that number, after which some of `live` still may go on."""
        for step, after in semantics.successors(self.rigid, state):
            going = _going(live, number, self._packing.pack(self.rigid, after))
            if going:
                return step, after, going
        raise InternalError("the evaluator knows no step that the generated explorer took")


class _Useful:
    """For each number of steps the states on a shortest way to `targets`, where loops of `region` begin:
    `open` where the promise is, and `free` where it need not be.
    """

    def __init__(
        self, graph: Graph, start: Start, found: Reached, depth: int, region: Region, targets: set[int]
    ) -> None:
        self.region = region
        width = graph.marks.width
        at_depth: list[list[int]] = [[] for _ in range(depth + 1)]
        for node, steps in region.depth.items():
            if steps <= depth:
                at_depth[steps].append(node)
        self.open = [targets]
        for nodes in reversed(at_depth[:depth]):
            onward = self.open[-1]
            self.open.append(
                {node for node in nodes if any(edge >> width in onward for edge in graph.edges_of(node))}
            )
        self.open.reverse()
        self.free: list[set[int]] = [set() for _ in range(depth + 1)]
        if graph.origin.promise.asked is not None:
            backwards = start.system.toward() if depth else ()
            for number in range(depth - 1, -1, -1):
                onward = self.free[number + 1] | (self.open[number + 1] & region.asked)
                for toward in backwards:
                    toward(found.levels[number], onward, self.free[number])


# What may lead to a loop, and whether its promise is open
Live: TypeAlias = tuple[_Useful, bool]


def _going(live: Sequence[Live], number: int, state: int) -> list[Live]:
    """Of those that come to `state` after so many steps, which may go on to a loop; with whether their
    promise is open there. `live` says whether it was before.
    """
    found = []
    for useful, was_open in live:
        region = useful.region
        is_open = state in region.asked or (was_open and state in region.depth)
        if (is_open and state in useful.open[number]) or state in useful.free[number]:
            found.append((useful, is_open))
    return found


def _way_round(graph: Graph, rigid: Valuation, useful: Sequence[set[int]]) -> Iterator[Step]:
    """The least steps along `useful`, of which the first has the one key in which it begins."""
    if not useful:
        return
    problem, width = graph.with_turns, graph.marks.width
    packing, semantics = packing_of(problem), Semantics(problem, graph.budget)
    part = Part(graph, set())
    (key,) = useful[0]
    for onward in useful[1:]:
        _, state = packing.unpack(part.node(key) << width)
        steps = (
            (one, part.along(key, packing.pack(rigid, to))) for one, to in semantics.successors(rigid, state)
        )
        found = next((one for one in steps if one[1] in onward), None)
        if found is None:
            raise InternalError("the evaluator knows no step that the generated explorer took")
        yield found[0]
        key = found[1]
