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
    assert "with fair serve or fair forget: another run breaks it" in why(run_command, SPEC.lstrip(), 8)
    told = why(run_command, SPEC.lstrip(), 10)
    assert "with again = false: the property holds" in told


def test_nothing_helps(run_command: RunCommand) -> None:
    spec = "state x : bool = false action flip { x := not x } property p eventually x and not x check p "
    told = why(run_command, f"{spec} assuming fair flip expect refuted")
    assert "nothing else that might be fair, and no parameter, excludes this loop" in told
