"""A trace that ends with a step in which a value does not fit: of what such a step does nothing is told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers.answer import Answer
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import find_traces
from tdxverify.outputs.formats import FORMATS, Document
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.trace_text import story_lines
from tdxverify.questions.options import Options

MISTAKEN = "the step is a mistake here; what it does is not looked at"
HEAD = """
state n : 0..3 = 0
state m : 0..3 = 0
state acc[0..5] : bool = false
enum E { a, b }
state who : E or none = none
state hit[E] : bool = false
state late : bool = false
"""
END = "property p never acc[5] and late\ncheck p\n"


class Wrong(Exception):
    """A value does not fit."""


class Machine:
    """What the statements below do, by hand."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"n": "0", "m": "0", "who": "none", "late": "false"}
        self.values.update({f"acc[{k}]": "false" for k in range(6)})
        self.values.update({"hit[a]": "false", "hit[b]": "false"})

    def number(self, name: str, plus: int, most: int) -> str:
        if int(self.values[name]) + plus > most:
            raise Wrong
        return str(int(self.values[name]) + plus)

    def do(self, statement: tuple[str, str, int]) -> None:
        kind, name, plus = statement
        if kind == "mark":
            self.values[f"acc[{self.number(name, plus, 5)}]"] = "true"
        elif kind == "late":
            self.values["late"] = "false" if plus == 0 else "true"
        elif kind == "who":
            self.values["who"] = ("a", "b", "none")[plus]
        elif kind == "hit":
            if self.values["who"] == "none":
                raise Wrong
            self.values[f"hit[{self.values['who']}]"] = "true"
        else:
            self.values[kind] = self.number(name, plus, 3)


def as_text(statement: tuple[str, str, int]) -> str:
    kind, name, plus = statement
    value = name if plus == 0 else f"{name} + {plus}"
    texts = {
        "mark": f"acc[{value}] := true",
        "late": f"late := {'true' if plus else 'false'}",
        "who": f"who := {('a', 'b', 'none')[plus]}",
        "hit": "hit[who] := true",
    }
    return texts.get(kind, f"{kind} := {value}")


def drawn(choice: random.Random) -> tuple[str, str, int]:
    kind = choice.choice(("mark", "mark", "late", "late", "who", "hit", "n", "n", "m"))
    name = choice.choice(("n", "m"))
    plus = choice.randrange(3)
    return kind, name, plus


def story_of(text: str, tmp_path: Path) -> tuple[Answer, list[str]]:
    path = tmp_path / "spec.tdx"
    path.write_text(text, encoding="utf-8")
    run = check([path], Options(engine="explicit"))
    return run.answers[0], [one.code.name for one in run.diagnostics]


def changes_of(before: dict[str, str], after: dict[str, str]) -> set[tuple[str, str]]:
    return {(cell, value) for cell, value in after.items() if before[cell] != value}


@pytest.mark.parametrize("seed", range(40))
def test_of_generated_steps_no_change_of_the_mistaken_one_is_told(seed: int, tmp_path: Path) -> None:
    choice = random.Random(seed)
    body = [drawn(choice) for _ in range(choice.randint(2, 5))]
    told, codes = story_of(f"{HEAD}action go {{ {'  '.join(map(as_text, body))} }}\n{END}", tmp_path)
    machine, runs = Machine(), []
    for _ in range(30):
        before = dict(machine.values)
        try:
            for statement in body:
                machine.do(statement)
        except Wrong:
            break
        runs.append(changes_of(before, machine.values))
        if machine.values["acc[5]"] == machine.values["late"] == "true":
            return
    else:
        assert not set(codes) & {"E510", "E511"}
        return
    if not set(codes) & {"E510", "E511"}:
        assert "E309" in codes  # the text already shows it
        return
    story = told.told.story
    assert story is not None and len(story.steps) == len(runs) + 1
    *steps, last = story.steps
    assert [{(one.cell.text, one.after) for one in step.changes} for step in steps] == runs
    assert last.is_mistaken and (last.changes, last.kept, last.rows, last.faults) == ((), (), (), ())
    assert MISTAKEN in " ".join(plain(story_lines(story, 80, everything=True)).split())


BEHIND = """
param hot : bool
state n : 0..5 = 5
state acc[0..5] : bool = false
state done : bool = false
state seen : bool = false
actor k
fault #MC
access look(j : 0..2) { hot -> fault #MC  otherwise -> ok }
action first when not seen { seen := true }
action go by k when seen { BODY }
property p never acc[0]
check p
"""


@pytest.mark.parametrize("body", ["acc[n + 1] := true  done := true", "done := true  look(n)"])
@pytest.mark.parametrize("form", sorted(FORMATS[Document.TRACE]))
def test_no_output_tells_what_stands_behind_a_mistake(form: str, body: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(BEHIND.replace("BODY", body), encoding="utf-8")
    found = next(find_traces(path, Options(), None, Silent()))
    assert found.story.steps[-1].is_mistaken and not found.story.steps[0].is_mistaken
    written = FORMATS[Document.TRACE][form].written(
        found, lambda width: story_lines(found.story, width, everything=False)
    )
    if form in ("json", "itf"):
        document: Any = json.loads(written)
        if form == "json":
            assert [step["changes"] for step in document["steps"]] == [{"seen": "true"}, {}]
        else:
            assert [state["done"] for state in document["states"]] == [False, False, False]


def test_a_mistake_of_the_property_leaves_the_step_as_it_is(tmp_path: Path) -> None:
    text = "state n : 0..5 = 2\ndefine small(k : 0..2) = k <= 2\naction up { n := 4 }\n"
    told, codes = story_of(f"{text}property p always small(n)\ncheck p\n", tmp_path)
    assert codes == ["E510"] and told.told.story is not None
    (step,) = told.told.story.steps
    assert not step.is_mistaken and [(one.before, one.after) for one in step.changes] == [("2", "4")]


@pytest.mark.parametrize(
    ("statements", "asked"),
    [
        ("new := own[p]  run[p] := true", "own[p]"),
        ("own[p] := none  run[own[p]] := true", "own[p]"),
        ("run[if p = q then own[p] else none] := true", "(if p = q then own[p] else none)"),
        ("run[own[\n  p]] := true", "own[ p]"),
    ],
)
def test_what_to_ask_before_is_in_the_words_of_the_file(statements: str, asked: str, tmp_path: Path) -> None:
    text = "index P\nstate own[P] : P or none = none\nstate run[P] : bool = false\nstate new : P\n"
    text += f"action g(p : P, q : P) {{ {statements} }}\nproperty r never exists p : P: run[p]\n"
    text += "check r for P = 1\n"
    path = tmp_path / "spec.tdx"
    path.write_text(text, encoding="utf-8")
    (mistake,) = check([path], Options(engine="explicit")).diagnostics
    assert mistake.hint == f"ask before whether it is none: {asked} != none"
