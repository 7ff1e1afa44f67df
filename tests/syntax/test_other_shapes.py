"""Shapes of other languages: each gets the right hint, whatever stands around it."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse

HINTS = {
    "process p { if :: n < 3 -> n := n + 1 fi }": "write 'if e { ... } else { ... }'",
    "state bool x = false": "write 'state x : bool'",
    "state Page x": "write 'state x : Page'",
    "param bool hot": "write 'param hot : bool'",
    "const 0..3 limit = 1": "write 'const limit : 0..3'",
    "action f when n /= 1 { n := 0 }": "inequality is '!='",
    "state who : Td? = none": "what may be none has the type 'Td or none'",
    "state who : none or Td = none": "write 'Td or none'",
    "action f(t : Td) by guest(t) { n := 0 }": "write 'by guest[t]'",
    "action f by kernel, guest { n := 0 }": "an action 'by kernel', and another one 'by guest'",
    "action f by guest[t], kernel { n := 0 }": "an action 'by guest[t]', and another one 'by kernel'",
    "action f(Page p) when busy[p] { n := 0 }": "write 'p : Page'",
    "action f(t : Td, Page p) { n := 0 }": "write 'p : Page'",
    "define f(Page p) = busy[p]": "write 'p : Page'",
    "action f(p : Page) { busy(p) := true }": "write 'busy[p] := ...'",
    "action f { busy[*] := true }": "as a statement 'foreach l : Line { ... }'",
    "check q expect refuted in 3 steps": "write 'expect refuted in 3'",
    "check q expect refuted in 1 step": "write 'expect refuted in 1'",
    "refine const limit = any": "write 'refine const limit = some_limit'",
    "refine process go { one: { } }": "'refine process go when e' lets it wait",
    "refine param hot = true": "as in 'check p where hot = 1'",
    "refine access rd { otherwise -> ok }": "write 'refine row GUARD of rd",
    "refine property p never x": "declare another property under a new name",
    "refine fault #MC fatal": "declare another fault under a new name",
    "refine action store(p : Page) when hot": "'refine action store when e'",
    "check q for v5\nproperty r never x": "a configuration stands behind 'in', as in 'check p in v5'",
    "check q, r for v5, v6": "a configuration stands behind 'in', as in 'check p in v5'",
    "check q for v5 expect refuted": "a configuration stands behind 'in', as in 'check p in v5'",
    "action f when 0 < n < 3 { n := 0 }": "join two comparisons with 'and': '0 < n and n < 3'",
    "define f = 1 <= b[l] < 3": "'1 <= b[l] and b[l] < 3'",
    'import lib1 as "old"': "write 'as old'",
    "index Cpu[4]": "as in 'check p for Cpu = 4'",
}


def hints(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("spec.tdx", text))
    return [one.hint or "" for one in caught.value.diagnostics]


@pytest.mark.parametrize("text", HINTS)
def test_each_gets_its_hint(text: str) -> None:
    for around in ("{}\n", "index Page\nindex Td\n{}\nproperty q never n = 3\ncheck q\n"):
        found = hints(around.format(text) if "{" not in text else around.replace("{}", text))
        assert any(HINTS[text] in one for one in found), found


@pytest.mark.parametrize("text", HINTS)
def test_one_mistake_is_one_diagnostic(text: str) -> None:
    assert len(hints(f"index Page\n{text}\nproperty q never n = 3\ncheck q\n")) <= 2
