"""The parser's complaint -> a message that helps.

Three sources, tried in this order: mistakes visible in the characters themselves (`==`, `&&`, an
open string), mistakes like one of the broken samples in `samples.py`, and last a plain list of what
could have come instead.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.source import SourceFile, Span
from tdxverify.syntax.complaint import TOO_DEEP, Complaint, too_deep
from tdxverify.syntax.expectations import DECLARATION_WORDS, expectations, listed, quoted
from tdxverify.syntax.habits import habit
from tdxverify.syntax.last_resort import form, missing_operand
from tdxverify.syntax.other_shapes import other_shape
from tdxverify.syntax.other_words import OTHER_WORDS, declaration_meant
from tdxverify.syntax.samples import advice
from tdxverify.syntax.words import is_misused

_CHARACTERS = {
    "&": (Code.E118, "write 'and'"),
    "|": (Code.E118, "write 'or'"),
    "!": (Code.E118, "write 'not'; '!=' compares"),
    "~": (Code.E118, "write 'not'"),
    "¬": (Code.E118, "write 'not'"),
    "∧": (Code.E118, "write 'and'"),
    "∨": (Code.E118, "write 'or'"),
    "→": (Code.E118, "write 'implies', or '->' in a row of an access table"),
    "⇒": (Code.E118, "write 'implies'"),
    "⇔": (Code.E118, "write 'iff'"),
    "∀": (Code.E118, "write 'forall l : Line: ...'"),
    "∃": (Code.E118, "write 'exists l : Line: ...'"),
    "≠": (Code.E110, "write '!='"),
    "≤": (Code.E110, "write '<='"),
    "≥": (Code.E110, "write '>='"),
    "∈": (Code.E110, "write 'in'"),
    "^": (Code.E110, "there are no operations on bits; one of two conditions is 'a != b'"),
    "/": (Code.E110, "integer division is 'div'; comments are '// ...' and '/* ... */'"),
    "%": (Code.E110, "the remainder is 'mod'"),
    "#": (Code.E110, "'#' begins the name of a fault, as in #MC; comments begin with '//'"),
    "\u00a0": (Code.E110, "this is a non-breaking space; replace it by an ordinary one"),
    "“": (Code.E110, 'strings stand in plain double quotes: "..."'),
    "”": (Code.E110, 'strings stand in plain double quotes: "..."'),
    "–": (Code.E110, "this is a dash; minus is '-'"),
    "—": (Code.E110, "this is a dash; minus is '-'"),
}

_NO_SIGN = "the language has no such sign; names are made of letters, digits and '_'"
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONDITION = re.compile(r"\s*when\b")

_STOPS = re.compile(r"(?:halt|stop|die|dead|crash|freez|frozen|block|suspend|end|kill|panic|abort)\w*")
_STOPPED = "no step by it is possible where e holds"
_STOPPED_WHEN = f"'stopped when e': {_STOPPED}"
_WORDS = frozenset({"NAME", "DEAD", "WORD_HALTS", "WORD_KILLS", "HALT"})

# What stands before the complaint, one of the terminals that are accepted there, and the hint.
_BEHIND = (
    (re.compile(r"\bstopped\s*\Z"), "WHEN", f"write {_STOPPED_WHEN}"),
    (re.compile(r"\bgoto\s*\Z"), "NAME", "write 'goto label'; 'goto done' ends the process"),
    (
        re.compile(r"\bby\s+\w+\s*\[[^\]\n]*\Z"),
        "NOT",
        "who acts is said by the parameters: 'action run(t : Td) by guest[t] { ... }'",
    ),
    (
        re.compile(r"\bcheck\b[^\n]*\sin\s+\w+(?:\s*,\s*\w+)*\s*\Z"),
        "WHERE",
        "several configurations have commas between them: 'check p in v5, v6'",
    ),
)


def explain(complaint: Complaint) -> Diagnostic:
    """One diagnostic for one complaint of the parser."""
    if complaint.terminal == "":
        return _unexpected_character(complaint)
    if complaint.terminal == TOO_DEEP:
        return too_deep(complaint.span)
    found = (
        _end_of_file(complaint)
        or other_shape(complaint)
        or _reserved_word_as_name(complaint)
        or habit(complaint)
        or _stopped_actor(complaint)
        or _stopped_process(complaint)
        or _behind(complaint)
        or _missing_operand(complaint)
        or _unknown_declaration(complaint)
        or _like_a_sample(complaint)
        or _wrong_assignment(complaint)
        or _arrow(complaint)
        or replace(_plain(complaint), hint=form(complaint))
    )
    return _with_open_bracket(found, complaint)


def _unexpected_character(complaint: Complaint) -> Diagnostic:
    text, start = complaint.source.text, complaint.start
    if text[start] == '"':
        return _open_string(complaint.source, start)
    if text.startswith("/*", start):
        return Diagnostic(
            Code.E114,
            "this comment is not closed",
            Span(complaint.source, start, start + 2),
            hint="close it with '*/'; comments do not nest",
        )
    found = other_shape(complaint) or habit(complaint)
    if found is not None:
        return found
    sign = text[start]
    code, hint = _CHARACTERS.get(sign, (Code.E110, _NO_SIGN))
    doubled = text[start : start + 2] if text.startswith(sign * 2, start) and sign in "&|" else sign
    shown = doubled if doubled.isprintable() else f"U+{ord(sign):04X}"
    message = f"'{shown}' is not an operator here" if code is Code.E118 else f"unexpected character '{shown}'"
    return Diagnostic(code, message, Span(complaint.source, start, start + len(doubled)), hint=hint)


def _open_string(source: SourceFile, start: int) -> Diagnostic:
    line = re.compile(r"[^\r\n]*").match(source.text, start)
    end = line.end() if line else start + 1
    escape = re.compile(r'"(?:[^"\\\r\n]|\\["\\])*(\\[^"\\\r\n])').match(source.text, start)
    if escape:
        return Diagnostic(
            Code.E110,
            f"unknown escape '{escape[1]}' in a string",
            Span(source, escape.start(1), escape.end(1)),
            hint='the only escapes are \\" and \\\\',
        )
    return Diagnostic(
        Code.E113,
        "this string is not closed",
        Span(source, start, end),
        hint="close it with '\"' on the same line; for a long text write several comments",
    )


def _end_of_file(complaint: Complaint) -> Diagnostic | None:
    if complaint.terminal != "$END":
        return None
    span = Span(complaint.source, complaint.before, complaint.before)
    found = _like_a_sample(complaint)
    hint = found.hint if found else missing_operand(complaint)
    if hint is None and complaint.opened is not None:
        opening = complaint.source.text[complaint.opened]
        hint = f"close the '{opening}' with '{_CLOSING[opening]}'"
    return Diagnostic(
        Code.E112,
        f"the file ends too early: expected {listed(expectations(complaint.accepted))}",
        span,
        hint=hint or form(complaint),
    )


def _arrow(complaint: Complaint) -> Diagnostic | None:
    if complaint.terminal != "ARROW":
        return None
    return Diagnostic(
        Code.E118,
        "'->' is not an operator here",
        complaint.span,
        hint="write 'implies'; '->' stands between guard and outcome in an access table",
    )


def _wrong_assignment(complaint: Complaint) -> Diagnostic | None:
    if complaint.terminal == "EQUAL" and "ASSIGN" in complaint.accepted:
        return Diagnostic(
            Code.E116, "'=' compares, it does not assign", complaint.span, hint="write ':=' to assign"
        )
    if complaint.terminal != "ASSIGN":
        return None
    hint = (
        "write '=' to compare, or for an initial value"
        if complaint.accepted & {"EQUAL", "COLON"}
        else "an assignment is a statement of its own: name := value"
    )
    return Diagnostic(Code.E116, "':=' assigns, which cannot be done here", complaint.span, hint=hint)


def _reserved_word_as_name(complaint: Complaint) -> Diagnostic | None:
    if not is_misused(complaint):
        return None
    word = complaint.text
    return Diagnostic(
        Code.E115,
        f"'{word}' is a reserved word and cannot be a name",
        complaint.span,
        hint=f"choose another name, such as '{word}_' or something longer",
    )


def _unknown_declaration(complaint: Complaint) -> Diagnostic | None:
    if complaint.terminal not in ("NAME", "BOOL") or "PARAM" not in complaint.accepted:
        return None
    word = complaint.text
    meant = declaration_meant(word)
    if meant is None and not complaint.is_first_on_line:
        return None
    return Diagnostic(
        Code.E111,
        f"expected a declaration, found '{word}'",
        complaint.span,
        hint=f"did you mean '{meant}'?" if meant else f"declarations begin with {listed(DECLARATION_WORDS)}",
    )


def _stopped_actor(complaint: Complaint) -> Diagnostic | None:
    """Another word for `stopped`: `actor a halts when e`, `actor a dies`."""
    if complaint.terminal not in _WORDS or "WORD_STOPPED" not in complaint.accepted:
        return None
    if complaint.is_first_on_line:
        return None
    word = complaint.text
    if _CONDITION.match(complaint.source.text, complaint.end):
        return replace(_plain(complaint), hint=f"write 'stopped when' in place of '{word} when'")
    if _STOPS.fullmatch(word):
        return replace(_plain(complaint), hint=f"write 'stopped when e' in place of '{word}': {_STOPPED}")
    if word.lower() in OTHER_WORDS or complaint.terminal != "NAME":
        return None
    return replace(
        _plain(complaint), hint=f"several actors have commas between them; or write {_STOPPED_WHEN}"
    )


def _stopped_process(complaint: Complaint) -> Diagnostic | None:
    """`process p stopped when e`, as it is said of actors: a process says when it goes on."""
    if complaint.text != "stopped" or not {"BY", "LBRACE", "WHEN"} <= complaint.accepted:
        return None
    hint = "a process says when its steps are possible: 'process p when e { ... }'"
    return replace(_plain(complaint), hint=hint)


def _behind(complaint: Complaint) -> Diagnostic | None:
    """Advice for which it is enough to look at what stands before."""
    if complaint.terminal == "NAME" and complaint.is_first_on_line and "PARAM" in complaint.accepted:
        return None  # the next declaration is what is wrong
    text = complaint.source.text[max(0, complaint.before - 200) : complaint.before]
    for pattern, wanted, hint in _BEHIND:
        if wanted in complaint.accepted and pattern.search(text):
            return replace(_plain(complaint), hint=hint)
    return None


def _missing_operand(complaint: Complaint) -> Diagnostic | None:
    hint = missing_operand(complaint)
    return None if hint is None else replace(_plain(complaint), hint=hint)


def _like_a_sample(complaint: Complaint) -> Diagnostic | None:
    found = advice(complaint)
    if found is None:
        return None
    plain = _plain(complaint)
    return replace(plain, message=found.message or plain.message, hint=found.hint)


def _plain(complaint: Complaint) -> Diagnostic:
    expected = expectations(complaint.accepted)
    found = complaint.text if len(complaint.text) <= 40 else complaint.text[:37] + "..."
    message = (
        f"expected {listed(expected)}, found {quoted(found)}" if expected else f"unexpected {quoted(found)}"
    )
    return Diagnostic(Code.E111, message, complaint.span)


def _with_open_bracket(found: Diagnostic, complaint: Complaint) -> Diagnostic:
    """Point at the bracket still open where the file ends or something new begins inside it."""
    begins_anew = complaint.terminal == "$END" or complaint.text in DECLARATION_WORDS
    if complaint.opened is None or not begins_anew or found.code is Code.E115:
        return found
    sign = complaint.source.text[complaint.opened]
    span = Span(complaint.source, complaint.opened, complaint.opened + 1)
    return replace(found, notes=(*found.notes, Note(f"this '{sign}' is still open", span)))
