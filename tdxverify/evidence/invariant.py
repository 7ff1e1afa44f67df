"""An inductive invariant as formulas, which are stored as text for people and as lists that are checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tdxverify.evidence.base import Scope
from tdxverify.evidence.formulas import FormulaReader, symbols_in, to_json
from tdxverify.evidence.inductive import Inductive
from tdxverify.evidence.item import Content, Item, Json, Unusable
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Expr
from tdxverify.logic.show import show_expression, told_formulas
from tdxverify.logic.sizes_in_words import ANY, told_sizes
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.conjuncts import Conjunct

MOST_FORMULAS = 10_000


@dataclass(frozen=True, slots=True)
class Invariant(Inductive):
    """Closed formulas over one state that are inductive together: at the problem's sizes, or (`any_size`)
    for any number of elements of each index sort that the problem leaves open.
    """

    may_be_general: ClassVar[bool] = True
    kind: ClassVar[str] = "invariant"
    parts: ClassVar[tuple[str, ...]] = ("formulas",)
    scope: ClassVar[Scope] = Scope.CONE

    formulas: tuple[Expr, ...]
    any_size: bool

    def conjuncts(self, problem: Problem) -> Sequence[Conjunct]:
        from tdxverify.evidence.scripts.conjuncts import FormulaConjunct, require_formula

        for formula in self.formulas:
            require_formula(problem, formula)
        return [FormulaConjunct.of(formula) for formula in self.formulas]

    def stored(self, problem: Problem) -> Content:
        """Each formula as the text of what is read back, and as lists."""
        reader = FormulaReader(problem)
        found = told_formulas(reader.formula(to_json(formula)) for formula in self.formulas)
        listed: list[Json] = [{"text": text, "formula": to_json(formula)} for text, formula in found.items()]
        return (("formulas", listed),)

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Invariant:
        reader = FormulaReader(problem)
        formulas = []
        for stored in item.listed("formulas", MOST_FORMULAS):
            match stored:
                case {"text": str(text), "formula": data, **others} if not others:
                    formula = reader.formula(data)
                    if show_expression(formula) != text:
                        raise Unusable(f"the text of a formula is not what is checked: {text[:80]}")
                    formulas.append(formula)
                case _:
                    raise Unusable("a formula is not given as text and lists")
        return cls(tuple(formulas), any_size=item.sizes is None)

    @classmethod
    def mentioned(cls, item: Item) -> set[str]:
        listed = item.listed("formulas", MOST_FORMULAS)
        return {n for one in listed if isinstance(one, dict) for n in symbols_in(one.get("formula"))}

    @classmethod
    def readable(cls, item: Item) -> tuple[str, ...]:
        return tuple(map(_text, item.listed("formulas", MOST_FORMULAS)))

    def described(self) -> str:
        return f"invariant of {counted(len(self.formulas), 'formula')}"

    def told(self, problem: Problem) -> str:
        count = counted(len(self.formulas), "formula")
        holds = f" that holds for {_general(problem)}" if self.any_size else ""
        return f"an inductive invariant of {count}{holds}"


def _text(stored: Json) -> str:
    match stored:
        case {"text": str(text)}:
            return text
    raise Unusable("a formula is not given as text")


def _general(problem: Problem) -> str:
    """`any size`, or for which sizes where some are stated."""
    if not problem.limits:
        return "any size"
    stated = {
        one.sort: f"{one.low}" if one.low == one.high else f"{one.low}..{one.high}" for one in problem.limits
    }
    return told_sizes((sort, stated.get(sort, ANY)) for sort, _ in problem.sizes)


def usable_formulas(problem: Problem, item: Item) -> tuple[Expr, ...]:
    """What still makes sense of a stale invariant: the formulas about symbols that are still there.

    Raises Unusable where nothing does.
    """
    reader, found = FormulaReader(problem), []
    for stored in item.listed("formulas", MOST_FORMULAS):
        try:
            found.append(reader.formula(stored.get("formula") if isinstance(stored, dict) else None))
        except Unusable:
            continue
    return tuple(found)
