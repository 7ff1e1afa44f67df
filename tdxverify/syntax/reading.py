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
from tdxverify.syntax.expectations import DECLARATION_WORDS
from tdxverify.syntax.other_words import begins_other, may_begin_declaration
from tdxverify.syntax.words import Words, is_misused, stands_for_a_name, words

MOST_COMPLAINTS = 20  # of one file
DEEPEST_BRACKETS = 100

_OPENING = frozenset({"LPAR", "LSQB", "LBRACE"})
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})
_DECLARATION_TERMINALS = frozenset(word.upper() for word in DECLARATION_WORDS)

# Comments and strings, closed or not, are consumed so that no word inside them counts as the start of
# a declaration; each alternative matches wherever its first character does, so the search is linear.
# The same words are names inside of declarations: then no word follows, only a sign.
_NEXT_DECLARATION = re.compile(
    rf"""
      //[^\n]*+ | /\*.*?(?:\*/|\Z) | "(?:[^"\\\r\n]|\\[^\r\n])*+"?
    | ^[ \t]*+(?P<word>(?:(?:strongly\s+)?fair\s+(?=actor\b|action\b|process\b))?
        (?:{"|".join(DECLARATION_WORDS)})\b(?!\s*+[^\sA-Za-z0-9_"\#/(-]))
    | ^(?P<other>[A-Za-z_]\w*+)(?=[ \t]+[A-Za-z_])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def read_tree(source: SourceFile) -> tuple[Tree[Token] | None, tuple[Complaint, ...]]:
    """The tree of all declarations that are not broken, and one complaint for each that is.

    None where the rest could not be read.
    """
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
        self.source = source
        self.interactive: InteractiveParser = grammar.parser().parse_interactive(source.text)
        self.words = Words(self.interactive)
        self.state = self.interactive.parser_state
        self.lexer = self.interactive.lexer_thread.lexer
        self.lexer_state = _lexer_state(self.interactive)
        self.complaints: list[Complaint] = []
        # Height of the parser's stack where the declaration being read began. The stack below it
        # does not change before the next declaration begins.
        self.floor = 1
        self.last = Token("", "", 0, end_pos=0)
        self.misused: set[str] = set()  # reserved words of which it has been said that they are no names
        self.open_brackets: list[int] = []
        self.resumed_at = -1
        # The last word that may have been meant to begin a declaration, although it was read as a name; what
        # could stand there, and where the token before it ends.
        self.doubtful = Token("", ""), frozenset[str](), 0
        self.foreign_at = -1  # where it was resumed last at a declaration that is none of ours, which is told

    def read(self) -> Tree[Token] | None:
        """The tree of what is not broken; what is wrong with the rest is in `complaints`."""
        while len(self.complaints) < MOST_COMPLAINTS:
            try:
                self._read_tokens()
                return self._end()
            except UnexpectedInput as error:
                complaint = self._complaint(error)
            except TooLarge:
                complaint = self._deep_complaint()
            if self._goes_on(complaint):
                continue
            if not self._resume(complaint):
                return self._end_of_unbroken()
        return None

    def _goes_on(self, complaint: Complaint) -> bool:
        """Keep the complaint, unless it is only about a word that there has been one about.

        True if a name was meant that could be read as one.
        """
        word = complaint.text
        repeated = word in self.misused or (
            self.last in self.misused and self._end_of_last == complaint.before
        )
        is_new = complaint.start != self.resumed_at or complaint.start == self.foreign_at
        if is_new and not repeated:
            self.complaints.append(complaint)
        if not is_misused(complaint):
            return False
        self.misused.add(word)
        if complaint.start < self._end_of_last:
            return False
        self._take(Token("NAME", word, complaint.start, end_pos=complaint.end))
        return True

    def _read_tokens(self) -> None:
        brackets, language = self.open_brackets, words()
        for token in self.lexer.lex(self.lexer_state, self.state):
            kind = token.type
            word = language.get(token) or (kind if kind.startswith("WORD_") else None)
            if word is not None:
                token.type = self.words.terminal(token, word, self.state.state_stack, self.lexer_state)
            elif kind in _OPENING:
                brackets.append(token.start_pos or 0)
                if len(brackets) > DEEPEST_BRACKETS:
                    raise TooLarge
            elif kind in _CLOSING and brackets:
                brackets.pop()
            self._take(token)

    def _take(self, token: Token) -> None:
        if token.type == "NAME" and self._begins_line(token) and may_begin_declaration(token):
            self.doubtful = token, self._accepted(), self._end_of_last
        self.state.feed_token(token)
        self.last = token
        if token.type in _DECLARATION_TERMINALS and not self.open_brackets:
            self.floor = len(self.state.state_stack) - 1

    def _begins_line(self, token: Token) -> bool:
        start = token.start_pos or 0
        return start == 0 or self.source.text[start - 1] == "\n"

    def _is_behind(self, word: Token) -> bool:
        """Whether nothing has been read behind `word`, but for a description."""
        between = self.source.text[word.end_pos or 0 : self._end_of_last].strip()
        return word is self.last or (self.last.type == "STRING" and between == self.last)

    def _accepted(self) -> frozenset[str]:
        return frozenset[str](self.interactive.accepts())  # type: ignore[no-untyped-call]

    def _end(self) -> Tree[Token]:
        """Tell the parser that the text has ended."""
        end = self._end_of_last
        tree: Tree[Token] = self.state.feed_token(Token("$END", "", end, end_pos=end), is_end=True)
        return tree

    def _end_of_unbroken(self) -> Tree[Token] | None:
        """The same where the last declaration is broken."""
        self._forget()
        try:
            return self._end()
        except UnexpectedInput:
            return None

    @property
    def _end_of_last(self) -> int:
        return self.last.end_pos or 0

    def _complaint(self, error: UnexpectedInput) -> Complaint:
        if isinstance(error, UnexpectedToken):
            terminal, start, end = error.token.type, error.token.start_pos or 0, error.token.end_pos or 0
        elif isinstance(error, UnexpectedCharacters):
            terminal, start, end = "", error.pos_in_stream or 0, (error.pos_in_stream or 0) + 1
        else:
            raise InternalError(f"the parser stopped without saying where: {error}")
        opened = self.open_brackets[-1] if self.open_brackets else None
        word, accepted, before = self.doubtful
        if terminal == "NAME" and self._is_behind(word):  # no value: what came before it is unfinished
            start, end = word.start_pos or 0, word.end_pos or 0
            return Complaint(self.source, terminal, start, end, accepted, before, opened)
        found = Complaint(self.source, terminal, start, end, self._accepted(), self._end_of_last, opened)
        if not stands_for_a_name(self.last, found):
            return found
        start = self.last.start_pos or 0
        return Complaint(self.source, self.last.type, start, found.before, frozenset({"NAME"}), start, opened)

    def _deep_complaint(self) -> Complaint:
        start = self.open_brackets[-1]
        return Complaint(self.source, TOO_DEEP, start, start + 1, frozenset(), self._end_of_last, None)

    def _resume(self, complaint: Complaint) -> bool:
        """Forget the broken declaration and stand at the next one; False if there is none."""
        position = self._next_declaration(complaint)
        if position is None:
            return False
        self._forget()
        self.lexer_state.line_ctr.char_pos = position
        self.open_brackets.clear()
        self.resumed_at = position
        return True

    def _forget(self) -> None:
        del self.state.state_stack[self.floor :]
        del self.state.value_stack[self.floor - 1 :]

    def _next_declaration(self, complaint: Complaint) -> int | None:
        """Where the first line begins that starts a declaration at or behind the complaint.

        Not where we have resumed before without getting on. One that begins in other words stands at the
        very beginning of its line: elsewhere such words are rather part of what is broken.
        """
        text, start = self.source.text, complaint.start
        line_start = text.rfind("\n", 0, start) + 1
        position = line_start if not text[line_start:start].strip() else start
        for match in _NEXT_DECLARATION.finditer(text, position):
            word = match.start("word")
            if word >= start and word > self.resumed_at:
                return word
            other = match.start("other")
            is_behind = other > start or (other == start and "PARAM" not in complaint.accepted)
            if is_behind and other > self.resumed_at and begins_other(match["other"]):
                self.foreign_at = other
                return other
        return None


def _lexer_state(interactive: InteractiveParser) -> LexerState:
    state = interactive.lexer_thread.state
    if state is None:
        raise InternalError("the parser was made without a text")
    return state
