"""Which of the words of the language are names.

A word that is not reserved means something where the grammar has it, and is an ordinary name everywhere
else. Where both can stand, the token behind it tells: it is a name if what follows fits only behind a name.
So a word for which both could fit has to be reserved; `tests/syntax/test_words.py` holds that. The words
that claims begin with are the exception: where a claim begins they are these words, although `x leads_to y`
may begin with any name. So is `possible` behind `always`: `always possible (x)` calls nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from lark.lexer import LexerState
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_interactive_parser import InteractiveParser

from tdxverify.syntax import grammar
from tdxverify.syntax.complaint import Complaint

# Operators, values, and what begins an expression or a statement; and `deadlock`, because
# `never deadlock` would be two claims if it were a name as well; and `strongly`, because behind
# `assuming fair a, strongly` there may be `fair action ...`.
RESERVED = frozenset(
    (
        *("and", "any", "anyone", "bool", "deadlock", "div", "either", "else", "exists", "false", "forall"),
        *(
            "foreach",
            "goto",
            "if",
            "iff",
            "implies",
            "mod",
            "not",
            "or",
            "otherwise",
            "strongly",
            "then",
            "true",
        ),
        *("when", "while"),
    )
)

FIRST_OF_CLAIMS = frozenset(("never", "always", "reachable", "step", "contained", "eventually", "each"))
SECOND_OF_CLAIMS = frozenset(("possible",))  # behind one of these

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What may follow a name where names are given, and where something else than a name may stand, too.
_USED_AS_NAME = re.compile(r"\s*(?::=|:|\[|'|,|=|\.|\)|\]|\})")
_USED_IN_PASSING = re.compile(r"\s*(?::=|:|\[|'|=|\.)")
_ELSEWHERE = frozenset({"TRUE", "GOTO", "BOOL"})
_ONLY_BEHIND_NAMES = frozenset({"PRIME", "DOT"})
_BEHIND_TARGETS = frozenset({"ASSIGN", "COLON", "LSQB", "EQUAL"})
_VALUES = frozenset({"any", "bool", "deadlock", "false", "true"})

_Stack: TypeAlias = Sequence[Any]  # the states of the parser


@cache
def words() -> Mapping[str, str]:
    """Every word that the lexer takes for one of the language wherever it stands -> its terminal."""
    return {
        word: terminal
        for word, terminals in _spelled().items()
        for terminal in terminals
        if not terminal.startswith("WORD_")
    }


@cache
def _spelled() -> Mapping[str, frozenset[str]]:
    """A word -> all that it can be besides a name."""
    found: dict[str, set[str]] = {}
    for terminal in grammar.parser().terminals:
        value = terminal.pattern.value
        if terminal.pattern.type == "str" and value.isidentifier():
            found.setdefault(value, set()).add(terminal.name)
    return {word: frozenset(terminals) for word, terminals in found.items()}


class Words:
    """Tells names from words of the language in one text, by the tables of the parser that reads it."""

    def __init__(self, interactive: InteractiveParser) -> None:
        conf = interactive.parser_state.parse_conf
        self.states: Any = conf.states
        self.end_state = conf.end_state
        self.start = (conf.start_state,)
        self.root: Any = interactive.lexer_thread.lexer.lexer.root_lexer  # type: ignore[attr-defined]

    def terminal(self, word: str, terminal: str, stack: _Stack, lexer_state: LexerState) -> str:
        """What `word`, which can be `terminal` or a name, is here: `terminal` or "NAME".

        The parser has come to `stack`, the lexer behind the word. Where neither can stand it is `terminal`,
        and so it is where a declaration begins although the one before is unfinished.
        """
        as_name = None if word in RESERVED else self.behind(stack, "NAME")
        if as_name is None:
            return terminal
        as_word = self.behind(stack, terminal)
        begins_anew = as_word is None
        if begins_anew:
            as_word = self.behind(self.start, terminal)
        if as_word is None:
            return "NAME"
        following = tuple(self._following(lexer_state))
        fits_word = any(self.behind(as_word, one) is not None for one in following)
        fits_name = any(self.behind(as_name, one) is not None for one in following)
        if begins_anew:
            return terminal if fits_word and not fits_name else "NAME"
        return "NAME" if fits_name and not fits_word else terminal

    def behind(self, stack: _Stack, terminal: str) -> _Stack | None:
        """The parser's states when it has read `terminal` behind `stack`; None if that cannot come next."""
        states = list(stack)
        while (entry := self.states[states[-1]].get(terminal)) is not None:
            action, argument = entry
            if action is Shift:
                states.append(argument)
                return states
            if argument.expansion:
                del states[-len(argument.expansion) :]
            states.append(self.states[states[-1]][argument.origin.name][1])
            if terminal == "$END" and states[-1] == self.end_state:
                return states
        return None

    def _following(self, lexer_state: LexerState) -> Iterator[str]:
        """All that the next token can be."""
        text, position = lexer_state.text, lexer_state.line_ctr.char_pos
        while found := self.root.match(text, position):
            value, terminal = found
            if terminal not in self.root.ignore_types:
                word = _NAME.match(value)  # the root lexer may see more than a name, as in A-1
                reserved = word is not None and word[0] in RESERVED
                if not reserved or terminal != "NAME":
                    yield terminal
                if word:
                    if not reserved:
                        yield "NAME"
                    yield from _spelled().get(word[0], ())
                return
            position += len(value)
        if position >= text.end:
            yield "$END"


def is_misused(complaint: Complaint) -> bool:
    """Whether what stands there is a reserved word, written where and how a name would be.

    The first word of a line that starts something new rather shows that what came before is unfinished.
    """
    if complaint.text not in RESERVED or "NAME" not in complaint.accepted:
        return False
    text, end = complaint.source.text, complaint.end
    if complaint.accepted & _ELSEWHERE:
        return _USED_IN_PASSING.match(text, end) is not None
    return not complaint.is_first_on_line or _USED_AS_NAME.match(text, end) is not None


def stands_for_a_name(word: str, complaint: Complaint) -> bool:
    """Whether `word`, which stands before the complaint and could stand there, was meant as a name."""
    if word not in RESERVED:
        return False
    return complaint.terminal in _ONLY_BEHIND_NAMES or (
        complaint.terminal in _BEHIND_TARGETS and word not in _VALUES
    )
