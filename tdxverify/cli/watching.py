"""`trace --watch EXPR`: the trace with values of what somebody wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.inquiries.watching import watched
from tdxverify.questions.conditions import Observed, observed

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace


def with_watched(found: FoundTrace, texts: Sequence[str]) -> FoundTrace:
    """`found` with the values of all of `texts` in its story. Raises SpecError with the mistakes of all."""
    some: list[Observed] = []
    wrong: list[Diagnostic] = []
    for number, text in enumerate(texts, 1):
        place = "--watch" if len(texts) == 1 else f"--watch {number}"
        try:
            some.append(observed(found.question, text, dict(found.trace.sizes), place))
        except SpecError as error:
            wrong += error.diagnostics
    if wrong:
        raise SpecError(wrong)
    return replace(found, story=replace(found.story, watched=watched(found.problem, found.trace, some)))
