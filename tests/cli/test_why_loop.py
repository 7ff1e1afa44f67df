"""`why` of a run that goes round for ever."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import RunCommand

SPEC = """
param again : bool
state wants : bool = false
state done : bool = false
action ask when not wants { wants := true }
action serve when wants { done := true }
action forget when wants and again { wants := false }
property served wants leads_to done
check served where again expect refuted
check served where not again expect refuted
check served assuming fair serve where again expect refuted
"""


def why(run_command: RunCommand, text: str, line: int = 1) -> str:
    Path("spec.tdx").write_text(text)
    return " ".join(run_command("why", "spec.tdx", "--line", line).out.split())


def test_what_helps_and_what_does_not(run_command: RunCommand) -> None:
    assert "with fair serve: the property holds" in why(run_command, SPEC.lstrip(), 9)
    told = why(run_command, SPEC.lstrip(), 8)
    assert "with any one of fair serve, fair forget: another run breaks it" in told
    told = why(run_command, SPEC.lstrip(), 10)
    assert "with again = false: the property holds" in told


def test_what_helps_together(run_command: RunCommand) -> None:
    """As few as are needed, and as weak."""
    told = why(run_command, SPEC.lstrip(), 10)
    assert "with fair ask and strongly fair serve: the property holds" in told


def test_there_are_no_parameters_to_speak_of(run_command: RunCommand) -> None:
    told = why(run_command, "state x : bool = false action go { x := true } property p eventually x check p")
    assert "what would keep it from that: with fair go: the property holds" in told


def test_other_runs_are_not_looked_for(run_command: RunCommand) -> None:
    Path("spec.tdx").write_text(SPEC.lstrip())
    told = run_command("why", "spec.tdx", "--line", 9, "--all").out
    assert "Other runs that go on for ever are not looked for." in told and "deadlock" not in told


PROVED = """
state wants : bool = false
state done : bool = false
action ask when not wants { wants := true }
fair action serve when wants { done := true }
action look { }
property served wants leads_to done
check served assuming strongly fair look
"""


def test_a_proof_says_which_fairness_it_needs(run_command: RunCommand) -> None:
    told = why(run_command, PROVED.lstrip(), 7)
    assert "fair serve without it: ask, look, the last 1 again and again" in told
    assert "fair look, strongly the property holds without it" in told
    assert "that what is fair is possible where it is in the model" in told
    assert "loop begins" not in told and "they could be anything" not in told
    assert "Said of runs that might go round for ever: " in told


def test_nothing_helps(run_command: RunCommand) -> None:
    spec = "state x : bool = false action flip { x := not x } property p eventually x and not x check p "
    told = why(run_command, f"{spec} assuming fair flip expect refuted")
    assert "nothing else that might be fair, and no parameter, excludes this loop" in told


EACH_FAIR = """
index Cpu
state closed : bool = false
state up : bool = false
state seen : bool = false
action serve when not closed { up := true }
action shut { closed := true }
fair action look(c : Cpu) { seen := false }
property live eventually up
check live for Cpu = 2 assuming strongly fair serve
"""


def test_what_is_fair_plays_a_part_in_the_loop_though_nothing_needs_it(run_command: RunCommand) -> None:
    told = why(run_command, EACH_FAIR.lstrip(), 9)
    assert "2 look(c = Cpu0)" in told and "plays no part" not in told


def test_other_pairs_are_not_looked_for(run_command: RunCommand) -> None:
    Path("spec.tdx").write_text(
        "actor host\nstate data : bool\nstate seen : bool = false\nsecret data\nobserver host sees seen\n"
        "action look by host { seen := data }\nproperty told host cannot tell\ncheck told expect refuted\n"
    )
    told = run_command("why", "spec.tdx", "--all").out
    assert "Other runs that are told apart are not looked for." in told and "deadlock" not in told
