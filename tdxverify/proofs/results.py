"""What proving and rechecking find out, one value per check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from tdxverify.checker.partly import partly_checked
from tdxverify.diagnostics import Diagnostic
from tdxverify.evidence.base import Evidence
from tdxverify.proofs.judging import Judged, key_of
from tdxverify.proofs.stored import ANY_SIZE, Key
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question
from tdxverify.results.run import ExitStatus, Outcome, PartlyChecked, told_sizes
from tdxverify.syntax.ast import Expected


class Standing(Enum):
    """What became of a stored answer; the value is what people read."""

    # of proving
    UNCHANGED = "unchanged"
    SURVIVING = "surviving"
    REPAIRED = "repaired"
    NEW = "new"
    # of rechecking
    HOLDS = "holds"
    MISSING = "missing"
    STALE = "stale"
    REFUSED = "refused"
    LEFT_OVER = "left over"
    # of both
    UNDECIDED = "undecided"

    @property
    def is_good(self) -> bool:
        """There is evidence, and it was accepted."""
        return self in _GOOD


_GOOD = (Standing.UNCHANGED, Standing.SURVIVING, Standing.REPAIRED, Standing.NEW, Standing.HOLDS)
_RIGHT = (*_GOOD, Standing.UNDECIDED)  # where the answer is the expected one


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One check. `outcome` None: there is none that holds. `evidence`: what it rests on, in a few words.

    `second`: what the second solver is called if it has accepted it too. `line`: of the check in its
    spec, 0 for an entry without one.
    """

    file: Path
    line: int
    key: Key
    expected: str
    standing: Standing
    outcome: Outcome | None
    as_expected: bool
    length: int | None = None
    evidence: str = ""
    second: str | None = None
    reason: str | None = None
    is_reachability: bool = False
    partly_checked: tuple[PartlyChecked, ...] = ()

    @property
    def sizes(self) -> str:
        """`any size`, or `Line = 2, Cpu = 1..3`."""
        sizes = self.key.sizes
        return sizes if isinstance(sizes, str) else told_sizes(sizes)

    @property
    def is_general(self) -> bool:
        return self.key.sizes == ANY_SIZE


def good_answer(
    asked: Question, standing: Standing, judged: Judged, second: str | None = None
) -> CheckAnswer:
    """The answer that accepted evidence gives. `second`: the second solver, if it accepted it too."""
    outcome, length = judged.outcome, judged.length
    expected = asked.check.expected.value == outcome.value
    problems = [one.problem for one in judged.accepted]
    general = asked.sizing.any_size and length is None
    return replace(
        no_answer(asked, standing, None),
        outcome=outcome,
        as_expected=expected and asked.check.expected_length in (None, length),
        length=length,
        evidence=_described([one.evidence for one in judged.accepted]),
        second=second,
        partly_checked=partly_checked(asked.spec.model, problems, any_size=general),
    )


def no_answer(asked: Question, standing: Standing, reason: str | None) -> CheckAnswer:
    """There is no evidence that holds, and why."""
    length = "" if asked.check.expected_length is None else f" in {asked.check.expected_length}"
    return CheckAnswer(
        file=asked.spec.path,
        line=asked.check.span.line,
        key=key_of(asked),
        expected=asked.check.expected.value + length,
        standing=standing,
        outcome=None,
        as_expected=asked.check.expected is Expected.UNKNOWN,
        reason=reason,
        is_reachability=kind_of(asked.property).is_sought,
    )


def _described(evidence: Sequence[Evidence]) -> str:
    """`invariant of 3 formulas`, with the number of combinations of sizes where there are several."""
    if len(evidence) == 1:
        return evidence[0].described()
    return f"{', '.join(dict.fromkeys(one.described() for one in evidence))} ({len(evidence)} sizes)"


@dataclass(frozen=True, slots=True)
class ProofRun:
    """A whole run. `written`: the files that changed. `seconds`: how long it took.
    `interrupted`: there would be more."""

    answers: tuple[CheckAnswer, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    written: tuple[Path, ...] = ()
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        """3 before 1 before 2 before 0, as for checks; an answer that cannot be shown any more is wrong."""
        if self.diagnostics:
            return ExitStatus.WRONG_INPUT
        wrong = [a for a in self.answers if not (a.as_expected and a.standing in _RIGHT)]
        if any(a.standing is not Standing.UNDECIDED for a in wrong):
            return ExitStatus.NOT_EXPECTED
        if wrong or self.interrupted:
            return ExitStatus.UNDECIDED
        return ExitStatus.AS_EXPECTED
