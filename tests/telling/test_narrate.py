"""Stories: parameters, decisive rows, faults, changes, and why the last state is bad."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.evidence.verdict import Refuted
from tdxverify.model.model import Model
from tdxverify.questions.problems.lower import lower, property_named
from tdxverify.semantics.trace import Trace
from tdxverify.telling.narrate import narrate
from tdxverify.telling.story import Change, DecidedRow, FaultTaken, Story, Violation
from tests.cells import cell
from tests.texts import explicit, model_of

KEXEC = """
param erratum : bool "partial writes poison" cite F-TDX-31
index Line
enum Phase { running, next_kernel }
actor tdx_module, host_kernel, next_kernel_actor
fault #MC "machine check" fatal
state phase : Phase = running
memory Line { td_owned : bool = false  poison : bool = false }
access partial_write(l : Line) {
  td_owned[l] and erratum -> ok { poison[l] := true } cite F-TDX-31
  otherwise               -> ok
}
access read(l : Line) {
  poison[l] -> fault #MC cite F-TDX-13
  otherwise -> ok(data)
}
action donate(l : Line) by tdx_module "a line is given away" cite F-TDX-07 when phase = running {
  td_owned[l] := true
}
action stray(l : Line) by host_kernel when phase = running { partial_write(l) }
action jump by host_kernel when phase = running { phase := next_kernel }
action boot_read(l : Line) by next_kernel_actor when phase = next_kernel { read(l) }
property safe "no machine check" cite F-TDX-13
  never next_kernel_actor takes #MC   // as the mail asks
check safe where erratum
"""


def told(text: str, number: int = 0, **sizes: int) -> tuple[Model, Trace, Story]:
    model = model_of(text)
    check = model.checks[number]
    chosen = {sort.name: 2 for sort in model.index_sorts} | sizes
    problem = lower(model, check, chosen)
    verdict = explicit(problem)
    assert isinstance(verdict, Refuted)
    target = property_named(model, check.property)
    return model, verdict.trace, narrate(model, problem, target, verdict.trace)


def story_of(text: str, number: int = 0, **sizes: int) -> Story:
    return told(text, number, **sizes)[2]


def broken(text: str, number: int = 0, **sizes: int) -> Violation:
    violation = story_of(text, number, **sizes).violation
    assert violation is not None
    return violation


def test_the_story_of_a_kexec() -> None:
    story = story_of(KEXEC)
    assert story.sizes == (("Line", 2),)
    assert story.parameters == (("erratum", "true"),)
    assert (cell("phase"), "running") in story.initial
    assert (cell("poison[Line1]"), "false") in story.initial
    assert [step.number for step in story.steps] == [1, 2, 3, 4]
    donate, stray, jump, boot_read = story.steps
    assert (donate.action, donate.actor, donate.parameters) == ("donate", "tdx_module", (("l", "Line0"),))
    assert (donate.description, donate.citations) == ("a line is given away", ("F-TDX-07",))
    assert donate.changes == (Change(cell("td_owned[Line0]"), "false", "true"),)
    assert donate.rows == ()
    (row,) = stray.rows
    assert replace(row, table=(), at=None) == DecidedRow(
        "partial_write(Line0)", 1, "td_owned[l] and erratum", "ok", ("F-TDX-31",)
    )
    assert row.at is not None and stray.at is not None and row.at.line < stray.at.line
    assert story.decided_at() == boot_read.rows[0].at != boot_read.at
    assert stray.faults == ()
    assert jump.parameters == ()
    assert jump.changes == (Change(cell("phase"), "running", "next_kernel"),)
    (row,) = boot_read.rows
    assert replace(row, table=(), at=None) == DecidedRow(
        "read(Line0)", 1, "poison[l]", "fault #MC", ("F-TDX-13",), is_fault=True
    )
    assert boot_read.faults == (FaultTaken("next_kernel_actor", "#MC", False),)


def test_the_claim_is_quoted_without_name_description_citations_and_comment() -> None:
    assert broken(KEXEC) == Violation(
        "safe",
        "no machine check",
        "never next_kernel_actor takes #MC",
        "not next_kernel_actor took #MC",
        (),
        instead="next_kernel_actor took #MC",
        is_evident=True,
        cells=(cell("next_kernel_actor took #MC"),),
    )


def test_a_run_that_does_not_end_badly_violates_nothing() -> None:
    model, trace, _ = told(KEXEC)
    problem = lower(model, model.checks[0], {"Line": 2})
    begun = replace(trace, states=trace.states[:2], steps=trace.steps[:1])
    story = narrate(model, problem, model.properties[0], begun)
    assert story.violation is None
    assert [step.action for step in story.steps] == ["donate"]


FAULTS = """
index Line
actor host
fault #PF fixable
fault #MC fatal
state mapped[Line] : bool = false
state done : bool = false
access load(l : Line) {
  not mapped[l] -> fault #PF
  otherwise     -> ok
}
action use(l : Line) by host { load(l) on #PF { mapped[l] := true }  done := true }
action bare(l : Line) by host when done { load(l) }
property never_done never done
check never_done
"""


def test_handled_faults_are_told_as_handled() -> None:
    (step,) = story_of(FAULTS).steps
    (row,) = step.rows
    assert replace(row, table=(), at=None) == DecidedRow(
        "load(Line0)", 1, "not mapped[l]", "fault #PF", (), is_fault=True
    )
    assert step.faults == (FaultTaken("host", "#PF", True),)
    assert ("mapped[Line0]", "false", "true") in [(str(c.cell), c.before, c.after) for c in step.changes]


HIDDEN = """
index Line
enum Mode { off, idle, broken }
state mode : Mode = off
state seen[Line] : bool = false
action choose(l : Line) { either { mode := any { idle, broken } } or { seen[l] := true } }
property p never mode = broken and forall l : Line: seen[l]
check p
"""


def test_hidden_choices_are_not_parameters() -> None:
    model, trace, story = told(HIDDEN)
    assert model.actions[0].hidden > 0
    assert all(len(step.arguments) == 1 + model.actions[0].hidden for step in trace.steps)
    assert len(story.steps) == 3
    assert all([name for name, _ in step.parameters] == ["l"] for step in story.steps)


def conjunct(claim: str, kind: str = "never") -> tuple[str, dict[str, str]]:
    """The broken part of a claim about the state a, not b, x = 2, used = Line1 only."""
    violation = broken(
        f"""
        index Line
        state a : bool = false
        state b : bool = false
        state x : 0..3 = 0
        state used[Line] : bool = false
        action go(l, m : Line) when not a and (exists n : Line: n != m and l != m) {{
          a := true  x := 2  used[m] := true
        }}
        property late never a
        property claim {kind} {claim}
        check claim where true
        """,
    )
    return violation.conjunct, dict(violation.elements)


@pytest.mark.parametrize(
    ("kind", "claim", "part", "elements"),
    [
        ("never", "a", "not a", {}),
        ("never", "a and x = 2", "not (a and x = 2)", {}),
        ("never", "b or x = 2", "x != 2", {}),
        ("never", "b or a and x > 1", "not (a and x > 1)", {}),
        ("never", "exists l : Line: used[l]", "not used[l]", {"l": "Line1"}),
        ("never", "a and exists l, m : Line: used[l] and not used[m]", "not (a and used[l] and not used[m])",
         {"l": "Line1", "m": "Line0"}),
        ("never", "a and not (forall l : Line: used[l])", "not (a and not used[l])", {"l": "Line0"}),
        ("always", "not a", "not a", {}),
        ("always", "x < 3 and not a", "not a", {}),
        ("always", "a implies b", "a implies b", {}),
        ("always", "forall l : Line: not used[l]", "not used[l]", {"l": "Line1"}),
        ("always", "forall l : Line: used[l] implies (x < 3 and b)", "used[l] implies b", {"l": "Line1"}),
        ("always", "a implies forall l : Line: used[l]", "a implies used[l]", {"l": "Line0"}),
        ("always", "(a iff b) and x < 3", "a iff b", {}),
        ("step", "x' <= x", "x' <= x", {}),
        ("step", "(x <= x') and forall l : Line: used'[l] implies used[l]", "used'[l] implies used[l]",
         {"l": "Line1"}),
    ],
)  # fmt: skip
def test_the_part_that_is_broken(kind: str, claim: str, part: str, elements: dict[str, str]) -> None:
    assert conjunct(claim, kind) == (part, elements)


@pytest.mark.parametrize(
    ("claim", "instead", "is_evident", "cells"),
    [
        ("never a", "a", True, ["a"]),
        ("always not a", "a", True, ["a"]),
        ("never a and x = 2", "a and x = 2", True, ["a", "x"]),
        ("never b or a", "a", False, ["a"]),
        ("always x < 2", "x >= 2", True, ["x"]),
        ("always x < 2 and not b", "x >= 2", False, ["x"]),
        ("never x = 2", "x = 2", True, ["x"]),
        ("never b or x = 2", "x = 2", False, ["x"]),
        (
            "never not (exists l : Line: x < 2 and used[l])",
            "not exists l : Line: x < 2 and used[l]",
            False,
            ["x"],
        ),
        ("never exists l : Line: used[l]", "used[l] for l = Line0", False, ["used[Line0]"]),
        (
            "never a and not (forall l : Line: used[l])",
            "a and not used[l] for l = Line1",
            False,
            ["a", "used[Line1]"],
        ),
        (
            "always forall l : Line: used[l] implies b",
            "used[l] and not b for l = Line0",
            False,
            ["used[Line0]", "b"],
        ),
        (
            "always (count l : Line: used[l]) != 1",
            "(count l : Line: used[l]) = 1 (Line0)",
            False,
            ["used[Line0]"],
        ),
        ("never k takes #F", "k took #F", True, ["k took #F"]),
        ("never anyone takes #F", "k took #F", False, ["k took #F"]),
        ("contained #F", "k took #F", False, ["k took #F"]),
    ],
)
def test_what_is_true_instead(claim: str, instead: str | None, is_evident: bool, cells: list[str]) -> None:
    violation = broken(
        f"""
        index Line
        actor k, other
        fault #F fatal must not reach k
        access touch {{ otherwise -> fault #F }}
        state a : bool = false
        state b : bool = false
        state x : 0..3 = 0
        state used[Line] : bool = false
        action go(m : Line) by k {{ a := true  x := 2  used[m] := true  touch() }}
        property claim {claim}
        check claim
        """
    )
    assert (violation.instead, violation.is_evident) == (instead, is_evident)
    assert [str(one) for one in violation.cells] == cells


def test_two_variables_of_one_name_are_told_apart() -> None:
    claim = "(exists l : Line: used[l]) and (exists l : Line: not used[l])"
    assert conjunct(claim) == ("not (used[l] and not used[l2])", {"l": "Line1", "l2": "Line0"})


STEPS = """
state x : 0..3 = 0
action up when x < 3 { x := x + 1 }
property stays "x never moves" step x' = x
property free never deadlock
property there reachable x = 2
check stays, free, there
"""


def test_a_step_property_reads_the_last_two_states_and_its_monitor_is_not_told() -> None:
    story = story_of(STEPS)
    assert story.violation == Violation(
        "stays", "x never moves", "step x' = x", "x' = x", (), "x' != x", is_evident=True, cells=(cell("x"),)
    )
    assert story.initial == ((cell("x"), "0"),)
    assert story.steps[0].changes == (Change(cell("x"), "0", "1"),)


def test_deadlock_has_no_formula() -> None:
    story, reason = story_of(STEPS, 1), "no action is enabled"
    assert len(story.steps) == 3
    assert story.violation == Violation("free", None, "never deadlock", reason, (), instead=reason)


def test_a_witness_violates_nothing() -> None:
    story = story_of(STEPS, 2)
    assert len(story.steps) == 2
    assert story.violation is None


def test_an_assignment_out_of_range_is_told_up_to_its_step() -> None:
    story = story_of("state x : 0..3 = 0\naction up { x := x + 1 }\nproperty p never x = 9\ncheck p")
    assert len(story.steps) == 4
    assert [step.changes for step in story.steps][-1] == ()
    assert story.violation is not None
    assert "range" in story.violation.conjunct


PROCESS = """
index Cpu
actor kernel
state entered[Cpu] : bool = false
process boot(c : Cpu) by kernel {
  begin: { entered[c] := true } "enter" cite F-TDX-01
  finish: when forall d : Cpu: entered[d] { }
}
property p never exists c, d : Cpu: c != d and boot[c] at done and not boot[d] at done
check p
"""


def test_processes_are_told_by_label_and_instance() -> None:
    story = story_of(PROCESS)
    assert [step.action for step in story.steps] == ["boot.begin", "boot.begin", "boot.finish"]
    first = story.steps[0]
    assert (first.actor, first.description, first.citations) == ("kernel", "enter", ("F-TDX-01",))
    assert Change(cell("boot[Cpu0] at"), "begin", "finish") in first.changes
    assert story.violation is not None
    assert story.violation.conjunct == "not (c != d and boot[c] at done and not boot[d] at done)"
    assert story.violation.elements == (("c", "Cpu0"), ("d", "Cpu1"))


FOREACH = """
index Line
actor host
state hot[Line] : bool = false
state swept : bool = false
access clean(l : Line) {
  hot[l]    -> ok { hot[l] := false }
  otherwise -> ok
}
action heat(l : Line) by host { hot[l] := true }
action sweep by host when exists l : Line: hot[l] { foreach l : Line { clean(l) }  swept := true }
property p never swept
check p
"""


def test_an_access_for_every_element_names_the_row_of_each() -> None:
    story = story_of(FOREACH)
    rows = [(row.access, row.row) for row in story.steps[-1].rows]
    assert rows == [("clean(Line0)", 1), ("clean(Line1)", 2)]
