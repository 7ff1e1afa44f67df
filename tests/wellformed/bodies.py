"""Random bodies of a `foreach`, and what they do one element after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from random import Random

from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.interpreter import Program, State

FRAME = """
index L
enum E { red, green }
state a[L] : bool
state b[L] : bool
state d[L, L] : bool
state h[E] : bool
state flag : bool
state k : L
state j : L
state n : 0..2
access mark(x : L) {
  a[x]      -> ok { b[x] := true }
  otherwise -> ok { a[x] := flag }
}
access spread(x : L) {
  otherwise -> ok { foreach y : L { d[x, y] := a[y] } }
}
action act { BODY }
property p reachable flag
check p
"""
MOST_ORDERS = 24


@dataclass
class Writer:
    """Writes one random body, with `elements` in scope: names of variables with their sorts."""

    random: Random
    elements: dict[str, str]

    def element(self) -> str:
        own = [name for name, sort in self.elements.items() if sort == "L"]
        return self.random.choice([*own, *own, *own, "k", "j"])

    def colour(self) -> str:
        own = [name for name, sort in self.elements.items() if sort == "E"]
        return self.random.choice([*own, *own, "red", "green"])

    def atom(self) -> str:
        e = self.element
        kinds = [
            lambda: f"a[{e()}]",
            lambda: f"b[{e()}]",
            lambda: f"d[{e()}, {e()}]",
            lambda: f"h[{self.colour()}]",
            lambda: "flag",
            lambda: f"({e()} = {e()})",
            lambda: "n = 1",
            lambda: self.random.choice(["true", "false"]),
            lambda: f"(exists z : L: a[z] and d[z, {e()}])",
            lambda: "(forall z : L: b[z])",
        ]
        return self.random.choice(kinds)()

    def condition(self) -> str:
        if self.random.random() < 0.5:
            return self.atom()
        left, right = self.atom(), self.atom()
        return f"({left} {self.random.choice(['and', 'or'])} not ({right}))"

    def statement(self, depth: int) -> str:
        e = self.element
        kinds = [
            lambda: f"a[{e()}] := {self.condition()}",
            lambda: f"b[{e()}] := {self.atom()}",
            lambda: f"d[{e()}, {e()}] := {self.atom()}",
            lambda: f"h[{self.colour()}] := {self.atom()}",
            lambda: f"flag := {self.random.choice(['true', 'false', 'flag', 'b[k]', 'h[red]'])}",
            lambda: f"n := {self.random.choice(['(n + 1) mod 3', '2', '0'])}",
            lambda: f"k := {self.random.choice(['k', 'j'])}",
            lambda: f"mark({e()})",
            lambda: f"when {self.condition()}",
        ]
        if depth > 0:
            kinds += [
                lambda: self.conditional(depth),
                lambda: self.conditional(depth),
                lambda: self.nested(depth),
            ]
            kinds.append(lambda: f"spread({e()})")
        return self.random.choice(kinds)()

    def conditional(self, depth: int) -> str:
        otherwise = f" else {{ {self.block(depth - 1)} }}" if self.random.random() < 0.3 else ""
        return f"if {self.condition()} {{ {self.block(depth - 1)} }}{otherwise}"

    def nested(self, depth: int) -> str:
        name = f"m{depth}"
        inner = Writer(self.random, {**self.elements, name: "L"})
        return f"foreach {name} : L {{ {inner.block(depth - 1)} }}"

    def block(self, depth: int) -> str:
        return "  ".join(self.statement(depth) for _ in range(self.random.choice([1, 1, 2, 3])))


def random_body(random: Random) -> str:
    """Perhaps something, then a `foreach` over one or two elements, or an element and a member of an enum."""
    before = [Writer(random, {}).statement(1) for _ in range(random.choice([0, 0, 1, 2]))]
    binders = random.choice(["l : L", "l : L", "l, m : L", "l : L, c : E", "c : E"])
    elements = {}
    for group in binders.split(", ") if binders != "l, m : L" else ["l : L", "m : L"]:
        name, _, sort = group.partition(" : ")
        elements[name] = sort
    return "  ".join([*before, f"foreach {binders} {{ {Writer(random, elements).block(2)} }}"])


@dataclass
class Comparison:
    """The action of `text` at `problem`'s sizes, by its model and by the interpreter."""

    text: str
    problem: Problem

    def __post_init__(self) -> None:
        module = parse(SourceFile("test.tdx", self.text))
        declared = module.declarations
        (action,) = (d for d in declared if isinstance(d, ast.ActionDecl))
        *self.before, self.statement = action.body
        assert isinstance(self.statement, ast.Foreach)
        accesses = {d.name.text: d for d in declared if isinstance(d, ast.AccessDecl)}
        size = self.problem.size_of["L"]
        self.domains = {"L": range(size), "E": range(2)}
        members = {"red": 0, "green": 1}
        self.program = Program(members, self.domains, accesses, "nobody", backwards=False)
        self.layout: Layout = self.problem.state_layout
        self.semantics = Semantics(self.problem)

    def random_state(self, random: Random) -> Valuation:
        ranges = (domain(cell.symbol.sort, self.problem.size_of) for cell in self.layout.cells)
        return tuple(random.choice(values) for values in ranges)

    def at_once(self, state: Valuation) -> set[Valuation]:
        return {after for _, after in self.semantics.successors((), state)}

    def one_by_one(self, state: Valuation, random: Random) -> Iterator[set[Valuation]]:
        """What different orders of the elements give: no state at all where a `when` is false."""
        sorts = [b.type.name.text for b in self.statement.binders if isinstance(b.type, ast.NamedType)]
        names = [b.name.text for b in self.statement.binders]
        tuples = list(product(*(self.domains[sort] for sort in sorts)))
        for order in _orders(tuples, random):
            cells = zip(self.layout.cells, state, strict=True)
            start: State = {(cell.symbol.name, cell.indices): value for cell, value in cells}
            states = [s for s, _ in self.program.run(tuple(self.before), start, {})]
            for chosen in order:
                env = dict(zip(names, chosen, strict=True))
                states = [s for one in states for s, _ in self.program.run(self.statement.body, one, env)]
            yield {tuple(s[c.symbol.name, c.indices] for c in self.layout.cells) for s in states}


def _orders(tuples: list[tuple[int, ...]], random: Random) -> Iterator[Sequence[tuple[int, ...]]]:
    """All orders of few elements; some of many."""
    if len(tuples) <= 4:
        yield from permutations(tuples)
        return
    for _ in range(MOST_ORDERS):
        random.shuffle(tuples)
        yield list(tuples)
