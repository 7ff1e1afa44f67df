"""Why a proof is trivial, in words: what never happens, which steps could make it so, and what they lack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Const, Expr, Read, Symbol
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, Sort
from tdxverify.questions.question import Question
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Blocked, Ground, Holding

MOST_FACTS = 2  # that are told of those that exclude every bad state
MOST_FURTHER = 1  # of those that they rest on
MOST_GROUPS = 2  # of steps that lack the same
_LONGEST = 90


def reason(question: Question, holding: Holding, ground: Ground) -> str:
    """What `ground`, which excludes every bad state, is and rests on. Raises NotDecided."""
    words = _Words(question)
    if not ground.facts:
        if not ground.assumed:
            return "it holds in every state, whether or not that is ever reached"
        bad = "a bad step" if holding.subject.of_steps else "a bad state"
        return f"{bad} needs {words.lacking(ground)}"
    rests_on: dict[Fact, None] = {}
    clauses = [_why(words, holding, fact, rests_on) for fact in ground.facts[:MOST_FACTS]]
    further = [fact for fact in rests_on if fact not in ground.facts]
    clauses += [_why(words, holding, fact, {}) for fact in further[:MOST_FURTHER]]
    return ". ".join(clauses)


def _why(words: _Words, holding: Holding, fact: Fact, rests_on: dict[Fact, None]) -> str:
    """That `fact` is so, and why no step breaks it. What that rests on is added to `rests_on`."""
    blocked = holding.blocked(fact)
    groups: dict[str, list[str]] = {}
    for one in blocked:
        groups.setdefault(words.needs(one), []).append(one.action.name)
        rests_on |= dict.fromkeys(one.ground.facts)
    shown = list(groups.items())[:MOST_GROUPS]
    parts = [f"{_listed([_quoted(s) for s in steps], 'and')} {_verb(steps)} {text}" for text, steps in shown]
    rest = len(blocked) - sum(len(steps) for _, steps in shown)
    if rest:
        parts.append(f"{rest} more {'step' if rest == 1 else 'steps'} cannot do it either")
    return f"{words.fact(fact)}: {'; '.join(parts) or 'no step could change that'}"


def _listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last


def _verb(steps: Sequence[str]) -> str:
    return "needs" if len(steps) == 1 else "need"


def _quoted(text: str) -> str:
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[: _LONGEST - 3]}...'"


class _Words:
    def __init__(self, question: Question) -> None:
        self._where = set(core.conjuncts(question.check.where))
        self._assumed = {p for whole in question.spec.model.assumptions for p in core.conjuncts(whole)}

    def needs(self, blocked: Blocked) -> str:
        """What the step needs and cannot have."""
        if blocked.needs is None:
            return self.lacking(blocked.ground)
        return f"{_quoted(show_expression(blocked.needs))}, {self._excluded_by(blocked.ground)}"

    def lacking(self, ground: Ground) -> str:
        """That one of the things that `ground` excludes is needed."""
        needed = [show_expression(core.negation(part)) for part in ground.assumed]
        needed += [_sought(fact) for fact in ground.facts]
        return f"{_listed([_quoted(text) for text in needed], 'or')}, {self._excluded_by(ground)}"

    def _excluded_by(self, ground: Ground) -> str:
        sources = list(dict.fromkeys(self._source(part) for part in ground.assumed))
        parts = []
        if sources:
            parts.append(f"which {_listed(sources, 'and')} {'excludes' if len(sources) == 1 else 'exclude'}")
        if ground.facts and sources:
            parts.append(f"since {_listed([self.fact(fact) for fact in ground.facts], 'and')}")
        elif ground.facts:
            parts.append("which is never so")
        return " ".join(parts) or "which is never so"

    def _source(self, assumed: Expr) -> str:
        if assumed in self._where:
            return "'where'"
        return "'assume'" if assumed in self._assumed else "the command line"

    def fact(self, fact: Fact) -> str:
        """What never happens."""
        names = _listed([f"'{symbol.name}'" for symbol in fact.symbols], "and")
        if fact.fixed:
            return f"{names} never {'changes' if len(fact.symbols) == 1 else 'change'}"
        if fact.value is None:
            return f"{names} has only values that it can start with"
        if fact.symbols[0].sort == BOOL and fact.value == 0:
            return f"{_quoted(_reading(fact.symbols[0], 1))} is always true"
        return f"{_quoted(_reading(fact.symbols[0], fact.value))} is never true"


def _sought(fact: Fact) -> str:
    if fact.value is None:
        return f"another value of {_listed([symbol.name for symbol in fact.symbols], 'or')}"
    return _reading(fact.symbols[0], fact.value)


def _reading(symbol: Symbol, value: int) -> str:
    """`poison[l]`, `owner[l] = module`."""
    names = _letters(_sort_name(sort) for sort in symbol.indices)
    cell = tuple(Bound(name, sort) for name, sort in zip(names, symbol.indices, strict=True))
    return show_expression(core.equal(Read(symbol, cell), Const(value, symbol.sort)))


def _letters(sorts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for sort in sorts:
        letter = sort[:1].lower() or "i"
        found.append(letter if letter not in found else f"{letter}{len(found) + 1}")
    return found


def _sort_name(sort: Sort) -> str:
    """The name of an index sort or enum; nothing for numbers."""
    return str(getattr(sort, "name", ""))
