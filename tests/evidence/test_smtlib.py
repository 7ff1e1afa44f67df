"""Obligations as text: what it declares, and that two solvers read it and agree about it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.budget import Budget
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.scripts.inductive import Script, script_for
from tdxverify.logic.expr import TRUE
from tdxverify.smt import other_solvers as second
from tdxverify.smt.text import Unreadable, contradictions
from tests.evidence.mutating import mutants
from tests.evidence.test_invariant import (
    PROVED,
    accepted,
    certificate_of,
    general_proofs,
    rising,
)
from tests.problems import Case

needs_cvc5 = pytest.mark.skipif(second.solver_for("ALL") is None, reason="cvc5 is not installed")
UNLIMITED = Budget()


def by_z3(script: Script) -> list[object]:
    return list(contradictions(script.prelude, (o.text for o in script.obligations), UNLIMITED.remaining_ms))


def by_cvc5(script: Script, milliseconds: int = 10_000) -> list[object]:
    questions = [obligation.text for obligation in script.obligations]
    return list(second.contradictions(second.CVC5, script.logic, script.prelude, questions, milliseconds))


@needs_cvc5
@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_both_solvers_accept_proofs(case: Case) -> None:
    script = script_for(case.problem, certificate_of(case))
    assert by_z3(script) == by_cvc5(script) == [True] * len(script.obligations)


@needs_cvc5
def test_both_solvers_accept_general_proofs() -> None:
    scripts = [script_for(subject, certificate) for subject, certificate in general_proofs()]
    assert len(scripts) >= 5
    for script in scripts:
        assert by_z3(script) == by_cvc5(script) == [True] * len(script.obligations)


@needs_cvc5
def test_both_solvers_refuse_the_same_mutants() -> None:
    """cvc5 may give up where there is no proof; it never accepts what Z3 refuses, nor the other way."""
    stated = [(case.problem, certificate_of(case)) for case in PROVED]
    refused = 0
    for subject, certificate in [*stated, *general_proofs()]:
        for what, mutant in list(mutants(certificate))[:8]:
            script = script_for(subject, mutant)
            ours = all(a is True for a in by_z3(script))
            theirs = all(a is True for a in by_cvc5(script, 300))
            assert theirs is ours, (subject.name, what)
            refused += not ours
    assert refused > 100


@needs_cvc5
@pytest.mark.parametrize("case", PROVED[:8], ids=lambda case: case.name)
def test_every_script_stands_alone(case: Case) -> None:
    script = script_for(case.problem, certificate_of(case))
    for obligation in script.obligations:
        text = script.alone(obligation)
        assert text.endswith("(check-sat)\n")
        assert text.count("(check-sat)") == 1
        body = text.removesuffix("(check-sat)\n")
        assert second.contradictions(
            second.CVC5, "ALL", body.replace("(set-logic ALL)", ""), [""], 10_000
        ) == [True]


def test_one_obligation_per_action_and_two_more() -> None:
    subject = rising()
    names = [o.name for o in script_for(subject, Invariant((TRUE,), any_size=True)).obligations]
    assert names == ["initiation", "consecution of rise", "safety"]


def test_a_title_cannot_end_its_comment() -> None:
    subject = replace(rising(), name="rising\n(assert false)\n; ")
    script = script_for(subject, Invariant((TRUE,), any_size=True))
    for text in (script.together(), *map(script.alone, script.obligations)):
        assert not [line for line in text.splitlines() if line.startswith("(assert false)")]
    assert not accepted(subject, Invariant((TRUE,), any_size=True))


def test_text_that_is_no_script_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        list(contradictions("(assert", [], UNLIMITED.remaining_ms))
    with pytest.raises(Unreadable):
        list(contradictions("", ["(assert nothing)"], UNLIMITED.remaining_ms))


@pytest.mark.parametrize("package", [second.BITWUZLA, second.CVC5])
def test_the_second_solvers_do_not_read_nonsense_either(package: str) -> None:
    pytest.importorskip(package)
    for prelude, question in (
        ("(assert nothing)", ""),
        ("", "(assert nothing)"),
        ("(assert true))", ""),
        ("(declare-const a Bool)", "(assert (a a))"),
    ):
        with pytest.raises(Unreadable):
            second.contradictions(package, second.BITS, prelude, [question], 1000)
    answers = second.contradictions(
        package, second.BITS, "(declare-const a Bool)(assert a)", ["", "(assert (not a))", ""], 1000
    )
    assert answers == [False, True, False]


@pytest.mark.parametrize(
    ("installed", "bits", "everything"),
    [
        ({"bitwuzla", "cvc5"}, "bitwuzla", "cvc5"),
        ({"cvc5"}, "cvc5", "cvc5"),
        ({"bitwuzla"}, "bitwuzla", None),
        (set(), None, None),
    ],
)
def test_which_solver_is_for_what(
    monkeypatch: pytest.MonkeyPatch, installed: set[str], bits: str | None, everything: str | None
) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: name if name in installed else None)
    assert second.solver_for(second.BITS) == bits
    assert second.solver_for(second.ANY_LOGIC) == everything


def test_versions_are_those_of_the_packages() -> None:
    assert second.version("lark").startswith("lark 1.")
    assert second.version("a_solver_that_nobody_has") == "a_solver_that_nobody_has"


def test_checking_a_proof_does_not_load_the_second_solver() -> None:
    code = (
        "import tdxverify.evidence.invariant, tdxverify.smt.text, tdxverify.smt.other_solvers, sys;"
        "print(not {'cvc5', 'bitwuzla'}.isdisjoint(sys.modules))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "False\n"
