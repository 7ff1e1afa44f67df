"""Core expressions as English sentences, for people who do not read formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Implicit, Quantified, Read, names_of, variables_of
from tdxverify.logic.operators import Comparison, Op
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sorts import BOOL, IndexSort, show

_MADE_UP = re.compile(r"any_(?P<sort>[A-Za-z]\w*?)(?P<number>\d*)$")  # binders that proofs invent


def in_words(expr: Expr) -> str:
    """`expr`, which is true, as a sentence: `There is no Line L such that poison holds for L.`"""
    text = _Words(_short_names(expr)).clause(expr, positive=True)
    return f"{text[:1].upper()}{text[1:]}." if _starts_with_a_word(text) else f"{text}."


def _starts_with_a_word(text: str) -> bool:
    """Names keep their case: only words of ours begin with a capital letter."""
    return text.split(" ", 1)[0] in ("there", "for", "not", "neither", "if", "either", "none", "it")


def _short_names(expr: Expr) -> dict[Bound, str]:
    """`L` for `any_line`, `S2` for `any_small2`; a name that a user wrote stays."""
    names: dict[Bound, str] = {}
    taken = names_of(expr)
    for node in variables_of(expr):
        if node not in names:
            made_up = _MADE_UP.fullmatch(written_name(node))
            if made_up is None:
                name = written_name(node)
            else:
                name = made_up["sort"][0].upper() + made_up["number"]
            while name in names.values() or name in taken:
                name += "'"
            names[node] = name
    return names


class _Words:
    def __init__(self, names: Mapping[Bound, str]) -> None:
        self._names = names

    def clause(self, expr: Expr, *, positive: bool) -> str:
        """What is the case if `expr` is true; if not `positive`, what is if it is false."""
        match expr:
            case Apply(op=Op.NOT, arguments=(inner,)):
                return self.clause(inner, positive=not positive)
            case Apply(op=Op.AND, arguments=parts):
                return self._all(parts) if positive else self._not_all(parts)
            case Apply(op=Op.OR, arguments=parts):
                return self._some(parts) if positive else self._none(parts)
            case Apply(op=Op.IMPLIES, arguments=(if_, then)) if positive:
                return f"if {self.clause(if_, positive=True)}, then {self.clause(then, positive=True)}"
            case Apply(op=Op.IMPLIES, arguments=(if_, then)):
                return f"{self.clause(if_, positive=True)}, but {self.clause(then, positive=False)}"
            case Apply(op=Op.EQ, arguments=(left, right)) if left.sort == BOOL and positive:
                return f"{self.clause(left, positive=True)} exactly if {self.clause(right, positive=True)}"
            case Apply(op=op, arguments=(left, right)) if op.row.comparison and left.sort != BOOL:
                return self._comparison(op.row.comparison, left, right, positive=positive)
            case Quantified():
                return self._quantified(expr, positive=positive)
            case Read(primed=False):
                return self._fact(expr, positive=positive)
            case _:
                shown = show_expression(expr, self._names)
                return shown if positive else f"it is not so that {shown}"

    def _all(self, parts: Sequence[Expr]) -> str:
        return _listed([self._operand(part) for part in parts], "and")

    def _some(self, parts: Sequence[Expr]) -> str:
        return "either " + _listed([self._operand(part) for part in parts], "or")

    def _not_all(self, parts: Sequence[Expr]) -> str:
        return "it never happens together that " + self._all(parts)

    def _none(self, parts: Sequence[Expr]) -> str:
        return _listed([self._operand(part, positive=False) for part in parts], "and")

    def _operand(self, expr: Expr, *, positive: bool = True) -> str:
        """A part of a list; one that is a list itself stands in parentheses."""
        text = self.clause(expr, positive=positive)
        simple = isinstance(expr, Read) or (
            isinstance(expr, Apply)
            and (expr.op is Op.NOT or expr.op.row.comparison is not None)
            and " and " not in text
        )
        return text if simple and " or " not in text else f"({text})"

    def _quantified(self, expr: Quantified, *, positive: bool) -> str:
        who = _listed(
            [
                f"{sort} {_listed([self._names[binder] for binder in binders], 'and')}"
                for sort, binders in groupby(expr.binders, key=lambda binder: binder.sort)
            ],
            "and",
        )
        body = self.clause(expr.body, positive=True)
        if expr.universal:
            start = "for every" if positive else "not for every"
            return f"{start} {who}: {body}"
        return f"there is {'a' if positive else 'no'} {who} such that {body}"

    def _comparison(self, comparison: Comparison, left: Expr, right: Expr, *, positive: bool) -> str:
        turned = isinstance(left, Const) and not isinstance(right, Const)
        word = comparison.said(holds=positive, turned=turned).words
        if turned:
            left, right = right, left
        if isinstance(left, Read) and left.symbol.name.endswith("_is"):
            word = {"is": "equals", "is not": "differs from"}.get(word, word)
        if isinstance(left, Read) and left.symbol.implicit is Implicit.COUNTER:
            word += " at"
        return f"{self._value(left)} {word} {self._value(right)}"

    def _value(self, expr: Expr) -> str:
        match expr:
            case Const(value=0, sort=IndexSort(name=name, is_ordered=True)):
                return f"the first {name}"
            case Const(value=value, sort=sort):
                return show(sort, value)
            case Apply(op=Op.THE, arguments=(inner,)):
                return self._value(inner)
            case Read(symbol=symbol, indices=indices, primed=False):
                name = symbol.about[0] if symbol.implicit is Implicit.COUNTER else symbol.name
                of = "" if name.endswith("_of") else "of "
                return f"{name} {of}{self._elements(indices)}" if indices else name
            case _:
                return show_expression(expr, self._names)

    def _fact(self, expr: Read, *, positive: bool) -> str:
        """A variable that is true or false."""
        symbol = expr.symbol
        match symbol.implicit, symbol.about:
            case Implicit.DEAD, (actor,):
                return f"{self._instance(actor, expr.indices)} is {'' if positive else 'not '}dead"
            case Implicit.HALTED, (fault,):
                return symbol.name if positive else f"{fault} never halted everything"
            case Implicit.TOOK, (actor, fault):
                return f"{self._instance(actor, expr.indices)} {'' if positive else 'never '}took {fault}"
        whose = f" for {self._elements(expr.indices)}" if expr.indices else ""
        return f"{symbol.name} {'holds' if positive else 'does not hold'}{whose}"

    def _instance(self, name: str, indices: Sequence[Expr]) -> str:
        """`guest`, `guest T`: the element is part of what it is called."""
        return " ".join((name, *(self._value(index) for index in indices)))

    def _elements(self, indices: Sequence[Expr]) -> str:
        return _listed([self._value(index) for index in indices], "and")


def _listed(parts: Sequence[str], word: str) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
