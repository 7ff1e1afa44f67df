"""Cells that are counted by numbers: every engine agrees with the plain reading of the reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, SpecError
from tdxverify.logic.show import show_expression
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.differential.comparing import HAND_MADE, examine
from tests.printing import print_module
from tests.texts import model_of

PAGES = """
index Td
state acc[0..3] : bool = false
state held[t : Td, i : 1..2] : -1..2 = if i = 1 then -1 else 0
const low[i : -1..1] : bool = i < 0
memory 2..4 { dirty : bool = false age : 0..2 = 0 }
state n : 0..3 = 0
"""
RUNS = {
    "reading beside": """
        action f(i : 0..2) when not acc[i] { acc[i + 1] := true }
        property p never acc[0] and acc[3]
        property q never acc[1] and exists i : 1..2: acc[i + 1]
    """,
    "a cell found by a cell": """
        action f(t : Td) when held[t, 2] < 2 { held[t, held[t, 2] mod 2 + 1] := held[t, 2] + 1 }
        property p never exists t : Td: held[t, 1] = 2
        property q always forall t : Td: held[t, 2] <= 2
    """,
    "an index that was just written": """
        action f when n < 3 { n := n + 1 acc[n] := not acc[n - 1] }
        property p never acc[2]
        property q always acc[3] implies n = 3
    """,
    "too far in a step": """
        action f { n := (n + 1) mod 4 acc[n + 1] := true }
        property p never acc[0]
    """,
    "too far in a property": """
        action f(i : 0..2) { acc[i] := true }
        property p never exists i : 0..3: acc[i] and acc[i + 1]
        property q never acc[3]
    """,
    "asked before": """
        action f(i : 0..2) { acc[i] := true }
        property p never exists i : 0..3: i < 3 and acc[i] and acc[i + 1]
    """,
    "too low at the start": """
        init forall i : 0..1: not dirty[i + 2] or dirty[i + 1]
        action f { dirty[3] := true }
        property p never dirty[4]
    """,
    "all at once": """
        action f { foreach i : 2..3 { if dirty[i] { age[i + 1] := 2 } dirty[i] := true } }
        property p never age[4] = 2
        property q never dirty[4]
        property r never age[2] > 0
    """,
    "some of them at once": """
        action f { foreach i : 2..4 { dirty[i] := not dirty[i] }
        foreach i : 0..2 { acc[i + 1] := dirty[i + 2] } }
        property p never acc[1] iff not acc[3]
        property q step forall i : 2..4: dirty[i] iff not dirty'[i]
    """,
    "too far for all at once": """
        action f { foreach i : 0..5 { if i < n { acc[i] := true } } n := any }
        action g when n = 3 { foreach i : 2..5 { acc[i] := false } }
        property p never acc[3]
    """,
    "any": """
        action f(i : 0..3) { acc[(i + n) mod 4] := any n := any { i, 0 } }
        property p never acc[0] and n = 3
        property q step n' <= n or acc'[n'] or not acc[n]
    """,
    "rigid": """
        action f(i : -1..1) when low[i] { n := i + 1 }
        property p never n > 0
        property q reachable low[n - 1]
    """,
}


@pytest.mark.parametrize("what", RUNS)
def test_all_engines_find_what_the_plain_reading_says(what: str, tmp_path: Path) -> None:
    names = [word for word in "pqr" if f"property {word} " in RUNS[what]]
    text = f"{PAGES}{RUNS[what]}\ncheck {', '.join(names)}\ncheck {', '.join(names)} for Td = 2\n"
    found = examine({"main.tdx": text}, tmp_path, HAND_MADE)
    assert not found.refused
    assert not found.faults, found.faults
    assert found.compared["explicit"]


PROCESSES = {
    "one instance for each number": """
        process p1(i : 0..2, t : Td) {
          one: when i = 0 or p1[i - 1, t] at done { }
          two: { acc[i] := true }
        }
        property p never exists i : 0..1, t : Td: p1[i + 1, t] at done and not p1[i, t] at done
        property q reachable acc[2]
    """,
    "a loop over numbers at a label": """
        process p1 { loop: foreach i : -1..1 { if low[i] { n := 1 } else { acc[i + 2] := true } } after: { } }
        property p never p1 at done and not acc[3]
        property q reachable acc[3] and not acc[2]
        property r never n = 1 and p1 at loop and acc[2] and acc[3]
    """,
    "a loop with steps inside": """
        process p1(t : Td) {
          foreach i : 1..2 { take: { held[t, i] := 2 } give: { held[t, 3 - i] := 0 } }
        }
        property p never exists t : Td: p1[t] at done and held[t, 1] = 2
        property q reachable forall t : Td: p1[t] at give
    """,
    "where no process is": """
        process p1(i : 0..2) { one: { n := i } }
        property p never p1[n] at done and n = 2
    """,
}


@pytest.mark.parametrize("what", PROCESSES)
def test_processes_over_numbers(what: str, tmp_path: Path) -> None:
    names = [word for word in "pqr" if f"property {word} " in PROCESSES[what]]
    text = f"{PAGES}{PROCESSES[what]}\ncheck {', '.join(names)} for Td <= 2\n"
    found = examine({"main.tdx": text}, tmp_path, HAND_MADE)
    assert not found.refused
    assert not found.faults, found.faults
    assert found.compared["explicit"]


def test_an_index_that_never_fits_is_refused_with_the_numbers_of_the_cells() -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{PAGES} property p never exists i : 0..3: acc[i + 4]")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (Code.E309, "the index of 'acc' is in 0..3, the value is 4..7")


def test_a_property_is_told_as_it_is_written() -> None:
    claim = "forall i : 0..3: i < 3 implies acc[i + 1]"
    model = model_of(f"{PAGES} property p always {claim}")
    assert show_expression(model.properties[0].formula) == claim


def test_what_is_numbered_is_printed_as_it_was_read() -> None:
    text = "const c[i : -1..1, 0..3] : bool = i < 0\nmemory 2..4 {\n  dirty : bool = false\n}\n"
    assert print_module(parse(SourceFile("test.tdx", text))).replace("\n\n", "\n") == text
