"""A condition that somebody types in, in the words of a spec and with its checks of names and sorts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Quantified
from tdxverify.logic.grounding import constant
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import Sizes, Value
from tdxverify.model.model import Model, Property, RangeObligation
from tdxverify.model.ranges import some_violated
from tdxverify.questions.question import Question
from tdxverify.source import SourceFile, Span
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model

_NAME = "condition at the prompt"  # no name of a spec has blanks
_ELEMENT = re.compile(r"0|[1-9][0-9]{0,9}")  # behind the name of its sort
_BEFORE = "init "  # makes a declaration of an expression


_WATCHED = "value at the prompt"


@dataclass(frozen=True, slots=True)
class Observed:
    """`question`: about a model that has all that `value`, an expression over one state, reads. Where
    `undefined` is true, it has no value: one does not fit, or is none that is used."""

    text: str
    question: Question
    value: Expr
    undefined: Expr


def observed(question: Question, text: str, sizes: Sizes, place: str) -> Observed:
    """`text` as an expression of any sort, in the words of the spec; elements as in `condition`. Messages
    call it `place`.

    Raises SpecError, with places in `text`.
    """
    shown = SourceFile(place, text)
    try:
        modules, written = load(question.spec.path), _expression(shown)
        try:
            model, named = _with_condition(modules, written, sizes, {})
        except SpecError as error:
            of_sorts = [d for d in error.diagnostics if d.code is not Code.E712]
            if [(d.code, d.span) for d in of_sorts] != [(Code.E301, written.span)]:
                raise
            model, named = _with_value(modules, written, sizes, error)
        _grown(named, sizes, {})
    except SpecError as error:
        raise SpecError(_moved(diagnostic, shown) for diagnostic in error.diagnostics) from None
    values = {f"{element.sort}{element.value}": element.value for element in named}
    (target,) = (one for one in model.properties if one.name == _NAME)
    undefined = some_violated(tuple(_obligation(one, values) for one in target.obligations))
    check = replace(question.check, property=_NAME)
    asked = replace(question, spec=replace(question.spec, model=model), check=check)
    assert target.formula is not None
    return Observed(text, asked, _value_in(target.formula), undefined)


def _with_value(
    modules: tuple[ast.Module, ...], written: ast.Expr, sizes: Sizes, no_formula: SpecError
) -> tuple[Model, tuple[_Element, ...]]:
    """The same of an expression that is no formula: that something is equal to it. Raises `no_formula`, if it
    is of no sort that there is."""
    for type_ in _types(modules, written.span):
        try:
            return _with_condition(modules, _equated(written, type_), sizes, {})
        except SpecError:
            continue
    raise no_formula


def _types(modules: tuple[ast.Module, ...], span: Span) -> Iterator[ast.RangeType | ast.NamedType]:
    """One for each kind of value that is no bool."""
    yield ast.RangeType(0, 0, span=span)
    for declaration in (one for module in modules for one in module.declarations):
        if isinstance(declaration, ast.EnumDecl | ast.IndexDecl):
            yield ast.NamedType(ast.Name(declaration.name.text, span=span), span=span)


def _equated(written: ast.Expr, type_: ast.RangeType | ast.NamedType) -> ast.Expr:
    span, name = written.span, ast.Name(_WATCHED, span=written.span)
    equal = ast.Binary(ast.BinaryOperator.EQUAL, ast.NameExpr(name, span=span), written, span=span)
    return ast.Quantified(ast.Quantifier.EXISTS, (ast.Binder(name, type_, span=span),), equal, span=span)


def _value_in(formula: Expr) -> Expr:
    """What something is said to be equal to; else the formula."""
    match formula:
        case Quantified(binders=(core.Bound() as bound,), body=core.Apply(arguments=(left, right))):
            if written_name(bound) == _WATCHED:
                return right if left == bound else left
    return formula


def _obligation(obligation: RangeObligation, values: Mapping[str, Value]) -> RangeObligation:
    """With elements in place of the variables that stand for them."""
    ours = {
        b: constant(values[written_name(b)], b.sort) for b in obligation.binders if written_name(b) in values
    }
    return replace(
        obligation,
        binders=tuple(b for b in obligation.binders if b not in ours and written_name(b) != _WATCHED),
        condition=core.substitute(obligation.condition, dict(ours)),
        value=core.substitute(obligation.value, dict(ours)),
    )


def condition(question: Question, text: str, sizes: Sizes) -> Question:
    """Is a state reachable of which `text` holds? The file of the spec is read again.

    At `sizes` its index sorts have elements, and as they are shown, `Line0`, so they can be named.

    Its problem has the actions of the old one and all its cells that a spec can speak of, perhaps more: a
    condition can ask what no property has asked, such as who has taken a fault. Raises SpecError, with
    places in `text`; E712 where it names an element that there is not at `sizes`.
    """
    return grown_condition(question, text, sizes, {})[0]


def grown_condition(
    question: Question, text: str, sizes: Sizes, most: Mapping[str, int | None]
) -> tuple[Question, Sizes]:
    """The same at sizes that are large enough for the elements that `text` names: those, too.

    Sorts of `most` may become so large; None: as large as they have to be.
    """
    shown = SourceFile("condition", text)
    try:
        model, named = _with_condition(load(question.spec.path), _expression(shown), sizes, most)
        grown = _grown(named, sizes, most)
    except SpecError as error:
        raise SpecError(_moved(diagnostic, shown) for diagnostic in error.diagnostics) from None
    check = replace(question.check, property=_NAME)
    return replace(question, spec=replace(question.spec, model=model), check=check), grown


@dataclass(frozen=True, slots=True)
class _Element:
    """Of `sort` the element `value`, which the condition names at `span`."""

    sort: str
    value: Value
    span: Span


def _grown(named: Iterable[_Element], sizes: Sizes, most: Mapping[str, int | None]) -> Sizes:
    """Raises SpecError (E712)."""
    some = tuple(named)
    wrong = list(_all_missing(some, sizes, most))
    if wrong:
        raise SpecError(wrong)
    grown = dict(sizes)
    for element in some:
        grown[element.sort] = max(grown[element.sort], element.value + 1)
    return grown


def _all_missing(
    named: Iterable[_Element], sizes: Sizes, most: Mapping[str, int | None]
) -> Iterator[Diagnostic]:
    for element in named:
        limit = most.get(element.sort, sizes[element.sort])
        if limit is not None and element.value >= (there := max(limit, sizes[element.sort])):
            yield _missing(element, there)


def _missing(element: _Element, size: int) -> Diagnostic:
    sort, needed = element.sort, element.value + 1
    there = f"only {sort}0" if size == 1 else f"{sort}0 {'and' if size == 2 else 'to'} {sort}{size - 1}"
    return Diagnostic(
        Code.E712,
        f"there is no '{sort}{element.value}' for {sort} = {size}, which has {there}",
        element.span,
        hint=f"there is one for {sort} = {needed} or more: --size {sort}={needed}",
    )


def _with_condition(
    modules: tuple[ast.Module, ...], written: ast.Expr, sizes: Sizes, most: Mapping[str, int | None]
) -> tuple[Model, tuple[_Element, ...]]:
    """The model with the property that `written` can be reached. Names with no other meaning are elements.

    Raises SpecError; beside other mistakes with the elements that there are not, which is no mistake of the
    model."""
    elements: dict[str, _Element] = {}
    while True:
        declared = _property(written, {name: element.sort for name, element in elements.items()})
        extra = ast.Module(None, (), (declared,), span=written.span)
        try:
            model = build_model((*modules[:-1], extra, modules[-1]))
        except SpecError as error:
            unknown = {d.span.text: d.span for d in error.diagnostics if d.code is Code.E201 and d.span}
            found = {name: _element(name, span, sizes) for name, span in unknown.items()}
            more = {name: e for name, e in found.items() if e is not None and name not in elements}
            if not more:
                missing = _all_missing(elements.values(), sizes, most)
                raise SpecError([*error.diagnostics, *missing]) from None
            elements |= more
            continue
        values = {name: element.value for name, element in elements.items()}
        properties = (replace(p, formula=_named(p, values)) for p in model.properties)
        return replace(model, properties=tuple(properties)), tuple(elements.values())


def _property(written: ast.Expr, elements: Mapping[str, str]) -> ast.PropertyDecl:
    """`elements`: names that are bound around it, and their sorts."""
    span = written.span
    binders = tuple(
        ast.Binder(ast.Name(name, span=span), ast.NamedType(ast.Name(sort, span=span), span=span), span=span)
        for name, sort in sorted(elements.items())
    )
    if binders:
        written = ast.Quantified(ast.Quantifier.EXISTS, binders, written, span=span)
    name = ast.Name(_NAME, span=span)
    return ast.PropertyDecl(name, ast.PropertyKind.REACHABLE, written, None, (), None, span=span, claim=span)


def _element(typed: str, span: Span, sizes: Sizes) -> _Element | None:
    """The element that is shown as `typed`, at larger sizes if need be; None if several are, or none."""
    matches = ((sort, _ELEMENT.fullmatch(typed, len(sort))) for sort in sizes if typed.startswith(sort))
    found = [_Element(sort, int(match[0]), span) for sort, match in matches if match]
    there = [element for element in found if element.value < sizes[element.sort]]
    return (there or found)[0] if len(there or found) == 1 else None


def _named(target: Property, values: Mapping[str, Value]) -> Expr | None:
    """The formula of `target` with elements in place of the variables of these names that are bound in it."""
    if target.name != _NAME or target.formula is None or not values:
        return target.formula

    def visit(node: Expr) -> Expr | None:
        match node:
            case Quantified(binders=binders, body=body, universal=universal):
                ours = {
                    b: constant(values[written_name(b)], b.sort) for b in binders if written_name(b) in values
                }
                rest = tuple(b for b in binders if b not in ours)
                inner = core.transform(core.substitute(body, dict(ours)), visit)
                return core.quantified(rest, inner, universal=universal) if rest else inner
        return None

    return core.transform(target.formula, visit)


def _expression(shown: SourceFile) -> ast.Expr:
    module = parse(SourceFile(shown.path, _BEFORE + shown.text))
    match module.declarations:
        case (ast.InitDecl(condition=condition, annotations=annotations),) if (
            annotations == ast.Annotations()
        ):
            return condition
        case _:
            message = "a condition is one expression, and nothing else"
            raise SpecError([Diagnostic(Code.E111, message, Span(shown, 0, len(shown.text)))])


def _moved(diagnostic: Diagnostic, shown: SourceFile) -> Diagnostic:
    """Where it is about the condition: without what was put before it."""
    notes = tuple(Note(note.message, _within(note.span, shown)) for note in diagnostic.notes)
    span = _within(diagnostic.span, shown)
    message = diagnostic.message
    if span is not None and span.source is shown:
        message = message.replace("the file ends", "the condition ends")
    return replace(diagnostic, message=message, span=span, notes=notes)


def _within(span: Span | None, shown: SourceFile) -> Span | None:
    if span is None or span.source.path != shown.path or span.source.text != _BEFORE + shown.text:
        return span
    start, end = (max(0, place - len(_BEFORE)) for place in (span.start, span.end))
    return Span(shown, start, end)
