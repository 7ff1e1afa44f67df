"""Small models about what must happen: verdicts, evidence and every sentence, held against all fair runs.

Many thousands were compared in this way; these are some. Whether a wrong answer would be noticed is asked
with reductions that are wrong by one thing each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.questions.problems import looping, lower
from tests.differential.promises import small_model
from tests.differential.promising import COPIES, Comparison
from tests.thorough import parts

Counts = Counter[tuple[str, str]]


def compared(seeds: range, compare: Callable[[Comparison, int], None]) -> Counts:
    """What was compared of the models of `seeds`."""
    counts: Counts = Counter()
    for seed in seeds:
        try:
            found = Comparison(small_model(seed))
        except SpecError:  # a row that no state fits, a choice that would be made once for all: few
            counts["models", "refused"] += 1
            continue
        compare(found, seed)
        assert not found.faults, f"{seed}\n{found.text}\n" + "\n".join(found.faults)
        counts += found.counts
    assert counts["models", "refused"] <= 1 + len(seeds) // 20
    return counts


def size_of(found: Comparison, seed: int) -> int:
    """One to four, small ones more often."""
    return (1, 2, 2, 3, 1, 4)[seed % 6] if found.sorts else 1


@pytest.mark.parametrize("seeds", parts(range(5000), 48))
def test_a_promise_is_broken_where_a_fair_run_breaks_it(seeds: range) -> None:
    counts = compared(seeds, lambda found, seed: found.verdicts(size_of(found, seed)))
    for size in range(1, 5):
        for said in ("proved", "refuted"):
            assert counts[f"explicit at {size}", said], (size, said)


@pytest.mark.parametrize("seeds", parts(range(5000, 5300), 5))
@pytest.mark.parametrize("engine", ["pdr", "bmc", "k-induction"])  # diagrams take long: see the whole specs
def test_every_engine_says_the_same(engine: str, seeds: range) -> None:
    counts = compared(seeds, lambda found, seed: found.verdicts(seed % 2 + 1, engine))
    assert sum(n for (_, said), n in counts.items() if said == "refuted")


@pytest.mark.parametrize("seeds", parts(range(6000, 6300), 6))
def test_what_is_proved_for_any_size_holds_at_each(seeds: range) -> None:
    counts = compared(seeds, lambda found, _: found.for_any_size(5))
    assert counts["any size, held against 4", "proved"] and counts["any size", "refuted"]


@pytest.mark.parametrize("seeds", parts(range(7000, 7300), 12))
def test_every_sentence_beside_a_verdict(seeds: range) -> None:
    counts = compared(seeds, lambda found, seed: found.sentences(seed % 3 + 1, ask_why=seed % 2 == 0))
    for told in (("loop", "stops"), ("loop", "goes round"), ("since when", "told"), ("excluded by", "0"),
                 ("excluded by", "1"), ("a proof", "trivial"), ("a proof", "not trivial"),
                 ("what helps", "True"), ("what helps", "False")):  # fmt: skip
        assert counts[told], told


def test_a_loop_that_need_not_be_the_shortest_ends_where_it_first_can() -> None:
    """With little room: it went on through a state where it was fair already, and was refused."""
    found = Comparison(small_model(33897))
    found.verdicts(3)
    assert not found.faults
    assert found.counts["explicit at 3", "refuted somehow"]


# --- what is generated ----------------------------------------------------------------------


def test_with_and_without_help_there_is_something_to_be_decided() -> None:
    """Of what is promised some is kept without help, some with weak fairness, some only with strong."""
    classes: Counter[str] = Counter()
    for seed in range(150):
        found = Comparison(small_model(seed))  # raises SpecError for none of these
        size = size_of(found, seed)
        truths: dict[str, list[str]] = {}
        for declaration, check in found.checks():
            truth = found.truth(declaration, size)
            if truth is not None:
                truths.setdefault(check.property, []).append(str(truth).split(" ", maxsplit=1)[0])
        classes.update(" ".join(said[:3]) for said in truths.values())
    assert classes["proved proved proved"] < 0.4 * classes.total()
    assert classes["refuted proved proved"] > 0.1 * classes.total()
    assert classes["refuted refuted refuted"] < 0.65 * classes.total()
    assert classes["refuted refuted proved"] >= 3


# --- would it be noticed? -------------------------------------------------------------------


def _never_taken_back(self: Any, fair: Any, met: Any, seen: Any) -> Any:
    return core.quantified(fair.binders, core.Read(met, fair.binders), universal=True)


def _not_reset(self: Any) -> Any:
    right = BEGIN(self)
    kept = tuple(write for write in right.writes if write.symbol not in self._met)
    return replace(right, writes=kept)


def _closed_for_ever(self: Any, action: Any) -> Any:
    return (write for write in NOTES(self, action) if write.value != FALSE)


def _weak_only(model: Any, check: Any) -> Any:
    return tuple(replace(fair, strong=False) for fair in FAIRNESS(model, check))


def _as_a_whole(model: Any, check: Any) -> Any:
    return tuple(
        replace(
            fair,
            binders=(),
            parts=tuple(
                replace(part, condition=core.quantified(fair.binders, part.condition, universal=False))
                for part in fair.parts
            ),
        )
        for fair in FAIRNESS(model, check)
    )


BEGIN, NOTES = looping._Reduction._begin, looping._Reduction._notes
FAIRNESS = lower.fairness_of
WRONG: dict[str, tuple[Any, str, Any]] = {
    "what cannot be done is missed": (looping._Reduction, "_is_fair", _never_taken_back),
    "a turn before the loop counts": (looping._Reduction, "_begin", _not_reset),
    "a promise that is kept stays open": (looping._Reduction, "_notes", _closed_for_ever),
    "strong fairness is weak": (lower, "fairness_of", _weak_only),
    "fair to all elements together": (lower, "fairness_of", _as_a_whole),
    "nobody is fair": (lower, "fairness_of", lambda model, check: ()),
    "all states are the same": (looping, "_same", lambda symbol, copy: TRUE),
    "possible is what always is": (looping, "enabled", lambda problem, fair: TRUE),
    "nothing is ever possible": (looping, "enabled", lambda problem, fair: FALSE),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_reduction_that_is_wrong_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*WRONG[name])
    for seed in range(120):
        found = Comparison(small_model(seed))
        found.verdicts(size_of(found, seed), COPIES, certify=False)
        if found.faults:
            return
    raise AssertionError("nobody noticed")
