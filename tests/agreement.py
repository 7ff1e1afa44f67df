"""One question put to every engine, at every size up to some: where two answers exclude each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from time import monotonic

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines import anysize
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tests.texts import Silent, require_accepted

GROUND = tuple(n for n, row in ENGINES.items() if n not in ("auto", "any-size") and row.is_installed)
BOUND = 15
MOST_CELLS = 400


@dataclass(frozen=True)
class Limits:
    """`seconds` are for one engine at one size."""

    seconds: float = 1.0
    largest: int = 4
    engines: Sequence[str] = GROUND


@dataclass
class Report:
    """`answers`: how often each engine gave each kind of verdict, without lengths."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)
    questions: int = 0
    instances: int = 0


def compare(spec: Spec, limits: Limits, report: Report, *, every: int = 1, first: int = 0) -> None:
    """Add to `report` what the engines say of each `every`-th check of `spec`."""
    for check in spec.model.checks[first::every]:
        report.questions += 1
        sizes = dict.fromkeys((sort.name for sort in spec.model.index_sorts), 2)
        subject = lower(spec.model, check, sizes)
        general = None
        if Question(spec, check, Options()).sizing.any_size or not sizes:
            general = anysize.decide(subject, Budget(deadline=monotonic() + 10 * limits.seconds), Silent())
            report.answers["any-size", _word(general.verdict)] += 1
            report.disagreements += _refused(general.problem, "any-size", general.verdict)
        name = f"{spec.path.name}:{check.span.line} {check.property}"
        for small in _instances(subject, limits.largest):
            report.instances += 1
            found = _asked(small, limits, report)
            report.disagreements += [f"{name}: {text}" for text in _contradictions(small, found, general)]


def _instances(subject: Problem, largest: int) -> Iterator[Problem]:
    for size in range(1, largest + 1 if subject.sizes else 2):
        small = anysize.instance(subject, size)
        if len(small.state_layout.cells) <= MOST_CELLS:
            yield small


@dataclass(frozen=True)
class _Said:
    """`settled`: there was time to find the least of all shortest traces."""

    engine: str
    verdict: Verdict
    settled: bool


def _asked(small: Problem, limits: Limits, report: Report) -> list[_Said]:
    found = []
    for engine in limits.engines:
        budget = Budget(bound=BOUND, deadline=monotonic() + limits.seconds, max_states=200_000)
        verdict = ENGINES[engine].run(small, budget, Silent())
        found.append(_Said(engine, verdict, settled=not budget.expired()))
        report.answers[engine, _word(verdict)] += 1
        report.disagreements += _refused(small, engine, verdict)
    return found


def _refused(problem: Problem, engine: str, verdict: Verdict) -> list[str]:
    try:
        require_accepted(problem, verdict, Budget(deadline=monotonic() + 10))
    except InternalError as error:
        return [f"{problem.name} {problem.sizes}: {engine}: {error}"]
    return []


def _contradictions(small: Problem, found: Iterable[_Said], general: anysize.AnySize | None) -> Iterator[str]:
    for one, other in combinations(found, 2):
        if _exclude(one.verdict, other.verdict, same_trace=one.settled and other.settled):
            left, right = _kind(one.verdict), _kind(other.verdict)
            yield f"{small.sizes}: {one.engine} says {left}, {other.engine} says {right}"
    if general is None:
        return
    for one in found:
        same = small.sizes == general.problem.sizes
        if _excluded_by_general(general.verdict, one.verdict, same_size=same):
            said = f"any-size says {_kind(general.verdict)} at {general.problem.sizes}"
            yield f"{said}, {one.engine} says {_kind(one.verdict)} at {small.sizes}"


def _exclude(left: Verdict, right: Verdict, *, same_trace: bool) -> bool:
    """Whether both cannot be true of one instance."""
    match left, right:
        case Refuted(trace=one), Refuted(trace=other):
            return one != other if same_trace else len(one) != len(other)
        case (Refuted(), Proved() | Vacuous()) | (Proved() | Vacuous(), Refuted()):
            return True
        case (Refuted(trace=trace), Unknown(clean_through=int(depth))) | (
            Unknown(clean_through=int(depth)),
            Refuted(trace=trace),
        ):
            return depth >= len(trace)
        case _:
            return False


def _excluded_by_general(general: Verdict, ground: Verdict, *, same_size: bool) -> bool:
    match general, ground:
        case Proved() | Vacuous(), Refuted():
            return True
        case Vacuous(), Proved():
            return True
        case Refuted(), _ if same_size:
            return _exclude(general, ground, same_trace=False)
        case _:
            return False


def _kind(verdict: Verdict) -> str:
    if isinstance(verdict, Refuted):
        return f"refuted in {len(verdict.trace)}"
    return _word(verdict)


def _word(verdict: Verdict) -> str:
    return type(verdict).__name__.lower()
