"""All engines about some checks of the library and the examples; `benchmarks/agreement.py` asks all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.engines import anysize
from tdxverify.engines.base import EngineInfo, Observer
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Unknown, Vacuous, Verdict
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.specs import load_checked
from tests.agreement import GROUND, Limits, Report, compare

ROOT = Path(__file__).parents[2]
FILES = {
    "examples/02-erratum.tdx": 1,
    "examples/05-interleaving.tdx": 2,
    "examples/09-faults.tdx": 3,
    "examples/12-using-the-library.tdx": 1,
    "spec/properties/recovery.tdx": 6,
    "spec/matrix/sgx.tdx": 3,
}
FEW = Limits(seconds=0.4, largest=2, engines=[n for n in GROUND if n != "spacer"])


def reported(name: str, limits: Limits = FEW, every: int = 1) -> Report:
    spec = load_checked(ROOT / name)
    assert spec is not None
    report = Report()
    compare(spec, limits, report, every=every)
    return report


@pytest.mark.parametrize("name", FILES)
def test_engines_agree(name: str) -> None:
    report = reported(name, every=FILES[name])
    assert report.questions
    assert report.instances >= report.questions
    assert not report.disagreements
    assert (
        sum(n for (_, kind), n in report.answers.items() if kind in ("proved", "refuted")) > report.questions
    )


def lying(verdict: Verdict) -> EngineInfo:
    def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        del problem, budget, observer
        return verdict

    return EngineInfo("liar", run, "", can_prove=True, can_refute=True)


@pytest.mark.parametrize(
    ("verdict", "complaint"),
    [
        (Unknown(Why.BOUND_REACHED, 100), "says refuted in 2, liar says unknown"),
        (Proved(KInductive(1, simple_path=True)), "liar: k-induction of"),
        (Vacuous(""), "liar: no initial state of"),
    ],
)
def test_lies_are_found_out(verdict: Verdict, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "liar", lying(verdict))
    found = reported("examples/02-erratum.tdx", Limits(1.0, 1, ("explicit", "liar"))).disagreements
    assert any(complaint in text for text in found), found


def test_a_lie_about_every_size_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(problem: Problem, budget: Budget, observer: Observer) -> anysize.AnySize:
        del budget, observer
        return anysize.AnySize(Vacuous("", any_size=True), problem)

    monkeypatch.setattr(anysize, "decide", decide)
    found = reported("examples/02-erratum.tdx", Limits(1.0, 1, ("explicit",))).disagreements
    assert any("any-size says vacuous" in text and "explicit says refuted" in text for text in found)
    assert any("any-size says vacuous" in text and "explicit says proved" in text for text in found)
