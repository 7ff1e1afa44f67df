"""What a whole run found: one `Answer` per check, and the exit status that follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tdxverify.answers.answer import Answer, Judgement
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.questions.question import Question
from tdxverify.source import Span


@dataclass(frozen=True, slots=True)
class Run:
    """`diagnostics`: mistakes in specs; other specs were still checked. `interrupted`: by Ctrl-C. `written`:
    the proof files that changed, None where answers are not kept. `seconds`: how long it took. `is_broken`: a
    check showed a bug of ours, and these are the answers before it. `questions`: what the answers, in their
    order, are answers to; None where that is not kept.
    """

    answers: tuple[Answer, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    interrupted: bool = False
    written: tuple[Path, ...] | None = None
    seconds: float = 0.0
    is_broken: bool = False
    questions: tuple[Question | None, ...] = field(default=(), compare=False, repr=False)

    @property
    def exit_status(self) -> ExitStatus:
        """4 before 3 before 1 before 2 before 0: see the table in the README."""
        if self.is_broken:
            return ExitStatus.INTERNAL
        if self.diagnostics:
            return ExitStatus.WRONG_INPUT
        judged = {answer.judgement for answer in self.answers}
        if Judgement.NOT_EXPECTED in judged:
            return ExitStatus.NOT_EXPECTED
        if Judgement.UNDECIDED in judged or self.interrupted:
            return ExitStatus.UNDECIDED
        return ExitStatus.AS_EXPECTED

    def count(self, judgement: Judgement) -> int:
        """How many answers are judged so."""
        return sum(answer.judgement is judgement for answer in self.answers)


class Mistakes:
    """Diagnostics in order; the same message about the same place is kept once, whichever check found it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self._found: dict[tuple[Code, str, Span | None], Diagnostic] = {}
        self.add(diagnostics)

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self._found.setdefault((diagnostic.code, diagnostic.message, diagnostic.span), diagnostic)

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        return tuple(self._found.values())
