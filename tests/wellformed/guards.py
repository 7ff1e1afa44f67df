"""Random access tables with quantifiers, and what they say at small sizes, state by state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.sorts import domain
from tdxverify.model.model import Model

FRAME = """
index L
index M
STATE
access f(l : L) {
  GUARD1 -> ok
  GUARD2 -> dropped
}
"""
STATES = (
    "state c[L] : bool  state flag : bool",
    "const of[L] : M  state c[M] : bool",
    "const next[L] : L  state flag : bool",
    "state d[L] : 0..2  state flag : bool",
    "state here : L  state c[L] : bool  state there : M",
)


@dataclass
class Writer:
    """Writes formulas about one of `STATES`."""

    random: Random
    state: int
    variables: dict[str, str]
    counter: int = 0

    def line(self) -> str:
        names = [name for name, sort in self.variables.items() if sort == "L"]
        names += ["here"] if self.state == 4 else []
        chosen = self.random.choice(names)
        return f"next[{chosen}]" if self.state == 2 and self.random.random() < 0.5 else chosen

    def place(self) -> str:
        names = [name for name, sort in self.variables.items() if sort == "M"]
        names += {1: [f"of[{self.line()}]"] * 2, 4: ["there"]}.get(self.state, [])
        return self.random.choice(names) if names else ""

    def atom(self) -> str:
        pick = self.random.random()
        if pick < 0.4:
            if self.state in (1, 4) and self.random.random() < 0.6:
                return f"{self.place()} {self.random.choice(['=', '!='])} {self.place()}"
            return f"{self.line()} {self.random.choice(['=', '!='])} {self.line()}"
        match self.state:
            case 0 | 4:
                return f"c[{self.line()}]"
            case 1:
                return f"c[{self.place()}]"
            case 2:
                return "flag"
            case _:
                right = self.random.choice(["0", "2", f"d[{self.line()}]", f"d[{self.line()}] + 1"])
                return f"d[{self.line()}] {self.random.choice(['=', '<'])} {right}"

    def formula(self, depth: int) -> str:
        pick = self.random.random()
        if depth == 0 or pick < 0.15:
            return self.atom()
        if pick < 0.7:
            self.counter += 1
            sort = self.random.choice(["L", "L", "M"]) if self.state in (1, 4) else "L"
            name = f"x{self.counter}"
            outer, self.variables = self.variables, {**self.variables, name: sort}
            body = self.formula(depth - 1)
            self.variables = outer
            return f"({self.random.choice(['forall', 'exists'])} {name} : {sort}: {body})"
        left, right = self.formula(depth - 1), self.formula(depth - 1)
        word = self.random.choice(["and", "or", "implies", "iff", "and not", "or not"])
        return f"({left} {word} ({right}))"


def random_table(random: Random) -> str:
    """A table of two rows; often the second is nearly what the first leaves out."""
    state = random.randrange(len(STATES))
    writer = Writer(random, state, {"l": "L"})
    first = writer.formula(3)
    second = f"not ({first})" if random.random() < 0.2 else writer.formula(3)
    if random.random() < 0.3:
        second = f"not ({first}) and ({second})" if random.random() < 0.5 else f"not ({first}) or ({second})"
    text = FRAME.replace("STATE", STATES[state])
    return text.replace("GUARD1", first).replace("GUARD2", second)


def troubles(model: Model, most: int) -> set[tuple[str, int]]:
    """The mistakes that its only table has at sizes up to `most` of both sorts, by code and size of L."""
    (table,) = model.tables
    found: set[tuple[str, int]] = set()
    applies = [0] * len(table.rows)
    symbols = [info.symbol for info in model.symbols]
    sorts = [sort.name for sort in model.index_sorts]
    for numbers in product(range(1, most + 1), repeat=len(sorts)):
        sizes = dict(zip(sorts, numbers, strict=True))
        evaluator = Evaluator.of(symbols, sizes)
        rows = [evaluator.formula(row.condition, table.parameters) for row in table.rows]
        rigid, state = (
            list(product(*(domain(cell.symbol.sort, sizes) for cell in layout.cells)))
            for layout in (evaluator.rigid, evaluator.state)
        )
        for one, other in product(rigid, state):
            for arguments in product(*(domain(p.sort, sizes) for p in table.parameters)):
                holding = [n for n, row in enumerate(rows) if row(one, other, arguments)]
                for number in holding:
                    applies[number] += 1
                if len(holding) > 1:
                    found.add(("E501", sizes["L"]))
                if not holding:
                    found.add(("E502", sizes["L"]))
    found.update(("E504", 0) for count in applies if not count)
    return found


def codes(found: Sequence[tuple[str, int]] | set[tuple[str, int]]) -> set[str]:
    return {code for code, _ in found}
