"""What the parser would have accepted, in words."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.syntax import grammar
from tdxverify.syntax.claims import PropertyKind
from tdxverify.syntax.operators import BY_SIGN


def listed(phrases: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = phrases
    return f"{', '.join(first)} or {last}" if first else last


FAIR_WORDS = "fair", "strongly"  # what may stand before some of these
DECLARATION_WORDS = (
    *("module", "import", "param", "assume", "index", "enum", "fault", "actor", "const", "state"),
    *("memory", "init", "define", "access", "action", "process", "halt", "secret", "observer"),
    *("property", "config", "check", "prelude", "refine"),
)

_BEHIND_NAMES = frozenset({"PRIME", "DOT", "LSQB", "LPAR", "AT", "TOOK", "IS"})
_VALUE = frozenset({"TRUE", "FALSE", "INT", "NAME", "LPAR", "MINUS", "ANYONE"})
_EXPRESSION = _VALUE | {"NOT", "FORALL", "EXISTS", "IF"}
_TYPE = frozenset({"BOOL", "NAME", "INT", "MINUS"})
_STATEMENT = frozenset({"NAME", "IF", "FOREACH", "EITHER", "WHEN", "GOTO"})
_OUTCOME = frozenset({"WORD_OK", "WORD_OK_WITH", "WORD_DROPPED", "FAULT"})
_CLAIM_WORDS = tuple(dict.fromkeys(kind.words[0] for kind in PropertyKind if isinstance(kind.words[0], str)))
_CLAIM = frozenset(word.upper() for word in _CLAIM_WORDS if word != "eventually") | {"WORD_EVENTUALLY"}
_VERDICT = frozenset({"WORD_PROVED", "WORD_REFUTED", "WORD_UNKNOWN", "WORD_VACUOUS"})
DECLARATIONS = frozenset(word.upper() for word in DECLARATION_WORDS if word not in ("module", "import"))
_FILE = frozenset({"MODULE", "IMPORT", "$END"})

# Larger groups first: the first group that is accepted as a whole takes its terminals away.
_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (DECLARATIONS, "a declaration such as 'state', 'action' or 'property'"),
    (_EXPRESSION, "an expression"),
    (_VALUE, "a value"),
    (_TYPE, "a type such as bool, 0..7 or an enum"),
    (_STATEMENT, "a statement"),
    (_OUTCOME, "an outcome: ok, dropped or fault #F"),
    (_CLAIM, f"what the property claims: {listed(_CLAIM_WORDS)}"),
    (_VERDICT, "a verdict: proved, refuted, unknown or vacuous"),
    (frozenset({"INT", "MINUS"}), "a number such as 3 or -1"),
)
_SINGLE = {
    "NAME": "a name",
    "FAULT_NAME": "a fault such as #MC",
    "CITATION": "the id of a fact, such as F-TDX-31",
    "INT": "a number",
    "STRING": "a string in double quotes",
}
_OPTIONAL = frozenset(
    {"STRING", "CITE", "EMIT", "SEMICOLON", "WORD_OK_WITH", "WORD_COUNT"}
    | {"WORD_FAIR", "STRONGLY", "WORD_EACH", "WORD_POSSIBLE"}
)


def expectations(accepted: Iterable[str]) -> tuple[str, ...]:
    """What may come next, in words; the same words wherever the same things are possible.

    What may be left out anyway (descriptions, semicolons) is named only if there is nothing else.
    """
    rest = set(accepted)
    words: list[str] = []
    if rest >= {"IFF", "AND", "OR"}:
        rest -= {terminal for terminal in rest if _is_operator(terminal)} | _BEHIND_NAMES
        words.append("an operator")
    groups: list[str] = []
    for group, phrase in _GROUPS:
        if rest >= group:
            rest -= group | (_FILE if group is DECLARATIONS else frozenset())
            groups.append(phrase)
    if words or groups or rest - _OPTIONAL:
        rest -= _OPTIONAL
    return (*words, *(_phrase(terminal) for terminal in sorted(rest)), *groups)


def _is_operator(terminal: str) -> bool:
    return terminal == "IN" or (terminal != "$END" and grammar.spelling(terminal) in BY_SIGN)


def _phrase(terminal: str) -> str:
    if terminal == "$END":
        return "the end of the file"
    return _SINGLE.get(terminal) or quoted(grammar.spelling(terminal))


def quoted(sign: str) -> str:
    """`sign` as it is shown in messages."""
    return f'"{sign}"' if "'" in sign else f"'{sign}'"
