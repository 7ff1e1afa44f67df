"""Random declarations: what there is, what happens, and what is asked about it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.labels import Processes
from tests.differential.notes import Notes, clauses, mixed
from tests.differential.of_runs import OfRuns
from tests.differential.statements import Statements, Step
from tests.differential.tables import Tables
from tests.differential.two_runs import OfTwoRuns
from tests.differential.vocabulary import (
    BOOL,
    Declared,
    Define,
    Enum,
    Index,
    Optional,
    Place,
    Position,
    Sort,
    Symbol,
    written,
)
from tests.differential.writing import Text

COUNTED: tuple[Position, ...] = ((0, 1), (0, 2), (1, 2), (-1, 1), (2, 2))  # numbers that cells are counted by


class Declarations:
    """One spec, declaration by declaration; names are known once their declaration was made."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.random: Random = declared.random
        self.expressions = Expressions(declared)
        self.statements = Statements(declared, self.expressions)
        self.notes = Notes(declared)
        self.tables = Tables(declared, self.expressions, self.statements, self.notes)
        self.processes = Processes(declared, self.expressions, self.statements, self.notes)
        self.of_runs = OfRuns(declared, self.expressions)
        self.of_two_runs = OfTwoRuns(declared, self.expressions)
        self.properties: dict[str, str] = {}
        self.configs: list[str] = []
        self._elements: dict[str, dict[str, Sort]] = {}  # declaration of actors -> what it calls elements

    def surroundings(self) -> list[str]:
        """What other declarations speak of."""
        choice = self.random.choice
        found = [self._index() for _ in range(choice([0, 1, 1, 1, 1, 1, 2, 2, 3]))]
        found += [self._enum() for _ in range(choice([0, 1, 1, 2]))]
        least = int(self.declared.of_numbers)  # who is numbered is to take faults
        found += [self._actors() for _ in range(max(least, choice([0, 1, 1, 1, 2])))]
        found += [self._fault() for _ in range(max(least, choice([0, 1, 1, 2])))]
        found += [self._param() for _ in range(choice([0, 0, 1, 1, 2]))]
        found += [self._define(rigid=True) for _ in range(choice([0, 0, 0, 1]))]
        found += [self._const() for _ in range(choice([0, 0, 0, 1, 1, 2]))]
        found += [self._state() for _ in range(choice([1, 2, 2, 3]))]
        found += [self._memory() for _ in range(choice([0, 0, 0, 1, 1, 2])) if self.declared.indices]
        return found

    def rest(self) -> list[str]:
        choice = self.random.choice
        found = [self._define() for _ in range(choice([0, 1, 1, 2]))]
        found += [self.processes.process() for _ in range(choice([0, 0, 0, 0, 1]))]
        least = int(self.declared.of_numbers)
        found += [self.tables.access() for _ in range(max(least, choice([0, 1, 1, 2])))]
        found += [self.processes.process() for _ in range(choice([0, 0, 0, 1, 1, 1]))]
        found += [self._define() for _ in range(choice([0, 0, 1]))]
        few = [1, 1, 2, 2, 3] if self.declared.lively else [0, 1, 2, 2, 3]
        found += [self._action() for _ in range(choice(few))]
        found += [self._assume() for _ in range(choice([0, 0, 0, 0, 1, 1, 2]))]
        found += [self._init() for _ in range(choice([0, 0, 0, 1, 1, 2]))]
        found += self.of_two_runs.declarations()
        found += [self._property() for _ in range(choice([1, 2, 2, 3]))]
        found += self._halts()
        found += self._preludes()
        found += [self._config() for _ in range(choice([0, 0, 0, 1, 2]))]
        return found + [self._check() for _ in range(choice([1, 1, 2]))]

    # --- names ---------------------------------------------------------------------------

    def _index(self) -> str:
        name = self.declared.fresh(self.random.choice(["Line", "Cpu", "Page"]))
        self.declared.indices.append(name)
        ordered = self.declared.with_order and self.declared.order.random() < 0.7
        if ordered:
            self.declared.in_order.add(name)
        return f"index {name}{' ordered' if ordered else ''}{self.notes.after()}"

    def _enum(self) -> str:
        random = self.random
        name = self.declared.fresh(random.choice(["Mode", "Phase"]))
        members = [
            self.declared.fresh(f"m{random.randrange(50)}") for _ in range(random.choice([1, 2, 2, 3]))
        ]
        if self.declared.members and random.random() < 0.5:
            shared = random.choice(list(self.declared.members.values()))[0]
            members[random.randrange(len(members))] = shared
        self.declared.members[name] = tuple(members)
        before, behind = self.notes.around()
        comma = random.choice(["", ","])
        return f"enum {name}{before} {{ {', '.join(members)}{comma} }}{behind}"

    def _actors(self) -> str:
        names = [
            self.declared.fresh(self.random.choice(["host", "guest"]))
            for _ in range(self.random.choice([1, 2, 3] if self.declared.long_lists else [1, 2]))
        ]
        self.declared.actors += names
        elements: dict[str, Sort] = {}
        shown = ", ".join(f"{name}{self._several(name, elements, len(names) == 1)}" for name in names)
        told = f"actor {shown}{self.notes.after()}"
        self._elements[told] = elements
        return told

    def _several(self, actor: str, elements: dict[str, Sort], alone: bool) -> str:
        """One for each element, at times: the sorts, some with a name where that can mean one thing only."""
        extra = self.declared.crowd
        sorts: list[Position] = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        chosen = self.expressions.numbered.sorts(sorts)
        if chosen is None and (not sorts or extra.random() > 0.35):
            return ""
        chosen = chosen or tuple(extra.choice(sorts) for _ in range(extra.choice([1, 1, 1, 2])))
        self.declared.of_actors[actor] = chosen
        shown = []
        for sort in chosen:
            name = ""
            if self.declared.of_numbers and alone and extra.random() < 0.6:
                name = self.declared.crowded("e")
                elements[name] = sort
            shown.append(f"{name} : {written(sort)}" if name else written(sort))
        return f"[{', '.join(shown)}]"

    def _some_actors(self) -> str:
        count = self.random.randint(1, len(self.declared.actors))
        return ", ".join(self.random.sample(self.declared.actors, count))

    def _fault(self) -> str:
        random, actors = self.random, self.declared.actors
        name = f"#{random.choice(['MC', 'PF', 'GP', 'fatal'])}"
        while name in self.declared.faults:
            name += "X"
        clauses = random.choice([[], ["fixable"], ["fatal"], ["fatal"]])
        if actors and random.random() < 0.4:
            clauses = [*clauses, f"kills {self._some_actors()}"]
        spares = bool(actors) and random.random() < 0.5
        if spares:
            clauses = [*clauses, f"must not reach {self._some_actors()}"]
        self.declared.faults[name] = spares
        random.shuffle(clauses)
        if clauses and "fixable" not in clauses and self.declared.extra.random() < 0.25:
            clauses.insert(self.declared.extra.randint(0, len(clauses)), "halts")
        if not clauses:
            return f"fault {name}{self.notes.after()}"
        before, behind = self.notes.around()
        return f"fault {name}{before} {' '.join(clauses)}{behind}"

    # --- values ----------------------------------------------------------------------------

    def _sort(self, *, elements: bool) -> Sort:
        random = self.random
        sorts: list[Sort] = [BOOL, BOOL, (0, random.choice([1, 2, 3]))]
        sorts.append(random.choice([(-1, 1), (2, 2), (-2, -1), (1, 2), (0, 0), (-1, 0)]))
        sorts += [(0, 1), (-1, 1), (0, 2)] if self.declared.partial else []
        sorts += [(1, 2), (1, 3)] if self.declared.lively else []
        sorts += map(Enum, self.declared.members)
        sorts += map(Index, self.declared.indices if elements else [])
        if elements or random.random() < 0.3:
            sorts += self.expressions.optional_sorts()
        return random.choice(sorts)

    def _param(self) -> str:
        sort = self._sort(elements=False)
        sort = BOOL if isinstance(sort, Optional) and isinstance(sort.base, Index) else sort
        if self.declared.lively and self.random.random() < 0.35:
            sort = (1, self.random.choice([2, 3]))
        name = self.declared.fresh("p")
        self.declared.symbols.append(Symbol(name, sort, (), rigid=True))
        self._may_vary(name, sort)
        return f"param {name} : {written(sort)}{self.notes.after()}"

    def _positions(self, most: int) -> tuple[str, tuple[Position, ...], dict[str, Sort]]:
        """Text, sorts, and the names that an initial value may use."""
        sorts: list[Position] = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        sorts += COUNTED if self.declared.ordered else []
        count = self.random.choice([0, 0, 0, 1, 1, 1, 1, most, most]) if sorts else 0
        count = 3 if count == 2 and self.random.random() < 0.15 else count
        chosen = tuple(self.random.choice(sorts) for _ in range(count))
        named: dict[str, Sort] = {}
        shown = []
        for sort in chosen:
            if self.random.random() < 0.4:
                name = self.expressions.name()
                named[name] = sort
                shown.append(f"{name} : {written(sort)}")
            else:
                shown.append(written(sort))
        return f"[{', '.join(shown)}]" if shown else "", chosen, named

    def _const(self) -> str:
        text, positions, named = self._positions(1)
        sort: Sort = self.random.choice([BOOL, (0, 1), self._sort(elements=True)])
        value = None
        if self.random.random() < 0.5:
            value = self.expressions.fitting(sort, Place(named, rigid=True), 1)
        name = self.declared.fresh("c")
        self.declared.symbols.append(Symbol(name, sort, positions, rigid=True))
        shown = f" = {value.text}" if value is not None else ""
        if value is None:
            self._may_vary(name, sort)
        return f"const {name}{text} : {written(sort)}{shown}{self.notes.after()}"

    def _initial(self, sort: Sort, named: dict[str, Sort]) -> str:
        random = self.random
        starts = frozenset(self.declared.settled if self.declared.ordered else ())
        place = Place(named, rigid=True, starts=starts)
        choice = random.random()
        if choice < 0.12:
            return ""
        if choice < 0.22:
            return " = any"
        if choice < 0.35:
            found = [self.expressions.fitting(sort, place, 1) for _ in range(random.choice([1, 2]))]
            shown = [one.text for one in found if one is not None]
            return f" = any {{ {', '.join(shown)} }}" if shown else ""
        value = self.expressions.fitting(sort, place, random.choice([0, 0, 1]))
        return "" if value is None else f" = {value.text}"

    def _state(self) -> str:
        text, positions, named = self._positions(2)
        sort = self._sort(elements=len(positions) < 2) if len(positions) < 2 else BOOL
        initial = self._initial(sort, named)
        name = self.declared.fresh(self.random.choice(["x", "y", "dirty"]))
        self._declared(Symbol(name, sort, positions, rigid=False), initial)
        return f"state {name}{text} : {written(sort)}{initial}{self.notes.after()}"

    def _may_vary(self, name: str, sort: Sort) -> None:
        if not isinstance(sort, tuple) or sort[0] < sort[1]:
            self.declared.free.add(name)

    def _declared(self, symbol: Symbol, initial: str) -> None:
        self.declared.symbols.append(symbol)
        if initial in ("", " = any"):
            self._may_vary(symbol.name, symbol.sort)
        if initial and not initial.startswith(" = any"):
            self.declared.settled.add(symbol.name)

    def _memory(self) -> str:
        index: Position = Index(self.random.choice(self.declared.indices))
        if self.declared.ordered:
            index = self.random.choice([index, *COUNTED])
        fields = []
        for _ in range(self.random.choice([1, 2])):
            sort = self.random.choice([BOOL, BOOL, self._sort(elements=False)])
            name = self.declared.fresh("f")
            initial = self._initial(sort, {})
            fields.append(f"{name} : {written(sort)}{initial}{self.notes.after()}")
            self._declared(Symbol(name, sort, (index,), rigid=False), initial)
        before, behind = self.notes.around()
        return f"memory {written(index)}{before} {{ {' '.join(fields)} }}{behind}"

    def _define(self, *, rigid: bool = False) -> str:
        random = self.random
        rigid = rigid or random.random() < 0.2
        sorts = [random.choice(self.expressions.given()) for _ in range(random.choice([0, 0, 1, 1, 2]))]
        text, bound = self.expressions.binders(sorts) if sorts else ("", {})
        place = Place(bound, rigid=rigid, in_define=True)
        result = self._sort(elements=False)
        value = self.expressions.fitting(result, place, 2)
        assert value is not None
        if isinstance(result, tuple) and random.random() < 0.5:
            shown_type, value = "", self.expressions.number(place, 2)
            result = (value.low, value.high)
        else:
            told = isinstance(result, tuple | Optional) or random.random() < 0.6
            shown_type = f" : {written(result)}" if told else ""
        brackets = bool(bound) or random.random() < 0.3
        shown = f"({text})" if brackets else ""
        name = self.declared.fresh("d")
        reads = frozenset() if rigid else frozenset(s.name for s in self.declared.symbols if not s.rigid)
        sorts_of = tuple(bound.values())
        self.declared.defines.append(Define(name, sorts_of, result, brackets, reads, implicit=not rigid))
        return f"define {name}{shown}{shown_type} = {value.text}{self.notes.after()}"

    def _assume(self) -> str:
        place = Place(rigid=True)
        one = (
            self.expressions.deciding(place)
            if self.random.random() < 0.6
            else self.expressions.truth(place, 2)
        )
        one = self._met(place, one)
        return f"assume {one.text}{self.notes.after()}"

    def _init(self) -> str:
        some = self.expressions.deciding(Place())
        one = some if self.random.random() < 0.5 else self.expressions.truth(Place(), 2)
        one = self._met(Place(), one)
        return f"init {one.text}{self.notes.after()}"

    def _met(self, place: Place, condition: Text) -> Text:
        """The condition, or one that can be met more likely: too many others leave no start."""
        if not self.declared.lively or self.random.random() < 0.1:
            return condition
        return self.expressions.satisfiable(place, condition)

    # --- what happens --------------------------------------------------------------------

    def _action(self) -> str:
        random = self.random
        name = self.declared.fresh(random.choice(["go", "act"]))
        count = random.choice([0, 0, 1, 1, 2])
        text, bound = self.expressions.binders(
            [random.choice(self.expressions.bindable()) for _ in range(count)]
        )
        parameters = f"({text})" if bound or random.random() < 0.3 else ""
        actors = self.declared.actors
        actor = random.choice(actors) if actors and random.random() < 0.7 else None
        by, more = self.expressions.acting(actor, bound)
        if more:
            parameters = f"({text}{', ' if text else ''}{more})"
        place = Place(bound)
        before, behind = self.notes.around()
        guard = f" when {self.expressions.truth(place, 2).text}" if random.random() < 0.5 else ""
        block = self.statements.block(Step(place, actor, depth=random.choice([1, 1, 2])))
        emits = self.notes.emits([*bound])
        self.declared.actions.append(name)
        fair = self.declared.fairness()
        return f"{fair}action {name}{parameters}{clauses(by, before, guard)} {block}{behind}{emits}"

    # --- what stops it: apart, so that the rest of a spec stays the same ---------------------

    def _halts(self) -> list[str]:
        count = self.declared.extra.choice([0, 0, 0, 0, 0, 1, 1, 2])
        with self.declared.apart():
            return [f"halt when {self._stopping({})}{self.notes.after()}" for _ in range(count)]

    def _stopping(self, elements: dict[str, Sort]) -> str:
        return self.expressions.truth(Place(elements), self.random.choice([1, 2, 2])).text

    def with_stop(self, actors: str) -> str:
        """The declaration of some actors, which may be stopped."""
        elements = self._elements[actors]
        actors = self.declared.fairness() + actors
        if self.declared.extra.random() > (0.5 if elements else 0.25):
            return actors
        with self.declared.apart():
            cited = self.random.choice(["", "", " cite F-TDX-301"])
            return f"{actors} stopped when {self._stopping(elements)}{cited}"

    # --- what is asked --------------------------------------------------------------------

    def _claim(self) -> str:
        random, expressions, declared = self.random, self.expressions, self.declared
        options: list[Callable[[], str]] = [
            lambda: f"never {expressions.truth(Place(), 2).text}",
            lambda: f"always {expressions.truth(Place(), 2).text}",
            lambda: f"reachable {expressions.truth(Place(), 2).text}",
            lambda: f"step {expressions.truth(Place(primes=True), 2).text}",
            lambda: "never deadlock",
        ]
        if declared.faults:
            fault = random.choice(list(declared.faults))
            options.append(lambda: f"never anyone takes {fault}")
            if declared.actors:
                again = 3 if declared.of_numbers else 1
                options += [lambda: f"never {self._taker()} takes {fault}"] * again
            if declared.faults[fault]:
                options += [lambda: f"contained {fault}"] * 2
        return random.choice(options)()

    def _taker(self) -> str:
        """An actor; which of several, where that can be said without a name that is bound."""
        actor = self.random.choice(self.declared.actors)
        members = [self._known(sort) for sort in self.declared.of_actors.get(actor, ())]
        named = [member for member in members if member is not None]
        if not named or len(named) < len(members) or self.declared.crowd.random() < 0.3:
            return actor
        return f"{actor}[{', '.join(named)}]"

    def _known(self, sort: Position) -> str | None:
        """An element that has a name everywhere."""
        if not isinstance(sort, tuple):
            return self.declared.own_member(sort)
        found = self.expressions.fitting(sort, Place(), 1)
        return None if found is None else found.text

    def _property(self) -> str:
        name = self.declared.fresh("q")
        self.properties[name] = claim = (
            self.of_two_runs.claim() or self.of_runs.possibility() or self.of_runs.claim() or self._claim()
        )
        before, behind = self.notes.around()
        return f"property {name}{before} {claim}{behind}"

    def _config(self) -> str:
        name = self.declared.fresh(self.random.choice(["v1", "v2", "config"]))
        self.configs.append(name)
        before, behind = self.notes.around()
        condition = self._met(Place(rigid=True), self.expressions.deciding(Place(rigid=True)))
        return f"config {name}{before} where {condition.text}{behind}"

    def _in_configs(self) -> str:
        if not self.configs or self.random.random() < 0.3:
            return ""
        some = self.random.sample(self.configs, self.random.randint(1, len(self.configs)))
        return f" in {', '.join(some)}"

    def _check(self) -> str:
        random = self.random
        count = random.randint(1, min(2, len(self.properties)))
        names = ", ".join(random.sample(list(self.properties), count))
        sizes = ""
        if self.declared.indices and random.random() < 0.4:
            some = random.sample(self.declared.indices, random.randint(1, len(self.declared.indices)))
            stated = [f"{sort} {random.choice(('=', '<='))} {random.choice([1, 2])}" for sort in some]
            sizes = f" for {', '.join(stated)}"
        elif random.random() < 0.3:
            sizes = " for any size"
        place = Place(rigid=True)
        condition = (
            self.expressions.truth(place, 2) if random.random() < 0.4 else self.expressions.deciding(place)
        )
        free = set(self.declared.free)
        condition = self._met(place, condition)
        self.declared.free = free  # the next check has a condition of its own
        where = f" where {condition.text}" if random.random() < 0.3 else ""
        words = ["proved", "refuted", "unknown", "vacuous"]
        if count == 1:
            words.append("proved in 1" if self.properties[names].startswith("reachable") else "refuted in 2")
        expectation = f" expect {random.choice(words)}" if random.random() < 0.7 else ""
        if expectation.endswith("proved") and where:
            expectation += " trivially"
        assuming = self.of_runs.assuming()
        configs, after = self._in_configs(), self.notes.after()
        early, late = self.declared.runs.choice([([assuming], ""), ([], assuming)])
        first = mixed([configs, *(early if assuming else []), sizes])
        behind = clauses(where, expectation, after, late)
        if first[-1] == sizes and behind and Random(behind).random() < 0.4:
            first, behind = first[:-1], clauses(where, expectation, after, late, sizes)
            if behind.startswith(sizes):
                first, behind = [*first, sizes], behind.removeprefix(sizes)
        return f"check {names}{''.join(first)}{behind}"

    def _preludes(self) -> list[str]:
        """One for a language at most."""
        languages = self.random.sample(["c", "sh"], self.random.choice([0, 0, 0, 1, 2]))
        lines = " ".join(f'"#include <l{n}.h>"' for n in range(self.random.choice([1, 2])))
        return [f"prelude {language} {lines}" for language in languages]
