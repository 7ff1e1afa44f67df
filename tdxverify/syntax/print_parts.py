"""Parts of declarations that are printed alike wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.syntax.ast import Annotations, AnyValue, Expr, IndexPosition, Name
from tdxverify.syntax.print_expressions import print_expression, print_type

WIDTH = 100
INDENT = "  "


def print_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def print_annotations(annotations: Annotations) -> str:
    """The description and citations with a space before them, or nothing."""
    description = "" if annotations.description is None else f" {print_string(annotations.description)}"
    citations = ", ".join(citation.identifier for citation in annotations.citations)
    return description + (f" cite {citations}" if citations else "")


def print_value(value: Expr | AnyValue) -> str:
    if not isinstance(value, AnyValue):
        return print_expression(value)
    if not value.choices:
        return "any"
    return f"any {{ {', '.join(print_expression(choice) for choice in value.choices)} }}"


def print_initial(value: Expr | AnyValue | None) -> str:
    return "" if value is None else f" = {print_value(value)}"


def print_declared(name: Name, positions: Sequence[IndexPosition]) -> str:
    """`guest[Td]`, or the name alone where it has no index."""
    return f"{name.text}{print_positions(positions)}"


def print_positions(positions: Sequence[IndexPosition]) -> str:
    if not positions:
        return ""
    printed = (
        ("" if position.name is None else f"{position.name.text} : ") + print_type(position.type)
        for position in positions
    )
    return f"[{', '.join(printed)}]"


def indented(lines: Iterable[str]) -> list[str]:
    return [INDENT + line for line in lines]


def with_block(head: str, body: list[str], tail: str = "") -> list[str]:
    """`head { body } tail`, on one line if it is short enough."""
    if not body:
        return [f"{head} {{ }}{tail}"]
    if len(body) == 1 and len(one_line := f"{head} {{ {body[0]} }}{tail}") <= WIDTH:
        return [one_line]
    return [f"{head} {{", *indented(body), f"}}{tail}"]


def with_blocks(head: str, joints: Sequence[str], bodies: Sequence[list[str]], tail: str = "") -> list[str]:
    """`head { } joint { } ... tail`, every block on lines of its own."""
    lines = [f"{head} {{", *indented(bodies[0])]
    for joint, body in zip(joints, bodies[1:], strict=True):
        lines += [f"}} {joint} {{", *indented(body)]
    return [*lines, f"}}{tail}"]
