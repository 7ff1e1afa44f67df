"""Small models about what must happen: few states, and nearly every one with something to be decided.

Whole specs of all kinds come from `generator`; of those few say anything of runs that is worth asking. Here
each asks the same promises with nobody fair, with all who are not weakly so, and with all strongly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

Names: TypeAlias = dict[str, str]  # what is bound -> its index sort


@dataclass(frozen=True)
class Cell:
    """A state variable. `kind`: bool, number, Mode, or the index sort whose element it holds, or none."""

    name: str
    kind: str
    index: str = ""

    def at(self, element: str) -> str:
        return f"{self.name}[{element}]" if self.index else self.name


@dataclass
class Model:
    """Grows while it is written."""

    random: Random
    indices: list[str] = field(default_factory=list)
    in_order: set[str] = field(default_factory=set)
    cells: list[Cell] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)  # conditions about what never changes
    actors: dict[str, str] = field(default_factory=dict)  # each with its index sort, or none
    faults: list[str] = field(default_factory=list)
    labels: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # of processes: index sort, labels
    actions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def chance(self, often: float) -> bool:
        return self.random.random() < often


def small_model(seed: int) -> str:
    """The text of the model of that seed, the same for ever."""
    return _Writer(Model(Random(f"promises {seed}"))).text()


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.random = model.random
        self.chance = model.chance

    def text(self) -> str:
        lines = self.model.lines
        lines += self._surroundings()
        lines += [self._state(number) for number in range(self.random.choice([1, 2, 2, 3]))]
        self._plan()
        if self.model.faults:
            lines.append(self._access())
        lines += self._actions()
        lines += [self._process(name) for name in self.model.labels]
        if self.chance(0.1):
            lines.append(f"halt when {self._literal({})}")
        if self.chance(0.06):
            lines.append(f"init {self._condition({})}")
        for number in range(self.random.choice([1, 1, 2])):
            lines += self._asked(f"p{number}")
        return "\n".join(lines) + "\n"

    # --- what there is

    def _surroundings(self) -> list[str]:
        found, model = [], self.model
        for name in ("Cpu", "Line"):
            if self.chance(0.6 if name == "Cpu" else 0.12):
                model.indices.append(name)
                ordered = self.chance(0.2)
                model.in_order |= {name} if ordered else set()
                found.append(f"index {name}{' ordered' if ordered else ''}")
        found.append("enum Mode { idle, busy }")
        if self.chance(0.3):
            found.append("param may : bool")
            model.parameters += ["may", "not may"]
        if self.chance(0.12):
            found.append("param most : 0..2")
            model.parameters += ["most = 0", "most > 0", "most = 2"]
        if model.indices and self.chance(0.12):
            found.append(f"const home : {model.indices[0]}")
            model.parameters.append(f"(exists h : {model.indices[0]}: h = home and {{h}})")
        if self.chance(0.6):
            found += self._actors()
        return found

    def _actors(self) -> list[str]:
        model, found = self.model, []
        model.actors["host"] = ""
        stopped = " stopped when STOP" if self.chance(0.12) else ""
        found.append(f"{self._fair(0.2)}actor host{stopped}")
        if model.indices and self.chance(0.6):
            sort = self.random.choice(model.indices)
            model.actors["guest"] = sort
            found.append(f"{self._fair(0.2)}actor guest[{sort}]")
        if self.chance(0.4):
            model.faults.append("#MC")
            what = self.random.choice(["fatal", "fatal", "kills host", "fatal halts", "fixable", ""])
            found.append(f"fault #MC {what}")
        return found

    def _state(self, number: int) -> str:
        index = self.random.choice(self.model.indices) if self.model.indices and self.chance(0.6) else ""
        kinds = ["bool", "bool", "bool", "number", "Mode", *self.model.indices]
        kind = "bool" if index and self.chance(0.85) else self.random.choice(kinds)
        cell = Cell(f"s{number}", kind, index)
        self.model.cells.append(cell)
        types = {"bool": "bool", "number": "0..2", "Mode": "Mode"}
        starts = {"bool": "false", "number": "0", "Mode": "idle"}
        start = "any" if self.chance(0.12) else starts.get(kind, "none")
        positions = f"[{index}]" if index else ""
        return f"state {cell.name}{positions} : {types.get(kind, f'{kind} or none')} = {start}"

    def _plan(self) -> None:
        """Which actions and processes there are, so that all may speak of where processes stand."""
        model = self.model
        if self.chance(0.35):
            sort = self.random.choice(["", *model.indices])
            model.labels["run"] = (sort, ["one", "two", "three"][: self.random.choice([1, 2, 2, 3])])
        least = 0 if model.labels else 1
        model.actions += ["go", "do", "act"][: self.random.choice([least, 1, 2, 2, 3])]
        stop = self._literal({})
        model.lines[:] = [line.replace("STOP", stop) for line in model.lines]

    def _access(self) -> str:
        fails = self._literal({})
        return f"access touch {{ {fails} -> fault #MC otherwise -> ok }}"

    # --- what holds

    def _element(self, sort: str, names: Names) -> str | None:
        """Something bound of that sort, or the first of its order."""
        some = [name for name, of in names.items() if of == sort]
        if sort in self.model.in_order and (not some or self.chance(0.15)):
            some = [f"first({sort})"]
        return self.random.choice(some) if some else None

    def _about(self, sort: str, names: Names, told: Callable[[str, Names], str]) -> str:
        """`told` of an element of `sort`: of one that is bound, else of some or all."""
        element = self._element(sort, names) if sort else ""
        if element is not None and (not sort or self.chance(0.8)):
            return told(element, names)
        fresh = f"e{len(names)}"
        quantifier = self.random.choice(["forall", "exists"])
        return f"({quantifier} {fresh} : {sort}: {told(fresh, {**names, fresh: sort})})"

    def _literal(self, names: Names) -> str:
        model = self.model
        choice = self.random.random()
        if model.parameters and choice < 0.12:
            told = self.random.choice(model.parameters)
            first = next(iter(model.indices), "")
            return told.replace("{h}", self._told(self._cell(), "h", {"h": first}))
        if model.labels and choice < 0.3:
            sort, labels = model.labels["run"]
            label = self.random.choice([*labels, "done"])
            return self._about(sort, names, lambda e, _: f"run{f'[{e}]' if sort else ''} at {label}")
        if model.faults and choice < 0.36:
            name = self.random.choice([*model.actors])
            what = self.random.choice(["is dead", "took #MC"])
            sort = model.actors[name]
            return self._about(sort, names, lambda e, _: f"{name}{f'[{e}]' if sort else ''} {what}")
        cell = self._cell()
        return self._about(cell.index, names, lambda e, bound: self._told(cell, e, bound))

    def _cell(self) -> Cell:
        return self.random.choice(self.model.cells)

    def _told(self, cell: Cell, element: str, names: Names) -> str:
        shown = cell.at(element) if not cell.index or names.get(element, cell.index) == cell.index else None
        if shown is None:
            return "true"
        match cell.kind:
            case "bool":
                return self.random.choice([shown, f"not {shown}"])
            case "number":
                return (
                    f"{shown} {self.random.choice(['=', '=', '<', '>'])} {self.random.choice([0, 1, 1, 2])}"
                )
            case "Mode":
                return f"{shown} = {self.random.choice(['idle', 'busy'])}"
        other = self._element(cell.kind, names)
        return f"{shown} {self.random.choice(['=', '!='])} {other or 'none'}"

    def _condition(self, names: Names) -> str:
        first = self._literal(names)
        if self.chance(0.65):
            return first
        return f"({first} {self.random.choice(['and', 'or', 'and'])} {self._literal(names)})"

    # --- what happens

    def _fair(self, often: float) -> str:
        if not self.chance(often):
            return ""
        return self.random.choice(["fair ", "fair ", "strongly fair "])

    def _by(self, names: Names) -> str:
        if not self.model.actors or self.chance(0.2):
            return ""
        name = self.random.choice([*self.model.actors])
        sort = self.model.actors[name]
        some = [bound for bound, of in names.items() if of == sort]
        if sort and not some:
            return " by host"
        return f" by {name}{f'[{some[0]}]' if sort else ''}"

    def _actions(self) -> list[str]:
        names, found = list(self.model.actions), []
        switch = self._switch()
        if names and self.chance(0.6):
            found.append(self._helping(names.pop(0)))
        if names and switch is not None and self.chance(0.5):
            found.append(self._switching(names.pop(0), switch))
        return [*found, *map(self._action, names)]

    def _helping(self, name: str) -> str:
        """An action that does what is promised, where nothing is in its way."""
        goal = self.model.cells[0]
        sort = goal.index or goal.kind
        names = {"c": sort} if sort in self.model.indices else {}
        by = self._by(names)
        guard = "" if self.chance(0.3) else f" when {self._literal(names)}"
        switch = self._switch()
        if switch is not None and self.chance(0.6):
            guard = f" when {self._about(switch.index, names, lambda one, _: switch.at(one))}"
        element = "c" if goal.index else ""
        values = {"bool": "true", "number": "1", "Mode": "busy"}
        does = f"{goal.at(element)} := {values.get(goal.kind, 'c')}"
        text = "(c : " + names["c"] + ")" if names else ""
        return f"{self._fair(0.1)}action {name}{text}{by}{guard} {{ {does} }}"

    def _switch(self) -> Cell | None:
        """What goes on and off, where there is something else than what is promised."""
        return next((cell for cell in self.model.cells[1:] if cell.kind == "bool"), None)

    def _switching(self, name: str, switch: Cell) -> str:
        """An action that lets what helps be possible, and takes it back."""
        names = {"c": switch.index} if switch.index else {}
        text, by, shown = f"(c : {switch.index})" if names else "", self._by(names), switch.at("c")
        guard = f" when {self._literal(names)}" if self.chance(0.3) else ""
        return f"{self._fair(0.1)}action {name}{text}{by}{guard} {{ {shown} := not {shown} }}"

    def _action(self, name: str) -> str:
        names: Names = {}
        if self.model.indices and self.chance(0.65):
            names["c"] = self.random.choice(self.model.indices)
        text = f"(c : {names['c']})" if names else ""
        by = self._by(names)
        guard = f" when {self._condition(names)}" if self.chance(0.85) else ""
        return f"{self._fair(0.1)}action {name}{text}{by}{guard} {{ {self._body(names, by)} }}"

    def _process(self, name: str) -> str:
        sort, labels = self.model.labels[name]
        names = {"c": sort} if sort else {}
        by = self._by(names)
        guard = f" when {self._literal(names)}" if self.chance(0.1) else ""
        steps = [self._step(label, names, by, labels) for label in labels]
        inside = "\n  ".join(steps)
        if self.chance(0.5):
            inside = f"while {self.random.choice(['true', 'true', self._literal(names)])} {{\n  {inside} }}"
        fair = self._fair(0.2)
        return f"{fair}process {name}{f'(c : {sort})' if sort else ''}{by}{guard} {{\n  {inside}\n}}"

    def _step(self, label: str, names: Names, by: str, labels: Sequence[str]) -> str:
        guard = f" when {self._condition(names)}" if self.chance(0.5) else ""
        jump = f" goto {self.random.choice(labels)}" if self.chance(0.12) else ""
        if jump and self.chance(0.7):
            jump = f" if {self._literal(names)} {{{jump} }}"
        return f"{self._fair(0.12)}{label}:{guard} {{ {self._body(names, by)}{jump} }}"

    def _body(self, names: Names, by: str) -> str:
        if self.chance(0.08):
            return ""
        some = [self._statement(names, by)]
        if self.chance(0.3):
            some.append(self._statement(names, by))
        return " ".join(some)

    def _statement(self, names: Names, by: str) -> str:
        choice = self.random.random()
        if self.model.faults and by and choice < 0.3:
            handled = f" on #MC {{ {self._assigned(names)} }}" if self.chance(0.25) else ""
            return f"touch(){handled}"
        if choice < 0.4:
            return f"either {{ {self._assigned(names)} }} or {{ {self._assigned(names)} }}"
        if choice < 0.48:
            return f"if {self._condition(names)} {{ {self._assigned(names)} }}"
        return self._assigned(names)

    def _assigned(self, names: Names) -> str:
        """Now and then a value that does not fit."""
        cell = self._cell()
        element = self._element(cell.index, names) if cell.index else ""
        if element is None or (cell.index and self.chance(0.1)):
            own = f"f{len(names)}"
            value = self._value(cell, own, {own: cell.index})
            return f"foreach {own} : {cell.index} {{ {cell.at(own)} := {value} }}"
        return f"{cell.at(element)} := {self._value(cell, element, names)}"

    def _value(self, cell: Cell, element: str, names: Names) -> str:
        shown = cell.at(element)
        if self.chance(0.06) and not element.startswith("f"):  # inside a foreach it would be one for all
            return "any"
        match cell.kind:
            case "bool":
                return self.random.choice(["true", "true", "false", f"not {shown}"])
            case "number":
                if self.chance(0.04):
                    return f"{shown} + 1"
                return self.random.choice([f"({shown} + 1) mod 3", "0", "1", "2", f"{shown} mod 2"])
            case "Mode":
                flip = f"if {shown} = idle then busy else idle"
                return self.random.choice(["idle", "busy", "busy", flip])
        return self.random.choice([self._element(cell.kind, names) or "none", "none"])

    # --- what is asked

    def _asked(self, name: str) -> list[str]:
        """A promise, and it checked with more and more help."""
        names: Names = {}
        if self.model.indices and self.chance(0.6):
            names["c"] = self.random.choice(self.model.indices)
        each = f"each c : {names['c']}: " if names else ""
        if self.chance(0.4):
            claim = f"{each}eventually {self._goal(names)}"
        else:
            asked = self._premise(names)
            claim = f"{each}{asked} leads_to {self._goal(names)}"
        where = f" where {self._where()}" if self.model.parameters and self.chance(0.3) else ""
        parts = [*self.model.actions, *self.model.labels]
        weak = f" assuming fair {', '.join(parts)}"
        strong = f" assuming {', '.join(f'strongly fair {part}' for part in parts)}"
        checks = [f"check {name}{help}{where}" for help in ("", weak, strong)]
        checks += [f"check {name}{self._some_help()}{where}" for _ in range(2)]
        return [f"property {name} {claim}", *dict.fromkeys(checks)]

    def _premise(self, names: Names) -> str:
        """Mostly something that is so sooner or later."""
        if self.chance(0.35):
            return "true"
        others = self.model.cells[1:]
        if not others or self.chance(0.4):
            return self._condition(names)
        cell = self.random.choice(others)
        return self._about(cell.index, names, lambda element, bound: self._changed(cell, element, bound))

    def _goal(self, names: Names) -> str:
        """Mostly something that is not so at the start."""
        if self.chance(0.15):
            return self._condition(names)
        cell = self.model.cells[0] if self.chance(0.6) else self._cell()
        found = self._about(cell.index, names, lambda element, bound: self._changed(cell, element, bound))
        return (
            f"({found} {self.random.choice(['and', 'or'])} {self._literal(names)})"
            if self.chance(0.15)
            else found
        )

    def _changed(self, cell: Cell, element: str, names: Names) -> str:
        shown = cell.at(element)
        if cell.kind in ("bool", "Mode"):
            return shown if cell.kind == "bool" else f"{shown} = busy"
        if cell.kind == "number":
            return f"{shown} {self.random.choice(['= 1', '= 2', '> 0'])}"
        other = self._element(cell.kind, names)
        return f"{shown} = {other}" if other is not None else f"{shown} != none"

    def _where(self) -> str:
        plain = [one for one in self.model.parameters if "{" not in one]
        return self.random.choice(plain or ["true"])

    def _some_help(self) -> str:
        steps = [f"run.{label}" for _, labels in self.model.labels.values() for label in labels]
        parts = [*self.model.actions, *self.model.labels, *self.model.actors, *steps]
        some = self.random.sample(parts, min(len(parts), self.random.choice([1, 1, 2, 3])))
        first = self.random.choice(["fair ", "strongly fair "]) + some[0]
        return f" assuming {', '.join([first, *(self._fair(0.7) + one for one in some[1:])])}"
