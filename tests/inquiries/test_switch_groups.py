"""What `why` says of other values of parameters, put together: each switch is in one sentence, and it is that
which would be said of the switch alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.budget import Budget
from tdxverify.cli import why_instead
from tdxverify.cli.why_instead import switch_lines
from tdxverify.inquiries import prevention
from tdxverify.inquiries.prevention import Switch, Tried, switches
from tdxverify.outputs.text.layout import text_of
from tdxverify.questions.options import Options
from tests.inquiries.conftest import WriteSpec
from tests.inquiries.test_switch_sentences import asking_spec, open_spec, random_spec, traces

Case = tuple[tuple[str, str], ...]  # a parameter with its value, and what is named besides


def sentences(found: FoundTrace) -> list[str]:
    return [text_of(part) for part in switch_lines(found, 10_000, Budget())]


def values_in(clause: str) -> Iterator[Case]:
    """All cases that `b = false and c = 1, 2 or 5 to 7` stands for."""
    names = re.split(r" and (?=\w+(?:\[\w+\])? = )", clause)
    pairs = [one.split(" = ", 1) for one in names]
    (several, *_), rest = [p for p in pairs if " or " in p[1] or " to " in p[1]] or [pairs[0]], pairs
    for row in re.split(r", | or ", several[1]):
        first, _, last = row.partition(" to ")
        values = [first] if not last else [str(n) for n in range(int(first), int(last) + 1)]
        for value in values:
            yield tuple(sorted((n, value if n == several[0] else v) for n, v in rest))


def told(sentence: str) -> tuple[list[Case], str]:
    """The cases, and what is said of each."""
    head = re.match(r"(.*?),? (?=(?:all of )?which |the property |it is |this run )", sentence)
    assert head is not None, sentence
    clauses = re.split(r", or (?=with )", head[1].rstrip(","))
    said = re.sub(r"^all of ", "", sentence[head.end() :])
    return [case for one in clauses for case in values_in(one.removeprefix("with "))], said


def case_of(switch: Switch) -> Case:
    return tuple(sorted(((switch.name, switch.value), *switch.also)))


@pytest.mark.parametrize("generated", [random_spec, open_spec, asking_spec])
def test_every_switch_is_in_one_sentence(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch, generated: object
) -> None:
    said: Counter[bool] = Counter()
    for found in traces(write_spec, 60, generated):  # type: ignore[arg-type]
        tried = switches(found)
        whole = [told(sentence) for sentence in sentences(found)]
        cases = Counter(case for some, _ in whole for case in some)
        assert cases == Counter(map(case_of, tried.switches))
        for switch in tried.switches:
            monkeypatch.setattr(prevention, "switches", lambda *_, one=switch: Tried((one,)))
            ((_, alone),) = map(told, sentences(found))
            assert [text for some, text in whole if case_of(switch) in some] == [alone]
        monkeypatch.undo()
        said.update(len(some) > 1 for some, _ in whole)
    assert min(said[True], said[False]) > 10, said


ALIKE = """\
param a : 0..4  param b : bool  param c : 0..4
state bad : bool = false
action go when (a = 0 and c < 2) or b { bad := true }
property safe never bad
check safe expect refuted
"""


def test_what_differs_in_the_value_or_the_parameter_only_is_one_sentence(write_spec: WriteSpec) -> None:
    (found,) = find_traces(write_spec(ALIKE), Options(), None, Silent())
    holds, fails = sentences(found)
    assert holds == (
        "with a = 1 to 4 and b = false, or with b = false and c = 2, 3 or 4, the property holds (the other "
        "values shown as here): step 1, go, is not possible"
    )
    assert fails.startswith("with c = 1 the property fails all the same, in 1 step")


MANY = """\
param a : bool
{cells}
action go when a implies {read} {{ bad := true }}
state bad : bool = false
property safe never bad
check safe where a expect refuted
"""


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "no run begins with x0 = true"),
        (2, "no run begins with x0 = true and x1 = true"),
        (5, "no run begins with all that this run relies on at the start"),
    ],
)
def test_the_cells_that_no_run_begins_with_are_named(write_spec: WriteSpec, count: int, told: str) -> None:
    assert why_instead._MOST_CELLS < 5
    cells = "  ".join(f"state x{n} : bool init x{n} implies a" for n in range(count))
    read = " and ".join(f"x{n}" for n in range(count))
    spec = MANY.format(cells=cells, read=read).replace("a implies ", "")
    (found,) = find_traces(write_spec(spec), Options(), None, Silent())
    assert any(sentence.endswith(told) for sentence in sentences(found)), sentences(found)
