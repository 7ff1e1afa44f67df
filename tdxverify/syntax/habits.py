"""What people write who have another language in mind, or our words in another order: the text tells."""

from __future__ import annotations

import re

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import Span
from tdxverify.syntax.claims import PropertyKind
from tdxverify.syntax.complaint import Complaint
from tdxverify.syntax.expectations import DECLARATION_WORDS

# Signs of other languages, of which the lexer reads the first part as one of ours, or nothing.
_SIGNS = {
    "==": (Code.E117, "equality is a single '='"),
    "===": (Code.E117, "equality is a single '='"),
    "!==": (Code.E117, "inequality is '!='"),
    "=>": (Code.E118, "write 'implies'"),
    "==>": (Code.E118, "write 'implies'"),
    "<=>": (Code.E118, "write 'iff'"),
    "<==>": (Code.E118, "write 'iff'"),
    "<->": (Code.E118, "write 'iff'"),
    "<>": (Code.E111, "inequality is '!='"),
    "=<": (Code.E111, "write '<='"),
    "/\\": (Code.E118, "write 'and'"),
    "\\/": (Code.E118, "write 'or'"),
    "\\E": (Code.E118, "write 'exists l : Line: ...'"),
    "\\A": (Code.E118, "write 'forall l : Line: ...'"),
    "\\in": (Code.E118, "write 'in'"),
    "?": (Code.E118, "write 'if c then a else b'"),
    "(*": (Code.E111, "comments are '// ...' and '/* ... */'"),
    "~>": (
        Code.E118,
        "that something happens in the end cannot be said: claims are about what never happens",
    ),
}
_SIGN = re.compile(r"\\[A-Za-z]+|\(\*|[=<>!~?/\\-]+")
_OUTCOME = re.compile(r"\s*(?:ok|dropped|fault)\b")
_BINDER = re.compile(r"\b(foreach|forall|exists)\s+(\w+(?:\s*,\s*\w+)*)\s*\Z")
_FOR = re.compile(r"(?:\A|[{};\s])(for)\s*\(?\s*\Z")
_IMPORT = re.compile(r"\s*import\b")
_DECLARED = re.compile(
    rf"\b({'|'.join(w for w in DECLARATION_WORDS if w not in ('import', 'prelude'))})\s*\Z"
)
_LAST_WORD = re.compile(r"([A-Za-z_]\w*)\s*\Z")
_LIVENESS = frozenset(
    ("eventually", "leads_to", "leadsto", "until", "finally", "inevitably", "infinitely", "fair", "release")
)
_AN_EXAMPLE = {
    "property": 'property p "..." never x',
    "check": 'check p "..."',
    "enum": 'enum E "..." { a, b }',
    "action": 'action a "..." { x := true }',
    "process": 'process p "..." { start: { } }',
    "state": 'state x : bool = false "..."',
}


def habit(complaint: Complaint) -> Diagnostic | None:
    """What to say where the text shows what was meant; None where it does not."""
    return (
        _foreign_sign(complaint)
        or _bar(complaint)
        or _liveness(complaint)
        or _description_first(complaint)
        or _without_type(complaint)
        or _loop(complaint)
        or _dotted(complaint)
    )


def _before(complaint: Complaint) -> str:
    return complaint.source.text[max(0, complaint.before - 200) : complaint.before]


def _foreign_sign(complaint: Complaint) -> Diagnostic | None:
    text, start = complaint.source.text, complaint.start
    for place in range(max(0, start - 3), start + 1):
        run = _SIGN.match(text, place)
        if run is None or run.end() <= start or run[0] not in _SIGNS:
            continue
        sign, end = run[0], run.end()
        code, hint = _SIGNS[sign]
        if sign == "=>" and _OUTCOME.match(text, end):
            hint = "a row is 'guard -> outcome'; in expressions write 'implies'"
        return Diagnostic(
            code, f"'{sign}' is not an operator here", Span(complaint.source, place, end), hint=hint
        )
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if text.startswith("/", start) and _IMPORT.match(line):
        message = "a path with '/' stands in quotes"
        hint = "write 'import platform.tdx' or 'import \"platform/tdx.tdx\"'"
        return Diagnostic(Code.E110, message, Span(complaint.source, start, start + 1), hint=hint)
    return None


def _bar(complaint: Complaint) -> Diagnostic | None:
    """A single `|` that is no `or`."""
    text, start = complaint.source.text, complaint.start
    if text[start : start + 1] != "|" or text.startswith("||", start) or "AND" in complaint.accepted:
        return None
    if "COLON" in complaint.accepted:
        hint = "a colon stands before the body, as in 'exists l : Line: ...'"
    elif {"COMMA", "RBRACE"} <= complaint.accepted:
        hint = "commas stand between the members, as in 'enum E { a, b }'"
    else:
        return None
    return Diagnostic(
        Code.E110, "unexpected character '|'", Span(complaint.source, start, start + 1), hint=hint
    )


def _liveness(complaint: Complaint) -> Diagnostic | None:
    word, span = complaint.text, complaint.span
    before = _LAST_WORD.search(_before(complaint))
    if word not in _LIVENESS and before is not None and before[1] in _LIVENESS:
        start = complaint.before - len(before[0])
        word, span = before[1], Span(complaint.source, start, start + len(before[1]))
    if word not in _LIVENESS or complaint.accepted == {"NAME"}:
        return None
    claims = ", ".join(
        " ".join(part if isinstance(part, str) else "..." for part in kind.words) for kind in PropertyKind
    )
    return Diagnostic(
        Code.E111,
        f"'{word}' cannot be said: nothing claims that something happens in the end",
        span,
        hint=f"what can be claimed: {claims}",
    )


def _description_first(complaint: Complaint) -> Diagnostic | None:
    word = _DECLARED.search(_before(complaint))
    if complaint.terminal != "STRING" or word is None or "NAME" not in complaint.accepted:
        return None
    example = _AN_EXAMPLE.get(word[1], f'{word[1]} name ... "..."')
    return Diagnostic(
        Code.E111,
        "expected a name, found a description",
        complaint.span,
        hint=f"the name comes before the description, as in '{example}'",
    )


def _without_type(complaint: Complaint) -> Diagnostic | None:
    binder = _BINDER.search(_before(complaint))
    if binder is None or "COLON" not in complaint.accepted:
        return None
    word, names = binder[1], binder[2]
    example = f"foreach {names} : Queue {{ ... }}" if word == "foreach" else f"{word} {names} : Line: ..."
    return Diagnostic(
        Code.E111,
        "expected ':' and a type",
        complaint.span,
        hint=f"every bound variable has a type, as in '{example}'",
    )


def _loop(complaint: Complaint) -> Diagnostic | None:
    """`for` and `forall` where a statement stands."""
    hint = "among statements write 'foreach l : Line { ... }'"
    if complaint.terminal == "FORALL" and "GOTO" in complaint.accepted:
        return Diagnostic(Code.E111, "'forall' is not a statement", complaint.span, hint=hint)
    word = _FOR.search(_before(complaint))
    if word is None or complaint.opened is None or not complaint.accepted & {"ASSIGN", "LPAR", "RPAR"}:
        return None
    start = complaint.before - len(_before(complaint)) + word.start(1)
    return Diagnostic(
        Code.E111, "'for' is not a statement", Span(complaint.source, start, start + 3), hint=hint
    )


def _dotted(complaint: Complaint) -> Diagnostic | None:
    """`old.update` where a file is imported `as old`."""
    word = _LAST_WORD.search(_before(complaint))
    if complaint.terminal != "DOT" or word is None or "DOT" in complaint.accepted:
        return None
    if not re.search(rf"\bas\s+{word[1]}\b", complaint.source.text):
        return None
    message, hint = "no dot stands behind a prefix", f"names of that file begin with '{word[1]}_'"
    return Diagnostic(Code.E111, message, complaint.span, hint=hint)
