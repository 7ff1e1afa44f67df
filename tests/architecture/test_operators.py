"""What has to change to add an operator: the grammar and four tables, each of which must be complete."""

from __future__ import annotations

import ast
from typing import TypeAlias

from tdxverify.evidence.scripts import bits
from tdxverify.logic.operators import Kind, Level, Op
from tdxverify.smt import encode
from tdxverify.syntax.operators import BinaryOperator
from tests.architecture.modules import nodes, where

Places: TypeAlias = dict[str, tuple[set[str], set[str]]]  # why: which members, in which modules

TABLES = {"logic/operators.py", "syntax/operators.py", "smt/encode.py", "evidence/scripts/bits.py"}

# Whoever else may mention operators by name: which ones, where, and why.
CONNECTIVES = {"NOT", "AND", "OR", "IMPLIES"}
STRUCTURE = CONNECTIVES | {"EQ", "ITE", "THE"}
ELSEWHERE: Places = {
    "smart constructors, of which one keeps a divisor in its range": (
        STRUCTURE | {"ADD", "SUB", "MOD"},
        {"logic/expr.py"},
    ),
    "what the shape of a formula shows": (STRUCTURE, {"model/rows.py"}),
    "evaluation that stops as soon as the value is known": (
        CONNECTIVES | {"ITE"},
        {"logic/evaluate.py", "logic/partial.py", "telling/slicing.py", "engines/bdd/encode.py"},
    ),
    "text whose form depends on what stands inside": (
        STRUCTURE,
        {"logic/show.py", "logic/words.py", "engines/explicit/translate.py", "engines/explicit/generate.py"},
    ),
    "parts of a formula that are looked at on their own": (
        CONNECTIVES | {"ITE"},
        {
            "engines/bdd/ordering.py",
            "logic/grounding.py",
            "telling/deciding_part.py",
            "telling/true_instead.py",
            "wellformed/enough.py",
        },
    ),
    "choices between elements of a sort": ({"ITE"}, {"engines/fragment.py"}),
    "elements of an open sort, which may be none and have an order": (
        {"ITE", "THE", "LT"},
        {"smt/unsized.py"},
    ),
    "ends of ranges": ({"LT", "LE"}, {"model/ranges.py"}),
    "the order of elements": (
        {"LT", "LE"},
        {"logic/order.py"},
    ),
    "what values there are in a script": ({"LT", "LE", "EQ"}, {"evidence/scripts/writer.py"}),
    "a sign is a difference": ({"SUB"}, {"model/sortcheck.py"}),
    "steps are counted": ({"ADD", "LT"}, {"questions/problems/looping.py"}),
}
WRITTEN_ELSEWHERE: Places = {
    "what holds where the right side is read": (CONNECTIVES, {"model/sortcheck.py"}),
    "words that the grammar filters out": (CONNECTIVES | {"IFF"}, {"syntax/build_expressions.py"}),
    "parts of a where as they are written": ({"AND"}, {"model/checks.py"}),
    "guards that are strengthened": ({"AND"}, {"syntax/refining_steps.py"}),
    "actors that stop in further states": ({"OR"}, {"syntax/refining_actors.py"}),
    "conditions that are put around what was written": (
        CONNECTIVES | {"EQUAL"},
        {"inquiries/making.py", "inquiries/part_switches.py", "questions/conditions.py"},
    ),
}


def mentions(enum: type[Op] | type[BinaryOperator]) -> dict[str, set[str]]:
    """Members of `enum` by the modules that name them, under whatever name they import it."""

    def members(module: ast.Module) -> set[str]:
        names = {enum.__name__} | {
            alias.asname
            for node in nodes(module)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name == enum.__name__ and alias.asname
        }
        return {
            node.attr
            for node in nodes(module)
            if isinstance(node, ast.Attribute)
            and getattr(node.value, "id", getattr(node.value, "attr", None)) in names
        } & set(enum.__members__)

    return where(members)


def misplaced(
    enum: type[Op] | type[BinaryOperator], places: dict[str, tuple[set[str], set[str]]]
) -> list[str]:
    found = mentions(enum)
    listed = {module: members for members, modules in places.values() for module in modules}
    unlisted = [
        f"{module}: {sorted(named - listed.get(module, set()))}"
        for module, named in found.items()
        if module not in TABLES and not named <= listed.get(module, set())
    ]
    return unlisted + [f"{module} mentions none any more" for module in listed if module not in found]


def test_operators_are_named_where_they_have_to_be() -> None:
    assert misplaced(Op, ELSEWHERE) == []
    assert misplaced(BinaryOperator, WRITTEN_ELSEWHERE) == []


def test_numbers_are_computed_and_compared_by_the_tables_only() -> None:
    """So a new operator on numbers needs the four tables and the grammar: five files."""
    uniform = {op.name for op in Op if op.row.kind in (Kind.ORDER, Kind.ARITHMETIC)}
    computed = {reason for reason, (members, _) in ELSEWHERE.items() if members & uniform}
    of_elements = {"the order of elements", "elements of an open sort, which may be none and have an order"}
    of_numbers = {
        "smart constructors, of which one keeps a divisor in its range",
        "ends of ranges",
        "what values there are in a script",
        "a sign is a difference",
        "steps are counted",
    }
    assert computed == of_numbers | of_elements
    assert len(TABLES | {"tdx.lark"}) == 5


def test_tables_are_complete() -> None:
    assert set(encode._TERMS) == set(bits._OPERATORS) == set(Op)


def test_rows_say_what_their_kind_needs() -> None:
    for op in Op:
        row, compared = op.row, op.row.kind in (Kind.EQUALITY, Kind.ORDER)
        assert (row.comparison is not None) is compared, op
        assert (row.interval is not None) is (row.kind is Kind.ARITHMETIC), op
        assert (row.python is not None) is (compared or row.kind is Kind.ARITHMETIC), op
        assert (row.neutral is not None) is (row.arity is None), op
        assert (row.level is Level.COMPARISON) is compared, op


def test_every_operator_can_be_written() -> None:
    others = {Op.NOT, Op.ITE, Op.THE}  # `not e`, `if e then e else e`, and what is not written
    assert {operator.row.op for operator in BinaryOperator} == set(Op) - others
