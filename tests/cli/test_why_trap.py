"""`why` of a run into a trap."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import RunCommand

SPEC = """\
param again : bool
state locked : bool = false
state holder : bool = false
action take when not locked { locked := true holder := true }
action release when holder { locked := false holder := false }
action dies when holder { holder := false }
action reset when again and locked and not holder { locked := false }
property free always possible not locked
property held always possible holder and not locked
check free expect refuted in 2
check free where again
check held expect refuted in 0
"""


def why(run_command: RunCommand, line: int) -> str:
    Path("spec.tdx").write_text(SPEC)
    return " ".join(run_command("why", "spec.tdx", "--line", line).out.split())


def test_what_could_still_be_done_and_what_would_help(run_command: RunCommand) -> None:
    told = why(run_command, 10)
    assert "the trap: nothing that can still be done changes any of this: locked" in told
    assert "until then there was a way: after step 1, release" in told
    assert "with again = true: the property holds" in told


def test_a_trap_at_the_start(run_command: RunCommand) -> None:
    told = why(run_command, 12)
    assert "whatever is done from here on (3 states can still come)" in told
    assert "until then" not in told


def test_a_proof_is_not_taken_apart(run_command: RunCommand) -> None:
    assert "the proof is that something can be reached" in why(run_command, 11)


def test_where_it_held_until_then(run_command: RunCommand) -> None:
    spec = "state x : bool = true action a { x := false } property p always possible x "
    spec += "check p expect refuted in 1"
    Path("spec.tdx").write_text(spec)
    assert "at the start it holds" in " ".join(run_command("why", "spec.tdx").out.split())


def test_a_run_that_is_replayed(run_command: RunCommand) -> None:
    """Nobody has asked whether it ends in a trap."""
    Path("spec.tdx").write_text(SPEC)
    Path("run.json").write_text(run_command("trace", "spec.tdx", "--line", 10, "--format", "json").out)
    told = run_command("why", "spec.tdx", "--line", 10, "--replay", "run.json").out
    assert "is not looked into" in " ".join(told.split())


def test_other_traps_are_not_looked_for(run_command: RunCommand) -> None:
    Path("spec.tdx").write_text(SPEC)
    told = run_command("why", "spec.tdx", "--line", 10, "--all").out
    assert "Other runs into a trap are not looked for." in told and "deadlock" not in told
