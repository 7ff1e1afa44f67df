"""Members of an enum are compared by the order of their declaration, by every engine."""

from __future__ import annotations

from itertools import product
from operator import ge, gt, le, lt
from pathlib import Path

import pytest

from tdxverify.evidence.formulas import FormulaReader, to_json
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.show import show_expression
from tests.differential.comparing import HAND_MADE, examine
from tests.texts import model_of, problem_of

SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge}
PHASES = """
enum Phase { boot, early, running, stopped }
enum Mode { off, boot }
index Cpu
"""


@pytest.mark.parametrize("sign", SIGNS)
def test_the_order_is_that_of_the_declaration(sign: str) -> None:
    written = f"state x, y : Phase\nproperty p never x {sign} y".replace(
        "x, y : Phase", "x : Phase\nstate y : Phase"
    )
    sides = ["y", "boot", "early", "running", "stopped"]
    for other in sides:
        model = model_of(f"{PHASES}{written.replace(f'{sign} y', f'{sign} {other}')}")
        formula = model.properties[0].formula
        assert formula is not None
        holds = Evaluator.of([info.symbol for info in model.symbols], {}).formula(formula)
        for x, y in product(range(4), repeat=2):
            right = y if other == "y" else sides.index(other) - 1
            assert bool(holds((), (x, y), ())) is SIGNS[sign](x, right), (other, x, y)


def test_it_is_told_and_stored_as_it_is_written() -> None:
    claim = "exists a, b : Phase: a < b and ok[a] and not ok[b] and a <= early"
    problem = problem_of(f"{PHASES}state ok[Phase] : bool\nproperty p never {claim}\ncheck p")
    assert show_expression(problem.bad) == claim
    assert FormulaReader(problem).formula(to_json(problem.bad)) is not None


@pytest.mark.parametrize(
    "rest",
    [
        "state at_cpu[Cpu] : Phase = boot\n"
        "action go(c : Cpu) when at_cpu[c] < stopped and forall d : Cpu: at_cpu[d] >= at_cpu[c] {"
        " at_cpu[c] := if at_cpu[c] = boot then early else if at_cpu[c] < running then running else stopped }"
        "property p never exists c, d : Cpu: at_cpu[c] > early and at_cpu[d] = boot\n"
        "property q step forall c : Cpu: at_cpu[c] < at_cpu'[c] or at_cpu[c] = at_cpu'[c]"
        "property r reachable exists c : Cpu: at_cpu[c] > running",
        "state shared[Phase] : bool = false param until : Phase state m : Mode = any\n"
        "action share(a : Phase) when a < until or m > off and a <= until { shared[a] := true }"
        "action order { foreach a : Phase { if a <= early { shared[a] := false } } }"
        "property p never exists a, b : Phase: a < b and shared[b] and not shared[a] and b > until\n"
        "property q never shared[stopped] and m < Mode.boot\n"
        "property r never exists a : Phase: a > until and shared[a]",
    ],
)
def test_all_engines_agree_with_the_plain_reading(rest: str, tmp_path: Path) -> None:
    text = f"{PHASES}{rest}\ncheck p, q, r\ncheck p, q, r for Cpu = 2\n"
    found = examine({"main.tdx": text}, tmp_path, HAND_MADE)
    assert not found.refused
    assert not found.faults, found.faults
    assert found.compared["explicit"] and found.compared["recheck"]
