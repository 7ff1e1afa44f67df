"""Nouns that are counted."""

from __future__ import annotations

import pytest

from tdxverify.logic.counting import counted


@pytest.mark.parametrize(
    ("count", "nouns", "wanted"),
    [
        (0, ("step",), "0 steps"),
        (1, ("step",), "1 step"),
        (2, ("step",), "2 steps"),
        (1, ("index", "indices"), "1 index"),
        (3, ("index", "indices"), "3 indices"),
        (12_345, ("state",), "12,345 states"),
    ],
)
def test_one_and_more(count: int, nouns: tuple[str, ...], wanted: str) -> None:
    assert counted(count, *nouns) == wanted
