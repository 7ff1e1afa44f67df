"""Small random specs about two runs, and what going through all pairs of states says about them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.reference.exploring import Answer, Limits, Reference

PROPERTY = "claim"
_BOOLS = ("flag", "key")
_NUMBERS = ("count", "code")
_CELLS = ("data[{0}]", "mark[{0}]")


def spec_of(seed: int) -> str:
    """The text of the spec of that seed: a few states, one or two of them secret, an observer, a claim."""
    return _Spec(Random(f"two runs {seed}")).text()


def reference_answer(text: str, sizes: dict[str, int]) -> Answer:
    """What brute force over pairs says of the claim. Raises TooLarge."""
    module = parse(SourceFile("generated", text))
    (check,) = (one for one in module.declarations if isinstance(one, ast.CheckDecl))
    limits = Limits(pairs=2500, states=400, rigid=8, starts=300, steps=6000)
    return Reference(replace(module, imports=()), sizes, limits).answer(check, PROPERTY)


class _Spec:
    def __init__(self, random: Random) -> None:
        self.random = random

    def text(self) -> str:
        choice = self.random.choice
        lines = [
            "index Page",
            "actor host, guest",
            *(f"state {name} : bool{choice([' = false', ' = false', ' = hide'])}" for name in _BOOLS[:1]),
            *(
                f"state {name} : 0..2{choice([' = 0', ' = 0', ' = 0', ' = any { 0, 1 }'])}"
                for name in _NUMBERS
            ),
            f"state data[Page] : bool{choice([' = false', ''])}",
            f"state mark[Page] : bool{choice([' = false', ' = false', ' = false', ''])}",
            "param hide : bool",
            f"state key : bool{choice([' = false', '', ''])}",
            f"secret {', '.join(self.random.sample(['flag', 'key', 'code', 'data'], choice([1, 1, 2])))}",
            f"observer wire sees {self.views()}",
            *(self.action(number) for number in range(choice([1, 2, 2, 3]))),
        ]
        lines += [f"init {self.condition('')}"] if self.random.random() < 0.25 else []
        lines += [self.process()] if self.random.random() < 0.4 else []
        return "\n".join([*lines, f"property {PROPERTY} {self.claim()}", f"check {PROPERTY}"]) + "\n"

    def claim(self) -> str:
        if self.random.random() < 0.25:
            return f"{self.random.choice(['host', 'guest'])} cannot change {self.views()}"
        steps = " even by steps" if self.random.random() < 0.4 else ""
        more = f" more than {self.views()}" if self.random.random() < 0.3 else ""
        return f"wire cannot tell{steps}{more}"

    def views(self) -> str:
        return ", ".join(self.view() for _ in range(self.random.choice([1, 1, 2])))

    def view(self) -> str:
        if self.random.random() < 0.3:
            return f"each q : Page: {self.condition('q')}"
        return self.random.choice([*_NUMBERS, *_BOOLS, self.condition("")])

    def condition(self, page: str) -> str:
        atoms = [*_BOOLS, "hide", "count = 0", "code < 2", "count = code"]
        atoms += [cell.format(page) for cell in _CELLS] * 2 if page else ["exists r : Page: mark[r]"] * 2
        one, other = self.random.choice(atoms), self.random.choice(atoms)
        shape = self.random.choice(["{0}", "{0}", "not ({0})", "({0}) and ({1})", "({0}) or ({1})"])
        return shape.format(one, other)

    def action(self, number: int) -> str:
        page = self.random.choice(["", "p"])
        actor = self.random.choice([" by host", " by guest", ""])
        guard = f" when {self.condition(page)}" if self.random.random() < 0.5 else ""
        head = f"action act{number}({page} : Page)" if page else f"action act{number}"
        return f"{head}{actor}{guard} {self.block(page, 2)}"

    def process(self) -> str:
        first = "" if self.random.random() < 0.5 else f"if {self.condition('')} {{ goto last }} "
        last = self.random.choice(["", " goto first"])
        return (
            f"process work {{ {first}first: {self.block('', 1)} {self.between()}"
            f" last: {{ {self.statement('', 1)}{last} }} }}"
        )

    def between(self) -> str:
        either = "either { goto first } or { }"
        options = ["", f"if {self.condition('')} {{ goto first }}", either]
        return self.random.choice([*options, f"if {self.condition('')} {{ {either} }}"])

    def block(self, page: str, depth: int) -> str:
        inside = " ".join(self.statement(page, depth) for _ in range(self.random.choice([1, 1, 2])))
        return f"{{ {inside} }}"

    def statement(self, page: str, depth: int) -> str:
        kinds = ["assign"] * 4 + (["if", "either", "when"] if depth else [])
        match self.random.choice(kinds):
            case "if":
                other = f" else {self.block(page, depth - 1)}" if self.random.random() < 0.4 else ""
                return f"if {self.condition(page)} {self.block(page, depth - 1)}{other}"
            case "either":
                return f"either {self.block(page, depth - 1)} or {self.block(page, depth - 1)}"
            case "when":
                return f"when {self.condition(page)}"
            case _:
                return self.assign(page)

    def assign(self, page: str) -> str:
        cells = [cell.format(page) for cell in _CELLS] if page else []
        if self.random.random() < 0.3:
            value = self.random.choice(["any", "any { 0, code }", "count", "code", "2 - count"])
            return f"{self.random.choice(_NUMBERS)} := {value}"
        target = self.random.choice([*_BOOLS, *cells, *cells])
        return f"{target} := {self.random.choice(['any', 'true', 'false', *[self.condition(page)] * 3])}"
