"""Wherever a value meets a narrower range it is inside, or the step that takes it there is found.

Each place is tried three ways: a value that always fits, one that never does, one that does not in some
reachable state. The last is an E510 from every engine, with the shortest trace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.engines.registry import ENGINES
from tdxverify.questions.options import Options
from tests.forked import fork_workers

COUNTER = """
state n : 0..5 = 0
action count when n < 5 { n := n + 1 }
"""
ENDS = "\nproperty p always n <= 5\ncheck p expect proved\n"
INSTALLED = [name for name, info in ENGINES.items() if info.is_installed]


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


@dataclass(frozen=True)
class Place:
    """A spec in which `{}` stands for a number or expression that must lie in 0..2."""

    name: str
    text: str
    steps: int  # of the shortest trace to the first state in which n does not fit
    of_state: bool = True  # the place may read state

    def spec(self, value: str) -> str:
        return self.text.replace("{}", value)


PLACES = [
    Place(
        "assignment",
        COUNTER + "state m : 0..2 = 0\naction go when n > 1 { m := {} }" + ENDS,
        4,
    ),
    Place("choice", COUNTER + "state m : 0..2 = 0\naction go { m := any { 0, {} } }" + ENDS, 4),
    Place(
        "choice in an access row",
        COUNTER
        + "state m : 0..2 = 0\naccess f { otherwise -> ok { m := any { {} } } }\naction go { f() }"
        + ENDS,
        4,
    ),
    Place(
        "argument of an access",
        COUNTER + "access f(k : 0..2) { otherwise -> ok }\naction go { f({}) }" + ENDS,
        4,
    ),
    Place(
        "argument of a define in a property",
        COUNTER + "define small(k : 0..2) = k <= 2\nproperty p always small({})\ncheck p expect proved\n",
        3,
    ),
    Place(
        "argument of a define in a guard",
        COUNTER + "state m : bool = false\ndefine small(k : 0..2) = k <= 2\n"
        "action go when small({}) { m := true }" + ENDS,
        4,
    ),
    Place(
        "argument of a define in a condition",
        COUNTER + "state m : bool = false\ndefine small(k : 0..2) = k <= 2\n"
        "action go { if m { } else if small({}) { m := true } }" + ENDS,
        4,
    ),
    Place(
        "argument of a define in when",
        COUNTER + "state m : bool = false\ndefine none(k : 0..2) = k > 2\n"
        "action go { when none({})  m := true }" + ENDS,
        4,
    ),
    Place(
        "argument of a define in a define",
        COUNTER + "define small(k : 0..2) = k <= 2\ndefine next(k : 0..5) = small(k)\n"
        "property p always next({})\ncheck p expect proved\n",
        3,
    ),
    Place(
        "argument of a define in a row",
        COUNTER + "define small(k : 0..2) = k <= 1\n"
        "state a : bool\naccess f { a and small({}) -> ok  otherwise -> dropped }\naction go { f() }" + ENDS,
        4,
    ),
    Place(
        "result of a define",
        COUNTER + "define double : 0..2 = {}\nproperty p always double <= 2\ncheck p expect proved\n",
        3,
    ),
    Place(
        "argument of a define under a quantifier",
        COUNTER + "index A\nstate m[A] : 0..5 = 0\ndefine small(k : 0..2) = k <= 2\n"
        "action set(a : A) { m[a] := {} }\n"
        "property p always forall a : A: small(m[a])\ncheck p expect proved\n",
        4,
    ),
    Place(
        "argument of a define in a step property",
        COUNTER + "define small(k : 0..2) = k <= 2\nproperty p step small({})\ncheck p expect proved\n",
        4,
    ),
    Place(
        "assignment in foreach",
        COUNTER + "index A\nstate m[A] : 0..2 = 0\naction go { foreach a : A { m[a] := {} } }" + ENDS,
        4,
    ),
    Place(
        "assignment in a handler",
        COUNTER + "actor host\nfault #F\nstate m : 0..2 = 0\naccess f { otherwise -> fault #F }\n"
        "action go by host { f() on #F { m := {} } }" + ENDS,
        4,
    ),
    Place(
        "condition of a process step",
        COUNTER + "state m : 0..2 = 0\ndefine none(k : 0..2) = k > 2\n"
        "process q { a: when none({}) { } b: while not none({}) { m := 0 } }" + ENDS,
        4,
    ),
    Place(
        "condition of a loop",
        COUNTER
        + "state m : 0..2 = 0\ndefine none(k : 0..2) = k > 2\nprocess q { b: while not none({}) { m := 0 } }"
        + ENDS,
        4,
    ),
    Place(
        "initial value",
        "param n : 0..5\nstate m : 0..2 = {}\nproperty p always m <= 2\ncheck p expect proved\n",
        0,
        of_state=False,
    ),
    Place(
        "initial choice",
        "param n : 0..5\nindex A\nstate m[A] : 0..2 = any { 0, {} }\n"
        "property p always forall a : A: m[a] <= 2\ncheck p expect proved\n",
        0,
        of_state=False,
    ),
    Place(
        "constant",
        "param n : 0..5\nindex A\nconst k[A] : 0..2 = {}\nstate m : 0..2 = 0\n"
        "action go(a : A) { m := k[a] }\nproperty p always m <= 2\ncheck p expect proved\n",
        0,
        of_state=False,
    ),
    Place(
        "assumption",
        "param n : 0..5\ndefine small(k : 0..2) = k <= 2\nassume small({})\nstate m : 0..2 = 0\n"
        "property p always m <= 2\ncheck p expect proved\n",
        0,
        of_state=False,
    ),
    Place(
        "condition of the start",
        "state n : 0..5\ndefine small(k : 0..2) = k <= 2\ninit small({})\n"
        "property p always n <= 5\ncheck p expect proved\n",
        0,
    ),
    Place(
        "where",
        "param n : 0..5\ndefine small(k : 0..2) = k <= 2\nstate m : 0..2 = 0\n"
        "property p always m <= 2\ncheck p where small({}) expect proved\n",
        0,
        of_state=False,
    ),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "spec.tdx"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_value_that_fits_costs_nothing(place: Place, tmp_path: Path) -> None:
    for value in ("1", "n mod 3", "if n <= 2 then n else 0"):
        run = check([write(tmp_path, place.spec(value))])
        assert run.diagnostics == (), (value, run.diagnostics)
        assert run.answers[0].outcome is Outcome.PROVED


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_value_that_never_fits_is_a_mistake(place: Place, tmp_path: Path) -> None:
    for value in ("7", "n + 9"):
        run = check([write(tmp_path, place.spec(value))])
        assert {d.code.name for d in run.diagnostics} == {"E309"}
        assert re.search(r"holds 0\.\.[25], the value is", run.diagnostics[0].message)


@pytest.mark.parametrize("engine", INSTALLED)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_value_that_may_not_fit_is_found(place: Place, engine: str, tmp_path: Path) -> None:
    run = check([write(tmp_path, place.spec("n"))], Options(engine=engine, bound=10))
    assert {d.code.name for d in run.diagnostics} == {"E510"}, run.answers
    (found,) = run.answers
    assert found.outcome is Outcome.UNKNOWN
    assert found.told.story is not None
    assert len(found.told.story.steps) == place.steps
    assert "would" in run.diagnostics[0].message
    assert "outside its range 0..2" in run.diagnostics[0].message


@pytest.mark.parametrize(
    "condition",
    ["n > 2 or small(n)", "n <= 2 implies small(n)", "not (n <= 2 and not small(n))",
     "if n > 2 then true else small(n)", "forall k : 0..5: k <= 2 implies small(k)"],
)  # fmt: skip
def test_conditions_are_evaluated_from_left_to_right(condition: str, tmp_path: Path) -> None:
    text = COUNTER + "define small(k : 0..2) = k <= 2\n"
    text += f"property p always {condition}\ncheck p expect proved\n"
    run = check([write(tmp_path, text)])
    assert run.diagnostics == ()
    assert run.answers[0].outcome is Outcome.PROVED


@pytest.mark.parametrize(
    "body",
    [
        "if n > 2 { } else if small(n) { done_it := true }",
        "when n <= 2  if small(n) { done_it := true }",
        "if n <= 2 { if small(n) { } else { done_it := true } }",
        "if n > 2 { } else { look(n) }",
    ],
)
def test_statements_that_are_not_reached_ask_nothing(body: str, tmp_path: Path) -> None:
    text = COUNTER + "state done_it : bool = false\ndefine small(k : 0..2) = k <= 1\n"
    text += f"access look(k : 0..2) {{ small(k) -> ok  otherwise -> dropped }}\naction go {{ {body} }}" + ENDS
    run = check([write(tmp_path, text)])
    assert run.diagnostics == ()


def test_defines_inside_defines_do_not_multiply_for_ever(tmp_path: Path) -> None:
    text = COUNTER + "define d0(k : 0..2) = k <= 1\n"
    for level in range(1, 40):
        text += f"define d{level}(k : 0..5) = d{level - 1}(k) and d{level - 1}(k)\n"
    run = check([write(tmp_path, text + "property p always d39(n)\ncheck p\n")])
    assert [d.code.name for d in run.diagnostics] == ["E106"]


def test_what_stands_to_the_right_protects_nothing(tmp_path: Path) -> None:
    text = COUNTER + "define small(k : 0..2) = k <= 2\nproperty p always small(n) or n > 2\ncheck p\n"
    assert [d.code.name for d in check([write(tmp_path, text)]).diagnostics] == ["E510"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("n := n + 1  when n != 5", True),  # what stands behind the mistake does not excuse it
        ("when n != 5  n := n + 1", False),
        ("n := any { n + 1, n + 2 }  when n != 5", True),
        ("f(n)  when m", True),
        ("if m { n := n + 1 }  when n != 5", False),
        ("either { when m  n := n + 1 } or { }  when n != 5", False),
        ("foreach a : A { k[a] := k[a] + n  when k[a] < 2 }", True),
        ("foreach a : A { when n < 3  k[a] := n }", False),
    ],
)
def test_what_stands_behind_a_mistake_is_not_looked_at(body: str, found: bool, tmp_path: Path) -> None:
    text = "index A\nstate n : 0..5 = 5\nstate m : bool = false\nstate k[A] : 0..2 = 0\n"
    text += f"access f(j : 0..2) {{ otherwise -> ok }}\naction go {{ {body} }}" + ENDS
    for engine in ("explicit", "pdr", "any-size"):
        run = check([write(tmp_path, text)], Options(engine=engine))
        assert [d.code.name for d in run.diagnostics] == (["E510"] if found else []), engine
        if found:
            assert run.answers[0].told.story is not None and len(run.answers[0].told.story.steps) == 1


def test_a_start_that_does_not_fit_shows_its_parameters(tmp_path: Path) -> None:
    place = next(place for place in PLACES if place.name == "initial value")
    story = check([write(tmp_path, place.spec("n"))]).answers[0].told.story
    assert story is not None
    assert story.parameters == (("n", "3"),)
    assert story.parameters_that_matter == ("n",)


def test_the_message_names_the_cell_the_parameter_or_the_start(tmp_path: Path) -> None:
    def message(name: str) -> str:
        place = next(place for place in PLACES if place.name == name)
        return check([write(tmp_path, place.spec("n"))]).diagnostics[0].message

    assert message("assignment") == "step 'go' would make m 3, outside its range 0..2"
    assert message("choice") == "step 'go' would make m 3, outside its range 0..2"
    assert (
        message("argument of an access")
        == "in step 'go', parameter 'k' of 'f' would be 3, outside its range 0..2"
    )
    assert (
        message("argument of a define in a property")
        == "when 'p' is asked, parameter 'k' of 'small' would be 3, outside its range 0..2"
    )
    assert message("result of a define").startswith("when 'p' is asked, the value of 'double' would be 3")
    assert message("initial value") == "at the start, m would be 3, outside its range 0..2"
    assert message("constant") == "at the start, k[A0] would be 3, outside its range 0..2"
