"""Ways to conditions against trying every start: how long they are, that there is none, what would do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from tdxverify.budget import Budget
from tdxverify.cli.going import going_from_any_start, going_from_here
from tdxverify.diagnostics import SpecError
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import read_value
from tdxverify.model.model import SizeRange
from tdxverify.questions.conditions import grown_condition
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, anywhere, in_file, smallest, smallest_sizes
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.walk import Walk, carried_over, first_start

SEEDS = 60
LIMITS = Budget(max_states=200_000)
IN_STEPS = re.compile(r"(\d+) steps?")
ASSIGNED = re.compile(r"([\w\[\]]+) = (\w+)")


def random_spec(random: Random) -> str:
    """Where a start is much of what decides."""
    formula = lambda: random.choice(  # noqa: E731
        [
            "lim > 1",
            "fix",
            "not fix",
            "n < lim",
            "n >= k",
            "last = p",
            "a[last]",
            "not a[p]",
            "m",
            "k = 1",
            "n > 0",
        ]
    )
    guards = [" and ".join(formula() for _ in range(random.choice([1, 1, 2]))) for _ in range(4)]
    value = random.choice(["n + 1", "lim", "k", "2"])
    opened = random.choice(["true", "not shut"])
    return f"""\
    index Page
    param lim : 0..2
    param fix : bool
    const k : 0..1
    const last : Page
    {random.choice(["", "assume lim > 0 or fix", "assume k = 0 implies fix"])}
    state n : 0..3 = {random.choice(["0", "k", "any"])}
    state m : bool = {random.choice(["false", "fix", "any"])}
    state a[Page] : bool = false
    {random.choice(["", "init n <= lim", "init not m or n > 0"])}
    action up(p : Page) when n < 3 and {opened} and {guards[0]} {{ n := {value} }}
    action put(p : Page) when {guards[1]} {{ a[p] := true }}
    action drop(p : Page) when {guards[2]} {{ m := not m  a[p] := false }}
    state shut : bool = false
    action close {{ shut := true }}
    action back(p : Page) when {guards[3]} {{ n := 0 }}
    property quiet never n = 3 and m
    check quiet where {random.choice(["true", "lim < 2", "fix or lim = 1", "k = 0"])}
    """.replace(" = any", "")


GOALS = (
    "n = 3",
    "n = 2 and m",
    "exists p, q : Page: p != q and a[p] and a[q]",
    "a[Page1]",
    "forall p : Page: a[p] and p != last",
    "m and n = k and lim = 2",
    "n > lim and not fix",
    "n = 3",
    "a[Page0] and n > 1",
    "not m and n = 2",
    "a[last] and n = 2 and not m",
)


def asked_at_random(path: Path, random: Random) -> tuple[Question, str, bool]:
    """A question, a condition, and whether the check was chosen."""
    path.write_text(random_spec(random), encoding="utf-8")
    given = random.choice([(), (), (("lim", str(random.randint(0, 2))),), (("fix", "true"),)])
    sizes = random.choice([(), (), (SizeRange("Page", 2, 2),)])
    asked = in_file(path, Options(parameters=given, sizes=sizes), None)[0]
    chosen = random.random() < 0.4
    return (asked if chosen else anywhere(asked)), random.choice(GOALS), chosen


def starts(problem: Problem) -> Iterator[tuple[Valuation, Valuation]]:
    semantics = Semantics(problem)
    for rigid in semantics.rigid_valuations(LIMITS):
        yield from ((rigid, first) for first in semantics.initial_states(rigid, LIMITS))


def distance(problem: Problem, some: Iterable[tuple[Valuation, Valuation]]) -> int | None:
    """The fewest steps from one of `some` to a bad state."""
    semantics, level, steps = Semantics(problem), set(some), 0
    seen = set(level)
    while level:
        if any(semantics.is_bad(*pair) for pair in level):
            return steps
        after = {(rigid, new) for rigid, state in level for _, new in semantics.successors(rigid, state)}
        level, steps = after - seen, steps + 1
        seen |= level
    return None


def steps_said(text: str) -> int:
    return int(IN_STEPS.findall(text)[-1])


def with_values(layout: Layout, values: Valuation, told: str, problem: Problem) -> Valuation:
    """`values` with those that `told` says of cells."""
    said = dict(ASSIGNED.findall(told.replace("\xa0", " ")))
    found = list(values)
    for position, cell in enumerate(layout.cells):
        if show_cell(cell) in said:
            value = read_value(cell.symbol.sort, said[show_cell(cell)], problem.size_of)
            assert value is not None
            found[position] = value
    return tuple(found)


def compare_hints(goal: Question, problem: Problem, told: Iterable[str]) -> int:
    """How many sentences there were about what would lead there instead: each is right."""
    count = 0
    for text in told:
        count += 1
        if "`where`" in text:
            other = smallest(anywhere(goal), problem.size_of)
        elif "--size" in text:
            other = smallest(
                goal, {sort: int(size) for sort, size in re.findall(r"--size (\w+)=(\d+)", text)}
            )
        else:
            values = tuple(ASSIGNED.findall(text.replace("\xa0", " ")))
            given = tuple((dict(goal.options.parameters) | dict(values)).items())
            other = smallest(replace(goal, options=replace(goal.options, parameters=given)), problem.size_of)
        assert distance(other, starts(other)) == steps_said(text), text
    return count


def compare_any_start(asked: Question, text: str, *, chosen: bool) -> tuple[str, int]:
    found = going_from_any_start(asked, text, chosen=chosen, seconds=None)
    room: dict[str, int | None] = {} if asked.options.sizes else {"Page": None}
    goal, sizes = grown_condition(asked, text, smallest_sizes(asked, {}), room)
    problem = smallest(goal, sizes)
    best = distance(problem, starts(problem))
    if found.status == 0:
        assert len(found.steps) == best and found.walk is not None
        assert found.told[0].startswith("it holds at the start" if best == 0 else f"{best} step")
        walk = found.walk
        assert walk.follow(found.steps)
        run = carried_over(walk.trace, walk.problem, problem)
        assert run is not None and (run.rigid, run.states[0]) in set(starts(problem))
        assert Semantics(problem).is_bad(run.rigid, run.states[-1])
        return "way", 0
    assert found.status == 1 and best is None and found.told[0].endswith("proved")
    return "none", compare_hints(goal, problem, found.told[1:])


def test_from_any_start_against_trying_every_start(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(SEEDS):
        asked, text, chosen = asked_at_random(tmp_path / "a.tdx", Random(seed))
        try:
            kind, hints = compare_any_start(asked, text, chosen=chosen)
        except SpecError as error:
            kind, hints = error.diagnostics[0].code.name, 0
        kinds.update({kind: 1, "hints": hints})
    assert min(kinds["way"], kinds["none"]) > SEEDS // 5 and kinds["hints"] > SEEDS // 20, kinds


def compare_here(asked: Question, text: str, random: Random) -> str:
    problem = smallest(asked, {})
    start = first_start(Semantics(problem), LIMITS)
    if start is None:
        return "no start"
    walk = Walk(problem, *start)
    for _ in range(random.randint(0, 2)):
        choices = walk.choices().steps
        if choices:
            walk.take(*random.choice(choices))
    found = going_from_here(asked, walk, text, None)
    goal, _ = grown_condition(asked, text, problem.size_of, {})
    theirs = smallest(goal, problem.size_of)
    here = carried_over(walk.trace, problem, theirs)
    assert here is not None
    best = distance(theirs, [(here.rigid, here.states[-1])])
    if found.status == 0:
        assert len(found.steps) == best and walk.follow(found.steps)
        return "way"
    assert found.status == 1 and best is None
    first, second, *rest = (*found.told, "", "")
    assert first.startswith("there is no way from here to such a state (")
    from_start = distance(theirs, [(here.rigid, here.states[0])])
    if "from the start" in second:
        assert from_start == int(IN_STEPS.findall(second)[0]) and f"u {len(walk.trace)} leads" in second
        return "start"
    assert from_start is None
    if "all else at the start as here" in second:
        told, _, steps = second.partition(", all else")
        other = (
            with_values(theirs.rigid_layout, here.rigid, told, theirs),
            with_values(theirs.state_layout, here.states[0], told, theirs),
        )
        least = distance(theirs, [other])
        assert other in set(starts(theirs)) and least is not None and least <= steps_said(steps)
        return "elsewhere"
    assert second.endswith("proved") and distance(theirs, starts(theirs)) is None
    compare_hints(goal, theirs, filter(None, rest))
    return "none"


def test_from_here_against_trying_every_start(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(SEEDS):
        random = Random(1000 + seed)
        asked, text, _ = asked_at_random(tmp_path / "a.tdx", random)
        try:
            kinds[compare_here(asked, text, random)] += 1
        except SpecError as error:
            kinds[error.diagnostics[0].code.name] += 1
    assert min(kinds["way"], kinds["none"], kinds["elsewhere"], kinds["start"]) > 0, kinds
