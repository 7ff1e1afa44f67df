"""What lint says of refinements of small random libraries, against what can happen with and without them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.lower import lower
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.inquiries.conftest import linted, said
from tests.texts import steps_everywhere

FLAGS = ("a", "b", "c")
VALUES = ("true", "false")
ASKING = "property all_off reachable not a and not b and not c\ncheck all_off\n"


def condition(random: Random) -> str:
    parts = [
        f"{random.choice(('', 'not '))}{flag}" for flag in random.sample(FLAGS, random.choice([1, 1, 2]))
    ]
    return random.choice((" and ", " or ")).join(parts)


def library(random: Random) -> str:
    starts = [f"state {flag} : bool = {random.choice(VALUES)}" for flag in FLAGS]
    steps = [
        f"action s{n} when {condition(random)} {{ {random.choice(FLAGS)} := {random.choice(VALUES)} }}"
        for n in range(3)
    ]
    process = f"process p {{ one: when {condition(random)} {{ a := not a }} two: {{ b := false }} }}"
    return "\n".join([*starts, *steps, process])


def graph(folder: Path, refinement: str) -> dict[Valuation, set[tuple[str, Valuation]]]:
    """What can be reached, and by which steps."""
    path = folder / "root.tdx"
    path.write_text(f"import lib\n{refinement}\n{ASKING}", encoding="utf-8")
    model = build_model(load(path))
    return steps_everywhere(lower(model, model.checks[0], {}))


@pytest.mark.parametrize("seed", range(60))
def test_idle_is_what_makes_no_difference(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    (tmp_path / "lib.tdx").write_text(library(random), encoding="utf-8")
    step = random.choice(("s0", "s1", "s2", "p.one", "p.two"))
    kind = "step" if "." in step else "action"
    refinement = f"refine {kind} {step} when {condition(random)}"
    without, refined = graph(tmp_path, ""), graph(tmp_path, refinement)
    found = [text for code, text, _ in said(linted(tmp_path / "root.tdx")) if code == "W122"]
    if any(action == step for steps in refined.values() for action, _ in steps):
        assert bool(found) == (without == refined), refinement
    else:  # then it is said of the step that it is never made, unless the text says nothing new
        assert without == refined or not found
