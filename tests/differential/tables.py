"""Random access tables that answer every state, once or several times with the same answer."""

from __future__ import annotations

import re
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.notes import Notes, among
from tests.differential.statements import Statements, Step
from tests.differential.vocabulary import Declared, Place, Sort, Table
from tests.differential.writing import CONJUNCTION, DISJUNCTION, Text, chain, last, negation


class Tables:
    def __init__(
        self, declared: Declared, expressions: Expressions, statements: Statements, notes: Notes
    ) -> None:
        self.declared = declared
        self.expressions = expressions
        self.statements = statements
        self.notes = notes
        self.random: Random = declared.random

    def access(self) -> str:
        random = self.random
        name = self.declared.fresh("acc")
        sorts = [random.choice(self.expressions.given()) for _ in range(random.choice([0, 1, 1, 2]))]
        text, bound = self.expressions.binders(sorts) if sorts else ("", {})
        place = Place(bound)
        rows, faults = self._rows(place)
        shown = f"({text})" if bound or random.random() < 0.3 else ""
        before, behind = self.notes.around()
        self.declared.tables.append(self._table(name, tuple(bound.values()), tuple(faults), " ".join(rows)))
        emits = self.notes.emits([*bound])
        return f"access {name}{shown}{before} {{ {' '.join(rows)} }}{behind}{emits}"

    def _table(self, name: str, sorts: tuple[Sort, ...], faults: tuple[str, ...], text: str) -> Table:
        """What a step must know of it: what it may write and read, and whether it makes choices."""
        words = set(re.findall(r"\w+", text))
        assigned = set(re.findall(r"(\w+)(?:\[[^:]*\])? :=", text))
        states = {symbol.name for symbol in self.declared.symbols if not symbol.rigid}
        defined = set().union(*(d.reads for d in self.declared.defines if d.name in words))
        reads = frozenset(states & (words | defined))
        chooses = bool(words & {"any", "either"})
        outcomes = tuple(dict.fromkeys(re.findall(r"-> (ok(?:\(\w+\))?|dropped)", text)))
        return Table(name, sorts, faults, outcomes, frozenset(states & assigned), reads, chooses)

    def _rows(self, place: Place) -> tuple[list[str], list[str]]:
        random = self.random
        faults: dict[str, None] = {}
        first, second = self._guard(place), self._guard(place)
        pattern = random.choice(["alone", "else", "not", "three", "equal", "equal", "careless", "else"])
        if pattern == "careless" and random.random() >= 4 * self.declared.careless:
            pattern = "three"
        if pattern in ("three", "equal") and first.text.split()[-1] in second.text:
            pattern = "else"
        answers = [self._answer(place, faults) for _ in range(3)]
        none = chain("and", CONJUNCTION, [negation(first, random), negation(second, random)], random)
        neither = chain("and", CONJUNCTION, [negation(first, random), second], random)
        guarded: list[tuple[Text | None, str]]
        match pattern:
            case "alone":
                guarded = [(random.choice([None, Text("true")]), answers[0])]
            case "else":
                guarded = [(first, answers[0]), (None, answers[1])]
            case "not":
                guarded = [(first, answers[0]), (negation(first, random), answers[1])]
            case "three":
                guarded = [(first, answers[0]), (neither, answers[1]), (None, answers[2])]
            case "equal":
                either = chain("or", DISJUNCTION, [first, second], random)
                rest = random.choice([None, none, negation(either, random)])
                guarded = [(first, answers[0]), (second, answers[0]), (rest, answers[1])]
            case _:
                guarded = [(first, answers[0]), (second, answers[1])]
        rows = [self._row(guard, answer) for guard, answer in guarded]
        text = " ".join(rows)
        return rows, [fault for fault in faults if f"fault {fault} " in text + " "]

    def _guard(self, place: Place) -> Text:
        """Mostly something that can be true or false, so that no row is dead."""
        if self.random.random() < 0.2:
            return self.expressions.truth(place, self.random.choice([1, 2]))
        found = self.expressions.deciding(place)
        return negation(found, self.random) if self.random.random() < 0.3 else found

    def _row(self, guard: Text | None, answer: str) -> str:
        shown = "otherwise" if guard is None else last(guard, 0, self.random)
        outcome, brace, block = answer.partition(" {")
        parts = [shown, f" -> {outcome}", *([brace + block] if brace else [])]
        return among(parts, self.notes.after())

    def _answer(self, place: Place, faults: dict[str, None]) -> str:
        random = self.random
        outcomes = ["ok", "ok", f"ok({random.choice(['zeros', 'old', 'ok'])})", "dropped"]
        if self.declared.faults:
            fault = random.choice(list(self.declared.faults))
            outcomes += [f"fault {fault}"] * 2
        outcome = random.choice(outcomes)
        if outcome.startswith("fault"):
            faults[outcome.removeprefix("fault ")] = None
        block = self.statements.block(Step(place, in_row=True, depth=1)) if random.random() < 0.6 else ""
        return f"{outcome} {block}".rstrip()
