"""The same words for stated sizes in bits: nothing but bit-vectors, functions on them, and no quantifiers.

Every value that is no truth value is a signed bit-vector of one width, in which no number of the problem
or the certificate wraps around: the interval that the sort of each expression names, and a bit more. That
the values of symbols are in the domains of their sorts is part of what is proved. Quantifiers are written
out. Any solver for QF_UFBV can read it; and since it has little in common with the text that the first
solver gets, a mistake in one of the two is no mistake in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from tdxverify.budget import TooLarge
from tdxverify.evidence.inductive import Inductive
from tdxverify.evidence.scripts.inductive import Script, written
from tdxverify.evidence.scripts.writer import Names, State, Writer, junction
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Const, Expr, Quantified
from tdxverify.logic.operators import Op, function
from tdxverify.logic.sorts import BoolSort, EnumSort, IndexSort, Sort, domain
from tdxverify.questions.problems.problem import Problem

MOST_INSTANCES = 200_000  # of quantified formulas, all together

# Operators by the names that solvers for bits have for them: not those of the other writer, on purpose.
_OPERATORS: Mapping[Op, Callable[..., str]] = {
    Op.NOT: function("not"),
    Op.AND: function("and"),
    Op.OR: function("or"),
    Op.IMPLIES: function("=>"),
    Op.EQ: function("="),
    Op.LT: function("bvslt"),
    Op.LE: function("bvsle"),
    Op.ADD: function("bvadd"),
    Op.SUB: function("bvsub"),
    Op.MUL: function("bvmul"),
    # Rounds towards minus infinity: first take away what is left over.
    Op.DIV: lambda left, right: f"(bvsdiv (bvsub {left} (bvsmod {left} {right})) {right})",
    Op.MOD: function("bvsmod"),
    Op.ITE: function("ite"),
    # What is less than zero is none, of which it is zero.
    Op.THE: lambda value: f"(ite (bvslt {value} (bvsub {value} {value})) (bvsub {value} {value}) {value})",
}


def bit_script_for(problem: Problem, certificate: Inductive) -> Script:
    """Everything to be shown for `certificate` at the sizes of `problem`.

    Raises TooLarge, and Unusable where it makes no sense for `problem`.
    """
    return written(BitWriter(problem, certificate.formulas), certificate)


class BitWriter(Writer):
    """`formulas` are those that will be written beside the problem's own."""

    logic = "QF_UFBV"

    def __init__(self, problem: Problem, formulas: Iterable[Expr] = ()) -> None:
        super().__init__(problem, any_size=False)
        self.width = _width(problem, formulas)
        self._instances = 0

    def limits(self, sort: Sort) -> tuple[int, int] | None:
        if isinstance(sort, BoolSort):
            return None
        values = domain(sort, self.problem.size_of)
        return values[0], values[-1]

    def _index_sorts(self) -> Iterator[str]:
        return iter(())

    def _enum_sorts(self) -> Iterator[str]:
        return iter(())

    def sort(self, sort: Sort) -> str:
        return "Bool" if isinstance(sort, BoolSort) else f"(_ BitVec {self.width})"

    def _constant(self, value: int, sort: Sort) -> str:
        if isinstance(sort, BoolSort):
            return "true" if value else "false"
        return self.number(value)

    def _rank(self, sort: EnumSort | IndexSort, text: str) -> str:
        return text

    def number(self, value: int) -> str:
        return f"(_ bv{value % (1 << self.width)} {self.width})"

    def _the(self, operand: Expr, value: str) -> str:
        return self._applied(Op.THE, (value,))

    def _applied(self, op: Op, parts: Sequence[str]) -> str:
        return _OPERATORS[op](*parts)

    def _quantified(self, expr: Quantified, names: Names, state: State) -> str:
        domains = [domain(binder.sort, self.problem.size_of) for binder in expr.binders]
        self._instances += prod(map(len, domains))
        if self._instances > MOST_INSTANCES:
            raise TooLarge("too large to be written out")
        found = []
        for values in product(*domains):
            pairs = zip(expr.binders, values, strict=True)
            inner = {binder: self._constant(value, binder.sort) for binder, value in pairs}
            found.append(self._text(expr.body, {**names, **inner}, state))
        return junction("and" if expr.universal else "or", found)


def _width(problem: Problem, formulas: Iterable[Expr]) -> int:
    """Bits for the value of every expression, and one more: rounding may go beyond an operand's interval."""
    sorts: set[Sort] = {sort for symbol in problem.symbols for sort in (*symbol.indices, symbol.sort)}
    sorts.update(parameter.sort for action in problem.actions for parameter in action.parameters)
    for expr in (*problem.expressions(), *formulas):
        for node in core.walk(expr):
            if isinstance(node, Quantified):
                sorts.update(binder.sort for binder in node.binders)
            elif isinstance(node, Const | Apply):
                sorts.add(node.sort)
    limits = [0]
    for sort in sorts:
        values = domain(sort, problem.size_of)
        limits += [values[0], values[-1]]
    return max(max(limits).bit_length(), (-min(limits) - 1).bit_length() if min(limits) < 0 else 0) + 2
