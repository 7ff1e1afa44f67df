"""Statements, and how a name is declared, as text that reads back as the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from tdxverify.syntax.ast import (
    Access,
    AccessRow,
    AnyValue,
    Assign,
    Either,
    Expr,
    Foreach,
    Goto,
    IfStatement,
    IndexPosition,
    Name,
    Statement,
    When,
)
from tdxverify.syntax.print_expressions import print_binders, print_expression, print_type

__all__ = ["print_expression", "print_statements", "print_type"]

_WIDTH = 100
_INDENT = "  "


def print_statements(statements: Sequence[Statement]) -> str:
    """One statement per line, blocks indented."""
    return "\n".join(_statements(statements))


def print_value(value: Expr | AnyValue) -> str:
    """What is assigned, or what something starts with."""
    if not isinstance(value, AnyValue):
        return print_expression(value)
    if not value.choices:
        return "any"
    return f"any {{ {', '.join(print_expression(choice) for choice in value.choices)} }}"


def print_row(row: AccessRow) -> str:
    """Condition, outcome and effects on one line: `poison[l] -> fault #MC`."""
    guard = "otherwise" if row.guard is None else print_expression(row.guard)
    outcome = row.outcome if row.fault is None else f"fault {row.outcome}"
    body = f" {{ {' '.join(print_statements(row.effects).split())} }}" if row.effects else ""
    return f"{guard} -> {outcome}{body}"


def print_declared(name: Name, positions: Sequence[IndexPosition]) -> str:
    """`guest[Td]`, or the name alone where it has no index."""
    return f"{name.text}{_positions(positions)}"


def _positions(positions: Sequence[IndexPosition]) -> str:
    if not positions:
        return ""
    printed = (
        ("" if position.name is None else f"{position.name.text} : ") + print_type(position.type)
        for position in positions
    )
    return f"[{', '.join(printed)}]"


def _indented(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _with_block(head: str, body: list[str], tail: str = "") -> list[str]:
    """`head { body } tail`, on one line if it is short enough."""
    if not body:
        return [f"{head} {{ }}{tail}"]
    if len(body) == 1 and len(one_line := f"{head} {{ {body[0]} }}{tail}") <= _WIDTH:
        return [one_line]
    return [f"{head} {{", *_indented(body), f"}}{tail}"]


def _with_blocks(head: str, joints: Sequence[str], bodies: Sequence[list[str]], tail: str = "") -> list[str]:
    """`head { } joint { } ... tail`, every block on lines of its own."""
    lines = [f"{head} {{", *_indented(bodies[0])]
    for joint, body in zip(joints, bodies[1:], strict=True):
        lines += [f"}} {joint} {{", *_indented(body)]
    return [*lines, f"}}{tail}"]


def _statements(statements: Iterable[Statement]) -> list[str]:
    return [line for statement in statements for line in _statement(statement)]


def _statement(statement: Statement) -> list[str]:
    match statement:
        case Assign(target=target, indices=indices, value=value):
            cell = f"[{', '.join(print_expression(index) for index in indices)}]" if indices else ""
            return [f"{target.text}{cell} := {print_value(value)}"]
        case Access():
            return _access_call(statement)
        case IfStatement():
            return _if_statement(statement)
        case Foreach(binders=binders, body=body):
            return _with_block(f"foreach {print_binders(binders)}", _statements(body))
        case Either(branches=branches):
            bodies = [_statements(branch) for branch in branches]
            return _with_blocks("either", ["or"] * (len(bodies) - 1), bodies)
        case When(condition=condition):
            return [f"when {print_expression(condition)}"]
        case Goto(label=label):
            return [f"goto {label.text}"]
        case _:
            assert_never(statement)


def _access_call(statement: Access) -> list[str]:
    arguments = ", ".join(print_expression(argument) for argument in statement.arguments)
    lines = [f"{statement.name.text}({arguments})"]
    for handler in statement.handlers:
        *before, last = lines
        lines = before + _with_block(f"{last} on {handler.outcome.text}", _statements(handler.body))
    return lines


def _if_statement(statement: IfStatement) -> list[str]:
    (condition, body), *more = statement.branches
    head = f"if {print_expression(condition)}"
    if not more and not statement.otherwise:
        return _with_block(head, _statements(body))
    joints = [f"else if {print_expression(condition)}" for condition, _ in more]
    bodies = [_statements(body), *(_statements(body) for _, body in more)]
    if statement.otherwise:
        joints.append("else")
        bodies.append(_statements(statement.otherwise))
    return _with_blocks(head, joints, bodies)
