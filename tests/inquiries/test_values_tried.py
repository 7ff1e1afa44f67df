"""Other values of one parameter: none that prevents a trace is passed over without a word."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.budget import Budget
from tdxverify.cli.switch_groups import alike_switches, in_words
from tdxverify.cli.why_instead import switch_lines
from tdxverify.inquiries import prevention
from tdxverify.inquiries.prevention import Reach, Switch, switches
from tdxverify.outputs.text.layout import text_of
from tdxverify.questions.options import Options
from tests.inquiries.conftest import WriteSpec

NUMBER = """\
param c : {low}..{high}
state x : {low}..{high} = {low}
state bad : bool = false
action go when {guard} and not bad {{ x := c  bad := true }}
property safe never bad
check safe expect refuted
"""


def found_in(write_spec: WriteSpec, guard: str, low: int, high: int) -> FoundTrace:
    text = NUMBER.format(guard=guard, low=low, high=high)
    (found,) = find_traces(write_spec(text), Options(), None, Silent())
    return found


def lines(found: FoundTrace) -> list[str]:
    return [text_of(part) for part in switch_lines(found, 10_000, Budget())]


@pytest.mark.parametrize("last", [9, 40, 64])
def test_the_last_value_may_be_the_only_one_that_prevents(write_spec: WriteSpec, last: int) -> None:
    assert lines(found_in(write_spec, f"c != {last}", 0, last)) == [
        f"with c = {last} the property holds: step 1, go, is not possible",
        f"with c = 1 to {last - 1} the property fails all the same, in 1 step",
    ]


def test_what_is_not_tried_is_said(write_spec: WriteSpec) -> None:
    """And those that may prevent it are tried before."""
    assert lines(found_in(write_spec, "c != 150", -20, 179)) == [
        "with c = 150 the property holds: step 1, go, is not possible",
        "with c = -19 to 43 the property fails all the same, in 1 step",
        "135 other values of c not tried",
    ]


def test_where_there_are_too_many_states_fewer_are_tried(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prevention, "is_small", lambda _: False)
    assert lines(found_in(write_spec, "c != 12", 0, 12)) == [
        "with c = 12 the property holds: step 1, go, is not possible",
        "with c = 1 to 7 the property fails all the same, in 1 step",
        "4 other values of c not tried",
    ]


def test_out_of_time_the_rest_is_not_tried(write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prevention, "WORK_FOR_MORE", 0)
    found = found_in(write_spec, "c != 12", 0, 12)
    assert switches(found).left_out == (("c", 4),)
    assert len(switches(found).switches) == prevention.MOST_DECIDED_LARGE


@pytest.mark.parametrize("seed", range(12))
def test_every_value_is_in_one_sentence(write_spec: WriteSpec, seed: int) -> None:
    bad = {(seed * 7 + n * n) % 15 for n in range(1 + seed % 6)} - {0}
    guard = " and ".join(f"c != {n}" for n in sorted(bad)) or "true"
    told: Counter[int] = Counter()
    for sentence in lines(found_in(write_spec, guard if bad else "c >= 0", 0, 14)):
        parts = re.fullmatch(r"with c = ([-0-9to, r]+) the property (holds|fails)\b.*", sentence)
        assert parts is not None, sentence
        for row in re.split(r", | or ", parts[1]):
            first, _, last = row.partition(" to ")
            values = range(int(first), int(last or first) + 1)
            told.update(values)
            assert {parts[2] == "holds"} == {value in bad for value in values}
    assert not bad or told == Counter(range(1, 15))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["1"], "1"),
        (["1", "2", "3"], "1, 2 or 3"),
        (["1", "2", "3", "4"], "1 to 4"),
        (["-3", "-2", "-1", "0", "4", "6"], "-3 to 0, 4 or 6"),
        (["a", "b"], "a or b"),
    ],
)
def test_values_in_words(values: list[str], told: str) -> None:
    assert in_words(values) == told


def test_where_much_differs_less_is_said() -> None:
    """How long the traces are is left out, but not whether there are any."""
    many = [Switch("c", str(n), Reach.SHOWN, n % 2 == 0, length=n) for n in range(20)]
    groups = alike_switches(many)
    assert [[int(one.value) % 2 for one in some] for some in groups] == [[0] * 10, [1] * 10]
    assert {one.length for some in groups for one in some} == {None}
    assert len(alike_switches(many[:6])) == 6


def test_what_else_is_needed_is_the_same_in_one_group() -> None:
    several = [Switch("c", str(n), Reach.SHOWN, True, also=(("b", str(n > 1)),)) for n in range(4)]
    assert [[one.value for one in some] for some in alike_switches(several)] == [["0", "1"], ["2", "3"]]
