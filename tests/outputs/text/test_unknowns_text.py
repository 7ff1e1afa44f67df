"""Dependence on unknowns, in words."""

from __future__ import annotations

import dataclasses

import pytest

from tdxverify.answers.answer import Answer, Bearing, UnknownUse
from tdxverify.answers.run import Run
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.outputs.text.unknowns_text import unknown_text
from tests.changed_answers import changed

ASSUMED = UnknownUse(("U-05",), "guess", Bearing.ASSUMED, ("a", "b", "c"), ("d",))
ANY = UnknownUse(("U-05", "U-06"), "guess", Bearing.ANY_VALUE, ("a", "b"))
FOUND = UnknownUse(("U-05",), "guess", Bearing.FOUND_WITH, ("a",), ("c", "d"), ("b",))
ALONE = dataclasses.replace(FOUND, also=())


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (ASSUMED, "assumes U-05: guess = a, b or c, the same for each"),
        (ANY, "the same whatever U-05, U-06: guess is"),
        (FOUND, "found with U-05: guess = a, and the same with b; not said for c or d"),
        (ALONE, "found with U-05: guess = a; not said for c or d"),
    ],
)
def test_words(use: UnknownUse, text: str) -> None:
    assert unknown_text(use) == text


def test_the_table_tells_what_a_verdict_depends_on(proved: Answer) -> None:
    text = plain(text_lines(Run((changed(proved, unknowns=(ASSUMED, ANY)),))))
    assert "assumes U-05: guess = a, b or c, the same for each\n" in text and "U-06" not in text


def test_traces_and_invariants_tell_all(proved: Answer, refuted: Answer) -> None:
    shown = changed(proved, unknowns=(ANY,), invariant=("not x",))
    text = plain(text_lines(Run((shown,)), invariants=True))
    assert "        the same whatever U-05, U-06: guess is\n" in text
    text = plain(text_lines(Run((changed(refuted, unknowns=(ANY,)),))))
    assert "        the same whatever U-05, U-06: guess is\n" in text
