"""The rows of the operators: their texts and facts are those of what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import pytest
import z3

from tdxverify.evidence.scripts import bits
from tdxverify.logic.operators import Interval, Kind, Op

NUMBERS = range(-5, 6)
WIDTH = 8


def operands(op: Op, numbers: Iterable[int] = NUMBERS) -> Iterator[tuple[int, ...]]:
    """Some that `op` can have."""
    truths, numbers = (0, 1), tuple(numbers)
    match op.row.kind:
        case Kind.CONNECTIVE:
            yield from product(truths, repeat=op.row.arity or 3)
        case Kind.CHOICE:
            yield from product(truths, numbers, numbers)
        case Kind.ELEMENT:
            yield from product(numbers)
        case _:
            yield from product(numbers, [n for n in numbers if n > 0 or not op.row.positive_right])


WITH_PYTHON = [op for op in Op if op.row.python is not None]
ARITHMETIC = [op for op in Op if op.row.interval is not None]
COMPARISONS = [op for op in Op if op.row.comparison is not None]


@pytest.mark.parametrize("op", WITH_PYTHON)
def test_the_generated_text_computes_the_meaning(op: Op) -> None:
    written = op.row.python
    assert written is not None
    for given in operands(op):
        assert eval(written.text.format(*(f"({part})" for part in given))) == op.row.meaning(*given)


@pytest.mark.parametrize("op", Op)
def test_both_texts_for_solvers_say_the_meaning(op: Op) -> None:
    for given in operands(op, range(-3, 4)):
        logical = op.row.kind is Kind.CONNECTIVE
        truths = [("false", "true")[part] for part in given] if logical else [("false", "true")[given[0] > 0]]
        rest = given if op.row.kind is not Kind.CHOICE else given[1:]
        first = truths if op.row.kind is Kind.CHOICE else []
        result = op.row.meaning(*given)
        formula = op.row.kind not in (Kind.ARITHMETIC, Kind.CHOICE, Kind.ELEMENT)
        numbers = truths if logical else first + [str(n) if n >= 0 else f"(- {-n})" for n in rest]
        vectors = truths if logical else first + [f"(_ bv{n % (1 << WIDTH)} {WIDTH})" for n in rest]
        for text, value in (
            (op.row.smt(*numbers), str(result) if result >= 0 else f"(- {-result})"),
            (bits._OPERATORS[op](*vectors), f"(_ bv{result % (1 << WIDTH)} {WIDTH})"),
        ):
            expected = ("false", "true")[result] if formula else value
            solver = z3.Solver(ctx=z3.Context())
            solver.from_string(f"(assert (not (= {text} {expected})))")
            assert solver.check() == z3.unsat, (op, given, text)


@pytest.mark.parametrize("op", ARITHMETIC)
def test_the_interval_holds_all_results_and_has_them_at_its_ends(op: Op) -> None:
    assert op.row.interval is not None
    spans = [(low, high) for low in range(-4, 5) for high in range(low, 5)]
    for left, right in product(spans, spans):
        if op.row.positive_right and (right[0] != right[1] or right[0] <= 0):
            continue
        found = values(op, left, right)
        low, high = op.row.interval(left, right)
        assert low <= min(found) and max(found) <= high, (op, left, right)
        if left[0] == left[1] and right[0] == right[1]:
            assert (low, high) == (min(found), max(found)), (op, left, right)


def values(op: Op, left: Interval, right: Interval) -> list[int]:
    """All results of operands in those intervals."""
    pairs = product(range(left[0], left[1] + 1), range(right[0], right[1] + 1))
    return [op.row.meaning(*pair) for pair in pairs]


def test_orders_fall_on_the_left_and_grow_on_the_right() -> None:
    """What folding by intervals and the loop over the values of a decision diagram rest on."""
    for op in Op:
        if op.row.kind is Kind.ORDER:
            for left, right in product(NUMBERS, NUMBERS):
                holds = op.row.meaning(left, right)
                assert holds <= op.row.meaning(left - 1, right)
                assert holds <= op.row.meaning(left, right + 1)


def test_neutral_operands_have_no_effect() -> None:
    for op in Op:
        if op.row.neutral is not None:
            for given in product((0, 1), repeat=2):
                assert op.row.meaning(*given, op.row.neutral) == op.row.meaning(*given)


@pytest.mark.parametrize("op", COMPARISONS)
def test_comparisons_are_said_truly(op: Op) -> None:
    comparison = op.row.comparison
    assert comparison is not None
    signs = {"=": "=="}
    for (left, right), turned in product(operands(op), (False, True)):
        holds = bool(op.row.meaning(left, right))
        sign, words = comparison.said(holds=holds, turned=turned)
        one, other = (right, left) if turned else (left, right)
        assert eval(f"({one}) {signs.get(sign, sign)} ({other})")
        assert WORDS[sign] == words


WORDS = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}


@pytest.mark.parametrize("op", Op)
def test_names_lead_back(op: Op) -> None:
    assert Op(op.value) is op  # type: ignore[arg-type]  # an Enum is looked up by its values
