"""Whether stored evidence answers a question: nothing is searched for, and nothing stored is believed.

Solvers and the evaluator get the problem as it is now. The fingerprint only tells evidence that is
out of date from evidence that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, product
from typing import TypeAlias

from tdxverify.answers.answer import Outcome
from tdxverify.answers.lassos import loop_refused
from tdxverify.answers.reconciling import outcome_of
from tdxverify.answers.stored.entries import ANY_SIZE, Entry, Key, OutOfDate
from tdxverify.answers.stored.fingerprint import Fingerprints
from tdxverify.answers.stored.starts import has_start
from tdxverify.budget import UNLIMITED, Budget, LimitReached, NotDecided, held
from tdxverify.engines.fragment import spoken_of
from tdxverify.evidence.bad_run import BadRun
from tdxverify.evidence.base import Accepted, Claim, Evidence, Refused, Scope, Undecided
from tdxverify.evidence.certifying import checked
from tdxverify.evidence.item import Item, Unusable
from tdxverify.evidence.kinds import evidence_in, kind_of
from tdxverify.evidence.verdict import Refuted, verdict_of
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.model.model import SizeRange
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at, at_any_size
from tdxverify.questions.size_plan import Combination, Sizing, too_large
from tdxverify.telling.range_errors import leaves_range

# A query that takes longer than this has gone astray: proofs that were stored took milliseconds.
QUERY_MS = 20_000
_SMALL = 3  # sizes that are never too large
_EVEN = (2, 1, 3, 4)  # elements of every sort, with which an initial state is looked for,
_MOST_UNEVEN = 8  # and how many combinations of one and two


def key_of(asked: Question) -> Key:
    """Under which key the answer to `asked` is stored."""
    sizes = ANY_SIZE if asked.sizing.any_size else asked.sizing.shown()
    return Key(asked.check.property, asked.check.where_text, sizes, asked.check.assuming_text())


@dataclass(frozen=True, slots=True)
class Held:
    """An item that holds for `problem`."""

    problem: Problem
    item: Item
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome that accepted evidence shows. `length`: of the trace, if there is one."""

    outcome: Outcome
    accepted: tuple[Held, ...]

    @property
    def length(self) -> int | None:
        return self.accepted[0].evidence.length


@dataclass(frozen=True, slots=True)
class Stale:
    """It is about another question than the one that is asked now."""

    reason: str


Sentence: TypeAlias = Judged | Stale | Refused | Undecided


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

    def judge(self, asked: Question, entry: Entry, *, current: bool) -> Sentence:
        """What `entry` shows about `asked`.

        `current`: only evidence about exactly this question counts; else whatever holds does.
        """
        try:
            with held(self.limits):
                return self._judged(asked, entry, current=current)
        except OutOfDate as error:
            return Stale(str(error))
        except Unusable as error:
            return Refused(str(error))
        except NotDecided as error:
            return Undecided(str(error))
        except LimitReached as reached:
            return Undecided(reached.told)

    def _judged(self, asked: Question, entry: Entry, *, current: bool) -> Judged:
        if not entry.evidence:
            raise Unusable("there is no evidence")
        accepted = tuple(self._accept(asked, item, current=current) for item in entry.evidence)
        judged = Judged(self._outcome(asked, accepted), accepted)
        if current and judged.outcome.value != entry.outcome:
            raise Unusable(f"it claims '{entry.outcome[:40]}' and shows '{judged.outcome.value}'")
        return judged

    def item(self, problem: Problem, evidence: Evidence, checked_by: tuple[str, ...]) -> Item:
        """`evidence` as it is to be stored."""
        sizes = None if evidence.any_size else problem.sizes
        item = Item(evidence.kind, sizes, "", checked_by, evidence.stored(problem))
        return replace(item, fingerprint=self.fingerprint(problem, item))

    def fingerprint(self, problem: Problem, item: Item) -> str:
        """What `item`, evidence about `problem`, depends on. Raises OutOfDate and Unusable."""
        kind, any_size = kind_of(item), item.sizes is None
        match kind.scope:
            case Scope.RUN:
                return self._fingerprints.of_run(problem)
            case Scope.CONE:
                mentioned = kind.mentioned(item)
                gone = mentioned - {symbol.name for symbol in problem.symbols}
                if gone:
                    raise OutOfDate(f"the spec no longer has {min(gone)}")
                return self._fingerprints.of_proof(problem, mentioned, any_size=any_size)
            case Scope.EVERYTHING:
                return self._fingerprints.of_everything(problem, any_size=any_size)
            case Scope.NAMED_STEPS:
                return self._fingerprints.of_everything(problem, any_size=any_size, named=True)

    def _accept(self, asked: Question, item: Item, *, current: bool) -> Held:
        problem = problem_for(asked, item)
        if current and self.fingerprint(problem, item) != item.fingerprint:
            raise OutOfDate("what the answer depends on has changed")
        evidence = evidence_in(problem, item)
        match checked(problem, evidence, self.limits):
            case Refused(reason=reason):
                raise Unusable(reason)
            case Undecided(reason=reason):
                raise NotDecided(reason)
            case Accepted():
                pass
        if isinstance(evidence, BadRun) and leaves_range(problem, evidence.trace):
            raise Unusable("the trace ends in an assignment out of range")
        no_loop = loop_refused(asked, problem, evidence.trace) if isinstance(evidence, BadRun) else None
        if no_loop is not None:
            raise Unusable(f"the trace shows no loop: {no_loop}")
        return Held(problem, item, evidence)

    def _outcome(self, asked: Question, accepted: Sequence[Held]) -> Outcome:
        """What all items show together."""
        verdicts = [verdict_of(one.evidence) for one in accepted]
        if any(isinstance(verdict, Refuted) for verdict in verdicts):
            if len(verdicts) > 1:
                raise Unusable("there is a trace and something else")
            return outcome_of(asked, verdicts)
        _require_all_sizes(asked, accepted)
        outcome = outcome_of(asked, verdicts)
        if outcome is not Outcome.VACUOUS and not self._has_start(accepted):
            raise Unusable("there is no initial state, so there is nothing to prove")
        return outcome

    def _has_start(self, accepted: Sequence[Held]) -> bool:
        found = has_start(_instances(accepted), self.limits)
        if isinstance(found, Undecided):
            raise NotDecided(found.reason)
        return found


def problem_for(asked: Question, item: Item) -> Problem:
    """The question at the item's sizes. Raises OutOfDate where the spec has other sorts, and Unusable."""
    model = asked.spec.model
    names = [sort.name for sort in model.index_sorts]
    if item.sizes is None:
        if not kind_of(item).may_be_general:
            raise Unusable(f"there is no {item.kind[:40]} for any size")
        return at_any_size(asked)
    sizes = dict(item.sizes)
    if sorted(sizes) != sorted(names) or len(item.sizes) != len(sizes):
        raise OutOfDate("the spec has other index sorts")
    stated: Combination = tuple((name, sizes[name]) for name in names)
    ranges = tuple(SizeRange(name, size, size) for name, size in stated)
    if any(size < 1 for _, size in stated) or (
        any(size > _SMALL for _, size in stated) and too_large(model, Sizing(ranges), None)
    ):
        raise Unusable(f"there cannot be so many elements: {stated_sizes(stated)}")
    if not asked.sizing.includes(sizes):
        raise Unusable(f"the check is not about these sizes: {stated_sizes(stated)}")
    if asked.sizing.open and kind_of(item).claim is not Claim.BAD_STATE:
        raise Unusable("the check is about any size, the evidence is not")
    return at(asked, sizes)


def _require_all_sizes(asked: Question, accepted: Sequence[Held]) -> None:
    if any(one.item.sizes is None for one in accepted):
        complete = len(accepted) == 1
    else:
        wanted = asked.sizing.combinations()
        complete = sorted(one.problem.sizes for one in accepted) == sorted(wanted)
    if not complete:
        raise Unusable("there is not one piece of evidence for every combination of sizes")


def _instances(accepted: Sequence[Held]) -> Iterator[Problem]:
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
