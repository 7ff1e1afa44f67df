"""One check: the sizes it is about one after another, each answer certified before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

from tdxverify.answers.answer import Answer, Asked, Configuration, Outcome, Shortest
from tdxverify.answers.contradictions import contradiction
from tdxverify.answers.evidence_told import told_proof, told_trace
from tdxverify.answers.reconciling import outcome_of
from tdxverify.answers.shortest import shortest_of
from tdxverify.answers.two_runs import mistaken_run
from tdxverify.budget import Budget, LimitReached, NotDecided, Why, held
from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import Found, find, late
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE
from tdxverify.logic.sizes_in_words import first_steps, stated_sizes, told_sizes
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.narrowing import besides_text, where_text
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, at, at_any_size
from tdxverify.questions.size_plan import Combination, too_large
from tdxverify.telling.range_errors import in_words, leaves_range, range_error
from tdxverify.telling.refined_model import refinements_of
from tdxverify.telling.story import Location


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`diagnostics`: mistakes that only showed while the check ran. `interrupted`: it was Ctrl-C.

    `decided`: what the outcome rests on, in order of size.
    """

    answer: Answer
    diagnostics: tuple[Diagnostic, ...] = ()
    interrupted: bool = False
    decided: tuple[Found, ...] = ()


def undecided(asked: Question, reason: str, seconds: float = 0.0) -> Answer:
    """The check without an answer; what `answer` fills in where there is one."""
    check, target = asked.check, asked.property
    stated = Asked(
        file=str(asked.spec.path),
        line=check.span.line,
        property=check.property,
        description=target.description,
        where=where_text(check, asked.spec.model, asked.options),
        sizes=asked.sizing.shown(),
        any_size=asked.sizing.any_size,
        expected=check.expected.value,
        expected_length=check.expected_length,
        kind=target.kind,
        about=check.description,
        property_at=Location(target.span.source.path, target.span.line),
        name=asked.name,
        config=_configuration(asked),
        assuming=check.assuming_text(),
        refined=refinements_of(asked.spec.model),
        case=asked.spec.model.case,
        conditions=check.where_parts,
    )
    return Answer(stated, Outcome.UNKNOWN, stated.sizes, reason=reason, seconds=seconds, is_given=False)


def _configuration(asked: Question) -> Configuration | None:
    config = asked.check.config
    if config is None:
        return None
    model = asked.spec.model
    besides = besides_text(asked.check, model, asked.options)
    number = model.configs.index(config)
    return Configuration(config.name, config.description, config.where_text, besides, number)


def told_mistakes(error: SpecError) -> str:
    """Why a check has no answer that showed a mistake."""
    return "; ".join(f"{found.message} ({found.code.name})" for found in error.diagnostics)


def answer(asked: Question, budget: Budget, observer: Observer) -> Conclusion:
    """Decide `asked`, within its own time as well. Raises InternalError where evidence is refused,
    KeyboardInterrupt as it comes."""
    started = monotonic()
    overridden = bool(asked.options.sizes)
    span = None if overridden else asked.check.span
    large = too_large(asked.spec.model, asked.sizing, span, asked.check.property)
    if large is not None:
        return Conclusion(undecided(asked, f"the size is too large ({large.code.name})"), (large,))
    budget = _own(asked.options, budget)
    try:
        decided = _decide(asked, budget, observer)
    except LimitReached as reached:
        return Conclusion(undecided(asked, reached.told, _since(started)))
    allowed = late(budget, started)
    try:
        with held(allowed):
            found = _conclude(asked, decided, started, allowed)
    except LimitReached:
        reason = f"{Why.TIMEOUT.value}: an answer was found, but there was none left to tell it"
        found = Conclusion(undecided(asked, reason, _since(started)))
    return replace(found, decided=tuple(decided.found))


def range_mistake(asked: Question, budget: Budget, observer: Observer) -> Conclusion | None:
    """What `answer` says where the sizes are too large, or a value leaves its range before anything is
    decided; None where that is not so, at all sizes that are looked at.

    `budget` says how many states are looked at. Raises NotDecided where they are not all.
    """
    large = too_large(asked.spec.model, asked.sizing, asked.check.span, asked.check.property)
    if large is not None:
        return Conclusion(undecided(asked, f"the size is too large ({large.code.name})"), (large,))
    started, open_one = monotonic(), None
    for sizes in asked.sizing.combinations():
        try:
            with held(budget):
                problem = at(asked, dict(sizes))
        except LimitReached as reached:
            raise NotDecided(reached.told) from None
        if core.disjunction(problem.out_of_range, problem.undefined) == FALSE:
            continue
        found = find("explicit", problem, budget, observer)
        open_one = found.verdict if isinstance(found.verdict, Unknown) else open_one
        if isinstance(found.verdict, Refuted):
            if not leaves_range(problem, found.verdict.trace):
                break
            return _found_trace(asked, found, found.verdict, Outcome.UNKNOWN, started, late(budget, started))
    if open_one is not None:
        raise NotDecided(open_one.told)
    return None


def _own(options: Options, budget: Budget) -> Budget:
    return replace(budget, bound=options.bound).within(options.timeout)


@dataclass(frozen=True, slots=True)
class _Decided:
    """Verdicts in order of size, up to the first refutation, whose place the shortest takes; and the
    combinations there was no time for."""

    found: Sequence[Found]
    missing: Sequence[Combination] = ()
    shortest: Shortest | None = None


def _decide(asked: Question, budget: Budget, observer: Observer) -> _Decided:
    """Raises LimitReached where there was no time for any combination."""
    found, missing = _decide_combinations(asked, budget, observer)
    if not isinstance(found[-1].verdict, Refuted):
        return _Decided(found, missing)
    best = shortest_of(asked.sizing, found[-1], found[:-1], budget, observer)
    return _Decided([*found[:-1], best.found], (), best.shortest)


def _decide_combinations(
    asked: Question, budget: Budget, observer: Observer
) -> tuple[list[Found], list[Combination]]:
    """Verdicts in order of size, up to the first refutation; and the combinations there was no time for."""
    if asked.sizing.open and ENGINES[asked.options.engine].any_size:
        return [_decide_any_size(asked, budget, observer)], []
    combinations = asked.sizing.combinations()
    decided: list[Found] = []
    for position, sizes in enumerate(combinations):
        if decided and (budget.expired() or _interrupted(decided[-1].verdict)):
            return decided, combinations[position:]
        try:
            with held(budget):
                problem = at(asked, dict(sizes))
        except LimitReached:
            if not decided:
                raise
            return decided, combinations[position:]
        decided.append(find(asked.options.engine, problem, budget, observer))
        if isinstance(decided[-1].verdict, Refuted):
            return decided, []
    return decided, []


def _decide_any_size(asked: Question, budget: Budget, observer: Observer) -> Found:
    """The same for every open size at once."""
    with held(budget):
        problem = at_any_size(asked)
    return find(asked.options.engine, problem, budget, observer, every_size=True)


def _interrupted(verdict: Verdict) -> bool:
    return isinstance(verdict, Unknown) and verdict.why is Why.INTERRUPTED


# --- from verdicts about problems to an outcome about the property ----------------


def _conclude(asked: Question, answered: _Decided, started: float, late: Budget) -> Conclusion:
    decided, missing = answered.found, answered.missing
    last = decided[-1]
    outcome = outcome_of(asked, [d.verdict for d in decided])
    if isinstance(last.verdict, Refuted):
        found = _found_trace(asked, last, last.verdict, outcome, started, late)
        return replace(found, answer=replace(found.answer, shortest=answered.shortest))
    if missing or any(isinstance(d.verdict, Unknown) for d in decided):
        return _left_open(asked, decided, missing, started)
    reason = (
        _no_proof_of_every_size(asked, decided)
        if outcome is Outcome.UNKNOWN
        else _remark(asked, decided, late)
    )
    return _finish(asked, decided, outcome, started, reason=reason)


def _no_proof_of_every_size(asked: Question, decided: Sequence[Found]) -> str:
    nothing = all(isinstance(d.verdict, Vacuous) for d in decided)
    found = "no initial state" if nothing else kind_of(asked.property).without_trace
    sizes = told_sizes(asked.sizing.tried())
    return f"{found} for {sizes}, but the engine {decided[-1].engine} knows no proofs for every size"


def _remark(asked: Question, decided: Sequence[Found], budget: Budget) -> str | None:
    """Where there is nothing that the answer could be about, if anywhere."""
    empty = [d.sizes for d in decided if isinstance(d.verdict, Vacuous)]
    if not empty:
        return None
    if len(empty) < len(decided):
        return f"there is no initial state for {'; '.join(empty)}"
    return f"there is no initial state: {contradiction(asked, budget)}"


def _left_open(
    asked: Question, decided: Sequence[Found], missing: Sequence[Combination], started: float
) -> Conclusion:
    """No bad state was found, but not every combination has a definite answer."""
    open_ones = [d.verdict for d in decided if isinstance(d.verdict, Unknown)]
    several = len(decided) + len(missing) > 1
    clean = None if missing else _clean_through(open_ones)
    reason = _every_reason(asked, decided, missing, clean) if several else open_ones[0].told
    interrupted = any(_interrupted(d.verdict) for d in decided)
    return _finish(
        asked, decided, Outcome.UNKNOWN, started, reason=reason, clean_through=clean, interrupted=interrupted
    )


def _every_reason(
    asked: Question, decided: Sequence[Found], missing: Sequence[Combination], clean: int | None
) -> str:
    """What ended the search and at which sizes, what ended all of it first; then what is known of the others:
    `the time ran out at Page = 2; the bound was reached at Page = 1 (no violation in the first 9 steps)`.

    `clean`: what is said of all sizes together.
    """
    kind = kind_of(asked.property)
    reasons: dict[tuple[bool, str], list[str]] = {}
    for one in decided:
        if isinstance(one.verdict, Unknown):
            told = one.sizes
            if clean is None and one.verdict.clean_through is not None:
                told += f" ({kind.so_far} {first_steps(one.verdict.clean_through)})"
            reasons.setdefault((not _ends_all(one.verdict), one.verdict.told), []).append(told)
    if missing and not any(not later for later, _ in reasons):
        reasons[False, Why.TIMEOUT.value] = [stated_sizes(missing[0])]
        missing = missing[1:]
    told_all = [f"{reason} at {'; '.join(reasons[later, reason])}" for later, reason in sorted(reasons)]
    proved = [d.sizes for d in decided if isinstance(d.verdict, Proved)]
    empty = [d.sizes for d in decided if isinstance(d.verdict, Vacuous)]
    told_all += [f"{kind.without_trace} for {'; '.join(proved)}"] if proved else []
    told_all += [f"no initial state for {'; '.join(empty)}"] if empty else []
    told_all += [f"not looked at: {'; '.join(map(stated_sizes, missing))}"] if missing else []
    return "; ".join(told_all)


def _ends_all(verdict: Verdict) -> bool:
    return isinstance(verdict, Unknown) and verdict.why in (Why.TIMEOUT, Why.INTERRUPTED)


def _clean_through(unknown: Sequence[Unknown]) -> int | None:
    """The number of steps in which none found a bad state, none of them a step that no run takes."""
    ends = [verdict.longest for verdict in unknown if verdict.longest is not None]
    if ends and len(ends) == len(unknown):
        return max(ends)
    depths = [verdict.clean_through for verdict in unknown if verdict.longest is None]
    known = [depth for depth in depths if depth is not None]
    return min(known) if known and len(known) == len(depths) else None


def _found_trace(
    asked: Question, decided: Found, verdict: Refuted, outcome: Outcome, started: float, late: Budget
) -> Conclusion:
    """A trace at one combination decides for all of them, unless it is the spec itself that goes wrong."""
    is_mistaken = leaves_range(decided.problem, verdict.trace)
    if is_mistaken:
        problem, run = mistaken_run(asked, decided.problem, verdict.trace)
        decided, verdict = replace(decided, problem=problem), replace(verdict, trace=run)
    told = told_trace(asked, decided.problem, verdict.evidence, late)
    sizes = tuple((sort, str(size)) for sort, size in decided.problem.sizes)
    base = replace(undecided(asked, "", _since(started)), sizes=sizes, engine=decided.engine)
    if is_mistaken:
        assert told.story is not None
        error = range_error(asked.spec.model, asked.check, decided.problem, verdict.trace, told.story)
        reason = f"the spec is wrong: {in_words(error.diagnostic)} ({error.diagnostic.code.name})"
        told = replace(told, story=error.story)
        return Conclusion(replace(base, reason=reason, told=told), (error.diagnostic,))
    found = replace(
        base,
        outcome=outcome,
        length=verdict.evidence.length,
        reason=None,
        is_given=True,
        told=told,
    )
    return Conclusion(found)


def _finish(
    asked: Question,
    decided: Sequence[Found],
    outcome: Outcome,
    started: float,
    *,
    reason: str | None,
    clean_through: int | None = None,
    interrupted: bool = False,
) -> Conclusion:
    only = decided[0].verdict if len(decided) == 1 else None
    verdicts = [(d.problem, d.verdict) for d in decided]
    found = replace(
        undecided(asked, "", _since(started)),
        outcome=outcome,
        engine=decided[-1].engine,
        reason=reason,
        clean_through=clean_through,
        states=only.states if isinstance(only, Proved) else None,
        is_given=True,
        told=told_proof(asked, verdicts, decided[-1].engine, is_answer=outcome is not Outcome.UNKNOWN),
    )
    return Conclusion(found, interrupted=interrupted)


def _since(started: float) -> float:
    return monotonic() - started
