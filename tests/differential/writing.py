"""Text of expressions, with brackets only where the grammar needs them, or for no reason at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

EQUIVALENCE, IMPLICATION, DISJUNCTION, CONJUNCTION, NEGATION = 1, 2, 3, 4, 5
RELATION, SUM, PRODUCT, FACTOR, PRIMARY = 6, 7, 8, 9, 10


@dataclass(frozen=True)
class Text:
    """An expression as text. `level`: how tightly it binds. `is_open`: it ends in a quantifier or an `if`,
    which extend as far as possible. `low` and `high`: of numbers, an interval of possible values."""

    text: str
    level: int = PRIMARY
    is_open: bool = False
    low: int = 0
    high: int = 0

    def between(self, low: int, high: int) -> Text:
        return replace(self, low=low, high=high)


def bracketed(one: Text) -> str:
    return f"({one.text})"


def closed(one: Text, level: int, random: Random) -> str:
    """`one` where something binding at least like `level` must stand, and something follows it."""
    if one.level < level or one.is_open or random.random() < 0.06:
        return bracketed(one)
    return one.text


def last(one: Text, level: int, random: Random) -> str:
    """The same at the end of a formula, where an open expression may stay open."""
    if one.level < level or random.random() < 0.06:
        return bracketed(one)
    return one.text


def chain(word: str, level: int, parts: Sequence[Text], random: Random) -> Text:
    """`a and b and c`; the last part may be open."""
    *first, final = parts
    shown = [*(closed(one, level + 1, random) for one in first), last(final, level + 1, random)]
    text = f" {word} ".join(shown)
    return Text(text, level, is_open=_stays_open(final, shown[-1]))


def implication(left: Text, right: Text, random: Random) -> Text:
    shown = last(right, IMPLICATION, random)
    text = f"{closed(left, DISJUNCTION, random)} implies {shown}"
    return Text(text, IMPLICATION, is_open=_stays_open(right, shown))


def negation(inner: Text, random: Random) -> Text:
    shown = last(inner, NEGATION, random)
    return Text(f"not {shown}", NEGATION, is_open=_stays_open(inner, shown))


def _stays_open(one: Text, shown: str) -> bool:
    return one.is_open and shown == one.text


def comparison(left: Text, sign: str, right: Text, random: Random) -> Text:
    return Text(f"{closed(left, SUM, random)} {sign} {closed(right, SUM, random)}", RELATION)


def arithmetic(left: Text, sign: str, right: Text, level: int, random: Random) -> Text:
    return Text(f"{closed(left, level, random)} {sign} {closed(right, level + 1, random)}", level)
