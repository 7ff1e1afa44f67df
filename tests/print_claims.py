"""What is claimed and asked -> text in canonical form."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.syntax.ast import CheckDecl, FairClause, Name, Part, PropertyDecl, SizeClause, View
from tdxverify.syntax.print_expressions import print_binders, print_expression, print_instance


def print_claim(declaration: PropertyDecl) -> str:
    """`never e`, `each p : Page: e leads_to f`: without name and annotations."""
    condition, actor, fault = declaration.condition, declaration.actor, declaration.fault
    shown = "" if condition is None else print_expression(condition)
    premise, binders = declaration.premise, declaration.binders
    parts = {
        Part.CONDITION: shown,
        Part.PREMISE: "" if premise is None else print_expression(premise),
        Part.STEP_CONDITION: shown,
        Part.ACTOR: "anyone" if actor is None else print_instance(actor, declaration.actor_indices),
        Part.FAULT: "" if fault is None else fault.text,
        Part.OBSERVER: "" if declaration.observer is None else declaration.observer.text,
        Part.BY_STEPS: "even by steps" if declaration.by_steps else "",
        Part.REVEALED: f"more than {print_views(declaration.views)}" if declaration.views else "",
        Part.CHANGING: "" if actor is None else actor.text,
        Part.CHANGED: print_views(declaration.views),
    }
    words = (parts[word] if isinstance(word, Part) else word for word in declaration.kind.words)
    claim = " ".join(word for word in words if word)
    return f"each {print_binders(binders)}: {claim}" if binders else claim


def print_views(views: Iterable[View]) -> str:
    """`phase, each p : Page: seen[p]`."""
    return ", ".join(
        f"each {print_binders(view.binders)}: {print_expression(view.value)}"
        if view.binders
        else print_expression(view.value)
        for view in views
    )


def print_check(check: CheckDecl) -> str:
    """Without annotations."""
    words = [f"check {_names(check.properties)}"]
    if check.configs:
        words.append(f"in {_names(check.configs)}")
    if check.any_size:
        words.append("for any size")
    elif check.sizes:
        words.append("for " + ", ".join(_size(size) for size in check.sizes))
    if check.assuming:
        words.append("assuming " + ", ".join(map(_assumed, check.assuming)))
    if check.where is not None:
        words.append(f"where {print_expression(check.where)}")
    words.append(f"expect {check.expected.value}")
    if check.expected_length is not None:
        words.append(f"in {check.expected_length}")
    return " ".join(words)


def _assumed(clause: FairClause) -> str:
    label = "" if clause.label is None else f".{clause.label.text}"
    return f"{clause.fair.value} {clause.name.text}{label}"


def _size(clause: SizeClause) -> str:
    return f"{clause.sort.text} {'<=' if clause.at_most else '='} {clause.size}"


def _names(names: Iterable[Name]) -> str:
    return ", ".join(name.text for name in names)
