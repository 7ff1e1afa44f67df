"""Steps of processes with something changed by a refinement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.syntax import ast
from tdxverify.syntax.chains import joined, operands_of
from tdxverify.syntax.printer import print_expression


def conjunction(guard: ast.Expr | None, more: ast.Expr) -> ast.Expr:
    """Both, in the shape in which the parser has `guard and more`."""
    if guard is None:
        return more
    word = ast.BinaryOperator.AND
    return joined(word, [*operands_of(guard, word), *operands_of(more, word)])


def is_asked(guard: ast.Expr | None, more: ast.Expr) -> bool:
    """Whether `guard` says all that `more` does, in the same words."""
    word = ast.BinaryOperator.AND
    known = [] if guard is None else operands_of(guard, word)
    return all(part in known for part in operands_of(more, word))


def strengthened_step(
    process: ast.ProcessDecl, label: ast.Name, guard: ast.Expr, told: ast.Refinement, *, shared: bool
) -> ast.ProcessDecl | None:
    """`process`, whose step `label` waits for `guard` as well. Raises SpecError where there is no such
    step, or none that could wait.

    None where the step shares the body of another one, unless `shared`: then it gets a body of its own.
    """
    labelled = {name.text: item for item in _all_items(process.items) if (name := ast.label_of(item))}
    found = labelled.get(label.text)
    if isinstance(found, ast.SameStep) and isinstance(other := labelled.get(found.other.text), ast.Step):
        if not shared:
            return None
        found = replace(other, label=found.label, span=found.span)
    match found:
        case ast.Step():
            return _with_item(process, label, _strengthened(found, guard, told))
        case ast.ForeachItem() if found.is_step:
            return _with_item(process, label, _strengthened(found, guard, told))
        case None:
            steps = [
                text for text, item in labelled.items() if not isinstance(item, ast.IfItem | ast.EitherItem)
            ]
            message = f"process '{process.name.text}' has no step '{label.text}'"
            hint = did_you_mean(label.text, steps) or f"it has: {', '.join(steps) or 'none'}"
            note = Note("the process is here", process.name.span)
            raise SpecError([Diagnostic(Code.E140, message, label.span, (note,), hint)])
        case ast.WhileItem() if found.is_step:
            message = f"'{process.name.text}.{label.text}' is a loop, which has no guard of its own"
            inside = f"while {print_expression(found.condition)} {{ {label.text}: {{ ... }} }}"
            hint = (
                f"let the whole process wait: refine process {process.name.text} when ...; a step inside of a"
                f" loop has a guard of its own, so where the loop is declared: {inside}"
            )
            note = Note("it is here", found.span)
            raise SpecError([Diagnostic(Code.E145, message, label.span, (note,), hint)])
        case _:
            message = f"label '{label.text}' of process '{process.name.text}' is no step"
            hint = "name the label of a step inside of it"
            note = Note("it is here", found.span)
            raise SpecError([Diagnostic(Code.E145, message, label.span, (note,), hint)])


def _strengthened(step: ast.Step | ast.ForeachItem, guard: ast.Expr, told: ast.Refinement) -> ast.ProcessItem:
    if isinstance(step, ast.Step):
        told = replace(told, is_idle=is_asked(step.guard, guard))
        whole = conjunction(step.guard, guard)
        return replace(step, guard=whole, refinements=(*step.refinements, told))
    waits = ast.When(guard, span=guard.span)
    refinements = (*step.refinements, told)
    return replace(step, statements=(waits, *step.statements), refinements=refinements)


def with_action(process: ast.ProcessDecl, action: ast.ActionDecl) -> tuple[ast.ProcessDecl, bool]:
    """`process`, in which `LABEL: as NAME` with the name of the action does what the action does, if no other
    step is called that, and is as fair; and whether there is such a step.

    Parameters of the action that the process has as well are those of the process, the others are chosen by
    the step.
    """
    name = action.name.text
    own = {item.label.text for item in _all_items(process.items) if isinstance(item, ast.Step)}
    given = {(one.name.text, one.type) for one in process.parameters}
    parameters = tuple(one for one in action.parameters if (one.name.text, one.type) not in given)
    used = False

    def filled(item: ast.ProcessItem) -> ast.ProcessItem:
        nonlocal used
        if not isinstance(item, ast.SameStep) or item.other.text != name or name in own:
            return item
        used = True
        return ast.Step(
            item.label,
            action.guard,
            action.body,
            action.annotations,
            action.emits,
            parameters,
            action.fair,
            refinements=action.refinements,
            span=item.span,
        )

    return replace(process, items=_mapped(process.items, filled)), used


# --- items -------------------------------------------------------------------------


def _all_items(items: Sequence[ast.ProcessItem]) -> Iterator[ast.ProcessItem]:
    for item in items:
        yield item
        for body in ast.bodies_of(item):
            yield from _all_items(body)


def _with_item(process: ast.ProcessDecl, label: ast.Name, new: ast.ProcessItem) -> ast.ProcessDecl:
    return replace(
        process, items=_mapped(process.items, lambda item: new if ast.label_of(item) == label else item)
    )


def _mapped(
    items: Sequence[ast.ProcessItem], change: Callable[[ast.ProcessItem], ast.ProcessItem]
) -> tuple[ast.ProcessItem, ...]:
    """Every item changed, however deep it stands."""

    def inside(item: ast.ProcessItem) -> ast.ProcessItem:
        match item:
            case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
                return change(replace(item, items=_mapped(inner, change)))
            case ast.EitherItem(branches=branches):
                return change(replace(item, branches=tuple(_mapped(one, change) for one in branches)))
            case ast.IfItem(branches=chosen, otherwise=otherwise):
                ways = tuple((condition, _mapped(inner, change)) for condition, inner in chosen)
                return change(replace(item, branches=ways, otherwise=_mapped(otherwise, change)))
            case _:
                return change(item)

    return tuple(map(inside, items))
