"""A cell is the same cell under whatever index reaches it: narrower and wider ranges, shifted ones, values.

Each spec has one thing with a cell for each number of a range and a way to change one cell only. Whoever asks
about that cell is told the same, and whoever asks about another one hears that it stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.questions.problems.lower import lower
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.differential.comparing import Effort, examine
from tests.texts import explicit
from tests.thorough import parts

FAULTY = "fault #MC fatal\naccess touch() { otherwise -> fault #MC }\n"
Cell = Callable[[str], str]  # an index -> a formula, false at the start


@dataclass(frozen=True)
class Thing:
    """`declared`: what there is, over RANGE; `cell`: what is asked of it; `act`: a step that changes the cell
    of `{i}`, with its parameters as `{p}` or `{r}`, and `once`: the same where the step has none; `library`:
    goes into a file of its own, which is imported as `old`."""

    declared: str
    cell: Cell
    act: str
    once: str
    library: bool = False


PUT = "action hit{p} when {g} {{ x[{i}] := true }}"
HIT = "action hit{p} by m[{i}] when {g} {{ touch() }}"
THINGS = {
    "state": Thing("state x[RANGE] : bool = false\n", lambda i: f"x[{i}]", PUT, PUT),
    "state, all at once": Thing(
        "state x[RANGE] : bool = false\n",
        lambda i: f"x[{i}]",
        "action hit {{ foreach {r} {{ if {g} {{ x[{i}] := true }} }} }}",
        PUT,
    ),
    "memory": Thing("memory RANGE { x : bool = false }\n", lambda i: f"x[{i}]", PUT, PUT),
    "state of two indices": Thing(
        "index Td\nstate y[Td, i : RANGE] : 0..2 = if i > 99 then 1 else 0\n",
        lambda i: f"(exists t : Td: y[t, {i}] = 2)",
        "action hit(t : Td{and_p}) when {g} {{ y[t, {i}] := 2 }}",
        "action hit(t : Td) when {g} {{ y[t, {i}] := 2 }}",
    ),
    "dead actor": Thing(f"actor m[RANGE]\n{FAULTY}", lambda i: f"m[{i}] is dead", HIT, HIT),
    "actor that took a fault": Thing(
        f"actor host, m[RANGE] stopped when 1 = 2\n{FAULTY}", lambda i: f"m[{i}] took #MC", HIT, HIT
    ),
    "process": Thing(
        "process w(i : RANGE) when i = CHOSEN { first: { } }\n", lambda i: f"w[{i}] at done", "", ""
    ),
    "process of a numbered actor": Thing(
        f"actor m[RANGE]\n{FAULTY}process w(i : RANGE) by m[i] {{ first: when i = CHOSEN {{ touch() }} }}\n",
        lambda i: f"(m[{i}] is dead and w[{i}] at first)",
        "",
        "",
    ),
    "loop at a label": Thing(
        "state x[RANGE] : bool = false\n"
        "process w { loop: foreach i : RANGE { when i = CHOSEN x[i] := true } }\n",
        lambda i: f"x[{i}]",
        "",
        "",
    ),
    "what was imported under another name": Thing(
        "state x[RANGE] : bool = false\n",
        lambda i: f"old_x[{i}]",
        PUT.replace("x[", "old_x["),
        "",
        library=True,
    ),
}  # fmt: skip


def ways(low: int, high: int, chosen: int, cell: Cell, random: Random) -> list[str]:
    """Formulas that are all true of the cell `chosen` of low..high, and of no other."""
    narrow = random.randint(low, chosen), random.randint(chosen, high)
    by = random.choice([1, 2, -1])
    shifted = f"i + {by}" if by > 0 else f"i - {-by}"
    return [
        cell(str(chosen)),
        f"exists i : {chosen}..{chosen}: {cell('i')}",
        f"exists i : {low}..{high}: i = {chosen} and {cell('i')}",
        f"exists i : {narrow[0]}..{narrow[1]}: i = {chosen} and {cell('i')}",
        f"forall i : {narrow[0]}..{narrow[1]}: i = {chosen} implies {cell('i')}",
        f"exists i : {narrow[0] - by}..{narrow[1] - by}: {shifted} = {chosen} and {cell(shifted)}",
        f"exists i : {low - 2}..{high + 2}: i = {chosen} and {cell('i')}",
        f"exists i : {low}..{high}, j : {narrow[0]}..{narrow[1]}: i = {chosen} and i = j and {cell('j')}",
        f"(count i : {narrow[0]}..{narrow[1]}: i = {chosen} and {cell('i')}) = 1",
        cell("at_narrow"),
        cell("at_wide"),
        cell("shown"),
        "asked(at_wide)",
        "asked_narrow(at_narrow)",
        cell(f"if at_wide = {chosen} then at_narrow else {low}"),
    ]


def spec(thing: Thing, random: Random) -> tuple[dict[str, str], list[str], int]:
    """The files, without claims; formulas about the cell that changes; the number of another cell."""
    low = random.choice([-2, -1, 0, 0, 1])
    high = low + random.choice([1, 2, 3])
    chosen, other = random.sample(range(low, high + 1), 2)
    narrow = random.randint(low, chosen), random.randint(chosen, high)
    asked = ways(low, high, chosen, thing.cell, random)
    by = random.choice([0, 1, -1])
    index = "n" if by == 0 else f"n {'+' if by > 0 else '-'} 1"
    bound = f"n : {narrow[0] - by}..{narrow[1] - by}"
    if "by m[" in thing.act:
        index, bound = "n", f"n : {narrow[0]}..{narrow[1]}"
    step = thing.act.format(p=f"({bound})", r=bound, and_p=f", {bound}", i=index, g=f"{index} = {chosen}")
    if thing.once and random.random() < 0.3:
        step = thing.once.format(p="", and_p="", i=chosen, g="true")
    declared = thing.declared.replace("RANGE", f"{low}..{high}").replace("CHOSEN", str(chosen))
    files = {"lib.tdx": declared} if thing.library else {}
    text = f"""{"import lib as old" if thing.library else declared}
{step}
param at_narrow : {narrow[0]}..{narrow[1]}
assume at_narrow = {chosen}
state at_wide : {low - 1}..{high + 1} = {chosen}
const shown : {chosen}..{chosen}
define asked(k : {low}..{high}) = {thing.cell("k")}
define asked_narrow(k : {narrow[0]}..{narrow[1]}) = {thing.cell("k")}
"""
    return {**files, "main.tdx": text}, asked, other


def with_claims(files: dict[str, str], claims: list[str]) -> dict[str, str]:
    told = "".join(f"property q{n} {claim}\ncheck q{n}\n" for n, claim in enumerate(claims))
    return {**files, "main.tdx": files["main.tdx"] + told}


def written(files: dict[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "main.tdx"


def lengths(files: dict[str, str], folder: Path) -> list[int | None]:
    """Of each check the steps of the shortest trace; None where it is proved."""
    model = build_model(load(written(files, folder)))
    found = [
        explicit(lower(model, check, {sort.name: 1 for sort in model.index_sorts})) for check in model.checks
    ]
    assert all(isinstance(one, Proved | Refuted) for one in found)
    return [len(one.trace) if isinstance(one, Refuted) else None for one in found]


@pytest.mark.parametrize("seeds", parts(range(40), 1))
@pytest.mark.parametrize("what", THINGS)
def test_whoever_asks_about_a_cell_is_told_the_same(what: str, seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        files, asked, other = spec(THINGS[what], Random(f"{what} {seed}"))
        claims = [f"never {one}" for one in asked]
        claims += [f"always ({asked[0]}) iff ({one})" for one in asked[1:]]
        claims += [f"never {THINGS[what].cell(str(other))}"]
        expected = [1] * len(asked) + [None] * len(asked)
        assert lengths(with_claims(files, claims), tmp_path) == expected, (seed, files)


@pytest.mark.parametrize("seeds", parts(range(100, 140), 1))
@pytest.mark.parametrize("what", THINGS)
def test_every_engine_says_the_same_of_a_cell(what: str, seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        random = Random(f"{what} {seed}")
        files, asked, other = spec(THINGS[what], random)
        one, two = random.sample(asked, 2)
        claims = [f"never {one}", f"always ({one}) iff ({two})", f"never {THINGS[what].cell(str(other))}"]
        effort = Effort(seconds=20.0, largest=1, all_engines=1, store=seed % 4 == 0)
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = examine(with_claims(files, claims), folder, effort)
        assert not found.refused, (seed, files, found.refused)
        assert not found.faults, (seed, files, found.faults)
        assert found.compared["explicit"] == len(claims), (seed, files)
