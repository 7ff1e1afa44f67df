"""The engine `any-size`: proofs for any number of lines, pages, CPUs and guests.

1. PDR on an instance with few elements of each sort, which may come in any order (`opened.py`). A
   counterexample there is one, and bounded search makes it shortest; then sorts are made smaller one at a
   time while the property still fails.
2. The lemmas of the proof are read back as formulas with quantifiers, several readings each.
3. The largest subset that is inductive at every size is computed (Houdini, over uninterpreted sorts).
   If it excludes every bad state, it is made minimal: that is the certificate.
4. Otherwise the same with one element more, with as many as one formula speaks of, and at last with a
   single element of some sorts: some properties fail there only. If no instance gives an invariant,
   nothing is claimed but the sizes at which the property was proved, and why that may be is said
   (`fragment.py`); if no instance has an initial state, that is claimed only if it is shown for every size.

Goel and Sakallah, "On Symmetry and Quantification: A New Approach to Verify Distributed Protocols",
NFM 2021; Pnueli, Ruah and Zuck, "Automatic deductive verification with invisible invariants", TACAS 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import assert_never

from tdxverify.budget import Allowance, Budget, LimitReached, NotDecided, TooLarge, Why
from tdxverify.engines import bmc, fragment
from tdxverify.engines.base import Observer
from tdxverify.engines.pdr.cubes import CellTable
from tdxverify.engines.pdr.engine import find, shortest
from tdxverify.engines.pdr.loop import Counterexample, GivenUp, Inductive
from tdxverify.engines.pdr.readback import readings
from tdxverify.engines.turns import turns
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict, is_clean
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Expr
from tdxverify.logic.order import numbered
from tdxverify.logic.sizes_in_words import first_steps, stated_sizes
from tdxverify.model.model import SizeRange
from tdxverify.questions.problems.doubling import equalities
from tdxverify.questions.problems.opened import with_any_order
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import order_of
from tdxverify.smt.inductive import UnsizedQuestions

NAME = "any-size"

SMALLEST, LARGEST = 2, fragment.LARGEST  # elements of each sort in the instances tried
MOST_UNEVEN = 8  # instances with different numbers of elements
MOST_STATED = 8  # elements of a sort whose number is stated beside others of any size
_CLOSING_SECONDS = 60.0  # for all questions about the lemmas so far, each of which ends by itself
_MOST_NAMES = 4  # of symbols, in an explanation
_FEW = 12  # formulas that are tried out one by one for a smallest invariant


@dataclass(frozen=True, slots=True)
class AnySize:
    """What was found. `problem` is the instance that a Refuted trace belongs to, and the last one
    proved for Unknown, whose detail names all of them. `clean`: sizes at which no trace is shorter.
    """

    verdict: Verdict
    problem: Problem
    clean: tuple[tuple[tuple[str, int], ...], ...] = ()


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """The verdict alone, about every size that the problem allows. See `decide`."""
    return decide(problem, budget, observer).verdict


def run_at(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """The verdict at the sizes of `problem`, of which all are stated: with formulas about any element."""
    exactly = problem.limited(SizeRange(name, size, size) for name, size in problem.sizes)
    verdict = decide(exactly, budget, observer).verdict
    match verdict:
        case Proved(certificate=Invariant() as found) if problem.sizes:
            return replace(verdict, certificate=replace(found, any_size=False))
        case Vacuous():
            return replace(verdict, any_size=False)
        case _:
            return verdict


def instance(problem: Problem, size: int) -> Problem:
    """`problem` with `size` elements of every sort, or as near to that as it is about."""
    return problem.instance((name, size) for name, _ in problem.sizes)


def decide(problem: Problem, budget: Budget, observer: Observer, hints: Sequence[Expr] = ()) -> AnySize:
    """Decide `problem` for every size of its index sorts at once, or refute it at the smallest.

    `hints` are formulas that an invariant may consist of; they are preferred to those that are found.
    """
    if (too_many := _beyond_formulas(problem)) is not None:
        return AnySize(too_many, problem)
    search = _Search(problem, budget, observer, hints)
    try:
        found = _decided(search, problem, budget)
    except LimitReached as reached:
        search.stuck = Unknown(reached.why, None, reached.detail)
        found = None
    return search.undecided() if found is None else found


def _decided(search: _Search, problem: Problem, budget: Budget) -> AnySize | None:
    """The answer, if an instance gives one."""
    for small in _even(problem):
        found = search.look(small)
        if found is None and problem.origin is not None:
            found = search.by_itself()
        if found is not None:
            return found
        if budget.expired() or search.stuck is not None:
            break
    for small in fragment.spoken_of(problem):
        found = None if budget.expired() or search.stuck is not None else search.look(small)
        if found is not None:
            return found
    # Nothing may be said about every size before the sizes have been tried that are special.
    for small in _uneven(problem):
        found = None if budget.expired() else search.look(small)
        if found is not None:
            return found
    return None if budget.expired() else search.by_itself()


def _even(problem: Problem) -> Iterator[Problem]:
    """The instances tried first, each with the same number of elements of every sort."""
    sizes = range(SMALLEST if problem.sizes else LARGEST, LARGEST + 1)
    found = {small.sizes: small for small in (instance(problem, size) for size in sizes)}
    yield from found.values()


def _uneven(problem: Problem) -> Iterator[Problem]:
    """Instances with a single element of some sorts, all of them first."""
    names = [name for name, _ in problem.sizes]
    for sizes in islice(product((1, SMALLEST), repeat=len(names)), MOST_UNEVEN):
        if 1 in sizes:
            yield problem.instance(zip(names, sizes, strict=True))


def _clean_through(depth: int | None, small: Problem) -> str:
    """How far the search for a bad state came at the sizes of `small`."""
    sizes = shown_sizes(small)
    return (
        f"no depth was finished for {sizes}" if depth is None else f"clean {first_steps(depth)} for {sizes}"
    )


def _beyond_formulas(problem: Problem) -> Unknown | None:
    """What is said where no formula is made that there are so many elements."""
    for limit in problem.limits:
        if limit.high > MOST_STATED:
            detail = (
                f"{counted(limit.high, 'element')} of {limit.sort} are too many beside sorts of any size; "
                f"up to {MOST_STATED} can be stated, or the sizes of all sorts"
            )
            return Unknown(Why.NO_GENERAL_PROOF, None, detail)
    return None


class _Search:
    """What is known after some instances. `stuck` says why no larger one is worth a try."""

    def __init__(self, problem: Problem, budget: Budget, observer: Observer, hints: Sequence[Expr]) -> None:
        self._problem = problem
        self._budget = budget
        self._observer = observer
        self._candidates: dict[Expr, None] = dict.fromkeys((*hints, *equalities(problem)))
        self._claimed = -1  # and when that was asked with what is claimed
        self._tried = 0  # candidates there were when it was last asked which are inductive
        self._looked_at: set[tuple[tuple[str, int], ...]] = set()
        self._proved: list[Problem] = []
        self._vacuous: list[Vacuous] = []
        self._reason = "no invariant of a small instance holds for every size"
        self._lost: frozenset[str] = frozenset()  # what lemmas speak of that have no general reading
        self.stuck: Unknown | None = None

    def look(self, small: Problem) -> AnySize | None:
        """Decide the instance `small`, once; the answer, if it decides every size."""
        if small.sizes in self._looked_at:
            return None
        self._looked_at.add(small.sizes)
        self._observer.progress(NAME, shown_sizes(small))
        interchangeable = with_any_order(small)
        table = CellTable(interchangeable)
        try:
            found = find(interchangeable, table, self._budget, self._observer)
        except (TooLarge, NotDecided) as error:
            why = Why.TIMEOUT if self._budget.expired() else Why.NO_GENERAL_PROOF
            self.stuck = self.stuck or Unknown(why, None, f"{error} for {shown_sizes(small)}")
            return None
        match found:
            case Vacuous():
                self._vacuous.append(found)
                return None
            case Counterexample(length=length):
                return _refuted(small, length, self._budget, self._observer)
            case GivenUp(why=why, clean_through=clean):
                detail = _clean_through(clean, small)
                self.stuck = self.stuck or Unknown(why, None, detail)
                return None
            case Inductive(lemmas=lemmas):
                read = ([numbered(one) for one in readings(table, lemma)] for lemma in lemmas)
                return self._generalise(small, [tuple(formulas) for formulas in read])
            case _:
                assert_never(found)

    def _generalise(self, small: Problem, lemmas: Sequence[tuple[Expr, ...]]) -> AnySize | None:
        """`lemmas` by their readings."""
        self._proved.append(small)
        self._candidates.update(dict.fromkeys(formula for lemma in lemmas for formula in lemma))
        if self._tried == len(self._candidates) > 0:
            return None
        self._tried = len(self._candidates)
        self._observer.progress(NAME, f"{counted(len(self._candidates), 'candidate')} for every size")
        closed = _close(small, tuple(self._candidates), self._budget)
        if closed.certificate is not None:
            return AnySize(Proved(closed.certificate), small)
        self._reason = closed.gave_up or self._reason
        lost = (core.names_of(lemma[0]) for lemma in lemmas if closed.kept.isdisjoint(lemma))
        self._lost = frozenset[str]().union(*lost) or frozenset(core.names_of(small.bad))
        return None

    def by_itself(self) -> AnySize | None:
        """Whether what is claimed is inductive as it stands, with what was found besides: no lemma of an
        instance says that there is an element for each of another sort."""
        if not self._proved or self.stuck is not None or self._claimed == len(self._candidates):
            return None
        self._claimed = len(self._candidates)
        small = self._proved[-1]
        claimed = dict.fromkeys((*core.conjuncts(core.negation(small.bad)), *turns(small)))
        closed = _close(small, (*claimed, *self._candidates), self._budget)
        return None if closed.certificate is None else AnySize(Proved(closed.certificate), small)

    def undecided(self) -> AnySize:
        """The answer where no instance decided: vacuous only if it is so at every size."""
        last = self._proved[-1] if self._proved else instance(self._problem, LARGEST)
        if self._vacuous and not self._proved and self._never_starts():
            return AnySize(Vacuous(self._vacuous[-1].detail, any_size=bool(self._problem.sizes)), last)
        why = Why.TIMEOUT if self._budget.expired() else Why.NO_GENERAL_PROOF
        verdict = self.stuck or Unknown(why, None, f"{self._reason}{self._cause()}")
        if self._vacuous and not self._proved and self.stuck is None:
            detail = f"there is no initial state for few elements of each sort{self._too_many()}"
            verdict = Unknown(why, None, detail)
        detail = "; ".join(part for part in (verdict.detail, shown_proofs(self._proved)) if part)
        return AnySize(replace(verdict, detail=detail), last)

    def _cause(self) -> str:
        """The constructs because of which there may be no invariant, else what it would have to relate."""
        if not self._proved or not self._lost:
            return ""
        found = fragment.counting(self._problem, self._lost) or fragment.cycles(self._problem)
        if found or self._too_many():
            return f"{self._too_many()}{': ' if found else ''}{', '.join(found[:_MOST_NAMES])}"
        names = sorted(self._lost)
        shown = names if len(names) <= _MOST_NAMES else [*names[:_MOST_NAMES], "more"]
        return f"; what they say of {' and '.join(', '.join(shown).rsplit(', ', 1))} does not"

    def _too_many(self) -> str:
        """Of how many elements a formula speaks, if that is more than there are in any instance."""
        wanted = fragment.elements_spoken_of(self._problem)
        found = [
            f"{counted(count, 'element')} of {name}"
            for name, count in wanted.items()
            if count > fragment.MOST_SPOKEN_OF
        ]
        return f" (a formula speaks of {', '.join(found)} at once)" if found else ""

    def _never_starts(self) -> bool:
        """Whether there is no initial state at any size."""
        return UnsizedQuestions(self._problem, (), _limit(self._budget, _CLOSING_SECONDS)).never_starts()


def shown_proofs(proved: Sequence[Problem]) -> str:
    """`proved for 2 and 3 elements of each sort`, if there are proofs, and the other sizes."""
    even = sorted(p.sizes[0][1] for p in proved if _is_even(p))
    numbers = " and ".join(", ".join(map(str, even)).rsplit(", ", 1))
    shown = [f"{numbers} elements of each sort"] if even else []
    shown += [shown_sizes(p) for p in proved if p.sizes and not _is_even(p)]
    return f"proved for {'; '.join(shown)}" if shown else ""


def _is_even(problem: Problem) -> bool:
    return len({size for _, size in problem.sizes}) == 1


def shown_sizes(problem: Problem) -> str:
    """`2 elements of each sort`, `Cpu = 1, Line = 2`; of a problem without index sorts, what it is."""
    if not problem.sizes:
        return "a model without index sorts"
    if _is_even(problem) and problem.sizes[0][1] > 1:
        return f"{problem.sizes[0][1]} elements of each sort"
    return stated_sizes(problem.sizes)


def _refuted(problem: Problem, length: int, budget: Budget, observer: Observer) -> AnySize:
    """The shortest trace of the instance, with as few elements of each sort as still give one as short."""
    verdict = shortest(problem, length, budget, observer)
    if isinstance(verdict, Unknown):  # depths that are clean at this size say nothing about others
        return AnySize(replace(verdict, clean_through=None), problem)
    if not isinstance(verdict, Refuted) or problem.origin is not None:
        return AnySize(verdict, problem)  # of loops, bounded search does not know which is the shortest
    return smallest(
        problem, verdict, lambda smaller, bound: bmc.run(smaller, replace(budget, bound=bound), observer)
    )


def smallest(problem: Problem, verdict: Refuted, refute: Callable[[Problem, int], Verdict]) -> AnySize:
    """Take elements away, one sort after another, while `refute` still finds a trace as short."""
    clean = [problem.sizes]
    for name, size in problem.sizes:
        for fewer in range(problem.at_least(name), size):
            smaller = problem.instance((n, fewer if n == name else s) for n, s in problem.sizes)
            again = refute(smaller, len(verdict.trace))
            if isinstance(again, Refuted) or is_clean(again, len(verdict.trace) - 1):
                clean.append(smaller.sizes)
            if isinstance(again, Refuted) and order_of(again.trace) <= order_of(verdict.trace):
                problem, verdict = smaller, again
                break
    return AnySize(verdict, problem, tuple(clean))


@dataclass(frozen=True, slots=True)
class _Closed:
    """`certificate`: a minimal inductive subset that excludes every bad state, if there is one; else
    `gave_up` says why Z3 did, if it did. `kept`: all that is inductive.
    """

    certificate: Invariant | None
    gave_up: str | None
    kept: frozenset[Expr]


def _close(problem: Problem, candidates: tuple[Expr, ...], budget: Budget) -> _Closed:
    questions = UnsizedQuestions(problem, candidates, _limit(budget, _CLOSING_SECONDS))
    kept = questions.largest_inductive(len(candidates))
    formulas = frozenset(candidates[n] for n in kept)
    if questions.bad_excluded_by(kept) is None:
        gave_up = questions.gave_up and "Z3 gave up on some questions about every size"
        return _Closed(None, gave_up, formulas)
    if len(kept) > _FEW:
        kept = questions.used_of(kept)
    certificate = Invariant(tuple(candidates[n] for n in _minimal(questions, kept)), any_size=True)
    return _Closed(certificate, None, formulas)


def _limit(budget: Budget, seconds: float) -> Callable[[], Allowance]:
    """For the next question, of `seconds` for all of them."""
    return budget.briefly(seconds).allowance


def _minimal(questions: UnsizedQuestions, kept: list[int]) -> list[int]:
    """Leave out whatever is not needed: the last ones first, since they are the least readable."""
    for one in reversed(list(kept)):
        rest = [other for other in kept if other != one]
        if questions.bad_excluded_by(rest) is not None and all(
            questions.kept_by(other, rest) is not None for other in rest
        ):
            kept = rest
    return kept
