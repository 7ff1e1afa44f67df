"""Promises of whole specs: what is found, what is told of loops, and when a proof says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Outcome, Standing, Trivial
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent as Everyone
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.answers.tracing import traced
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file
from tests.texts import Silent

RETRY = """
index Cpu
actor cpu[Cpu], owner
state wants[Cpu] : bool = false
state done[Cpu] : bool = false
action ask(c : Cpu) by cpu[c] when not wants[c] { wants[c] := true }
action serve(c : Cpu) by owner when wants[c] { done[c] := true }
action withdraw(c : Cpu) by cpu[c] when wants[c] { wants[c] := false }
property served each c : Cpu: wants[c] leads_to done[c]
property one eventually exists c : Cpu: done[c]
"""
NEVER = (
    """
param may_ask : bool
state wants, done : bool = false
""".replace("wants, done : bool = false", "wants : bool = false\nstate done : bool = false")
    + """
state ready : bool = true
action ask when may_ask { wants := true }
fair action serve when wants { done := true }
property served wants leads_to done
property is_ready eventually ready
"""
)


def answers(tmp_path: Path, text: str, *lines: str, **options: object) -> list[Answer]:
    path = tmp_path / "spec.tdx"
    path.write_text(text + "\n".join(lines) + "\n")
    run = check([path], Options(**options))  # type: ignore[arg-type]
    assert run.diagnostics == ()
    return list(run.answers)


@pytest.mark.parametrize(
    ("line", "outcome", "length", "begin"),
    [
        ("check served for Cpu = 2", Outcome.REFUTED, 1, 1),
        ("check served for Cpu = 2 assuming fair serve", Outcome.REFUTED, 3, 1),
        ("check served for Cpu = 1 assuming fair serve, cpu", Outcome.REFUTED, 3, 1),
        ("check served for Cpu = 1 assuming strongly fair serve, fair cpu", Outcome.PROVED, None, None),
        ("check served for Cpu = 2 assuming strongly fair serve, cpu", Outcome.PROVED, None, None),
        ("check served assuming strongly fair serve, cpu", Outcome.PROVED, None, None),
        ("check one for Cpu = 2", Outcome.REFUTED, 0, 0),
        ("check one for Cpu = 2 assuming fair cpu", Outcome.REFUTED, 4, 0),
        ("check one for Cpu = 1 assuming fair cpu, strongly fair owner", Outcome.PROVED, None, None),
    ],
)
def test_with_and_without_help(
    tmp_path: Path, line: str, outcome: Outcome, length: int | None, begin: int | None
) -> None:
    (found,) = answers(tmp_path, RETRY, line)
    assert (found.outcome, found.length) == (outcome, length)
    story = found.told.story
    assert (None if story is None or story.loop is None else story.loop.begin) == begin


def test_what_excludes_a_loop(tmp_path: Path) -> None:
    """Of each that is named it is so: the property holds, or another run breaks it."""
    (found,) = answers(tmp_path, RETRY, "check served for Cpu = 1")
    assert found.told.story is not None and found.told.story.loop is not None
    named = found.told.story.loop.excluded_by
    assert set(named) == {"serve", "withdraw", "cpu", "owner"}
    for name in ("ask", "serve", "withdraw", "cpu", "owner"):
        (again,) = answers(tmp_path, RETRY, f"check served for Cpu = 1 assuming fair {name}")
        same = again.told.story is not None and again.told.story.steps == found.told.story.steps
        assert same is (name not in named), name


def test_what_excludes_a_loop_only_where_it_is_strongly_fair(tmp_path: Path) -> None:
    """A vCPU that asks and withdraws again and again: that it could be served is so in between only."""
    clause = "check served for Cpu = 1 assuming fair serve, ask, withdraw"
    (found,) = answers(tmp_path, RETRY, clause)
    assert found.told.story is not None and found.told.story.loop is not None
    loop = found.told.story.loop
    assert not loop.excluded_by and set(loop.excluded_strongly) == {"serve", "owner"}
    for name in ("ask", "withdraw", "serve", "cpu", "owner"):
        for strength, excluding in (("", loop.excluded_by), ("strongly ", loop.excluded_strongly)):
            (again,) = answers(tmp_path, RETRY, f"{clause}, {strength}fair {name}")
            same = again.told.story is not None and again.told.story.steps == found.told.story.steps
            assert same is (name not in excluding), (strength, name)


def test_since_when_something_is_asked_for(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, RETRY, "check served for Cpu = 2")
    assert found.told.story is not None and found.told.story.violation is not None
    told = found.told.story.violation
    assert told.instead == "'wants[c]' holds after step 1, and from then on 'done[c]' never does"
    assert told.elements == (("c", "Cpu0"),)


@pytest.mark.parametrize("size", ["", " for Cpu = 2"])
def test_any_number_needs_the_same_help(tmp_path: Path, size: str) -> None:
    lines = [f"check served{size} assuming {how} serve" for how in ("fair", "strongly fair")]
    found = answers(
        tmp_path,
        RETRY.replace("action withdraw", "action never_done").replace("{ wants[c] := false }", "{ }"),
        *lines,
    )
    assert [one.outcome for one in found] == [Outcome.PROVED, Outcome.PROVED]


def test_what_is_never_asked_for(tmp_path: Path) -> None:
    lines = ["check served where not may_ask", "check served where may_ask", "check is_ready"]
    found = answers(tmp_path, NEVER, *lines)
    assert [one.outcome for one in found] == [Outcome.PROVED] * 3
    assert [one.trivial for one in found] == [Trivial.YES, Trivial.NO, Trivial.YES]
    assert found[0].reason == "in no reachable state does 'wants' hold without 'done'"
    assert found[0].elsewhere is not None and "'may_ask' instead of 'not may_ask'" in found[0].elsewhere
    assert found[2].reason == "'ready' holds at the start already"


READ_BY_THE_PROMISE = """
param wanted : bool
param least : 0..1
state n : 0..1 = 0
action up when n < 1 { n := 1 }
property served wanted leads_to n = 1
property enough eventually n = 1 or least = 0
"""


def test_a_parameter_that_the_promise_alone_reads_is_open(tmp_path: Path) -> None:
    """It was the least value in what is known of the model without the promise: runs with another were
    refused, and proofs called trivial that are not."""
    lines = ["check served", "check enough", "check served assuming fair up", "check enough assuming fair up"]
    found = answers(tmp_path, READ_BY_THE_PROMISE, *lines, "check served where not wanted")
    assert [one.outcome for one in found] == [Outcome.REFUTED] * 2 + [Outcome.PROVED] * 3
    assert [one.trivial for one in found[2:]] == [Trivial.NO, Trivial.NO, Trivial.YES]


def test_a_trace_is_one_of_the_model_alone(tmp_path: Path) -> None:
    answers(tmp_path, RETRY, "check one for Cpu = 2 assuming fair cpu")
    (asked,) = in_file(tmp_path / "spec.tdx", Options(), None)
    found = traced(asked, Silent())
    assert found.story.loop is not None  # type: ignore[union-attr]
    assert len(found.trace) == len(found.story.steps) == 4  # type: ignore[union-attr]
    assert {symbol.name for symbol in found.problem.state_symbols} == {"wants", "done"}  # type: ignore[union-attr]


@pytest.mark.parametrize("more", ["", "action look { }"])
def test_a_run_stops_where_nothing_is_possible(tmp_path: Path, more: str) -> None:
    """Or where something is, but nobody has to do it."""
    spec = (
        f"state x : bool = false action go when not x {{ x := true }} {more} property p eventually not true"
    )
    (found,) = answers(tmp_path, spec, " check p assuming fair go")
    assert found.told.story is not None and found.told.story.loop is not None
    assert found.told.story.loop.stops and found.told.story.loop.is_stuck is not bool(more)


REFUSED: list[tuple[str, str]] = [
    ("check served assuming fair srve", "did you mean 'serve'?"),
    ("check served assuming fair ask.first", "an actor"),
]


@pytest.mark.parametrize(("line", "hint"), REFUSED)
def test_fairness_of_what_does_nothing(tmp_path: Path, line: str, hint: str) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(f"{RETRY}{line}\n")
    (mistake,) = check([path]).diagnostics
    assert mistake.code.name == "E225"
    assert hint in (mistake.hint or "")


def changed(text: str, change: Callable[[str], str]) -> str:
    found = change(text)
    assert found != text
    return found


@pytest.mark.parametrize("name", ["action serve", "actor"])
def test_what_is_declared_fair_is_so_in_every_check(tmp_path: Path, name: str) -> None:
    text = changed(RETRY, lambda text: text.replace(name, f"strongly fair {name}", 1))
    text = changed(text, lambda text: text.replace("action withdraw", "action forget"))
    (found,) = answers(tmp_path, text, "check served for Cpu = 1 assuming strongly fair serve, fair cpu")
    assert found.outcome is Outcome.PROVED


PROCESS = """
index Cpu
state free : bool = true
state served[Cpu] : bool = false
process take(c : Cpu) {
  lock: when free { free := false }
  use: { served[c] := true }
  unlock: { free := true }
}
property all_served each c : Cpu: eventually served[c]
"""


@pytest.mark.parametrize(
    ("clause", "outcome"),
    [
        ("", Outcome.REFUTED),
        (" assuming fair take", Outcome.PROVED),
        (" assuming fair take.lock, take.use", Outcome.REFUTED),
        (" assuming fair take.lock, take.use, take.unlock", Outcome.PROVED),
    ],
)
def test_processes_and_their_steps(tmp_path: Path, clause: str, outcome: Outcome) -> None:
    (found,) = answers(tmp_path, PROCESS, f"check all_served for Cpu = 2{clause}")
    assert found.outcome is outcome


def test_fair_in_the_text_of_a_process(tmp_path: Path) -> None:
    whole = PROCESS.replace("process take", "fair process take")
    steps = PROCESS.replace("  lock:", "  fair lock:").replace("  use:", "  fair use:")
    steps = steps.replace("  unlock:", "  fair unlock:")
    for text in (whole, steps):
        (found,) = answers(tmp_path, text, "check all_served for Cpu = 2")
        assert found.outcome is Outcome.PROVED


@pytest.mark.parametrize("text", ["assuming fair p", ""])
def test_all_steps_of_a_fair_process_are_fair(tmp_path: Path, text: str) -> None:
    """Be they written as another one is, in a branch, or over and over."""
    spec = """
state n : 0..2 = 0
process p {
  first: { }
  loop: while n < 2 { n := n + 1 }
  if n = 2 { other: as first } else { never: { } }
  either { here: as first } or { there: { } }
  last: as first
}
property ends eventually p at done
"""
    spec = spec if text else spec.replace("process", "fair process")
    (found,) = answers(tmp_path, spec, f"check ends {text}")
    assert found.outcome is Outcome.PROVED


def test_checks_that_assume_different_things_are_stored_each_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    lines = ["check served for Cpu = 2", "check served for Cpu = 2 assuming fair serve"]
    lines += ["check served for Cpu = 2 assuming strongly fair serve, cpu"]
    path.write_text(RETRY + "\n".join(lines) + "\n")
    names = [one.asked.name for one in prove([path], Everyone()).answers]
    assert names[1] == "served[Cpu = 2, assuming fair serve]" and len(set(names)) == 3
    kept = [one.kept for one in recheck([path]).answers]
    assert [one and one.standing for one in kept] == [Standing.HOLDS] * 3


MENTIONED = """
param quiet : bool
state up : bool = false
{fair}action go when not up {{ up := true }}
property settled eventually up or not quiet
check settled
"""


def test_a_parameter_of_which_only_a_promise_speaks_has_all_its_values(tmp_path: Path) -> None:
    """That it is not so at the start already shows with one of them alone."""
    (found,) = answers(tmp_path, MENTIONED.format(fair=""))
    assert found.outcome is Outcome.REFUTED
    assert found.told.parameters == (("quiet", "true"),)
    (found,) = answers(tmp_path, MENTIONED.format(fair="fair "))
    assert (found.outcome, found.trivial) == (Outcome.PROVED, Trivial.NO)


def test_ranks_are_stored_where_no_invariant_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are found again by the evaluator alone."""
    monkeypatch.setattr("tdxverify.answers.stored.proving.RANKING_WORK", 0)
    path = tmp_path / "spec.tdx"
    path.write_text(RETRY + "check served for Cpu = 2 assuming strongly fair serve, fair cpu\n")
    (found,) = prove([path], Everyone()).answers
    assert found.kept is not None and found.kept.evidence == "ranking of 16 states"
    (kept,) = recheck([path]).answers
    assert kept.kept is not None and kept.kept.standing is Standing.HOLDS
    path.write_text(path.read_text().replace("strongly fair serve", "fair serve"))
    assert not any(one.kept and one.kept.standing.is_good for one in recheck([path]).answers)
