"""The engine `any-size`: proofs for any number of lines, pages, CPUs and guests.

1. PDR on an instance with few elements of each sort. A counterexample there is one, and bounded search
   makes it shortest; then sorts are made smaller one at a time while the property still fails.
2. The lemmas of the proof are read back as formulas with quantifiers, several readings each.
3. The largest subset that is inductive at every size is computed (Houdini, over uninterpreted sorts).
   If it excludes every bad state, it is made minimal: that is the certificate.
4. Otherwise the same with one element more. If no instance gives an invariant, nothing is claimed but
   the sizes at which the property was proved.

Goel and Sakallah, "On Symmetry and Quantification: A New Approach to Verify Distributed Protocols",
NFM 2021; Pnueli, Ruah and Zuck, "Automatic deductive verification with invisible invariants", TACAS 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tdxverify.engines import bmc
from tdxverify.engines.base import Budget, Observer
from tdxverify.engines.pdr.cubes import CellTable, Cube
from tdxverify.engines.pdr.engine import find, shortest
from tdxverify.engines.pdr.frames import OrbitTooLarge
from tdxverify.engines.pdr.loop import Counterexample, GivenUp, Inductive
from tdxverify.engines.pdr.readback import readings
from tdxverify.model.expr import Expr
from tdxverify.results.certificate import Invariant
from tdxverify.results.verdict import Proved, Refuted, Unknown, Vacuous, Verdict, Why
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.smt.relative import QueryGaveUp
from tdxverify.ts.problem import Problem

NAME = "any-size"

SMALLEST, LARGEST = 2, 4  # elements of each sort in the instances tried
_QUERY_MS = 5_000  # for one question about every size: outside the decidable fragment it may never end


@dataclass(frozen=True, slots=True)
class AnySize:
    """What was found. `problem` is the instance that a Refuted trace belongs to, and the last one
    proved for Unknown; `proved_at` are the numbers of elements at which instances were proved.
    """

    verdict: Verdict
    problem: Problem
    proved_at: tuple[int, ...] = ()


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """The verdict alone; the sizes of `problem` do not matter. See `decide`."""
    return decide(problem, budget, observer).verdict


def instance(problem: Problem, size: int) -> Problem:
    """`problem` with `size` elements of every sort."""
    return replace(problem, sizes=tuple((name, size) for name, _ in problem.sizes))


def decide(problem: Problem, budget: Budget, observer: Observer) -> AnySize:
    """Decide `problem` for every size of its index sorts at once, or refute it at the smallest."""
    proved: list[int] = []
    candidates: dict[Expr, None] = {}
    vacuous: Vacuous | None = None
    reason = "no invariant of a small instance holds for every size"
    for size in range(SMALLEST if problem.sizes else 1, LARGEST + 1 if problem.sizes else 2):
        small = instance(problem, size)
        observer.progress(NAME, f"{size} elements of each sort")
        table = CellTable(small)
        try:
            found = find(small, table, budget, observer)
        except (QueryGaveUp, OrbitTooLarge) as error:
            return AnySize(_unknown(budget, str(error), proved), small, tuple(proved))
        match found:
            case Vacuous():
                vacuous = found
                continue
            case Counterexample(length=length):
                return _refuted(small, length, budget, observer)
            case GivenUp(why=why, clean_through=clean_through):
                clean = f"{clean_through} steps are clean with {size} elements of each sort"
                detail = "; ".join(part for part in (clean, _proved_so_far(proved)) if part)
                return AnySize(Unknown(why, None, detail), small, tuple(proved))
            case Inductive(lemmas=lemmas):
                proved.append(size)
                candidates.update(dict.fromkeys(_candidates(table, lemmas)))
        observer.progress(NAME, f"{len(candidates)} candidates for every size")
        certificate, gave_up = _close(small, tuple(candidates), budget)
        if certificate is not None:
            return AnySize(Proved(certificate), small, tuple(proved))
        reason = gave_up or reason
        if budget.expired():
            break
    if vacuous is not None and not proved:
        return AnySize(vacuous, instance(problem, LARGEST))
    return AnySize(_unknown(budget, reason, proved), instance(problem, max(proved)), tuple(proved))


def _candidates(table: CellTable, lemmas: Sequence[Cube]) -> list[Expr]:
    return [formula for lemma in lemmas for formula in readings(table, lemma)]


def _unknown(budget: Budget, reason: str, proved: Sequence[int]) -> Unknown:
    why = Why.TIMEOUT if budget.expired() else Why.NO_GENERAL_PROOF
    return Unknown(why, None, "; ".join(part for part in (reason, _proved_so_far(proved)) if part))


def _proved_so_far(proved: Sequence[int]) -> str:
    if not proved:
        return ""
    return f"proved for {' and '.join(map(str, proved))} elements of each sort"


def _refuted(problem: Problem, length: int, budget: Budget, observer: Observer) -> AnySize:
    """The shortest trace of the instance, with as few elements of each sort as still give one as short."""
    verdict = shortest(problem, length, budget, observer)
    if not isinstance(verdict, Refuted):
        return AnySize(verdict, problem)
    return smallest(
        problem, verdict, lambda smaller, bound: bmc.run(smaller, replace(budget, bound=bound), observer)
    )


def smallest(problem: Problem, verdict: Refuted, refute: Callable[[Problem, int], Verdict]) -> AnySize:
    """Take elements away, one sort after another, while `refute` still finds a trace as short."""
    for name, size in problem.sizes:
        for fewer in range(1, size):
            sizes = tuple((n, fewer if n == name else s) for n, s in problem.sizes)
            smaller = replace(problem, sizes=sizes)
            again = refute(smaller, len(verdict.trace))
            if isinstance(again, Refuted) and len(again.trace) <= len(verdict.trace):
                problem, verdict = smaller, again
                break
    return AnySize(verdict, problem)


def _close(
    problem: Problem, candidates: tuple[Expr, ...], budget: Budget
) -> tuple[Invariant | None, str | None]:
    """A minimal inductive subset that excludes every bad state, if there is one; else why Z3 gave up."""

    def limit() -> int:
        remaining = budget.remaining_ms()
        return _QUERY_MS if remaining is None else min(_QUERY_MS, remaining)

    questions = UnsizedQuestions(problem, candidates, limit)
    kept = questions.largest_inductive(len(candidates))
    if not questions.excludes_bad(kept):
        return None, questions.gave_up
    return Invariant(tuple(candidates[n] for n in _minimal(questions, kept)), any_size=True), None


def _minimal(questions: UnsizedQuestions, kept: list[int]) -> list[int]:
    """Leave out whatever is not needed: the last ones first, since they are the least readable."""
    for one in reversed(list(kept)):
        rest = [other for other in kept if other != one]
        if questions.excludes_bad(rest) and all(questions.is_kept(other, rest) for other in rest):
            kept = rest
    return kept
