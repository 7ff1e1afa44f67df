"""What the reasons of trivial proofs call things: with the names of the spec, and no others."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Expr, Implicit, Symbol
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, RangeSort, show
from tdxverify.model.model import Action
from tdxverify.questions.question import Question
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Ground

MOST_NAMED = 4  # steps in one list
_LONGEST = 90


class Wording:
    """`question` says where what is assumed comes from."""

    def __init__(self, question: Question) -> None:
        self._where = set(core.conjuncts(question.check.where))
        self._assumed = {p for whole in question.spec.model.assumptions for p in core.conjuncts(whole)}
        constants = question.spec.model.constants
        self._constants = {p: said for whole, said in constants for p in core.conjuncts(whole)}
        self._beginnings = question.spec.model.beginnings

    def condition(self, needs: Expr | None) -> str:
        """As the spec has it."""
        return quoted(show_expression(needs if needs is not None else core.TRUE))

    def sought(self, ground: Ground) -> str:
        """That one of the things that `ground` excludes would be."""
        needed = [quoted(show_expression(core.negation(part))) for part in ground.assumed]
        return listed([*needed, *(_otherwise(fact) for fact in ground.facts)], "or")

    def sources(self, assumed: Sequence[Expr]) -> list[str]:
        """Who says so."""
        return list(dict.fromkeys(self._source(part) for part in assumed))

    def excluded_by(self, assumed: Sequence[Expr]) -> str:
        """`'where' excludes`."""
        sources = self.sources(assumed)
        return f"{listed(sources, 'and')} {'excludes' if len(sources) == 1 else 'exclude'}"

    def excluded_at_start(self, assumed: Sequence[Expr], said: Sequence[Expr], it: str) -> str:
        """`'where' excludes it at the start since 'init' says 'a'`; nothing where a process begins elsewhere
        anyhow."""
        begins = [quoted(self._beginnings[part]) for part in said if part in self._beginnings]
        parts = [quoted(show_expression(part)) for part in said if part not in self._beginnings]
        if begins and not parts and not assumed:
            return ""
        by = (
            f"{self.excluded_by(assumed)} {it}at the start"
            if assumed
            else f"'init' excludes {it}at the start"
        )
        since = [f"'init' says {listed(parts, 'and')}"] if parts and assumed else []
        if begins:
            since.append(f"that decides where {listed(list(dict.fromkeys(begins)), 'and')} begins")
        return f"{by} since {listed(since, 'and')}" if since else by

    def ruled_out(self, assumed: Sequence[Expr]) -> str:
        """`'where' excludes 'a'`."""
        parts = [quoted(show_expression(core.negation(part))) for part in assumed]
        return f"{self.excluded_by(assumed)} {listed(parts, 'and')}"

    def _source(self, assumed: Expr) -> str:
        if assumed in self._where:
            return "'where'"
        if assumed in self._constants:
            return quoted(self._constants[assumed])
        return "'assume'" if assumed in self._assumed else "the command line"

    def fact(self, fact: Fact, *, again: bool = False) -> str:
        """What is always so; `again`, without what need not be said twice."""
        if fact.fixed:
            names = listed([_whose(symbol) for symbol in fact.symbols], "and")
            changes = f"{names} never {'changes' if len(fact.symbols) == 1 else 'change'}"
            if again or fact.formula == core.TRUE:
                return changes
            process = self._beginnings.get(fact.formula)
            if process is not None:
                return f"where '{process}' begins depends on a condition, and {changes}"
            return f"'init' says {quoted(show_expression(fact.formula))}, and {changes}"
        (symbol,) = fact.symbols
        if fact.value is None:
            return f"{_whose(symbol)} has only values that it can start with"
        value, never = show(symbol.sort, fact.value), _anywhere(symbol, "any")
        match symbol.implicit, symbol.about:
            case Implicit.COUNTER, (process,):
                return f"'{process}' is never at '{value}'{never}"
            case Implicit.PROGRESS, (process, label):
                return f"no element of '{process}.{label}' is ever {value}"
            case Implicit.TOOK, (actor, fault) if fact.value:
                return f"'{actor}' never takes {fault}{never}"
        if symbol.sort == BOOL and not fact.value:
            return f"'{symbol.name}' is always true{_anywhere(symbol, 'every')}"
        return f"'{_reading(fact)}' is never true{never}"


def _whose(symbol: Symbol) -> str:
    match symbol.implicit, symbol.about:
        case Implicit.COUNTER, (process,):
            return f"where '{process}' stands"
        case Implicit.PROGRESS, (process, label):
            return f"what '{process}.{label}' has done"
    return f"'{symbol.name}'"


def _otherwise(fact: Fact) -> str:
    """What would break it."""
    if fact.fixed or fact.value is None:
        return f"another value of {listed([_whose(symbol) for symbol in fact.symbols], 'or')}"
    (symbol,) = fact.symbols
    where = _anywhere(symbol, "some")
    match symbol.implicit, symbol.about:
        case Implicit.COUNTER, (process,):
            return f"'{process}' at '{show(symbol.sort, fact.value)}'{where}"
        case Implicit.PROGRESS, (process, label):
            return f"an element of '{process}.{label}' that is {show(symbol.sort, fact.value)}"
    return f"'{_reading(fact)}'{where}"


def _reading(fact: Fact) -> str:
    """`poison`, `not poison`, `owner = module`, without the elements: these have no names."""
    (symbol,) = fact.symbols
    assert fact.value is not None
    if symbol.sort == BOOL:
        return symbol.name if fact.value else f"not {symbol.name}"
    return f"{symbol.name} = {show(symbol.sort, fact.value)}"


def _anywhere(symbol: Symbol, word: str) -> str:
    names = [f"number in {sort}" if isinstance(sort, RangeSort) else str(sort) for sort in symbol.indices]
    return f" for {word} {listed(names, 'and')}" if names else ""


def makes(fact: Fact) -> str:
    """What steps would do to break it."""
    if fact.fixed:
        return "change it" if len(fact.symbols) == 1 else "change one of them"
    if fact.value is None:
        return "give it another"
    symbol = fact.symbols[0]
    match symbol.implicit, fact.value:
        case Implicit.COUNTER, _:
            return "lead there"
        case Implicit.TOOK, 1 if symbol.about[1].startswith("#"):
            return "raise it"
        case _, 0 if fact.symbols[0].sort == BOOL:
            return "end that"
    return "make it so"


def is_place(fact: Fact) -> bool:
    """Whether it says that a process never gets somewhere."""
    return fact.value is not None and fact.symbols[0].implicit is Implicit.COUNTER


def is_said_by(needs: Expr | None, fact: Fact) -> bool:
    """Whether `needs` is of one cell what `fact` says of none."""
    said = core.fixed_by(needs) if needs is not None else None
    if said is None or fact.fixed:
        return False
    cell, value = said
    return not cell.primed and fact.symbols == (cell.symbol,) and fact.value == value.value


# --- words ------------------------------------------------------------------------


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    if not parts:
        return ""
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last


def named(actions: Sequence[Action]) -> str:
    """`'a'`, `'a' and 'b'`; of many, how many more there are."""
    return listed(_names(actions, ""), "and")


def one_of(actions: Sequence[Action]) -> str:
    """`'a'`, `'a' or 'b'`; of many, how many more there are."""
    return listed(_names(actions, "one of "), "or")


def _names(actions: Sequence[Action], of_more: str) -> list[str]:
    names = [f"'{action.name}'" for action in actions]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED - 1 :] = [f"{of_more}{counted(len(names) - MOST_NAMED + 1, 'more step')}"]
    return names


def quoted(text: str) -> str:
    """In quotation marks, and not too long."""
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[: _LONGEST - 3]}...'"
