"""What stands in the way of what was expected, against enumeration of models without it, made by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, product
from pathlib import Path
from random import Random
from re import findall
from shlex import split
from time import monotonic
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tdxverify import budget as budgets
from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.budget import Budget, NotDecided
from tdxverify.inquiries import obstacle
from tdxverify.inquiries.obstacle import CUT_SHORT, MOST_TOLD, obstacles
from tdxverify.inquiries.unexpected import MOST_ANSWERS, explain, explained, why_command
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Sizes, show
from tdxverify.model.model import SizeRange
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.outputs.text.unexpected_text import unexpected_lines
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at, every_check
from tdxverify.questions.specs import Spec, load_model
from tdxverify.semantics.steps import declared_call
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.unexpected import Obstacle, Part, Unexpected
from tests.cli.conftest import RunCommand, run_command
from tests.inquiries.conftest import WriteSpec

__all__ = ["run_command"]

GRACE_PERIOD = """\
index Cpu
index Obj
actor reader, updater
fault #UAF "use after free" fatal
param waits : bool "the updater waits before it frees"
enum Life { linked, unlinked, freed }
state life[Obj] : Life = linked
state reading[Cpu] : bool = false
state ptr[Cpu] : Obj
state pending[Cpu] : bool = false
access deref(o : Obj) { life[o] = freed -> fault #UAF  otherwise -> ok }
process reader_cpu(c : Cpu) by reader {
  lock: { reading[c] := true }
  load: { ptr[c] := any  when life[ptr[c]] = linked }
  use: { deref(ptr[c]) }
  unlock: { reading[c] := false  pending[c] := false }
}
process update(o : Obj) by updater {
  unlink: { life[o] := unlinked }
  start_gp: when waits { foreach c : Cpu { pending[c] := reading[c] } }
  wait: when forall c : Cpu: not pending[c] { }
  kfree: { life[o] := freed }
}
property no_uaf "nobody uses freed memory" never reader takes #UAF
check no_uaf where not waits expect refuted
"""


def asked_in(path: Path, options: Options | None = None) -> tuple[Question, ...]:
    return every_check(Spec(path, load_model(path)), options or Options())


def told_of(path: Path, options: Options | None = None) -> tuple[Answer, ...]:
    chosen = options or Options()
    return explained(check([path], chosen), Silent()).answers


def unexpected(found: Answer) -> Unexpected:
    assert found.told.unexpected is not None
    return found.told.unexpected


def test_a_guard_that_never_holds_is_named_though_others_are_in_the_way_too(write_spec: WriteSpec) -> None:
    """Taking the guard alone away helps nobody: the readers would be waited for."""
    (found,) = told_of(write_spec(GRACE_PERIOD))
    assert found.outcome is Outcome.PROVED and not found.as_expected
    first, *_ = unexpected(found).obstacles
    assert (first.part.kind, first.part.text) == ("when", "update.start_gp: when waits")
    assert first.part.at is not None and first.part.at.line == 20
    assert first.never == "update.start_gp never happens at any size"
    assert not first.alone and first.run[-1] == "reader_cpu.use(c = Cpu0)"
    assert first.before == ("update.unlink(o = Obj0)",) and first.stopped == "update.start_gp(o = Obj0)"


def test_the_section_reads(write_spec: WriteSpec) -> None:
    path = write_spec(
        """\
        param fixed : bool   state dirty : bool = false   state lost : bool = false
        action write { dirty := true }
        action crash "power fails" when dirty and not fixed { lost := true }
        property safe never lost
        check safe where fixed expect refuted
        """
    )
    (found,) = told_of(path)
    told = plain(unexpected_lines(found, 80)).replace(str(path), "spec.tdx")
    assert told == (
        " What is in the way:\n"
        "\n"
        " when   crash: when not fixed\n"
        "        spec.tdx:3\n"
        '        "power fails"\n'
        "        crash never happens.\n"
        "        As it is: write; then crash is not possible.\n"
        "        Without this, all else as it is, the property fails in 2 steps: write,\n"
        "            crash.\n"
        "\n"
        " more   tdxverify why spec.tdx --line 5\n"
    )
    whole = plain(text_lines(Run((found,)), width=80))
    assert "---- safe: proved, trivially, but expected: refuted ------" in whole


def test_what_stops_a_step_only_with_some_values_is_told_with_these(write_spec: WriteSpec) -> None:
    """It said `count is not possible at the start`, which is so where `lim` is 0; and of two steps, each of
    which excludes the other, that one is not possible behind the other, and the other way round."""
    path = write_spec(
        """\
        param lim : 0..3  param on : bool  state other[0..1] : bool
        state cnt : 0..4 = 0  state run : bool = false  state x : bool = false
        action count when cnt < lim { cnt := cnt + 1 }
        action go when cnt >= 1 and on { run := true }
        action put when not on { x := true }
        action idle { other[0] := false }
        property top reachable cnt = 4
        property both never run and x
        check top
        check both expect refuted
        check top where lim = 2
        """
    )
    top, both, stated = (plain(unexpected_lines(found, 100)) for found in told_of(path))
    assert "As it is, with lim = 0, count is not possible at the start." in top
    assert "As it is, with lim = 1 and on = false: count; then go is not possible." in both
    assert "As it is, with lim = 1 and on = true: count, go; then put is not possible." in both
    assert "As it is: count, count; then count is not possible." in stated


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("action go { if free { bad := true } }", "if", "go: if free"),
        ("action go { bad := false }", "does", "go: bad := false"),
        ("action idle { free := false }", "start", "bad = false"),
        ("action go when p { bad := true }", "when", "go: when p"),
    ],
)
def test_what_else_may_be_in_the_way(write_spec: WriteSpec, body: str, kind: str, text: str) -> None:
    spec = "param p : bool  state free : bool = false  state bad : bool = false\n"
    path = write_spec(f"{spec}{body}\nproperty safe never bad\ncheck safe where not p expect refuted\n")
    (found,) = told_of(path)
    first = unexpected(found).obstacles[0].part
    assert (first.kind, first.text) == (kind, text)


def test_a_target_that_is_never_reached(write_spec: WriteSpec) -> None:
    path = write_spec(
        """\
        param p : bool   state there : bool = false
        action go when p { there := true }
        property possible reachable there
        check possible where not p
        """
    )
    (found,) = told_of(path)
    assert found.outcome is Outcome.REFUTED
    assert unexpected(found).obstacles[0].part.text == "go: when p"
    assert "it is reached in 1 step: go." in plain(unexpected_lines(found, 80))


def test_a_value_that_would_leave_its_range_is_not_what_was_expected(write_spec: WriteSpec) -> None:
    path = write_spec(
        """\
        state n : 0..2 = 0   state bad : bool = false
        action up when n < 2 { n := n + 1 }
        action end when n = 2 and bad { bad := true }
        property safe never bad
        check safe expect refuted
        """
    )
    (found,) = told_of(path)
    assert [one.part.text for one in unexpected(found).obstacles] == ["end: when bad"]


def test_of_several_parts_that_are_in_the_way_together_one_that_a_proof_needs_is_named(
    write_spec: WriteSpec,
) -> None:
    """It named the start of what is bad: without that, it is bad."""
    path = write_spec(
        """\
        state lid : bool = false   state key : bool = false   state opened : bool = false
        action open when lid and key { opened := true }
        property closed never opened
        check closed expect refuted
        """
    )
    (found,) = told_of(path)
    told = plain(unexpected_lines(found, 80))
    assert " when   open: when key\n" in told and "open never happens." in told
    assert "all that the proof does not need, the property\n            fails in 1 step: open." in told
    assert "As it is" not in told and "start" not in told


def test_how_something_starts_is_told_with_what_would_have_to_change_it(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_spec(
        """\
        state lid : bool = false   state key : bool = false   state opened : bool = false
        action open when lid and key { opened := true }
        action shut when opened { opened := false }
        property closed never opened
        check closed expect refuted
        """
    )
    monkeypatch.setattr(obstacle, "proof_needs", raising)
    told = plain(unexpected_lines(told_of(path)[0], 80))
    assert " start  opened = false\n" in told
    assert "open assigns opened, and never happens, since lid is never true." in told
    assert "shut assigns opened, and never happens, since opened is never true." in told


def raising(*_: object, **__: object) -> None:
    raise NotDecided("it is not looked at")


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("always n <= 3", "Nothing could ever break it: it holds for all values that the types allow.\n"),
        ("reachable n > 3", "Nothing could ever reach it: no values that the types allow are like that.\n"),
    ],
)
def test_of_what_nothing_could_break_only_that_is_said(
    write_spec: WriteSpec, claim: str, sentence: str
) -> None:
    text = "state n : 0..3 = 0   state s : bool = false\naction up when n < 3 { n := n + 1 }\n"
    text += f"action idle when s and not s {{ s := true }}\nproperty q {claim}\n"
    expected = "proved" if claim.startswith("reachable") else "refuted"
    (found,) = told_of(write_spec(f"{text}check q expect {expected}\n"))
    assert plain(unexpected_lines(found, 80)) == f" {sentence}"


# --- no initial state, and one too many ------------------------------------------------------


def test_what_contradicts_itself(write_spec: WriteSpec) -> None:
    path = write_spec(
        """\
        param a : bool   param b : bool   param c : bool
        assume a implies b
        assume b implies c
        state s : bool = false
        property safe never s
        check safe where a and not b and c
        """
    )
    (found,) = told_of(path)
    assert found.outcome is Outcome.VACUOUS
    assert [(p.kind, p.text) for p in unexpected(found).excluding] == [
        ("assume", "a implies b"),
        ("where", "a"),
        ("where", "not b"),
    ]
    assert "these contradict one another" in plain(unexpected_lines(found, 80))


def test_a_start_that_nobody_expected(write_spec: WriteSpec) -> None:
    path = write_spec(
        "param a : bool\nstate s : bool = false\nproperty safe never s\ncheck safe where a expect vacuous\n"
    )
    (found,) = told_of(path)
    assert unexpected(found).start == (("a", "true"),)
    assert "There is an initial state, with a = true." in plain(unexpected_lines(found, 80))


def test_what_was_expected_to_be_undecided_gets_the_command(write_spec: WriteSpec) -> None:
    text = "state s : bool = false\naction go when s { s := true }\nproperty safe never s\n"
    path = write_spec(text + "check safe expect unknown\n")
    (found,) = told_of(path)
    assert unexpected(found) == Unexpected(command=why_command(asked_in(path)[0]))


def test_whether_a_proof_is_trivial_has_a_reason_of_its_own(write_spec: WriteSpec) -> None:
    text = "state s : bool = false\naction go { s := not s }\nproperty safe never s and not s\n"
    path = write_spec(text + "check safe expect proved trivially\ncheck safe\n")
    assert [found.told.unexpected for found in told_of(path)] == [None, None]


# --- the command ------------------------------------------------------------------------------


def test_the_command_works_when_it_is_copied(write_spec: WriteSpec, run_command: RunCommand) -> None:
    path = write_spec(
        """\
        index Line
        param p : bool   param q : bool
        state bad[Line] : bool = false   state worse : bool = false
        action go(l : Line) when p { bad[l] := true }
        action join when p and q { worse := true }
        property safe never exists l : Line: bad[l]
        property safer never worse
        property possible reachable worse
        check safe, safer where not p expect refuted
        check possible
        """,
        "my spec.tdx",
    )
    options = Options(parameters=(("q", "true"), ("p", "false")), sizes=(SizeRange("Line", 1, 2),))
    answers = told_of(path, options)
    assert len(answers) == 3
    for found in answers:
        command = unexpected(found).command
        assert command is not None and "my spec.tdx'" in command
        ended = run_command(*split(command)[1:])
        assert ended.status == 0 and ended.out.startswith(f"{found.asked.property}: ")


# --- what it may cost -------------------------------------------------------------------------


def test_without_time_it_says_so(write_spec: WriteSpec) -> None:
    path = write_spec(GRACE_PERIOD)
    (asked,) = asked_in(path)
    told = obstacles(asked, Budget(deadline=monotonic() - 1), Silent())
    assert told == Unexpected("for Cpu = 2, Obj = 2", remark=CUT_SHORT)
    (found,) = check([path]).answers
    late = explain(found, asked, Silent(), Budget(deadline=monotonic() - 1))
    assert unexpected(late).remark == CUT_SHORT


def test_without_work_less_is_said(write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obstacle, "WORK", 0)
    (asked,) = asked_in(write_spec(GRACE_PERIOD))
    told = obstacles(asked, Budget(), Silent())
    looked_at = (
        "Looked at were runs of up to 40 steps for Cpu = 2, Obj = 2 and of up to 12 steps for Cpu = 3, "
        "Obj = 3 and for Cpu = 4, Obj = 4, as far as that was not too much work."
    )
    assert told.obstacles == () and told.idle == () and told.remark == f"{obstacle.NOT_FOUND} {looked_at}"


@pytest.mark.parametrize("work", [50_000, 200_000, 1_000_000, 4_000_000])
def test_what_is_named_does_not_depend_on_the_clock(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch, work: int
) -> None:
    """However much of the time has gone whenever somebody looks: only the end of it ends anything."""
    monkeypatch.setattr(obstacle, "WORK", work)
    (asked,) = asked_in(write_spec(GRACE_PERIOD))
    at_leisure = obstacles(asked, Budget(), Silent())
    ticks = count(1)

    def hurried() -> float:
        return 600 * (1 - 0.9995 ** next(ticks))

    monkeypatch.setattr(budgets, "monotonic", hurried)
    assert obstacles(asked, Budget(deadline=600.0), Silent()) == at_leisure


CORRIDOR = """\
param p : bool  state n : 0..40 = 0
action walk when n < 40 { if p { n := n + 1 } }
property safe never n = 20
check safe where not p expect refuted
"""


def test_longer_runs_are_looked_at_where_short_ones_do_not_help(write_spec: WriteSpec) -> None:
    """It is better to name the condition than the assignment behind it."""
    (found,) = told_of(write_spec(CORRIDOR))
    first = unexpected(found).obstacles[0]
    assert first.part.text == "walk: if p" and first.alone and first.run == ("walk",) * 20


SEVERAL = """\
index A  param p : bool  state x[A] : bool = false
action mark(a : A) { if p { x[a] := true } }
property safe never exists a, b, c : A: a != b and b != c and a != c and x[a] and x[b] and x[c]
check safe SIZES where not p expect refuted
"""


@pytest.mark.parametrize("sizes", ["", "for A <= 3"])
def test_larger_machines_are_looked_at_where_small_ones_do_not_help(
    write_spec: WriteSpec, sizes: str
) -> None:
    (found,) = told_of(write_spec(SEVERAL.replace("SIZES", sizes)))
    told = unexpected(found)
    assert told.at == "for A = 3" and told.obstacles[0].part.text == "mark: if p"
    assert len(told.obstacles[0].run) == 3


def test_only_a_few_answers_of_a_run_are_looked_into(write_spec: WriteSpec) -> None:
    text = "state s : bool = false\naction go when s { s := true }\nproperty safe never s\n"
    path = write_spec(text + "check safe expect refuted\n" * (MOST_ANSWERS + 1))
    answers = told_of(path)
    looked_into = [bool(unexpected(found).obstacles) for found in answers]
    assert looked_into == [True] * MOST_ANSWERS + [False]
    assert unexpected(answers[-1]).command is not None


def test_nothing_is_said_of_a_file_that_has_changed_meanwhile(write_spec: WriteSpec) -> None:
    path = write_spec(GRACE_PERIOD)
    run = check([path])
    for text in (None, "state s : bool\n", f"{GRACE_PERIOD}\n"):
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
        (found,) = explained(run, Silent()).answers
        assert unexpected(found).obstacles == () and unexpected(found).command is not None


def test_what_is_expected_or_undecided_is_left_alone(write_spec: WriteSpec) -> None:
    text = "state s : bool = false\naction go { s := true }\nproperty safe never s\n"
    path = write_spec(text + "check safe expect refuted\ncheck safe\n")
    run = check([path])
    assert explained(run, Silent()) == run


# --- against brute force -----------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """An action of a random spec."""

    name: str
    indexed: bool
    guards: tuple[str, ...]
    condition: str | None
    target: str
    value: str
    either_way: bool = False

    def text(self) -> str:
        parameters = "(l : Line)" if self.indexed else ""
        guard = f" when {' and '.join(self.guards)}" if self.guards else ""
        body = f"{self.target} := {self.value}"
        if self.either_way:
            body = f"either {{ {body} }} or {{ }}"
        elif self.condition is not None:
            body = f"if {self.condition} {{ {body} }}"
        return f"action {self.name}{parameters}{guard} {{ {body} }}"


@dataclass(frozen=True)
class Sketch:
    """A random spec: which variables have an initial value, its actions, and what the check asks."""

    starts: tuple[str, ...]
    actions: tuple[Draft, ...]
    bad: str
    where: tuple[str, ...]

    def text(self) -> str:
        said = {name: " = false" if name in self.starts else "" for name in ("a", "b", "c", "m")}
        where = f" where {' and '.join(self.where)}" if self.where else ""
        return "\n".join(
            [
                "index Line",
                "param p : bool",
                *(f"state {name} : bool{said[name]}" for name in ("a", "b", "c")),
                f"state m[Line] : bool{said['m']}",
                *(action.text() for action in self.actions),
                f"property safe never {self.bad}",
                f"check safe for Line = 2{where} expect refuted\n",
            ]
        )

    def without(self, obstacle: Obstacle) -> Sketch:
        """The same where the part counts for nothing, by hand."""
        kind, text = obstacle.part.kind, obstacle.part.text
        if kind == "where":
            return replace(self, where=tuple(part for part in self.where if part != text))
        if kind == "start":
            return replace(self, starts=tuple(n for n in self.starts if not text.startswith(n)))
        name, _, rest = text.partition(": ")
        return replace(
            self, actions=tuple(_weaker(a, kind, rest) if a.name == name else a for a in self.actions)
        )


def _weaker(draft: Draft, kind: str, text: str) -> Draft:
    match kind:
        case "when":
            return replace(draft, guards=tuple(g for g in draft.guards if f"when {g}" != text))
        case "if":
            return replace(draft, either_way=True)
        case _:
            assert kind == "does" and text == f"{draft.target} := {draft.value}"
            return replace(draft, value="any")


def sketch(random: Random) -> Sketch:
    return Sketch(
        ("a", "b", "c", "m"),
        tuple(_draft(f"step{n}", random) for n in range(random.randint(2, 4))),
        " and ".join(random.sample(["a", "b", "c", "exists l : Line: m[l]"], 2)),
        tuple(random.sample(["p", "not p"], random.randint(0, 1))),
    )


def _draft(name: str, random: Random) -> Draft:
    indexed = random.random() < 0.4
    atoms = ["a", "b", "c", "not a", "not b", "p", "not p", *(["m[l]", "not m[l]"] if indexed else [])]
    return Draft(
        name,
        indexed,
        tuple(random.sample(atoms, random.randint(0, 2))),
        random.choice(atoms) if random.random() < 0.4 else None,
        random.choice(["m[l]"] if indexed and random.random() < 0.7 else ["a", "b", "c"]),
        random.choice(["true", "true", "false"]),
    )


Place: TypeAlias = tuple[Valuation, Valuation]
LIMITS = Budget(max_states=100_000)


class Brute:
    """A spec by enumeration: every state, and every way along steps that are named."""

    def __init__(self, path: Path, text: str, sizes: Sizes | None = None) -> None:
        path.write_text(text, encoding="utf-8")
        (self.asked,) = asked_in(path)
        self.problem: Problem = at(self.asked, {"Line": 2} if sizes is None else sizes)
        self.semantics = Semantics(self.problem)
        self.start = {
            (rigid, state)
            for rigid in self.semantics.rigid_valuations(LIMITS)
            for state in self.semantics.initial_states(rigid, LIMITS)
        }
        self.reached = set(self.start)
        waiting = list(self.start)
        while waiting:
            place = waiting.pop()
            for _, after in self.moves(place):
                if after not in self.reached:
                    self.reached.add(after)
                    waiting.append(after)

    def moves(self, place: Place) -> Iterator[tuple[str, Place]]:
        rigid, state = place
        for step, after in self.semantics.successors(rigid, state):
            yield declared_call(self.problem, step), (rigid, after)

    def starts(self, one: Obstacle) -> set[Place]:
        """Every start with the values that are told."""
        layouts = (self.problem.rigid_layout, self.problem.state_layout)
        cells = [cell for layout in layouts for cell in layout.cells]

        def values(place: Place) -> dict[str, str]:
            shown = zip(cells, (*place[0], *place[1]), strict=True)
            return {show_cell(cell): show(cell.symbol.sort, value) for cell, value in shown}

        return {place for place in self.start if dict(one.start).items() <= values(place).items()}

    def along(self, names: Sequence[str], places: set[Place] | None = None) -> set[Place]:
        """Where steps of these names lead, through states that are not bad."""
        here = self.start if places is None else places
        for name in names:
            here = {a for place in here if not self.bad(place) for n, a in self.moves(place) if n == name}
        return here

    def bad(self, place: Place) -> bool:
        return self.semantics.is_bad(*place)

    def names(self, place: Place) -> set[str]:
        return {name for name, _ in self.moves(place)}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_every_claim_agrees_with_enumeration(tmp_path: Path, random: Random) -> None:
    made = sketch(random)
    whole = Brute(tmp_path / "whole.tdx", made.text())
    assume(whole.start and not any(map(whole.bad, whole.reached)))
    note(made.text())
    told = obstacles(whole.asked, Budget(), Silent())
    note(str(told))
    assert len(told.obstacles) <= MOST_TOLD
    happening = {name.split("(")[0] for place in whole.reached for name in whole.names(place)}
    assert not happening & set(told.idle)
    spoken_of = [name for name in ("a", "b", "c", "m") if findall(rf"\b{name}\b", made.bad)]
    targets = {action.target[0] for action in made.actions}
    assert told.unassigned == tuple(name for name in spoken_of if name not in targets)
    for one in told.obstacles:
        if one.never is not None:
            assert one.never == f"{one.part.text.split(':')[0]} never happens for Line = 2"
            assert one.part.text.split(":")[0] not in happening
        if one.before is not None and one.stopped is not None:
            ends = whole.along(one.before, whole.starts(one))
            assert ends and all((one.stopped in whole.names(place)) is one.possible for place in ends)
        if one.alone:
            weaker = Brute(tmp_path / "weaker.tdx", made.without(one).text())
            assert any(map(weaker.bad, weaker.along(one.run)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from([10**9, 300_000, 30_000]))
def test_what_is_said_of_the_start_agrees_with_enumeration(tmp_path: Path, random: Random, work: int) -> None:
    """With however little work, and where nothing is known of what the proof needs."""
    made = sketch(random)
    whole = Brute(tmp_path / "whole.tdx", made.text())
    assume(whole.start and not any(map(whole.bad, whole.reached)))
    note(made.text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(obstacle, "WORK", work)
        patch.setattr(obstacle, "proof_needs", raising)
        told = obstacles(whole.asked, Budget(), Silent())
    note(str(told))
    happening = {name.split("(")[0] for place in whole.reached for name in whole.names(place)}
    for one in told.obstacles:
        if one.never is not None:
            assert one.part.text.split(":")[0] not in happening
        if one.part.kind == "start":
            (name,) = findall(r"^\w+", one.part.text)
            assigning = {action.name for action in made.actions if action.target.startswith(name)}
            assert {told.split()[0] for told in one.writers} == assigning
            assert not assigning & happening
        for reason in (told.partition(", since ")[2] for told in one.writers):
            literal = reason.removesuffix(" is never true")
            assert not literal or not any(holds_in(whole, place, literal) for place in whole.reached)


def holds_in(spec: Brute, place: Place, literal: str) -> bool:
    """Whether `a`, `not m[l]` and the like holds in a state, of some element."""
    name, values = findall(r"[abcmp]\b", literal)[0], []
    for layout, known in zip((spec.problem.rigid_layout, spec.problem.state_layout), place, strict=True):
        values += [v for cell, v in zip(layout.cells, known, strict=True) if cell.symbol.name == name]
    return any(bool(value) is not literal.startswith("not ") for value in values)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_a_guard_that_is_alone_in_the_way_is_found(tmp_path: Path, random: Random) -> None:
    made = sketch(random)
    whole = Brute(tmp_path / "whole.tdx", made.text())
    assume(whole.start and not any(map(whole.bad, whole.reached)))
    guards = [(a, g) for a in made.actions for g in a.guards]
    in_the_way = set()
    for action, guard in guards:
        part = Part("when", f"{action.name}: when {guard}", None)
        weaker = Brute(tmp_path / "weaker.tdx", made.without(Obstacle(part, (), True, ())).text())
        if any(map(weaker.bad, weaker.reached)):
            in_the_way.add(part.text)
    told = obstacles(whole.asked, Budget(), Silent())
    found = {one.part.text for one in told.obstacles if one.alone and one.part.kind in ("when", "if")}
    assert bool(found) >= bool(in_the_way)
    assert {text for text in found if ": when" in text} <= in_the_way


# --- access tables ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class TableSketch:
    """A table of three rows, an action that makes the access and one that changes things. `aside`: a row that
    may decide wherever its condition holds, whatever the table says."""

    guards: tuple[tuple[str, ...], ...]  # the conjuncts of each row
    outcomes: tuple[str, ...]
    effects: tuple[str, ...]
    change: str
    aside: tuple[tuple[str, ...], int] | None = None

    def row(self, number: int) -> str:
        return f"{self.outcomes[number]} {{ {self.effects[number]} }}"

    def text(self) -> str:
        told = [" and ".join(guard) or "otherwise" for guard in self.guards]
        rows = "  ".join(f"{guard} -> {self.row(number)}" for number, guard in enumerate(told))
        body, other = "touch()", ""
        if self.aside is not None:
            guards, number = self.aside
            condition = f"when {' and '.join(guards)}  " if guards else ""
            body = f"either {{ touch() }} or {{ {condition}other() }}"
            other = f"access other {{ otherwise -> {self.row(number)} }}"
        return (
            "actor one\nfault #F fatal\n"
            "state a : bool = false   state b : bool = false   state c : bool = false\n"
            f"access touch {{ {rows} }}\n{other}\n"
            f"action change {{ {self.change} }}\naction make by one {{ {body} }}\n"
            "property safe never one takes #F\ncheck safe expect refuted\n"
        )

    def without(self, obstacle: Obstacle) -> TableSketch:
        """The same where one conjunct of a row counts for nothing."""
        place, _, text = obstacle.part.text.partition(": ")
        number = int(place.removeprefix("touch, row ")) - 1
        left = tuple(guard for guard in self.guards[number] if f"only where {guard}" != text)
        assert len(left) + 1 == max(1, len(self.guards[number]))
        return replace(self, aside=(left, number))


def table_sketch(random: Random) -> TableSketch:
    first, second = random.sample(["a", "b", "c"], 2)
    outcomes = ["fault #F", random.choice(["ok", "fault #F"]), "ok"]
    random.shuffle(outcomes)
    effects = (f"{random.choice('abc')} := {random.choice(['true', 'false'])}" for _ in range(3))
    guards = ((first,), (f"not {first}", second), ())
    return TableSketch(guards, tuple(outcomes), tuple(effects), f"{random.choice('abc')} := true")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 100_000))
def test_rows_in_the_way_agree_with_enumeration(tmp_path: Path, seed: int) -> None:
    made = table_sketch(Random(seed))
    whole = Brute(tmp_path / "whole.tdx", made.text(), sizes={})
    assume(whole.start and not any(map(whole.bad, whole.reached)))
    note(made.text())
    told = obstacles(whole.asked, Budget(), Silent())
    note(str(told))
    for one in told.obstacles:
        if one.before is not None and one.stopped is not None:
            ends = whole.along(one.before, whole.starts(one))
            assert ends and all((one.stopped in whole.names(place)) is one.possible for place in ends)
        if one.alone and one.part.kind == "row":
            weaker = Brute(tmp_path / "weaker.tdx", made.without(one).text(), sizes={})
            assert any(map(weaker.bad, weaker.along(one.run)))


# --- conditions that contradict one another ------------------------------------------------------

VALUES = [dict(zip("pqr", bits, strict=True)) for bits in product((False, True), repeat=3)]


def holds(clause: str, values: dict[str, bool]) -> bool:
    """`p`, `not p`, `p or not q`, `p implies not q`."""
    for word, meaning in ((" implies ", lambda a, b: not a or b), (" or ", lambda a, b: a or b)):
        left, found, right = clause.partition(word)
        if found:
            return meaning(holds(left, values), holds(right, values))
    return values[clause.removeprefix("not ")] is not clause.startswith("not ")


def possible(clauses: Sequence[str]) -> bool:
    return any(all(holds(clause, values) for clause in clauses) for values in VALUES)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 100_000))
def test_contradictions_agree_with_enumeration(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    literals = ["p", "q", "r", "not p", "not q", "not r"]
    assumed = [random.choice([" or ", " implies "]).join(random.sample(literals, 2)) for _ in range(3)]
    where = random.sample(literals, random.randint(1, 3))
    assume(not possible([*assumed, *where]))
    text = "param p : bool   param q : bool   param r : bool\nstate s : bool = false\n"
    text += "".join(f"assume {clause}\n" for clause in assumed)
    text += f"property safe never s\ncheck safe where {' and '.join(where)}\n"
    path = tmp_path / "spec.tdx"
    path.write_text(text, encoding="utf-8")
    (found,) = told_of(path)
    parts = [part.text for part in unexpected(found).excluding]
    assert set(parts) <= {*assumed, *where} and not possible(parts)
    assert all(possible([*parts[:n], *parts[n + 1 :]]) for n in range(len(parts)))
