"""Hints where elements in an order are taken for numbers, and where indices are left out."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import SpecError
from tests.texts import model_of

HEAD = """index Page
index Ep ordered
state now : Ep = first(Ep)
state n : 0..3 = 0
state busy[Page] : bool = false
state owner[Page] : Page or none = none
process p(c : Page) { a: when not busy[c] { busy[c] := true } }
"""
HINTS = {
    "action f { now := now + 1 }": "'action tick(e : Ep) when e next after now { now := e }'",
    "action f when now = 0 { n := 0 }": "the first one is first(Ep)",
    "action f when 0 = now { n := 0 }": "the first one is first(Ep)",
    "property z never p at a": "write 'p[i] at LABEL'",
    "property z never busy": "write 'busy[i]'",
    "action f(c : Page) when not owner[c] { n := 0 }": "asked with 'x != none'",
    "action f(c : Page) when owner[c] { n := 0 }": "asked with 'x != none'",
    "access rd(c : Page) { busy[c] -> ok  default -> dropped }": "the last row of a table is",
}


@pytest.mark.parametrize("text", HINTS)
def test_each_has_its_hint(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{HEAD}{text}\nproperty q never n = 3\n")
    assert any(HINTS[text] in (one.hint or "") for one in caught.value.diagnostics), caught.value.diagnostics


def test_what_to_write_of_the_next_element_is_right() -> None:
    model_of(
        f"{HEAD}action tick(e : Ep) when e next after now {{ now := e }}\nproperty q never now = first(Ep)\n"
    )
