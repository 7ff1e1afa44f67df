"""What lint says about parts of steps, held against an interpreter that does every step of small models."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.inquiries.lint import LintOptions
from tdxverify.inquiries.passages import Reached, passages
from tdxverify.model.model import SizeRange
from tdxverify.source import SourceFile
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.differential.reference import processes
from tests.differential.reference.exploring import Reference
from tests.differential.reference.statements import Execution, Path
from tests.differential.reference.world import State
from tests.inquiries.conftest import WriteSpec, linted
from tests.thorough import first

HEAD = """\
index Line
param p : 0..1
enum Mode { low, high }
actor k
fault #F
state x : bool = false
state y : bool = false
state n : 0..2 = 0
state m : Mode = low
state d[Line] : bool = false
property q never x and y
access look(l : Line) { FIRST -> fault #F  otherwise -> ok { ROW } }
access fail(l : Line) { x = x -> fault #F { y := not y } }
"""
SOMETIMES = (
    *("x", "y", "n = 2", "n > 0", "d[l]", "p = 1", "m = high", "x and y", "not x", "n = 1 and x"),
    "exists k1 : Line: d[k1]",
)
CONDITIONS = (*SOMETIMES, "n > 2", "p < 0", "m < low", "n >= 0", "x and not x")
WRITES = (
    "x := true",
    "y := not y",
    "n := any { 0, 1 }",
    "n := 1",
    "d[l] := true",
    "m := high",
    "x := y",
    "d[l] := false",
)


class Author:
    """Writes one spec; every decision is `random`'s."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.labels: tuple[str, ...] = ()

    def text(self) -> str:
        pick = self.random.choice
        head = HEAD.replace("FIRST", pick(SOMETIMES)).replace("ROW", pick(["", "y := true", self.branch(0)]))
        actions = [
            f"action a{number}(l : Line) by k when {self.condition()} {{ {self.body(2)} }}\n"
            for number in range(self.random.randint(1, 3))
        ]
        return head + "".join(actions) + (self.process() if self.random.random() < 0.6 else "")

    def process(self) -> str:
        self.labels = ("s0", "s1", "s2", "done")
        steps = [f"s{number}: {{ {self.body(1)} }}" for number in range(3)]
        if self.random.random() < 0.3:
            steps[2] = f"s2: while {self.condition()} {{ {self.body(1)} }}"
        items = [self.way(), steps[0], self.way(), steps[1], self.around(steps[2])]
        self.labels = ("s0", "s1", "done")  # nothing goes round without a step
        items.append(self.way())
        return f"process w(l : Line) by k {{ {' '.join(items)} }}\n"

    def way(self) -> str:
        """What stands between two steps; at the start, no step could wait."""
        pick = self.random.choice
        ways = ["", f"if {self.condition()} {{ goto {pick(self.labels)} }}", "",
                f"if {self.condition()} {{ }} else {{ goto {pick(self.labels)} }}",
                f"either {{ }} or {{ goto {pick(self.labels)} }}"]  # fmt: skip
        return pick(ways)

    def around(self, step: str) -> str:
        return self.random.choice(
            [step, step, f"if {self.condition()} {{ {step} }}", f"either {{ {step} }} or {{ }}"]
        )

    def condition(self) -> str:
        return self.random.choice(CONDITIONS)

    def body(self, depth: int) -> str:
        return " ".join(self.statement(depth) for _ in range(self.random.randint(1, 3)))

    def statement(self, depth: int) -> str:
        if depth == 0 or self.random.random() < 0.35:
            return self.random.choice(WRITES)
        kind = self.random.randrange(5)
        if kind == 0:
            name = self.random.choice(["look", "look", "fail"])
            return f"{name}(l)" + (
                f" on #F {{ {self.body(depth - 1)} }}" if self.random.random() < 0.6 else ""
            )
        if kind == 1:
            wait = f"when {self.condition()} " if self.random.random() < 0.5 else ""
            return f"either {{ {wait}{self.body(depth - 1)} }} or {{ {self.body(depth - 1)} }}"
        if kind == 2:
            return "foreach k2 : 0..1 { if n > k2 + 1 { y := true } else { x := true } }"
        if kind == 3 and self.labels:
            return (
                f"if {self.condition()} {{ {self.body(depth - 1)} goto {self.random.choice(self.labels)} }}"
            )
        return self.branch(depth - 1)

    def branch(self, depth: int) -> str:
        more = f" else if {self.condition()} {{ {self.body(depth)} }}" if self.random.random() < 0.3 else ""
        last = f" else {{ {self.body(depth)} }}" if self.random.random() < 0.4 else ""
        return f"if {self.condition()} {{ {self.body(depth)} }}{more}{last}"


# --- every step of every run -----------------------------------------------------------------------


def come_to(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Where the statements begin that some step does, and the items to which one leads, or the start."""
    with monkeypatch.context() as patch:
        _mark(patch)
        reference = Reference(parse(SourceFile("spec.tdx", text)), {"Line": size})
        found: set[int] = set()
        seen, waiting = set(), []
        for rigid, _ in reference._rigid(None):
            for state, _ in reference._starts(rigid):
                waiting.append(state)
                found |= _begun(reference, state)
        while waiting:
            state = waiting.pop()
            key = frozenset(state.items())
            if key in seen:
                continue
            seen.add(key)
            for _, path in reference._successors(state):
                assert not path.wrong
                found |= _marks(path.state)
                waiting.append({cell: value for cell, value in path.state.items() if cell[0] != "mark"})
        return found


def _marks(state: State) -> set[int]:
    return {cell[1][0] for cell in state if cell[0] == "mark"}


def _marked(path: Path, place: int) -> Path:
    return replace(path, state={**path.state, ("mark", (place,)): True})


def _mark(patch: pytest.MonkeyPatch) -> None:
    """Let paths remember what they come to. A goto leads to an item, and into no branch."""
    statement, follow, jump = Execution._statement, processes._Onward.follow, processes._Onward.jump
    jumped: list[bool] = []

    def marking(self: Any, one: Any, path: Path, bound: Any) -> Any:
        return statement(self, one, _marked(path, one.span.start), bound)

    def following(self: Any, path: Path, rest: Any, done: int) -> Any:
        if jumped:
            jumped.clear()
        elif rest and not isinstance(rest[0], processes.EndOfRound):
            path = _marked(path, rest[0].span.start)
        return follow(self, path, rest, done)

    def jumping(self: Any, path: Path, label: str, loops: Any, done: int) -> Any:
        jumped.append(True)
        return jump(self, path, label, loops, done)

    patch.setattr(Execution, "_statement", marking)
    patch.setattr(processes._Onward, "follow", following)
    patch.setattr(processes._Onward, "jump", jumping)


def _begun(reference: Reference, state: State) -> set[int]:
    found = set()
    for run in reference.processes:
        for instance in run.instances():
            here = state["at", (run.name, *instance.values())]
            ends = processes._Onward(run, instance, instance).follow(Path(state), run.items, 0)
            found |= {mark for path, label in ends if label == here for mark in _marks(path.state)}
    return found


# --- what lint says ------------------------------------------------------------------------------------


def _subject(finding: Diagnostic) -> str:
    return finding.message.partition(" is never")[0]


def _says_enough(finding: Diagnostic, one: Reached, named: dict[str, list[Reached]]) -> bool:
    """Whether nothing need be said of `one`, which no step comes to, because of `finding`."""
    assert finding.span is not None
    match finding.code:
        case Code.W101 | Code.W116:
            return one.inside.start <= finding.span.start < one.inside.end
        case Code.W102:
            return finding.span.start <= one.span.start < finding.span.end
        case Code.W117:
            texts = [part.inside for part in named[_subject(finding)] if part.span == finding.span]
            return any(text.start <= one.span.start < text.end for text in texts)
        case _:
            return False


@pytest.mark.parametrize("seed", first(range(300), 20))
def test_what_is_named_is_never_reached_and_the_rest_is(
    seed: int, write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Author(seed).text()
    size = 1 if "process" in text else 1 + seed % 2
    reached = come_to(text, size, monkeypatch)
    path = write_spec(text)
    run = linted(path, options=LintOptions((SizeRange("Line", size, size),), seconds=600.0))
    assert not run.mistakes
    parts: dict[str, list[Reached]] = {}
    for one in passages(build_model(load(path))):
        parts.setdefault(one.said, []).append(one)
    named = {(f.span, _subject(f)) for f in run.findings if f.code is Code.W117}
    idle = {f.message.split("'")[1] for f in run.findings if f.code in (Code.W101, Code.W116)}
    for one in (one for group in parts.values() for one in group if one.inside.start < one.inside.end):
        if (one.span, one.said) in named:
            assert one.inside.start not in reached, one.said
        elif one.inside.start not in reached and not (one.steps and idle.issuperset(one.steps)):
            assert any(_says_enough(finding, one, parts) for finding in run.findings), one.said
