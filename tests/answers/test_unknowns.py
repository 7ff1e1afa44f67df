"""Which answers have to do with parameters that stand for something unknown."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tdxverify.answers.answer import Answer, Bearing, Outcome, UnknownUse
from tdxverify.answers.checking import check
from tdxverify.budget import UNLIMITED
from tdxverify.logic.layout import Valuation
from tdxverify.questions.options import Options
from tdxverify.questions.question import at, every_check
from tdxverify.questions.specs import Spec, load_model
from tdxverify.semantics.successors import Semantics

SPEC = """\
param known : bool
param guess : Guess "nobody knows" cite F-TDX-07, U-05
param other : bool cite U-06
enum Guess { one, two, three }
state a : bool = false   state b : bool = false   state aside : bool = false
action first when guess != three { a := true }
action second when a and known { b := true }
action elsewhere when other { aside := true }
property safe never b
property calm never aside
property plain never known and not known
"""


@pytest.fixture
def answer(tmp_path: Path) -> Answering:
    return Answering(tmp_path / "a.tdx")


class Answering:
    """The answer to one check line below `SPEC`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, line: str, *, also: str = "", options: Options | None = None) -> Answer:
        self._path.write_text(f"{SPEC}{also}\n{line}\n", encoding="utf-8")
        run = check([self._path], options)
        assert not run.diagnostics
        return run.answers[0]


def test_a_value_that_the_check_states_is_assumed(answer: Answering) -> None:
    (use,) = answer("check safe where guess = three").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.ASSUMED, ("three",), ("one", "two"))
    (use,) = answer("check safe where guess != one and not known").told.unknowns
    assert (use.bearing, use.values, use.others) == (Bearing.ASSUMED, ("two", "three"), ("one",))
    (use,) = answer("check safe where guess = one and known expect refuted in 2").told.unknowns
    assert (use.bearing, use.values) == (Bearing.ASSUMED, ("one",))


def test_so_is_one_from_the_command_line_or_the_spec(answer: Answering) -> None:
    given = answer("check safe where not known", options=Options(parameters=(("guess", "two"),)))
    assert (given.told.unknowns[0].bearing, given.told.unknowns[0].values) == (Bearing.ASSUMED, ("two",))
    assumed = answer(
        "check safe where not known", also="assume guess in { one, two } and (known or not known)"
    )
    assert (assumed.told.unknowns[0].bearing, assumed.told.unknowns[0].values) == (
        Bearing.ASSUMED,
        ("one", "two"),
    )


def test_a_proof_for_every_value_depends_on_none(answer: Answering) -> None:
    (use,) = answer("check safe where not known").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.ANY_VALUE, ("one", "two", "three"))


def test_a_trace_is_tried_with_the_other_values(answer: Answering) -> None:
    (use,) = answer("check safe expect refuted in 2").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.FOUND_WITH, ("one",), ("three",), ("two",))
    (use,) = answer("check safe where guess != two expect refuted in 2").told.unknowns
    assert (use.values, use.also, use.others) == (("one",), (), ("three",))
    (use,) = answer("check calm expect refuted in 1").told.unknowns
    assert (use.name, use.bearing, use.values) == ("other", Bearing.FOUND_WITH, ("true",))


def test_a_trace_may_depend_on_none(answer: Answering) -> None:
    only = "action at_once { b := true }"
    found = answer("check safe where not known expect refuted in 1", also=only).told.unknowns
    assert found == (UnknownUse(("U-05",), "guess", Bearing.ANY_VALUE, ("one", "two", "three")),)


def test_a_trace_for_all_values_that_are_left_assumes_them(answer: Answering) -> None:
    for line in ("check safe where guess != three and known", "check safe where guess in { one, two }"):
        (use,) = answer(f"{line} expect refuted in 2").told.unknowns
        assert use == UnknownUse(("U-05",), "guess", Bearing.ASSUMED, ("one", "two"), ("three",))
    also = "init guess != three or a"
    (use,) = answer("check safe expect refuted in 2", also=also).told.unknowns
    assert (use.bearing, use.values, use.others) == (Bearing.ASSUMED, ("one", "two"), ("three",))


VALUES = {"u": ["false", "true"], "v": ["0", "1", "2"], "w": ["false", "true"]}


def _random_spec(random: Random) -> str:
    """Three parameters that nobody knows, of which some decide, and a check that leaves out some values."""
    atoms = ["u", "not u", "w", "not w", "v = 0", "v != 0", "v >= 1", "v = 2", "v <= 1"]

    def condition() -> str:
        word = random.choice([" and ", " or ", " implies "])
        return f"({word.join(random.sample(atoms, random.randint(1, 2)))})"

    guards = (f"{condition()} and {left}" for left in ("true", "a", "not a"))
    targets = ("a", "b", random.choice("ab"))
    lines = ["param u : bool cite U-01", "param v : 0..2 cite U-02", "param w : bool cite U-03"]
    lines += ["state a : bool = false", "state b : bool = false"]
    lines += [f"assume {condition()}"] * random.randint(0, 1)
    lines += [f"init b or {condition()}"] * random.randint(0, 1)
    for number, (guard, target) in enumerate(zip(guards, targets, strict=True)):
        lines.append(f"action step{number} when {guard} {{ {target} := true }}")
    lines.append("property safe never a and b")
    return "\n".join([*lines, f"check safe where {condition()}\n"])


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1_000_000))
def test_values_that_are_spoken_of_against_trying_every_start(tmp_path: Path, seed: int) -> None:
    """Exactly those that some start has; where the same is said of several, it is the same for each."""
    path = tmp_path / "spec.tdx"
    path.write_text(_random_spec(Random(seed)), encoding="utf-8")
    note(path.read_text(encoding="utf-8"))
    (found,) = check([path]).answers
    assume(found.outcome in (Outcome.PROVED, Outcome.REFUTED))
    (asked,) = every_check(Spec(path, load_model(path)), Options())
    problem = at(asked, {})
    semantics = Semantics(problem)
    starts = [
        (rigid, state)
        for rigid in semantics.rigid_valuations(UNLIMITED)
        for state in semantics.initial_states(rigid, UNLIMITED)
    ]
    names = [cell.symbol.name for cell in problem.rigid_layout.cells]
    told = {use.name: use for use in found.told.unknowns}
    note(str(told))
    for name, use in told.items():
        of = {VALUES[name][rigid[names.index(name)]] for rigid, _ in starts}
        same = {*use.values, *use.also}
        if found.outcome is Outcome.REFUTED:
            spoken_of = same if use.bearing is Bearing.ASSUMED else same | set(use.others)
            assert of == spoken_of
        else:
            assert of <= same
        assert (use.bearing is Bearing.ANY_VALUE) <= (same == set(VALUES[name]))
        assert not same & set(use.others)
    if found.outcome is Outcome.REFUTED:
        assert found.length is not None
        for rigid, first in starts:
            values = {name: VALUES[name][rigid[names.index(name)]] for name in told}
            if all(values[name] in {*use.values, *use.also} for name, use in told.items()):
                assert _ends_badly(semantics, rigid, first, found.length)


def _ends_badly(semantics: Semantics, rigid: Valuation, first: Valuation, steps: int) -> bool:
    """Whether so many steps, or fewer, lead to a bad state."""
    reached = {first}
    for _ in range(steps):
        reached |= {after for state in reached for _, after in semantics.successors(rigid, state)}
    return any(semantics.is_bad(rigid, state) for state in reached)


def test_what_does_not_decide_the_check_is_not_mentioned(answer: Answering) -> None:
    assert [use.name for use in answer("check calm where not other").told.unknowns] == ["other"]
    assert [use.name for use in answer("check plain").told.unknowns] == []
    tied = answer("check safe where not known and (other implies guess = one)").told.unknowns
    assert [use.name for use in tied] == ["guess", "other"]
    alone = answer("check safe where not known and other").told.unknowns
    assert [use.name for use in alone] == ["guess"]


def test_nothing_is_said_of_what_is_undecided_or_empty(answer: Answering) -> None:
    assert answer("check safe where known and not known expect vacuous").told.unknowns == ()
    undecided = answer("check safe", options=Options(engine="bmc", bound=1))
    assert undecided.outcome.value == "unknown" and undecided.told.unknowns == ()
