"""Text -> Lark's tree, or every place where a declaration is broken.

Lark's tables are driven by a loop of our own, one declaration after another: when a declaration is
broken, the complaint is kept, the parser goes back to where the declaration began, and reading goes
on at the next line that starts one. So a file shows all its mistakes at once, and one mistake shows
once.
"""

from __future__ import annotations

import re

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import LexerState
from lark.parsers.lalr_interactive_parser import InteractiveParser

from tdxverify.budget import TooLarge
from tdxverify.diagnostics import InternalError
from tdxverify.source import SourceFile
from tdxverify.syntax import grammar
from tdxverify.syntax.complaint import TOO_DEEP, Complaint
from tdxverify.syntax.expectations import DECLARATION_TERMINALS, DECLARATION_WORDS

MOST_COMPLAINTS = 20  # of one file
DEEPEST_BRACKETS = 100

_OPENING = frozenset({"LPAR", "LSQB", "LBRACE"})
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})

# Comments and strings, closed or not, are consumed so that no word inside them counts as the start of
# a declaration; each alternative matches wherever its first character does, so the search is linear.
_NEXT_DECLARATION = re.compile(
    rf"""
      //[^\n]*+ | /\*.*?(?:\*/|\Z) | "(?:[^"\\\r\n]|\\[^\r\n])*+"?
    | ^[ \t]*+(?P<word>(?:{"|".join(DECLARATION_WORDS)})\b)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def read_tree(source: SourceFile) -> tuple[Tree[Token] | None, tuple[Complaint, ...]]:
    """The tree of a text without mistakes, or None and one complaint per broken declaration."""
    reading = _Reading(source)
    return reading.read(), tuple(reading.complaints)


def first_complaint(source: SourceFile) -> Complaint:
    """The first place where `source`, which must be broken, cannot go on."""
    _, complaints = read_tree(source)
    if not complaints:
        raise InternalError(f"this was meant to be broken: {source.text}")
    return complaints[0]


class _Reading:
    """One pass over one file."""

    def __init__(self, source: SourceFile) -> None:
        machine = grammar.parser()
        self.source = source
        self.reserved = grammar.reserved_words(machine)
        self.interactive: InteractiveParser = machine.parse_interactive(source.text)
        self.state = self.interactive.parser_state
        self.lexer = self.interactive.lexer_thread.lexer
        self.lexer_state = _lexer_state(self.interactive)
        self.complaints: list[Complaint] = []
        # Height of the parser's stack where the declaration being read began. The stack below it
        # does not change before the next declaration begins.
        self.floor = 1
        self.last_end = 0
        self.open_brackets: list[int] = []
        self.resumed_at = -1

    def read(self) -> Tree[Token] | None:
        """The tree if there are no complaints; else they are in `complaints`."""
        while len(self.complaints) < MOST_COMPLAINTS:
            try:
                self._read_tokens()
                tree = self._end()
                return None if self.complaints else tree
            except UnexpectedInput as error:
                complaint = self._complaint(error)
            except TooLarge:
                complaint = self._deep_complaint()
            if complaint.start != self.resumed_at:
                self.complaints.append(complaint)
            if not self._resume(complaint):
                break
        return None

    def _read_tokens(self) -> None:
        state, brackets, reserved = self.state, self.open_brackets, self.reserved
        for token in self.lexer.lex(self.lexer_state, state):
            kind = token.type
            if kind == "NAME" and token in reserved:
                kind = token.type = reserved[token]  # only a name where the word means nothing: reserved
            elif kind in _OPENING:
                brackets.append(token.start_pos or 0)
                if len(brackets) > DEEPEST_BRACKETS:
                    raise TooLarge
            elif kind in _CLOSING and brackets:
                brackets.pop()
            self._feed(token)
            self.last_end = token.end_pos or 0
            if kind in DECLARATION_TERMINALS and not brackets:
                self.floor = len(state.state_stack) - 1

    def _feed(self, token: Token) -> None:
        try:
            self.state.feed_token(token)
        except UnexpectedToken:
            # The tables merge contexts, so a word of section 8 of the grammar may have been taken for
            # more than a name although only a name can stand here.
            if not token.type.startswith("WORD_"):
                raise
            token.type = "NAME"
            self.state.feed_token(token)

    def _end(self) -> Tree[Token]:
        """Tell the parser that the text has ended."""
        end = self.last_end
        tree: Tree[Token] = self.state.feed_token(Token("$END", "", end, end_pos=end), is_end=True)
        return tree

    def _complaint(self, error: UnexpectedInput) -> Complaint:
        if isinstance(error, UnexpectedToken):
            terminal, start, end = error.token.type, error.token.start_pos or 0, error.token.end_pos or 0
        elif isinstance(error, UnexpectedCharacters):
            terminal, start, end = "", error.pos_in_stream or 0, (error.pos_in_stream or 0) + 1
        else:
            raise InternalError(f"the parser stopped without saying where: {error}")
        opened = self.open_brackets[-1] if self.open_brackets else None
        accepted = frozenset[str](self.interactive.accepts())  # type: ignore[no-untyped-call]
        return Complaint(self.source, terminal, start, end, accepted, self.last_end, opened)

    def _deep_complaint(self) -> Complaint:
        start = self.open_brackets[-1]
        return Complaint(self.source, TOO_DEEP, start, start + 1, frozenset(), self.last_end, None)

    def _resume(self, complaint: Complaint) -> bool:
        """Forget the broken declaration and stand at the next one; False if there is none."""
        position = self._next_declaration(complaint)
        if position is None:
            return False
        del self.state.state_stack[self.floor :]
        del self.state.value_stack[self.floor - 1 :]
        self.lexer_state.line_ctr.char_pos = position
        self.open_brackets.clear()
        self.resumed_at = position
        return True

    def _next_declaration(self, complaint: Complaint) -> int | None:
        """Where the first line begins that starts a declaration at or behind the complaint.

        Not where we have resumed before without getting on.
        """
        text, start = self.source.text, complaint.start
        line_start = text.rfind("\n", 0, start) + 1
        position = line_start if not text[line_start:start].strip() else start
        for match in _NEXT_DECLARATION.finditer(text, position):
            word = match.start("word")
            if word >= start and word > self.resumed_at:
                return word
        return None


def _lexer_state(interactive: InteractiveParser) -> LexerState:
    state = interactive.lexer_thread.state
    if state is None:
        raise InternalError("the parser was made without a text")
    return state
