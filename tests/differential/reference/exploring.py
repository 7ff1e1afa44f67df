"""All reachable states of a spec at given sizes, and what that says about its properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from tdxverify.syntax import ast
from tests.differential.reference.expressions import Evaluation, Point, narrowed
from tests.differential.reference.fairness import asked_about, turns
from tests.differential.reference.pairs import Pairs, claim_of
from tests.differential.reference.processes import ProcessRun
from tests.differential.reference.rounds import Graph, Promise, Rounds, Taken
from tests.differential.reference.statements import Execution, Path
from tests.differential.reference.traps import nearest_trap
from tests.differential.reference.world import Meaningless, State, TooLarge, Value, Variable, World


def in_configs(check: ast.CheckDecl, module: ast.Module) -> list[ast.CheckDecl]:
    """The check in each configuration that it names, with the condition of that before its own."""
    configs = {d.name.text: d for d in module.declarations if isinstance(d, ast.ConfigDecl)}
    found = []
    for name in check.configs:
        common, own = configs[name.text].condition, check.where
        both = common if own is None else ast.Binary(ast.BinaryOperator.AND, common, own, span=common.span)
        found.append(replace(check, where=both, configs=()))
    return found or [check]


@dataclass(frozen=True)
class Limits:
    rigid: int = 1500  # values of all parameters and constants together
    starts: int = 4000  # initial states to look at, for one of those
    states: int = 3000  # reachable ones, all together
    steps: int = 40_000
    work: int = 80_000  # statements executed
    pairs: int = 30_000  # of states, for one check and one of those
    rounds: int = 150_000  # states on the way round, for one check and one of those


@dataclass(frozen=True)
class Answer:
    """`bad`: the least number of steps to a state that the property excludes (or that a `reachable` one
    wants); `wrong`: to a value that does not fit its range. None: never. `started`: it can start.

    `of_runs`: `bad` is that of a run which goes round and breaks a promise; `stem`, how many of these steps
    it takes to where the round begins. A trace has one step more, that says where. The round begins as soon
    as possible, unless a value does not fit by then; and then it is as short as possible.
    """

    started: bool
    bad: int | None
    wrong: int | None
    of_runs: bool = False
    stem: int | None = None

    @property
    def length(self) -> int | None:
        """Steps of a shortest trace, whatever it ends in."""
        if self.is_bad and self.bad is not None:
            return self.bad + self.of_runs
        return self.wrong

    @property
    def is_bad(self) -> bool:
        """Whether a shortest trace ends as the property is asked about."""
        return self.bad is not None and (self.wrong is None or not self._is_sooner(self.wrong))

    def _is_sooner(self, wrong: int) -> bool:
        """Whether a value that does not fit after so many steps is what the shortest trace ends in."""
        if self.stem is not None:
            return wrong <= self.stem
        return self.bad is None or wrong < self.bad

    @property
    def is_wrong(self) -> bool:
        """Whether a shortest trace ends in a value that does not fit."""
        tied = self.stem is None and self.wrong == self.length
        return self.wrong is not None and (self._is_sooner(self.wrong) or tied)

    def __str__(self) -> str:
        if not self.started:
            return "vacuous"
        if self.length is None:
            return "proved"
        ends = [f"refuted in {self.bad}"] if self.is_bad else []
        ends += [f"E510 in {self.wrong}"] if self.is_wrong else []
        return " or ".join(ends)


@dataclass
class Found:
    """What one exploration found out about each property."""

    started: bool = False
    bad: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    states: int = 0
    graph: Graph = field(default_factory=Graph)


class Reference:
    """One spec at given sizes. Raises TooLarge, Unsound or Meaningless where that is found out."""

    def __init__(self, module: ast.Module, sizes: Mapping[str, int], limits: Limits | None = None) -> None:
        self.world = World(module, sizes)
        self.limits = limits or Limits()
        self.world.work = self.limits.work
        self.evaluation = Evaluation(self.world)
        self.properties: list[ast.PropertyDecl] = self.world.of(ast.PropertyDecl)
        self.processes = [ProcessRun(self.world, p) for p in self.world.processes.values()]
        self.actions: list[ast.ActionDecl] = self.world.of(ast.ActionDecl)
        self._executions = {actor: Execution(self.world, actor) for actor in [None, *self.world.actors]}
        self._left = self.limits.states
        self._steps = self.limits.steps
        self.fired: set[str] = set()
        self.states = 0
        self._explored: dict[frozenset[tuple[object, object]], Found] = {}
        self._about_runs = any(
            one.kind.of_runs or one.kind is ast.PropertyKind.POSSIBLE for one in self.properties
        )
        asked = asked_about(self.world)
        self._unasked = {
            ("took", (*actor, outcome))
            for actor in self.world.actors
            for outcome in self.world.taken
            if (actor[0], outcome) not in asked
        }

    def answer(self, check: ast.CheckDecl, name: str) -> Answer:
        """What is true of the property `name` under the `where` of `check`."""
        started, bad, wrong, rounds = False, list[int](), list[int](), list[tuple[int, int]]()
        asked = next(one for one in self.properties if one.name.text == name)
        for rigid, misfit in self._rigid(check.where):
            found = self._explore(rigid)
            started = started or found.started
            if misfit and found.started:
                wrong.append(0)
            bad += [found.bad[name]] if name in found.bad else []
            wrong += [found.wrong[key] for key in (name, "") if key in found.wrong]
            if asked.kind.of_runs:
                rounds += self._broken(asked, check, found.graph)
            if asked.kind is ast.PropertyKind.POSSIBLE:
                bad += self._trapped(asked, found.graph)
            if asked.kind.of_two_runs:
                bad += self._told_apart(asked, rigid)
        if rounds:
            stem, length = min(rounds)
            return Answer(started, stem + length, min(wrong, default=None), of_runs=True, stem=stem)
        return Answer(started, min(bad, default=None), min(wrong, default=None), asked.kind.of_runs)

    # --- two runs ----------------------------------------------------------------------------

    def _told_apart(self, asked: ast.PropertyDecl, rigid: State) -> list[int]:
        """The fewest steps after which two runs differ, if they do."""
        claim = claim_of(self.world, asked)
        pairs = Pairs(self.world, claim, self._successors, self._begins_alike, self.limits.pairs)
        found = pairs.shortest([state for state, _ in self._starts(rigid)])
        return [] if found is None else [found]

    def _begins_alike(self, one: State, other: State) -> bool:
        """Each process stands at the same place in both, where in both it can."""
        return all(process.begins_alike(one, other) for process in self.processes)

    # --- what else is asked of it ------------------------------------------------------------

    def graphs(self, where: ast.Expr | None) -> Iterator[Graph]:
        """All states and steps, for each value of the parameters under `where`."""
        return (self._explore(rigid).graph for rigid, _ in self._rigid(where))

    def graph_of(self, rigid: State) -> Graph:
        """The same for one."""
        return self._explore(rigid).graph

    def holds_in(self, condition: ast.Expr | None, state: State, bound: Mapping[str, Value]) -> bool:
        """Whether `condition`, which is there, holds."""
        assert condition is not None
        return bool(self.evaluation.value(condition, Point(state), bound))

    def keeps(self, check: ast.CheckDecl, rigid: State) -> bool | None:
        """Whether every fair run keeps the promise of `check` for these values of parameters and constants;
        None where there is no run, or a value leaves its range."""
        name = check.properties[0].text
        asked = next(one for one in self.properties if one.name.text == name)
        found = self._explore(rigid)
        if not found.started or found.wrong.get("") is not None or found.wrong.get(name) is not None:
            return None
        return not self._broken(asked, check, found.graph)

    # --- what happens in the end -----------------------------------------------------------

    def _broken(self, asked: ast.PropertyDecl, check: ast.CheckDecl, graph: Graph) -> list[tuple[int, int]]:
        """As `Rounds.shortest`, for each value of the binders of the promise `asked`."""
        assert asked.condition is not None
        possible = {step: None for steps in graph.steps.values() for step, _ in steps}
        rounds = Rounds(graph, turns(self.world, check.assuming, possible), self.limits.rounds)
        misfits = [self._misfits(asked, state) for state in graph.states]
        found = []
        for bound in self.world.bindings(asked.binders):
            kept = [bool(self.evaluation.value(asked.condition, Point(one), bound)) for one in graph.states]
            premise = asked.premise
            ask = [
                premise is not None and bool(self.evaluation.value(premise, Point(one), bound))
                for one in graph.states
            ]
            found.append(rounds.shortest(Promise(premise is None, ask, kept, misfits)))
        return [length for length in found if length is not None]

    def _misfits(self, asked: ast.PropertyDecl, state: State) -> bool:
        """Whether what is promised has no value there, for some value of the binders."""
        point = Point(state)
        self._is_bad(asked, point)
        return bool(point.misfits)

    def _trapped(self, asked: ast.PropertyDecl, graph: Graph) -> list[int]:
        """How many steps lead to where `asked` can never be reached: for each value of its binders."""
        assert asked.condition is not None
        found = []
        for bound in self.world.bindings(asked.binders):
            points = [Point(state) for state in graph.states]
            holds = [bool(self.evaluation.value(asked.condition, point, bound)) for point in points]
            there = [one or bool(point.misfits) for one, point in zip(holds, points, strict=True)]
            found.append(nearest_trap(graph, there))
        return [length for length in found if length is not None]

    # --- what never changes ----------------------------------------------------------------

    def _rigid(self, where: ast.Expr | None) -> Iterator[tuple[State, bool]]:
        """All values of parameters and constants that fit, and whether something about them does not."""
        variables = [v for v in self.world.variables.values() if v.rigid]
        conditions = [a.condition for a in self.world.of(ast.AssumeDecl)]
        conditions += [where] if where is not None else []
        for rigid in self._valuations(variables, self.limits.rigid):
            point = Point(rigid)
            if not all(self._constant_fits(variable, point) for variable in variables):
                continue
            if all(self._holds(condition, point) for condition in conditions):
                yield rigid, bool(point.misfits)

    def _holds(self, condition: ast.Expr, point: Point) -> bool:
        """Whether it holds; without a value it counts as true."""
        before = point.misfits
        return bool(self.evaluation.value(condition, point, {})) or point.misfits > before

    def _valuations(self, variables: list[Variable], most: int) -> Iterator[State]:
        cells = [(cell, self.world.domain(v.type)) for v in variables for cell in self.world.cells(v)]
        if prod(len(domain) for _, domain in cells) > most:
            raise TooLarge
        for values in product(*(domain for _, domain in cells)):
            yield dict(zip((cell for cell, _ in cells), values, strict=True))

    def _constant_fits(self, variable: Variable, point: Point) -> bool:
        if variable.initial is None or isinstance(variable.initial, ast.AnyValue):
            return True
        for cell in self.world.cells(variable):
            bound = _named(variable, cell[1])
            given = self.evaluation.value(variable.initial, point, bound)
            value = narrowed(given, variable.type, point, self.world)
            if value != point.state[cell]:
                return False
        return True

    # --- initial states ----------------------------------------------------------------------

    def _starts(self, rigid: State) -> Iterator[tuple[State, bool]]:
        cells, domains, misfits = [], [], 0
        for variable in (v for v in self.world.variables.values() if not v.rigid):
            for cell in self.world.cells(variable):
                point = Point(Starting(self, rigid))
                cells.append(cell)
                domains.append(self.initial(variable, cell[1], point))
                misfits += point.misfits
        others: State = {("dead", actor): False for actor in self.world.actors}
        others |= {("halted", (fault,)): False for fault in self.world.faults}
        others |= {("took", (*a, f)): False for a in self.world.actors for f in self.world.taken}
        places = [list(process.starts()) for process in self.processes]
        if prod(len(domain) for domain in domains) * prod(map(len, places)) > self.limits.starts:
            raise TooLarge
        constraints = [one.condition for one in self.world.of(ast.InitDecl)]
        for values, stands in product(product(*domains), product(*places)):
            state = {**rigid, **others, **dict(zip(cells, values, strict=True))}
            for one in stands:
                state |= one
            point = Point(state)
            begins = [process.is_start(state) for process in self.processes]
            if all(is_one for is_one, _ in begins) and all(self._holds(c, point) for c in constraints):
                yield state, bool(misfits or point.misfits or any(misfit for _, misfit in begins))

    def initial(self, variable: Variable, indices: tuple[object, ...], point: Point) -> list[object]:
        """What a cell may start with."""
        written = variable.initial
        if written is None or (isinstance(written, ast.AnyValue) and not written.choices):
            return list(self.world.domain(variable.type))
        choices = written.choices if isinstance(written, ast.AnyValue) else (written,)
        bound = _named(variable, indices)
        given = [self.evaluation.value(choice, point, bound) for choice in choices]
        values = [narrowed(value, variable.type, point, self.world) for value in given]
        return list(dict.fromkeys(values))

    # --- steps -------------------------------------------------------------------------------

    def _successors(self, state: State) -> Iterator[tuple[Taken, Path]]:
        for action in self.actions:
            for bound in self.world.bindings(action.parameters):
                actor = self.evaluation.acting(action, bound)
                execution = self._executions[actor]
                allowed = execution.allowed(Path(state))
                if allowed is None:
                    continue
                possible = allowed if allowed.wrong else execution.asked(action.guard, allowed, bound)
                if possible is not None:
                    step = Taken(action.name.text, tuple(bound.values()), actor)
                    for end in execution.run(action.body, possible, bound):
                        yield step, end
        for process in self.processes:
            yield from process.steps(state)

    def _explore(self, rigid: State) -> Found:
        key = frozenset(rigid.items())
        if key not in self._explored:
            self._explored[key] = self._breadth_first(rigid)
        return self._explored[key]

    def _breadth_first(self, rigid: State) -> Found:
        found = Found()
        seen: set[object] = set()
        layer: list[State] = []
        for state, misfit in self._starts(rigid):
            found.started = True
            if misfit:
                self._judge_wrong_start(state, found)
                continue
            key = self._key(state)
            self._reach(key, state, seen, layer)
            if self._about_runs:
                found.graph.starts.add(found.graph.number(key, state))
        depth = 0
        while layer:
            following: list[State] = []
            for state in layer:
                self._judge(state, depth, found)
                self._go_on(state, depth, found, seen, following)
            layer, depth = following, depth + 1
        return found

    def _judge_wrong_start(self, state: State, found: Found) -> None:
        """Nothing behind it is looked at: where a process begins may have no value."""
        found.wrong.setdefault("", 0)
        self._judge(state, 0, found)
        for one in self.properties:
            if one.kind is ast.PropertyKind.NEVER_DEADLOCK:
                found.bad.setdefault(one.name.text, 0)

    def _key(self, state: State) -> object:
        """The state without what nobody asks about: that it was reached before does not depend on that."""
        return frozenset((cell, value) for cell, value in state.items() if cell not in self._unasked)

    def _reach(self, key: object, state: State, seen: set[object], layer: list[State]) -> None:
        if key not in seen:
            seen.add(key)
            layer.append(state)
            self._left -= 1
            self.states += 1
            if self._left < 0:
                raise TooLarge

    def _go_on(
        self,
        state: State,
        depth: int,
        found: Found,
        seen: set[object],
        following: list[State],
    ) -> None:
        stuck, graph = True, found.graph
        here = graph.number(self._key(state), state) if self._about_runs else 0
        steps = graph.steps.setdefault(here, [])
        for step, path in self._successors(state):
            stuck = False
            self._steps -= 1
            if self._steps < 0:
                raise TooLarge
            self.fired.add(step.name)
            if path.wrong:
                found.wrong.setdefault("", depth + 1)
                steps.append((step, None))
                continue
            key = self._key(path.state)
            if self._about_runs:
                steps.append((step, graph.number(key, path.state)))
            self._judge_step(state, path.state, depth, found)
            self._reach(key, path.state, seen, following)
        ended = any(state["halted", (fault,)] for fault in self.world.faults) or any(
            self.evaluation.value(condition, Point(state), {}) for condition in self.world.halts
        )
        for one in self.properties:
            if stuck and not ended and one.kind is ast.PropertyKind.NEVER_DEADLOCK:
                found.bad.setdefault(one.name.text, depth)

    # --- properties --------------------------------------------------------------------------

    def _judge(self, state: State, depth: int, found: Found) -> None:
        for one in self.properties:
            point = Point(state)
            bad = self._is_bad(one, point)
            if point.misfits:
                found.wrong.setdefault(one.name.text, depth)
            elif bad:
                found.bad.setdefault(one.name.text, depth)

    def _is_bad(self, one: ast.PropertyDecl, point: Point) -> bool:
        match one.kind:
            case ast.PropertyKind.NEVER | ast.PropertyKind.REACHABLE:
                assert one.condition is not None
                return bool(self.evaluation.value(one.condition, point, {}))
            case ast.PropertyKind.ALWAYS:
                assert one.condition is not None
                return not self.evaluation.value(one.condition, point, {})
            case ast.PropertyKind.NEVER_TAKES:
                assert one.fault is not None
                actors = self.world.actors if one.actor is None else self.world.each(one.actor.text)
                if one.actor is not None and one.actor_indices:
                    actors = [self.evaluation.actor(one.actor.text, one.actor_indices, point, {})]
                return any(point.state["took", (*actor, one.fault.text)] for actor in actors)
            case ast.PropertyKind.CONTAINED:
                assert one.fault is not None
                spared = self.world.faults[one.fault.text].must_not_reach
                actors = [each for actor in spared for each in self.world.each(actor.text)]
                return any(point.state["took", (*actor, one.fault.text)] for actor in actors)
            case ast.PropertyKind.NEVER_DEADLOCK:
                for condition in self.world.halts:  # whether everything has stopped must have a value
                    self.evaluation.value(condition, point, {})
                return False
            case ast.PropertyKind.CANNOT_TELL | ast.PropertyKind.CANNOT_CHANGE:
                claim = claim_of(self.world, one)
                for view in (*claim.seen, *claim.known):
                    for bound in self.world.bindings(view.binders):
                        self.evaluation.value(view.value, point, bound)
                return False
            case ast.PropertyKind.EVENTUALLY | ast.PropertyKind.LEADS_TO | ast.PropertyKind.POSSIBLE:
                for bound in self.world.bindings(one.binders):  # what is promised must have a value
                    for part in (one.premise, one.condition):
                        if part is not None:
                            self.evaluation.value(part, point, bound)
                return False
            case _:
                return False

    def _judge_step(self, before: State, after: State, depth: int, found: Found) -> None:
        for one in self.properties:
            if one.kind is ast.PropertyKind.STEP:
                assert one.condition is not None
                point = Point(before, after)
                holds = self.evaluation.value(one.condition, point, {})
                if point.misfits:
                    found.wrong.setdefault(one.name.text, depth + 1)
                elif not holds:
                    found.bad.setdefault(one.name.text, depth + 1)


class Starting(Mapping[object, object]):
    """What never changes, and what state variables with one initial value start with."""

    def __init__(self, reference: Reference, rigid: State) -> None:
        self._reference = reference
        self._rigid = rigid

    def __getitem__(self, cell: object) -> object:
        if cell in self._rigid:
            return self._rigid[cell]
        name, indices = cell
        options = self._reference.initial(self._reference.world.variables[name], indices, Point(self))
        if len(options) != 1:
            raise Meaningless(f"the initial value of {name} is read, but it has several")
        return options[0]

    def __iter__(self) -> Iterator[object]:
        return iter(self._rigid)

    def __len__(self) -> int:
        return len(self._rigid)


def _named(variable: Variable, indices: tuple[object, ...]) -> dict[str, object]:
    return {
        position.name.text: value
        for position, value in zip(variable.positions, indices, strict=True)
        if position.name is not None
    }
