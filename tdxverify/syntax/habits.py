"""What people write who have another language in mind, or our words in another order: the text tells."""

from __future__ import annotations

import re

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import Span
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
    "/=": (Code.E111, "inequality is '!='"),
    "=<": (Code.E111, "write '<='"),
    "/\\": (Code.E118, "write 'and'"),
    "\\/": (Code.E118, "write 'or'"),
    "\\E": (Code.E118, "write 'exists l : Line: ...'"),
    "\\A": (Code.E118, "write 'forall l : Line: ...'"),
    "\\in": (Code.E118, "write 'in'"),
    "<<": (Code.E111, "there are no operations on bits: multiply, or divide by 'div'"),
    ">>": (Code.E111, "there are no operations on bits: multiply, or divide by 'div'"),
    "?": (Code.E118, "write 'if c then a else b'"),
    "(*": (Code.E111, "comments are '// ...' and '/* ... */'"),
    "~>": (Code.E118, "write 'leads_to'"),
}
_SIGN = re.compile(r"\\[A-Za-z]+|\(\*|[=<>!~?/\\-]+")
_OUTCOME = re.compile(r"\s*(?:ok|dropped|fault)\b")
_BINDER = re.compile(r"\b(foreach|forall|exists)\s+(\w+(?:\s*,\s*\w+)*)\s*\Z")
_FOR = re.compile(r"(?:\A|[{};\s])(for)\s*\(?\s*\Z")
_FOR_OF_C = re.compile(r"(?:\A|[{};\s])(for)\s*\([^(){};]*\Z")
_IMPORT = re.compile(r"\s*import\b")
_DECLARED = re.compile(
    rf"\b({'|'.join(w for w in DECLARATION_WORDS if w not in ('import', 'prelude'))})\s*\Z"
)
_LAST_DECLARATION = re.compile(rf"^[ \t]*({'|'.join(DECLARATION_WORDS)})\b", re.MULTILINE)
_LAST_WORD = re.compile(r"([A-Za-z_]\w*)\s*\Z")
_AGAIN = "that it happens again and again is: true leads_to x"
_LIVENESS = {
    "eventually": f"write 'property p eventually x'; {_AGAIN}",
    "leads_to": "write 'property p x leads_to y': that says it of every time, so there is no 'always'",
    "leadsto": "write 'property p x leads_to y'",
    "finally": "write 'property p eventually x'",
    "inevitably": "write 'property p eventually x'",
    "infinitely": _AGAIN,
    "until": "that y comes after x is 'x leads_to y'; what must not happen before is a claim of its own",
    "release": "what must not happen before is a claim of its own: never ...",
    "fair": "it stands before 'action', 'process', 'actor' or a label; or: check p assuming fair NAME",
    "unfair": "nothing is fair but what is declared 'fair', and what a check assumes: assuming fair NAME",
}
_POSSIBLE = re.compile(
    r"\bproperty\s+[A-Za-z_]\w*\s+(AG\s*\(?\s*EF|E[FX]|always\s+(?:eventually|can|could|possibly|reachable)"
    r"|always\s+eventually\s+possible|reachable\s+always|eventually\s+possible|possibl[ey]|can\s+always)\b"
)
_NOTHING_POSSIBLE = re.compile(r"\b(always\s+possible)\s*\Z")
_CONDITION = re.compile(r"\bproperty\s+[A-Za-z_]\w*\s+(?!each\b)((?:(?!\bproperty\b).)*)\Z", re.DOTALL)
_OTHER_BASE = re.compile(r"\b0(?:[xX][0-9A-Fa-f]+|[bB][01]+|[oO][0-7]+)\b")

_NO_RETURN = "a define is an expression: 'define f(n : 0..7) = n + 1'"
_JOINTS = {
    "xor": "one of two conditions is 'a != b'",
    "nand": "write 'not (a and b)'",
    "nor": "write 'not (a or b)'",
    "unless": "write 'a or b'",
    "of": "a set is a bool for each element, as in 'state chosen[Page] : bool'; an index stands behind: x[l]",
    "U": "that y comes after x is 'x leads_to y'; what must not happen before is a claim of its own",
    "W": "that something holds until another does needs a state that remembers the other",
}
_QUANTIFIERS = {
    **dict.fromkeys(("some", "E", "EX", "any_of"), "write 'exists l : Line: ...'"),
    **dict.fromkeys(("all", "every", "A", "AX"), "write 'forall l : Line: ...'"),
    "no": "write 'not exists l : Line: ...'",
    **dict.fromkeys(("lone", "atmost"), "write '(count l : Line: e) <= 1'"),
    "one": "write '(count l : Line: e) = 1'",
}
_NOTHING = "a step that does nothing has empty braces: '{ }'"
_STATEMENTS = {
    **dict.fromkeys(("elif", "elsif", "elseif"), "write 'else if e { ... }'"),
    **dict.fromkeys(("skip", "pass", "nop", "null"), _NOTHING),
    **dict.fromkeys(
        ("return", "exit"), "a step ends behind its last statement; put the rest into 'else { ... }'"
    ),
    **dict.fromkeys(
        ("break", "continue"), "inside a step put the rest into 'if e { ... }'; 'goto label' leads on"
    ),
    **dict.fromkeys(("await", "wait"), "write 'when e': the step is possible only where it holds"),
    "assert": "what must hold is a property: 'property p always e'",
    **dict.fromkeys(
        ("let", "local"), "a step has no variables of its own; give an expression a name with 'define'"
    ),
}
# What is followed by an expression that is easily left out, and has a hint of its own.
_HEADS = re.compile(r"\b(?:init|when|if|while|property\s+\w+|process\s+\w+)\s*\Z")
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
        or _comment(complaint)
        or _number_of_another_base(complaint)
        or _bar(complaint)
        or _possibility(complaint)
        or _liveness(complaint)
        or _claim_without_word(complaint)
        or _description_first(complaint)
        or _without_type(complaint)
        or _loop(complaint)
        or _dotted(complaint)
        or _configuration_last(complaint)
        or _other_words(complaint)
        or _return(complaint)
        or _braces(complaint)
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
    if text.startswith("::", start):
        span = Span(complaint.source, start, start + 2)
        return Diagnostic(Code.E110, "'::' is not an operator here", span, hint="write 'Phase.busy'")
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
    elif "NOT" in complaint.accepted:
        hint = "how many: '(count l : Line: e) <= 2'"
    else:
        return None
    return Diagnostic(
        Code.E110, "unexpected character '|'", Span(complaint.source, start, start + 1), hint=hint
    )


def _comment(complaint: Complaint) -> Diagnostic | None:
    """`-- a comment`, which begins like a difference."""
    text, start = complaint.source.text, complaint.start
    line_start = text.rfind("\n", 0, start) + 1
    dashes = text.find("--", line_start, start)
    if dashes < 0 or any(sign in text[line_start:dashes] for sign in ('"', "//", "/*")):
        return None
    return Diagnostic(
        Code.E111,
        "'--' begins no comment",
        Span(complaint.source, dashes, dashes + 2),
        hint="comments begin with '//'",
    )


def _number_of_another_base(complaint: Complaint) -> Diagnostic | None:
    """`0xff`, which is read as `0` and a name."""
    text = complaint.source.text
    for found in _OTHER_BASE.finditer(text, max(0, complaint.before - 40), complaint.end + 40):
        if found.start() < complaint.end and complaint.before <= found.end():
            value = int(found[0], 0)
            span = Span(complaint.source, found.start(), found.end())
            return Diagnostic(Code.E111, "numbers are decimal", span, hint=f"write {value}")
    return None


def _other_words(complaint: Complaint) -> Diagnostic | None:
    """Words of other languages, read as names: the one that is not expected, or the one before it."""
    before = _LAST_WORD.search(_before(complaint))
    is_behind_value = complaint.terminal in ("NAME", "OF") and bool(
        complaint.accepted & {"AND", "PARAM", "RPAR"}
    )
    if is_behind_value and complaint.text in _JOINTS:
        return Diagnostic(
            Code.E118, f"'{complaint.text}' is no operator", complaint.span, hint=_JOINTS[complaint.text]
        )
    if before is None:
        return None
    word = before[1]
    start = complaint.before - len(before[0])
    span = Span(complaint.source, start, start + len(word))
    if word in _QUANTIFIERS and is_behind_value and not complaint.is_first_on_line:
        return Diagnostic(Code.E111, f"'{word}' is no quantifier", span, hint=_QUANTIFIERS[word])
    if word in _STATEMENTS and "ASSIGN" in complaint.accepted and complaint.terminal != "EQUAL":
        return Diagnostic(Code.E111, f"'{word}' is not a statement", span, hint=_STATEMENTS[word])
    return None


def _possibility(complaint: Complaint) -> Diagnostic | None:
    """`AG EF x`, `reachable always x`, `always eventually possible x`; or `always possible` and no more."""
    text = complaint.source.text[: complaint.end]
    unfinished = _NOTHING_POSSIBLE.search(text, max(0, complaint.before - 200), complaint.start)
    if unfinished is not None:
        hint = "say what, as in 'always possible x'; a name stands in brackets: 'always (possible)'"
        span = Span(complaint.source, unfinished.start(), unfinished.end(1))
        return Diagnostic(Code.E111, "nothing says what is always possible", span, hint=hint)
    claim = max(_POSSIBLE.finditer(text, max(0, complaint.before - 200)), key=re.Match.end, default=None)
    if claim is None or text[claim.end() : complaint.start].strip(" (\t\r\n"):
        return None
    if claim[1].split()[-1] == "eventually" and complaint.text != "possible":
        return None
    if claim[1] == "EF":
        hint = (
            "that x is reached in some run is 'property p reachable x', from everywhere 'always possible x'"
        )
    else:
        hint = "that x can be reached from everywhere is 'property p always possible x'"
    span = Span(complaint.source, claim.start(1), claim.end(1))
    return Diagnostic(Code.E111, f"'{claim[1]}' is no claim", span, hint=hint)


def _liveness(complaint: Complaint) -> Diagnostic | None:
    word, span = complaint.text, complaint.span
    before = _LAST_WORD.search(_before(complaint))
    if word not in _LIVENESS and before is not None and before[1] in _LIVENESS:
        start = complaint.before - len(before[0])
        word, span = before[1], Span(complaint.source, start, start + len(before[1]))
    if word not in _LIVENESS or complaint.accepted == {"NAME"}:
        return None
    return Diagnostic(Code.E111, f"'{word}' cannot stand here", span, hint=_LIVENESS[word])


def _claim_without_word(complaint: Complaint) -> Diagnostic | None:
    """A property that is a condition and nothing else."""
    text = complaint.source.text[: complaint.before]
    condition = _CONDITION.search(text)
    if "WORD_LEADS_TO" not in complaint.accepted or condition is None:
        return None
    span = Span(complaint.source, condition.start(1), len(text.rstrip()))
    hint = "write 'property name never e', or always, reachable, step, eventually, 'e leads_to f', ..."
    return Diagnostic(Code.E111, "nothing says what is claimed of this condition", span, hint=hint)


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


def _configuration_last(complaint: Complaint) -> Diagnostic | None:
    """`check p where e in v5`, where `in` belongs to the expression, or `check p expect unknown in v5`."""
    begun = _LAST_DECLARATION.findall(complaint.source.text, 0, complaint.before)
    if not begun or begun[-1] != "check":
        return None
    accepted = complaint.accepted
    if complaint.terminal == "NAME" and accepted in ({"LBRACE", "INT", "MINUS"}, {"INT"}):
        sets = "" if accepted == {"INT"} else "; in an expression, 'x in { a, b }' or 'x in 0..3'"
    elif complaint.terminal == "IN" and accepted & {"WHERE", "EXPECT"}:
        sets = ""
    else:
        return None
    return Diagnostic(
        Code.E111,
        "a configuration cannot stand here",
        complaint.span,
        hint=f"configurations stand before 'where' and 'expect', as in 'check p in v5 where e'{sets}",
    )


def _loop(complaint: Complaint) -> Diagnostic | None:
    """`for` and `forall` where a statement stands."""
    hint = "among statements write 'foreach l : Line { ... }'"
    if complaint.terminal == "FORALL" and "GOTO" in complaint.accepted:
        return Diagnostic(Code.E111, "'forall' is not a statement", complaint.span, hint=hint)
    word = _FOR.search(_before(complaint)) or (
        _FOR_OF_C.search(_before(complaint)) if complaint.terminal == "SEMICOLON" else None
    )
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


def _braces(complaint: Complaint) -> Diagnostic | None:
    """`define f = { return n }`: braces where an expression stands."""
    if complaint.terminal != "LBRACE" or not {"TRUE", "NOT", "LPAR"} <= complaint.accepted:
        return None
    if complaint.accepted & {"ANY", "RBRACE"} or _HEADS.search(_before(complaint)):
        return None
    hint = "an expression stands without braces, and without 'return'; round brackets group"
    return Diagnostic(Code.E111, "expected an expression, found '{'", complaint.span, hint=hint)


def _return(complaint: Complaint) -> Diagnostic | None:
    """`define f = return n`."""
    word = _LAST_WORD.search(_before(complaint))
    if word is None or word[1] != "return" or not complaint.accepted & {"AND", "PARAM"}:
        return None
    start = complaint.before - len(word[0])
    span = Span(complaint.source, start, start + len(word[1]))
    return Diagnostic(Code.E111, "'return' cannot stand here", span, hint=_NO_RETURN)
