"""A run that goes round, as the tool shows it, followed step by step in the graph of all states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import Sort, show
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso
from tdxverify.syntax import ast
from tests.differential.reference.exploring import Reference
from tests.differential.reference.fairness import turns
from tests.differential.reference.rounds import Graph, Taken, Turn
from tests.differential.reference.world import State, Value


@dataclass(frozen=True)
class Told:
    """Fair besides, with whether strongly; or a parameter with another value."""

    fair: tuple[tuple[str, bool], ...]
    name: str
    value: str


@dataclass(frozen=True)
class Followed:
    """`path`: the numbers of the states; `steps` between them."""

    reference: Reference
    declaration: ast.CheckDecl
    rigid: State
    graph: Graph
    path: tuple[int, ...]
    steps: tuple[Taken, ...]
    begin: int
    elements: tuple[Value, ...]

    @property
    def claim(self) -> ast.PropertyDecl:
        name = self.declaration.properties[0].text
        return next(one for one in self.reference.properties if one.name.text == name)

    @property
    def is_eventually(self) -> bool:
        return self.claim.premise is None

    def is_fair_to(self, name: str, fair: ast.Fair = ast.Fair.WEAK) -> bool:
        return all(map(self._has_turn, self._turns(name, fair)))

    def _turns(self, name: str, fair: ast.Fair) -> list[Turn]:
        """Those of that name alone."""
        besides = self._besides(name, fair)
        before = turns(self.reference.world, (), self._possible())
        return turns(self.reference.world, (besides,), self._possible())[len(before) :]

    def _besides(self, name: str, fair: ast.Fair) -> ast.FairClause:
        span = self.claim.span
        name, _, label = name.partition(".")
        step = ast.Name(label, span=span) if label else None
        return ast.FairClause(fair, ast.Name(name, span=span), step, span=span)

    def _possible(self) -> dict[Taken, None]:
        return {step: None for steps in self.graph.steps.values() for step, _ in steps}

    def _has_turn(self, turn: Turn) -> bool:
        if any(step in turn.steps for step in self.steps[self.begin :]):
            return True
        can = [
            any(step in turn.steps for step, _ in self.graph.steps.get(state, ()))
            for state in self.path[self.begin :]
        ]
        return not any(can) if turn.strong else not all(can)

    def asked_since(self) -> int | None:
        """The state from which on something is asked for and not kept."""
        bound = dict(zip((b.name.text for b in self.claim.binders), self.elements, strict=True))
        since: int | None = 0 if self.is_eventually else None
        for number, place in enumerate(self.path):
            state = self.graph.states[place]
            premise = self.claim.premise
            if since is None and premise is not None and self.reference.holds_in(premise, state, bound):
                since = number
            if self.reference.holds_in(self.claim.condition, state, bound):
                since = None
        return since

    def holds_with(self, told: Told) -> bool | None:
        """Whether the promise is kept with the parameters of the run but for what is told; None where a
        value leaves its range, or nothing starts."""
        rigid, assuming = self.rigid, self.declaration.assuming
        if told.fair:
            how = {True: ast.Fair.STRONG, False: ast.Fair.WEAK}
            assuming = (*assuming, *(self._besides(name, how[strong]) for name, strong in told.fair))
        else:
            cell = next(c for c in rigid if _cell(c) == told.name)
            kinds = {v.name: v.type for v in self.reference.world.variables.values()}
            domain = self.reference.world.domain(kinds[cell[0]])
            value = next(one for one in domain if _shown(one) == told.value)
            rigid = {**rigid, cell: value}
        return self.reference.keeps(replace(self.declaration, assuming=assuming), rigid)


def _cell(cell: tuple[str, tuple[Value, ...]]) -> str:
    name, indices = cell
    return f"{name}[{', '.join(map(_shown, indices))}]" if indices else name


def _shown(value: Value) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def followed(
    reference: Reference, problem: Problem, promise: Promise, lasso: Lasso, declaration: ast.CheckDecl
) -> Followed | None:
    """`lasso`, a run of `problem` that breaks `promise`, in the graph of `reference`; None where it is no run
    in it."""
    trace = lasso.trace
    rigid = dict(_cells(problem.rigid_layout, trace.rigid))
    graph = reference.graph_of(rigid)
    shown = [dict(_cells(problem.state_layout, state)) for state in trace.states]
    wanted = []
    for step in trace.steps:
        action = problem.action_named[step.action]
        count = len(action.parameters) - action.hidden
        pairs = zip(action.parameters[:count], step.arguments[:count], strict=True)
        wanted.append((step.action, tuple(read(parameter.sort, value) for parameter, value in pairs)))
    pairs = zip(promise.binders, lasso.elements, strict=True)
    elements = tuple(read(binder.sort, value) for binder, value in pairs)
    for path, steps in _paths(graph, shown, wanted):
        if path[-1] == path[lasso.begin]:
            return Followed(reference, declaration, rigid, graph, path, steps, lasso.begin, elements)
    return None


def _paths(
    graph: Graph, shown: list[State], wanted: list[tuple[str, tuple[Value, ...]]]
) -> Iterator[tuple[tuple[int, ...], tuple[Taken, ...]]]:
    """All runs with these steps through states in which variables are as shown."""
    waiting: list[tuple[tuple[int, ...], tuple[Taken, ...]]] = [((one,), ()) for one in graph.starts]
    while waiting:
        path, steps = waiting.pop()
        state = graph.states[path[-1]]
        if any(state.get(cell, value) != value for cell, value in shown[len(steps)].items()):
            continue
        if len(steps) == len(wanted):
            yield path, steps
            continue
        for step, after in graph.steps.get(path[-1], ()):
            if after is not None and (step.name, step.values) == wanted[len(steps)]:
                waiting.append(((*path, after), (*steps, step)))


def _cells(layout: Layout, valuation: Valuation) -> Iterator[tuple[tuple[str, tuple[Value, ...]], Value]]:
    for cell, value in zip(layout.cells, valuation, strict=True):
        process, blank, what = cell.symbol.name.partition(" ")
        pairs = zip(cell.symbol.indices, cell.indices, strict=True)
        indices = tuple(read(*pair) for pair in pairs)
        if not blank:
            yield (cell.symbol.name, indices), read(cell.symbol.sort, value)
        elif what == "at":
            yield ("at", (process, *indices)), read(cell.symbol.sort, value)


def read(sort: Sort, value: int) -> Value:
    """A value of the tool as one of the reference."""
    text = show(sort, value)
    if text in ("true", "false"):
        return text == "true"
    if text == "none":
        return None
    return int(text) if text.lstrip("-").isdigit() else text
