"""Whether stored evidence answers a question: nothing is searched for, and nothing stored is believed.

Solvers and the evaluator get the problem as it is now. The fingerprint only tells evidence that is
out of date from evidence that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, product
from typing import assert_never

from tdxverify.answers.answer import Outcome
from tdxverify.budget import UNLIMITED, Budget, LimitReached, Why, held
from tdxverify.certify.check import certify
from tdxverify.certify.undecided import NotRechecked
from tdxverify.checker.deciding import Question
from tdxverify.checker.options import Silent
from tdxverify.checker.range_errors import leaves_range
from tdxverify.checker.sizing import DEFAULT_SIZE, Combination, Sizing, too_large
from tdxverify.diagnostics import InternalError
from tdxverify.engines.fragment import spoken_of
from tdxverify.engines.registry import decide
from tdxverify.model.model import SizeRange
from tdxverify.proofs.evidence import (
    Enumeration,
    Evidence,
    NoStart,
    content_of,
    evidence_in,
    kind_of,
)
from tdxverify.proofs.fingerprint import Fingerprints
from tdxverify.proofs.formulas import symbols_in
from tdxverify.proofs.starts import has_start
from tdxverify.proofs.stored import ANY_SIZE, Entry, Item, Key, Stale, Unusable
from tdxverify.results.certificate import Invariant, KInductive
from tdxverify.results.trace import Trace
from tdxverify.results.verdict import Proved, Unknown, Vacuous
from tdxverify.syntax.ast import PropertyKind
from tdxverify.ts.lower import lower
from tdxverify.ts.problem import Problem

# A query that takes longer than this has gone astray: proofs that were stored took milliseconds.
QUERY_MS = 20_000
_GENERAL = ("invariant", "no initial state")  # kinds of evidence that can be for any size
_SMALL = 3  # sizes that are never too large
_EVEN = (2, 1, 3, 4)  # elements of every sort, with which an initial state is looked for,
_MOST_UNEVEN = 8  # and how many combinations of one and two


def key_of(asked: Question) -> Key:
    """Under which key the answer to `asked` is stored."""
    sizes = ANY_SIZE if asked.sizing.any_size else asked.sizing.shown()
    return Key(asked.check.property, asked.check.where_text, sizes)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An item that holds for `problem`."""

    problem: Problem
    item: Item
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome that accepted evidence shows. `length`: of the trace, if there is one."""

    outcome: Outcome
    accepted: tuple[Accepted, ...]

    @property
    def length(self) -> int | None:
        evidence = self.accepted[0].evidence
        return len(evidence) if isinstance(evidence, Trace) else None


class Judge:
    """Judges entries about one model. `budget` is for all of them together."""

    def __init__(self, budget: Budget = UNLIMITED) -> None:
        self._fingerprints = Fingerprints()
        self.limits = replace(budget, query_ms=QUERY_MS)

    def within(self, budget: Budget) -> Judge:
        """The same judge with another budget."""
        found = Judge(budget)
        found._fingerprints = self._fingerprints
        return found

    def judge(self, asked: Question, entry: Entry, *, current: bool) -> Judged:
        """What `entry` shows about `asked`. Raises Stale, Unusable and NotRechecked.

        `current`: only evidence about exactly this question counts; else whatever holds does.
        """
        if not entry.evidence:
            raise Unusable("there is no evidence")
        try:
            with held(self.limits):
                accepted = tuple(self._accept(asked, item, current=current) for item in entry.evidence)
                judged = Judged(self._outcome(asked, accepted), accepted)
        except LimitReached as reached:
            raise NotRechecked(reached.told) from None
        if current and judged.outcome.value != entry.outcome:
            raise Unusable(f"it claims '{entry.outcome[:40]}' and shows '{judged.outcome.value}'")
        return judged

    def item(self, problem: Problem, evidence: Evidence, checked_by: tuple[str, ...]) -> Item:
        """`evidence` as it is to be stored."""
        sizes = None if _is_general(evidence) else problem.sizes
        item = Item(kind_of(evidence), sizes, "", checked_by, content_of(problem, evidence))
        return replace(item, fingerprint=self.fingerprint(problem, item))

    def fingerprint(self, problem: Problem, item: Item) -> str:
        """What `item`, evidence about `problem`, depends on. Raises Stale and Unusable."""
        any_size = item.sizes is None
        match item.kind:
            case "trace":
                return self._fingerprints.of_run(problem)
            case "invariant":
                mentioned = symbols_mentioned(item)
                gone = mentioned - {symbol.name for symbol in problem.symbols}
                if gone:
                    raise Stale(f"the spec no longer has {min(gone)}")
                return self._fingerprints.of_proof(problem, mentioned, any_size=any_size)
            case _:
                return self._fingerprints.of_everything(problem, any_size=any_size)

    # --- one item --------------------------------------------------------------------

    def _accept(self, asked: Question, item: Item, *, current: bool) -> Accepted:
        problem = problem_for(asked, item)
        if current and self.fingerprint(problem, item) != item.fingerprint:
            raise Stale("what the answer depends on has changed")
        evidence = evidence_in(problem, item)
        try:
            self._certify(problem, evidence)
        except InternalError as error:
            raise Unusable(str(error)) from None
        return Accepted(problem, item, evidence)

    def _certify(self, problem: Problem, evidence: Evidence) -> None:
        match evidence:
            case Trace():  # reading it was replaying it
                if leaves_range(problem, evidence):
                    raise Unusable("the trace ends in an assignment out of range")
            case Invariant() | KInductive():
                certify(problem, Proved(evidence), self.limits)
            case NoStart(any_size=any_size):
                certify(problem, Vacuous("", any_size), self.limits)
            case Enumeration(states=states):
                self._enumerate(problem, states)
            case _:
                assert_never(evidence)

    def _enumerate(self, problem: Problem, states: int) -> None:
        budget = replace(self.limits, max_states=states)
        verdict = decide("explicit", problem, budget, Silent()).verdict
        if isinstance(verdict, Unknown) and verdict.why is Why.TIMEOUT:
            raise NotRechecked(verdict.why.value)
        if not isinstance(verdict, Proved) or verdict.states != states:
            raise Unusable(f"there are not {states:,} states, or one of them is bad")
        certify(problem, verdict, self.limits)

    # --- all items together ------------------------------------------------------------

    def _outcome(self, asked: Question, accepted: Sequence[Accepted]) -> Outcome:
        found = any(isinstance(one.evidence, Trace) for one in accepted)
        if found and len(accepted) > 1:
            raise Unusable("there is a trace and something else")
        if not found:
            _require_all_sizes(asked, accepted)
            if all(isinstance(one.evidence, NoStart) for one in accepted):
                return Outcome.VACUOUS
            if not has_start(_instances(accepted), self.limits):
                raise Unusable("there is no initial state, so there is nothing to prove")
        if asked.property.kind is PropertyKind.REACHABLE:  # its bad states are those to be reached
            found = not found
        return Outcome.REFUTED if found else Outcome.PROVED


def symbols_mentioned(item: Item) -> set[str]:
    """The names of the symbols that the formulas of a stored invariant read."""
    formulas = item.part("formulas")
    listed = formulas if isinstance(formulas, list) else []
    return {n for one in listed if isinstance(one, dict) for n in symbols_in(one.get("formula"))}


def _is_general(evidence: Evidence) -> bool:
    match evidence:
        case Invariant(any_size=any_size) | NoStart(any_size=any_size):
            return any_size
        case _:
            return False


def problem_for(asked: Question, item: Item) -> Problem:
    """The question at the item's sizes. Raises Stale where the spec has other sorts, and Unusable."""
    model = asked.spec.model
    names = [sort.name for sort in model.index_sorts]
    if item.sizes is None:
        if item.kind not in _GENERAL:
            raise Unusable(f"there is no {item.kind[:40]} for any size")
        problem = lower(model, asked.check, dict.fromkeys(names, DEFAULT_SIZE))
        return problem.limited(asked.sizing.limits)
    sizes = dict(item.sizes)
    if sorted(sizes) != sorted(names) or len(item.sizes) != len(sizes):
        raise Stale("the spec has other index sorts")
    stated: Combination = tuple((name, sizes[name]) for name in names)
    ranges = tuple(SizeRange(name, size, size) for name, size in stated)
    if any(size < 1 for _, size in stated) or (
        any(size > _SMALL for _, size in stated) and too_large(model, Sizing(ranges), None)
    ):
        raise Unusable(f"there cannot be so many elements: {_shown(stated)}")
    if not asked.sizing.includes(sizes):
        raise Unusable(f"the check is not about these sizes: {_shown(stated)}")
    if asked.sizing.open and item.kind != "trace":
        raise Unusable("the check is about any size, the evidence is not")
    return lower(model, asked.check, sizes)


def _shown(sizes: Combination) -> str:
    return ", ".join(f"{sort} = {size}" for sort, size in sizes)


def _require_all_sizes(asked: Question, accepted: Sequence[Accepted]) -> None:
    if any(one.item.sizes is None for one in accepted):
        complete = len(accepted) == 1
    else:
        wanted = asked.sizing.combinations()
        complete = sorted(one.problem.sizes for one in accepted) == sorted(wanted)
    if not complete:
        raise Unusable("there is not one piece of evidence for every combination of sizes")


def _instances(accepted: Sequence[Accepted]) -> Iterator[Problem]:
    """Where a proof for any size, or those for stated sizes, may have an initial state."""
    for one in accepted:
        if one.item.sizes is not None:
            yield one.problem
            continue
        names = [name for name, _ in one.problem.sizes]
        even = ((size,) * len(names) for size in _EVEN)
        for sizes in chain(even, islice(product((1, 2), repeat=len(names)), _MOST_UNEVEN)):
            yield one.problem.instance(zip(names, sizes, strict=True))
        yield from spoken_of(one.problem)
