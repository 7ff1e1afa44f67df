"""`trace --watch EXPR`: values of what somebody wants to see, compared with a reading of our own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest

from tests.cli.conftest import RunCommand

SPEC = """\
index Line
enum M { one, two }
actor k
fault #F fatal
param lim : 0..2
state used[Line] : bool = false
state owner : Line or none = none
state n : 0..3 = 0
state m : M = one
state arr[0..3] : bool = false
access read(l : Line) { used[l] -> fault #F  otherwise -> ok }
action use(l : Line) when not used[l] and n <= lim { used[l] := true  n := n + 1  owner := l  arr[n] := true }
action turn when n = 1 { m := two }
action look(l : Line) by k when m = two { read(l) }
property safe never k took #F and exists l : Line: not used[l]
check safe for Line = 2 expect refuted
"""

Value = bool | int | str | None  # none is the text; None: no value
State = Mapping[str, str]
Read = Callable[[State], Value]


def condition(random: Random, depth: int) -> tuple[str, Read]:
    """A formula, and what it is in a state; None where it has no value."""
    if depth == 0:
        line, limit = random.choice(("Line0", "Line1")), random.randint(0, 3)
        return random.choice(
            (
                (f"used[{line}]", lambda s: s[f"used[{line}]"] == "true"),
                (f"n > {limit}", lambda s: int(s["n"]) > limit),
                (f"owner = {line}", lambda s: s["owner"] == line),
                ("owner != none", lambda s: s["owner"] != "none"),
                ("m = two", lambda s: s["m"] == "two"),
                ("k took #F", lambda s: s["k took #F"] == "true"),
                (
                    "used[owner]",
                    lambda s: None if s["owner"] == "none" else s[f"used[{s['owner']}]"] == "true",
                ),
                ("arr[n]", lambda s: s[f"arr[{s['n']}]"] == "true"),
                (
                    "(count l : Line: used[l]) = 1",
                    lambda s: [s["used[Line0]"], s["used[Line1]"]].count("true") == 1,
                ),
                ("exists l : Line: owner = l", lambda s: s["owner"] != "none"),
            )
        )
    left, first = condition(random, depth - 1)
    right, second = condition(random, depth - 1)
    if random.random() < 0.3:
        return f"not ({left})", lambda s: None if first(s) is None else not first(s)
    if random.random() < 0.3:
        return (
            f"({left}) iff ({right})",
            lambda s: None if None in (first(s), second(s)) else first(s) == second(s),
        )
    if random.random() < 0.5:
        return f"({left}) and ({right})", lambda s: first(s) and second(s)
    return f"({left}) or ({right})", lambda s: None if first(s) is None else first(s) or second(s)


def value(random: Random) -> tuple[str, Read]:
    number = random.randint(0, 4)
    return random.choice(
        (
            ("n", lambda s: int(s["n"])),
            (f"n + {number}", lambda s: int(s["n"]) + number),
            (f"n - lim * {number}", lambda s: int(s["n"]) - int(s["lim"]) * number),
            ("m", lambda s: s["m"]),
            ("owner", lambda s: s["owner"]),
            ("Line1", lambda s: "Line1"),
            (f"{number}", lambda s: number),
            ("if m = one then n else lim", lambda s: int(s["n"] if s["m"] == "one" else s["lim"])),
        )
    )


def shown(found: Value) -> str | None:
    return None if found is None else str(found).lower() if isinstance(found, bool) else str(found)


def states_of(document: dict[str, object]) -> list[State]:
    """Each state, from the start and the changes."""
    start, parameters, steps = document["initial"], document["parameters"], document["steps"]
    assert isinstance(start, dict) and isinstance(parameters, dict) and isinstance(steps, list)
    states = [{"k took #F": "false", **parameters, **start}]
    for step in steps:
        states.append({**states[-1], **step["changes"]})
    return states


def test_values_of_generated_expressions(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SPEC, encoding="utf-8")
    said: Counter[str] = Counter()
    for seed in range(12):
        random = Random(seed)
        asked = [
            condition(random, random.randint(0, 2)) if random.random() < 0.7 else value(random)
            for _ in range(6)
        ]
        options = [part for text, _ in asked for part in ("--watch", text)]
        out = run_command("trace", "a.tdx", "--format", "json", *options).out
        document = json.loads(out)
        states = states_of(document)
        for (text, read), found in zip(asked, document["watched"], strict=True):
            assert found == {"expression": text, "values": [shown(read(state)) for state in states]}
            said.update("none" if one is None else "value" for one in found["values"])
            said["changes"] += len(set(found["values"])) > 1
    assert said["none"] > 3 and said["value"] > 100 and said["changes"] > 20, said


def test_the_text_shows_each_in_every_state(run_command: RunCommand) -> None:
    """As JSON has them; and the trace can be replayed with what was watched in it."""
    Path("a.tdx").write_text(SPEC, encoding="utf-8")
    watches = ("used[Line0]", "n + 1", "owner", "used[owner]")
    options = [part for text in watches for part in ("--watch", text)]
    run_command("trace", "a.tdx", "--format", "json", "--output", "a.json", *options)
    told = json.loads(Path("a.json").read_text(encoding="utf-8"))["watched"]
    for again in ((), ("--replay", "a.json")):
        out = run_command("trace", "a.tdx", *again, *options).out
        for one in told:
            lines = re.findall(rf"^        watch {re.escape(one['expression'])}: (.*)$", out, re.MULTILINE)
            nothing = "no value (one does not fit, or none is used)"
            assert lines == [nothing if value is None else value for value in one["values"]]
    assert "watch" not in run_command("trace", "a.tdx").out


def test_mistakes_of_all_are_told_with_their_places(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SPEC, encoding="utf-8")
    wrong = ("used[Line7] and foo", "n +", "1 + true", "n'", "used", "n n")
    options = [part for text in ("m", *wrong) for part in ("--watch", text)]
    found = run_command("trace", "a.tdx", *options)
    assert found.status == 3
    told = re.findall(r"error\[(E\d+)\].*\n *--> --watch (\d):1:(\d+)", found.err)
    assert [(code, int(number)) for code, number, _ in told] == [
        ("E712", 2), ("E201", 2), ("E112", 3), ("E306", 4), ("E310", 5), ("E312", 6), ("E111", 7),
    ]  # fmt: skip
    assert [int(column) for _, _, column in told] == [6, 17, 4, 5, 1, 1, 3]
    assert found.err.count("^") >= 7


@pytest.mark.parametrize("form", ["vcd", "itf", "mermaid"])
def test_formats_that_do_not_show_it_say_so(run_command: RunCommand, form: str) -> None:
    Path("a.tdx").write_text(SPEC, encoding="utf-8")
    found = run_command("trace", "a.tdx", "--watch", "n", "--format", form)
    assert found.status == 3
    assert f"--watch is shown in the formats text and json, not in {form}" in " ".join(found.err.split())


def test_elements_are_called_as_they_are_shown_wherever_an_expression_is_asked_for(
    run_command: RunCommand,
) -> None:
    Path("a.tdx").write_text(SPEC, encoding="utf-8")
    for text in ("used[Line1]", "owner = Line1 and not used[Line0]"):
        assert "watch" in run_command("trace", "a.tdx", "--watch", text).out
        assert (
            "1 step; none is shorter" in run_command("simulate", "a.tdx", "--until", text, "--line", "16").out
        )
