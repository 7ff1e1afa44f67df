"""Whatever the text: a module, or diagnostics with a place; never anything else, and quickly."""

from __future__ import annotations

import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tests.printing import print_module
from tests.syntax.test_printer import CANONICAL

FRAGMENTS = [*sorted(set(CANONICAL.split())), "(", ")", "{", "}", "[", "]", "/*", '"', "\n", "'", "§", "=>"]
QUICK = settings(max_examples=120, deadline=None)


def survives(text: str) -> None:
    """Parse, and look at everything that a report would show of the mistakes."""
    try:
        module = parse(SourceFile("fuzz.tdx", text))
    except SpecError as error:
        assert error.diagnostics
        for diagnostic in error.diagnostics:
            assert diagnostic.message
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
            assert diagnostic.span.source.line_text(diagnostic.span.line) is not None
    else:
        assert parse(SourceFile("again.tdx", print_module(module))) == module


@QUICK
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    survives(text)


@QUICK
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(" ".join))
def test_any_words(text: str) -> None:
    survives(text)


@QUICK
@given(st.data())
def test_mutations_of_a_valid_spec(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(CANONICAL)))
    end = data.draw(st.integers(start, min(len(CANONICAL), start + 30)))
    inserted = data.draw(st.sampled_from(["", *FRAGMENTS]) | st.text(max_size=3))
    survives(CANONICAL[:start] + inserted + CANONICAL[end:])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_in_a_file(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.tdx")
        path.write_bytes(content)
        try:
            load(path)
        except SpecError as error:
            assert error.diagnostics


_random = random.Random(1)
JUNK = {
    "noise": "".join(_random.choices("abc {}()[]:=\n\"'#%&stat", k=1_900_000)),
    "one word": "a" * 1_900_000,
    "one bracket": "{" * 1_900_000,
    "quotes": '"' * 1_900_000,
    "escaped quotes": "state x\n" + '"\\' * 900_000,
    "open comments": "state x\n/*" * 190_000,
    "half comments": "state x\n" + "/*" * 900_000,
    "broken lines": "state\n" * 300_000,
    "empty lines": "state x\n" + "\n   " * 450_000,
    "digits": "state x : 0.." + "9" * 1_500_000,
}


@pytest.mark.parametrize("text", JUNK.values(), ids=JUNK.keys())
def test_junk_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    with pytest.raises(SpecError):
        parse(SourceFile("junk.tdx", text))
    assert time.process_time() - started < 3  # a tenth of that on an idle machine; quadratic takes minutes


def test_five_hundred_lines_are_read_at_once() -> None:
    body = CANONICAL.split("\n", 6)[6]
    text = body * 7
    assert text.count("\n") > 500
    parse(SourceFile("warm.tdx", body))
    started = time.process_time()
    parse(SourceFile("long.tdx", text))
    assert time.process_time() - started < 0.5  # a tenth of that on an idle machine
