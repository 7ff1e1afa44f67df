"""What `why` and the page say of other parameter values, by enumerating the model with each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.budget import Budget
from tdxverify.inquiries.prevention import Switch, switches
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain, show
from tdxverify.questions.options import Options
from tdxverify.semantics.successors import Semantics
from tdxverify.telling import surroundings
from tdxverify.telling.steps import declared_call
from tdxverify.telling.story import Cut
from tdxverify.telling.surroundings import with_surroundings
from tests.inquiries.conftest import WriteSpec

FLAGS = ("a", "b", "c", "d")
LITERALS = (*FLAGS, *(f"not {name}" for name in FLAGS), "p", "not p", "q", "not q", "m = one", "m != two")


def random_spec(seed: int) -> str:
    """Parameters decide what starts how, what is possible, what is chosen, and what is bad."""
    random = Random(seed)
    starts = ("false", "false", "false", "p", "m = one")
    lines = ["enum M { one, two, three }  param p : bool  param q : bool  param m : M"]
    lines += [f"state {name} : bool = {random.choice(starts)}" for name in FLAGS]
    for number in range(random.randint(2, 5)):
        guard = " and ".join(random.sample(LITERALS, random.randint(1, 2)))
        value = random.choice(("true", "false", "any", *LITERALS))
        effect = f"{random.choice(FLAGS)} := {value}"
        if random.random() < 0.3:
            effect = f"if {random.choice(LITERALS)} {{ {effect} }}"
        lines.append(f"action act{number} when {guard} {{ {effect} }}")
    if random.random() < 0.3:
        lines.append("assume p or m = two")
    target = random.choice(("never d", "never d", "never d and q", "reachable d"))
    return "\n".join([*lines, f"property safe {target}", "check safe"]) + "\n"


def traces(write_spec: WriteSpec, count: int) -> Iterator[FoundTrace]:
    for seed in range(count):
        yield from find_traces(write_spec(random_spec(seed)), Options(), None, Silent())


def otherwise(found: FoundTrace, name: str, value: str) -> Valuation:
    """The parameters of the trace with another value of one."""
    changed = list(found.trace.rigid)
    for place, cell in enumerate(found.problem.rigid_layout.cells):
        if cell.symbol.name == name:
            values = domain(cell.symbol.sort, found.problem.size_of)
            changed[place] = next(v for v in values if show(cell.symbol.sort, v) == value)
    assert tuple(changed) != found.trace.rigid
    return tuple(changed)


def shortest(found: FoundTrace, rigid: Valuation) -> int | None:
    """Steps to the nearest bad state with these parameters."""
    semantics = Semantics(found.problem)
    level = set(semantics.initial_states(rigid, Budget()))
    seen, number = set(level), 0
    while level:
        if any(semantics.is_bad(rigid, state) for state in level):
            return number
        level = {after for state in level for _, after in semantics.successors(rigid, state)} - seen
        seen |= level
        number += 1
    return None


def is_possible(found: FoundTrace, rigid: Valuation) -> bool:
    """The same steps through the same states, from a start to a bad end, with these parameters."""
    semantics, trace = Semantics(found.problem), found.trace
    if trace.states[0] not in set(semantics.initial_states(rigid, Budget())):
        return False
    for number, step in enumerate(trace.steps):
        ways = {
            (declared_call(found.problem, taken), after)
            for taken, after in semantics.successors(rigid, trace.states[number])
        }
        if (declared_call(found.problem, step), trace.states[number + 1]) not in ways:
            return False
    return semantics.is_bad(rigid, trace.states[-1])


def check_switch(found: FoundTrace, switch: Switch) -> None:
    rigid = otherwise(found, switch.name, switch.value)
    length = shortest(found, rigid)
    assert (switch.divergence is None) == is_possible(found, rigid)
    if switch.holds is not None:
        assert switch.holds == (length is None)
        assert switch.holds or switch.length == length


def check_cut(found: FoundTrace, cut: Cut) -> None:
    rigid = otherwise(found, cut.parameter, cut.value)
    assert not is_possible(found, rigid)
    assert not cut.prevents or shortest(found, rigid) is None


def test_switches_of_generated_models(write_spec: WriteSpec) -> None:
    said: Counter[bool | None] = Counter()
    for found in traces(write_spec, 120):
        for switch in switches(found):
            check_switch(found, switch)
            said[switch.holds] += 1
    assert said[True] > 20 and said[False] and not said[None], said


@pytest.mark.parametrize("most", [surroundings.MOST_STATES, 4])
def test_cuts_of_generated_models(write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """With few states less is said, and nothing else."""
    monkeypatch.setattr(surroundings, "MOST_STATES", most)
    said: Counter[bool] = Counter()
    for found in traces(write_spec, 120):
        for cut in with_surroundings(found.question.spec.model, found.problem, found.trace, found.story).cuts:
            check_cut(found, cut)
            said[cut.prevents] += 1
    assert said[False] and (said[True] > 20 or most == 4), said


@pytest.mark.parametrize("name", ["03-kexec", "08-configurations", "12-using-the-library"])
def test_switches_of_examples(name: str) -> None:
    path = Path(__file__).parents[2] / "examples" / f"{name}.tdx"
    for found in find_traces(path, Options(), None, Silent()):
        for switch in switches(found):
            check_switch(found, switch)
