"""Clauses in any order, each once: of an action, a process, a check -> what they say, by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.source import Span
from tdxverify.syntax.ast import Annotations
from tdxverify.syntax.build_expressions import Rule

_DESCRIPTION = "a description"
# How one clause says what two were meant to say.
_AS_ONE = {
    "when": "join the conditions with 'and'",
    "where": "join the conditions with 'and'",
    "for": "one 'for' states all sizes: for Line = 2, Cpu <= 3",
    "in": "one 'in' names all configurations: in v5, v6",
    "cite": "one 'cite' names all sources: cite F-TDX-31, T-SNP-1",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """`word` begins it, `value` is what it says."""

    word: str
    value: Any
    span: Span


def clauses(children: Iterable[Any]) -> Mapping[str, Any]:
    """What each clause among `children` says, by its word. Raises SpecError with each that is there again."""
    found: dict[str, Any] = {}
    wrong: list[Diagnostic] = []
    for child in children:
        if not isinstance(child, Clause):
            continue
        if child.word in found:
            wrong.append(_again(child))
        else:
            found[child.word] = child.value
    if wrong:
        raise SpecError(wrong)
    return found


def notes(found: Mapping[str, Any]) -> Annotations:
    """The description and the citations among clauses."""
    return Annotations(found.get(_DESCRIPTION), found.get("cite", ()))


def _again(clause: Clause) -> Diagnostic:
    is_description = clause.word == _DESCRIPTION
    told = "a second description" if is_description else f"'{clause.word}' stands here for the second time"
    return Diagnostic(Code.E111, told, clause.span, hint=_AS_ONE.get(clause.word, "keep one"))


def clause(word: str) -> Rule:
    """The rule of a clause that says one thing: its last part."""
    return lambda span, children: Clause(word, children[-1], span)


CLAUSE_RULES: Mapping[str, Rule] = {
    "by": lambda span, c: Clause("by", (c[0], c[1] or ()), span),
    "guard": clause("when"),
    "described": clause(_DESCRIPTION),
    "cited": clause("cite"),
    "in_configs": lambda span, c: Clause("in", tuple(c), span),
    "sizes": lambda span, c: Clause("for", tuple(c), span),
    "any_size": lambda span, c: Clause("for", None, span),
    "check_where": clause("where"),
}
