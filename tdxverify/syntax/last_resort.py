"""Hints for complaints that are like nothing known: what is missing, or how such a thing is written."""

from __future__ import annotations

import re

from tdxverify.syntax.complaint import Complaint
from tdxverify.syntax.expectations import DECLARATION_WORDS, listed

_OPERATOR = re.compile(
    r"(?:\b(?:and|or|implies|iff|not|div|mod|if|then|else|when|where|while|eventually|leads_to)|:=|!=|<=|>=|[-+*=<>(\[,])\Z"
)
_EXPRESSION = frozenset({"TRUE", "LPAR"})
# They begin something that is written otherwise here, or what could be an operand in brackets.
_NO_GAP = frozenset(
    {"STRING", "FAULT_NAME", "NOT", "IF", "FORALL", "EXISTS", "WORD_COUNT", "ANY", "LBRACE", "LSQB"}
    | {"DOT", "PRIME", "MINUS", ""}
)
_BEGUN = re.compile(rf"^[ \t]*(?:refine[ \t]+)?({'|'.join(DECLARATION_WORDS)})\b", re.MULTILINE)
_FORMS = {
    "module": "module name",
    "import": "import platform.tdx",
    "param": "param fast : bool",
    "assume": "assume fast implies n > 0",
    "index": "index Page",
    "enum": "enum Phase { idle, busy }",
    "fault": "fault #MC fatal",
    "actor": "actor host",
    "const": "const n : 0..7 = 3",
    "state": "state used[Page] : bool = false",
    "memory": "memory Page { used : bool = false }",
    "init": "init n = 3",
    "define": "define free(p : Page) = not used[p]",
    "access": "access read(p : Page) { used[p] -> fault #MC otherwise -> ok }",
    "action": "action take(p : Page) by host when not used[p] { used[p] := true }",
    "process": "process go by host { first: { x := true } then: when y { } }",
    "halt": "halt when crashed",
    "property": "property p never x",
    "config": "config v5 where not flush",
    "check": "check p for Page = 2 expect proved",
    "prelude": 'prelude c "#include <stdio.h>"',
    "refine": "refine action update when not busy",
}


def missing_operand(complaint: Complaint) -> str | None:
    """A hint where an operator stands before the complaint and nothing behind it; None elsewhere."""
    operator = _OPERATOR.search(complaint.source.text, max(0, complaint.before - 10), complaint.before)
    if operator is None or not complaint.accepted >= _EXPRESSION:
        return None
    is_before_block = complaint.terminal == "LBRACE" and operator[0] in ("when", "if", "while")
    if complaint.terminal in _NO_GAP and not is_before_block:
        return None
    or_less = ", or it is too much" if operator[0] == "," else ""
    return f"something is missing behind '{operator[0]}'{or_less}"


def form(complaint: Complaint) -> str:
    """How a declaration looks like the one that is broken; where none is, what declarations begin with."""
    begun = _BEGUN.findall(complaint.source.text, 0, complaint.before)
    if not begun:
        return f"declarations begin with {listed(DECLARATION_WORDS)}"
    return f"for example: {_FORMS[begun[-1]]}"
