"""The quick run over generated specs; and it would notice: comparisons are shown to flag wrong answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Refuted, Unknown, Why
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.questions.problems import looping
from tdxverify.questions.problems.lower import lower
from tdxverify.semantics.trace import Trace
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential import comparing
from tests.differential.choosing import ENGINES_COUNTED, Coverage, jobs, stored
from tests.differential.comparing import Effort, Examined, examine
from tests.differential.coverage import STATEMENTS, all_pairs, features
from tests.differential.generator import NUMBERED, OF_STATES, OLD, PLAIN, REFINED, SHORT, generate
from tests.differential.shrinking import shrunk, size
from tests.differential.workers import Job, examined
from tests.thorough import THOROUGH

SECONDS = 120.0
AGAIN = "run: python -m tests.differential.choosing"
WAITING = Path(__file__).with_name("waiting.txt")  # what no stored seed has yet, or not for every engine


@dataclass
class Quick:
    coverage: Coverage = field(default_factory=Coverage)
    faults: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    stalled: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def quick(request: pytest.FixtureRequest) -> Quick:
    """All stored seeds, or where not much time is to be taken, some of them: these cover less."""
    found = Quick()
    seeds = stored() if request.config.getoption("--thorough") else stored()[::3]
    for job, result in examined(jobs(seeds), 2, SECONDS):
        found.coverage.add(job.number, result)
        found.faults += [f"seed {job.number}: {fault.kind}: {fault.text}" for fault in result.faults]
        found.refused += [job.number] if result.refused else []
        found.stalled += [job.number] if result.skipped["stalled"] else []
    return found


def waiting() -> set[str]:
    return set(WAITING.read_text(encoding="utf-8").splitlines())


def test_nobody_disagrees(quick: Quick) -> None:
    assert not quick.faults, "\n\n".join(quick.faults)
    assert not quick.refused, AGAIN


@THOROUGH
def test_everything_was_generated_and_compared(quick: Quick) -> None:
    """But for what waits for a seed: the list may only get shorter."""
    assert set(quick.coverage.missing()) <= waiting(), AGAIN


@THOROUGH
@pytest.mark.parametrize("engine", ENGINES_COUNTED)
def test_every_production_was_put_to_every_engine(quick: Quick, engine: str) -> None:
    assert quick.coverage.missing_of(engine) <= waiting(), AGAIN


def test_what_is_called_impossible_was_not_seen(quick: Quick) -> None:
    reasons = all_pairs()
    assert set(quick.coverage.pairs) <= set(reasons)
    assert not [pair for pair in quick.coverage.pairs if reasons[pair]]


def test_a_seed_means_the_same_spec_for_ever() -> None:
    assert generate(7) == generate(7)
    assert generate(7).files != generate(8).files


# --- would it be noticed? -------------------------------------------------------------------

COUNTER = """
index Line
state n : 0..3 = 0
state used[Line] : bool = false
action up(l : Line) when n < 3 and not used[l] { n := n + 1  used[l] := true }
property low never n = 1
property few always n <= 3
check low
check few for Line = 2
"""
ONE_ENGINE = Effort(engines=("explicit", "pdr"), store=False, largest=2, general=False)


def kinds(text: str, folder: Path, effort: Effort = ONE_ENGINE) -> set[str]:
    return {fault.kind for fault in examine({"main.tdx": text}, folder, effort).faults}


def test_right_answers_are_no_faults(tmp_path: Path) -> None:
    found = examine({"main.tdx": COUNTER}, tmp_path, Effort())
    assert not found.faults
    assert found.compared["explicit"] and found.compared["auto any size"] and found.compared["recheck"]


def test_a_front_end_that_loses_the_bad_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "lower", lambda *given: replace(lower(*given), bad=FALSE))
    assert kinds(COUNTER, tmp_path) == {"wrong: proved, not refuted (all engines)"}


def test_a_front_end_that_loses_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "lower", lambda *given: replace(lower(*given), actions=()))
    assert kinds(COUNTER, tmp_path) == {"wrong: proved, not refuted (all engines)"}


FULL = """
index Line
state used[Line] : bool = false
fair action use(l : Line) when not used[l] { used[l] := true }
action free(l : Line) when used[l] { used[l] := false }
property full each l : Line: eventually used[l]
check full
"""


def test_a_front_end_that_loses_what_is_fair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(FULL, tmp_path) == set()
    monkeypatch.setattr("tdxverify.questions.problems.lower.fairness_of", lambda model, check: ())
    assert kinds(FULL, tmp_path) == {"wrong: refuted, not proved (all engines)"}


def test_a_front_end_that_loses_where_loops_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looping, "_same", lambda symbol, copy: TRUE)
    text = "state n : 0..2 = 0\nfair action tick { n := (n + 1) mod 3 }\nproperty p eventually n > 2\ncheck p"
    assert kinds(text, tmp_path) == {"wrong: refuted, not refuted (pdr)", "evidence explicit"}


def test_fairness_is_a_feature_of_the_promise_that_is_checked_with_it() -> None:
    text = "fair action a { }\nproperty p eventually true\ncheck p assuming strongly fair a"
    found = features(parse(SourceFile("spec.tdx", text)), imports=False)
    fair = {feature for feature in found if feature[0] == "fair"}
    assert fair == {("fair", how, "eventually") for how in ("declared action", "strongly assumed action")}


def _engine(monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[..., Any]) -> None:
    monkeypatch.setitem(ENGINES, name, replace(ENGINES[name], run=run))


def test_an_engine_with_a_trace_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ENGINES["explicit"].run

    def run(*given: Any) -> object:
        verdict = right(*given)
        if isinstance(verdict, Refuted):
            trace = verdict.trace
            longer = Trace(
                trace.sizes, trace.rigid, (*trace.states, trace.states[-1]), (*trace.steps, trace.steps[-1])
            )
            return Refuted(longer)
        return verdict

    _engine(monkeypatch, "pdr", run)
    assert kinds(COUNTER, tmp_path) == {"evidence pdr", "wrong: refuted, not refuted (pdr)"}


def test_an_engine_that_claims_clean_depths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, "pdr", lambda *given: Unknown(Why.TIMEOUT, 5))
    assert kinds(COUNTER, tmp_path) == {"wrong: proved, not refuted (pdr)"}


@pytest.mark.parametrize(("code", "word"), [(Code.E510, "E510"), (Code.E511, "E510"), (Code.E602, "unknown")])
def test_only_a_mistake_of_the_spec_is_an_answer(code: Code, word: str) -> None:
    """A size that is too large leaves a question open: seeds 20000043 and 20000081 were called faults."""
    assert comparing.said_of(Outcome.UNKNOWN, (Diagnostic(code, "said"),)) == word


def test_an_engine_that_falls_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, "pdr", lambda *given: [][0])
    (kind,) = kinds(COUNTER, tmp_path)
    assert kind.startswith("crash IndexError in test_generated_specs.py")


def test_a_printer_that_loses_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = comparing.print_module
    monkeypatch.setattr(comparing, "print_module", lambda module: right(module).replace("never", "always"))
    assert "round trip" in kinds(COUNTER, tmp_path)


def test_a_plain_spec_that_is_refused(tmp_path: Path) -> None:
    assert kinds("state x : bool = y\n", tmp_path, replace(ONE_ENGINE, plain=True)) == {"refused E201"}
    assert kinds("state x : bool = y\n", tmp_path) == set()


# --- the machinery ----------------------------------------------------------------------------


def test_a_spec_that_takes_too_long_is_stopped() -> None:
    forever = [Job(n, {"main.tdx": COUNTER}, Effort(seconds=5)) for n in range(2)]
    results: list[Examined] = [found for _, found in examined(forever, 1, 0.0)]
    assert [found.skipped["stalled"] for found in results] == [1, 1]


def test_shrinking_keeps_the_fault_and_nothing_else() -> None:
    module = parse(SourceFile("spec.tdx", generate(4).files["main.tdx"] + COUNTER.replace("Line", "Row")))

    def persists(candidate: ast.Module) -> bool:
        return any(isinstance(d, ast.ActionDecl) and d.name.text == "up" for d in candidate.declarations)

    small = shrunk(module, persists, seconds=20)
    assert persists(small)
    assert size(small) < 40
    assert [d.name.text for d in small.declarations if isinstance(d, ast.ActionDecl)] == ["up"]


def test_features_are_told_apart() -> None:
    text = "actor a\nstate x : 0..1\naction go by a { if x = 1 { x := any } else if x = 0 { } x := 1 }"
    found = features(parse(SourceFile("spec.tdx", text)), imports=False)
    assert ("statement", "assign any", "if branch") in found
    assert ("then", "else if", "assign") in found
    assert ("expression", "equal", "condition") in found
    assert ("declared", "state", "action") in found
    assert len(STATEMENTS) == 13


def test_items_in_items_are_told_apart() -> None:
    inner = "if b { foreach l : Line { t: { } } } else { w: while b { b := any } }"
    items = f"while b {{ s: {{ b := 3 div n = 1 }} {inner} }}"
    text = f"index Line\nparam n : 1..2\nstate b : bool\nprocess p {{ {items} }}"
    found = features(parse(SourceFile("spec.tdx", text)), imports=False)
    assert {feature[1:] for feature in found if feature[0] == "item"} == {
        ("while around", "process"),
        ("step", "while around"),
        ("if", "while around"),
        ("foreach around", "if"),
        ("step", "foreach around"),
        ("while", "if"),
    }
    assert ("expression", "quotient by a name", "assigned") in found


def test_old_seeds_mean_what_they_meant() -> None:
    """A digest of what was generated before the seeds from PLAIN on got more: seeds are names of specs."""
    digest = sha256()
    for seed in (*range(0, 400, 7), *range(OLD, OLD + 400, 7), *range(SHORT, SHORT + 400, 7), PLAIN - 1):
        digest.update(repr(sorted(generate(seed).files.items())).encode())
    assert digest.hexdigest() == "155ea7fe85983c59f0d91c13c42414970b7cfa68423a973e028d008a8b7cff2a"


def test_seeds_before_actors_were_numbered_mean_what_they_meant() -> None:
    digest = sha256()
    for start in (PLAIN, OF_STATES, REFINED):
        for seed in range(start, start + 300, 17):
            digest.update(repr(sorted(generate(seed).files.items())).encode())
    assert digest.hexdigest() == "812a84dcf803e0a8d470cbd0cbb80c0107026d0de197f7bb63345322980b5189"


def test_actors_are_numbered_from_some_seed_on() -> None:
    def numbered(seeds: Iterable[int]) -> bool:
        texts = "".join(text for seed in seeds for text in generate(seed).files.values())
        return bool(re.search(r"\bactor \w+\[[^\]]*\.\.", texts))

    assert not numbered(range(NUMBERED - 60, NUMBERED))
    assert numbered(range(NUMBERED, NUMBERED + 60))


def test_numbers_are_divided_by_what_has_a_name_from_some_seed_on() -> None:
    def divided(seeds: Iterable[int]) -> bool:
        return any(
            re.search(r"\b(div|mod) [a-z]", text) for s in seeds for text in generate(s).files.values()
        )

    assert not divided(range(PLAIN - 300, PLAIN))
    assert divided(range(PLAIN, PLAIN + 300))
