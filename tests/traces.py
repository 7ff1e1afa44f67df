"""Traces of real specs, for what looks at more than a story."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.questions.options import Options

EXAMPLES = Path(__file__).parents[1] / "examples"


@cache
def trace_of(name: str, line: int | None = None) -> FoundTrace:
    """The first trace of an example."""
    return next(find_traces(EXAMPLES / name, Options(), line, Silent()))
