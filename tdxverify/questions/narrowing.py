"""What the command line adds to every check: sizes, parameter values, a choice of properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.diagnostics.collector import no_such
from tdxverify.logic.expr import Const, Expr, Read, conjunction, equal
from tdxverify.logic.sorts import (
    BoolSort,
    EnumSort,
    IndexSort,
    OptionalSort,
    RangeSort,
    Sort,
    Value,
    read_value,
)
from tdxverify.model.model import Check, Model, SymbolInfo
from tdxverify.questions.options import Options
from tdxverify.questions.specs import Spec


@dataclass(frozen=True, slots=True)
class ConfigNames:
    """The configurations of a model: those that some check is about, and all that are `declared`."""

    checked: frozenset[str]
    declared: frozenset[str]


def selected(model: Model, options: Options) -> tuple[Check, ...]:
    """The checks of `model` that the run is about."""
    return tuple(c for c in model.checks if _is_selected(c, options))


def _is_selected(check: Check, options: Options) -> bool:
    if options.properties and check.property not in options.properties:
        return False
    return not options.configs or (check.config is not None and check.config.name in options.configs)


def wrong_options(specs: Sequence[Spec], options: Options) -> list[Diagnostic]:
    """Options that fit none of the specs, or do not fit one that has the name."""
    if not specs:
        return []
    models = [spec.model for spec in specs]
    sorts = {sort.name for model in models for sort in model.index_sorts}
    found = [no_such(Code.E603, "index sort", r.sort, sorts) for r in options.sizes if r.sort not in sorts]
    found.extend(_size_diagnostics(options))
    names = {info.symbol.name for model in models for info in _parameters(model)}
    for name, _ in options.parameters:
        if name not in names:
            found.append(no_such(Code.E704, "parameter", name, names))
    for spec in specs:
        try:
            parameter_values(spec.model, options)
        except SpecError as error:
            found.extend(error.diagnostics)
    found.extend(_missing_properties(models, options))
    found.extend(missing_configs(map(config_names, models), options))
    return found


def parameter_values(model: Model, options: Options) -> tuple[tuple[SymbolInfo, Value], ...]:
    """The given values of those parameters that `model` has. Raises SpecError (E703)."""
    values: list[tuple[SymbolInfo, Value]] = []
    by_name = {info.symbol.name: info for info in _parameters(model)}
    for name, text in options.parameters:
        if name in by_name:
            info = by_name[name]
            values.append((info, _parse(name, text, info.symbol.sort)))
    return tuple(values)


def parameter_condition(model: Model, options: Options) -> Expr:
    """The given values as a formula over the rigid symbols of `model`."""
    given = parameter_values(model, options)
    return conjunction(*(equal(Read(i.symbol), Const(value, i.symbol.sort)) for i, value in given))


def where_text(check: Check, model: Model, options: Options) -> str:
    """The `where` clause as reports show it, with the values from the command line."""
    return _narrowed(check.where_text, model, options)


def besides_text(check: Check, model: Model, options: Options) -> str:
    """The same without what the configuration of the check asks for."""
    return _narrowed(check.besides, model, options)


def _narrowed(own: str, model: Model, options: Options) -> str:
    known = own.split(" and ")
    asked = [(i.symbol.name, text) for i, text in _given_texts(model, options)]
    same = {"true": "{}", "false": "not {}"}  # what a spec rather says
    given = [
        f"{name} = {text}"
        for name, text in asked
        if f"{name} = {text}" not in known and same.get(text, "").format(name) not in known
    ]
    if (
        own
        and given
        and any(word in own.split() for word in ("or", "implies", "iff", "if", "forall", "exists"))
    ):
        own = f"({own})"
    return " and ".join([own, *given] if own else given)


def _given_texts(model: Model, options: Options) -> list[tuple[SymbolInfo, str]]:
    by_name = {info.symbol.name: info for info in _parameters(model)}
    return [(by_name[name], text) for name, text in options.parameters if name in by_name]


def _parameters(model: Model) -> list[SymbolInfo]:
    """Parameters that one value can be given to."""
    return [info for info in model.symbols if info.origin == "param"]


def _parse(name: str, text: str, sort: Sort) -> Value:
    value = read_value(sort, text, {})
    if value is not None:
        return value
    match sort:
        case OptionalSort(base=EnumSort(members=members)):
            allowed = "none or one of " + ", ".join(members)
        case BoolSort():
            allowed = "true or false"
        case EnumSort(members=members):
            allowed = "one of " + ", ".join(members)
        case RangeSort(low=low, high=high):
            allowed = f"a number of {low}..{high}"
        case IndexSort() | OptionalSort():
            allowed = f"left open: elements of {sort} are interchangeable"
    message = f"'{text}' is no value of parameter '{name}', which must be {allowed}"
    raise SpecError([Diagnostic(Code.E703, message)])


def _size_diagnostics(options: Options) -> list[Diagnostic]:
    wrong = [r for r in options.sizes if r.low < 1]
    found = [
        Diagnostic(Code.E601, f"size {r.low} of {r.sort}: an index sort has at least one element")
        for r in wrong
    ]
    names = [r.sort for r in options.sizes]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [*found, *(Diagnostic(Code.E604, f"the size of {name} is stated twice") for name in twice)]


def _missing_properties(models: Sequence[Model], options: Options) -> list[Diagnostic]:
    checked = {check.property for model in models for check in model.checks}
    declared = {prop.name for model in models for prop in model.properties}
    found: list[Diagnostic] = []
    for name in options.properties:
        if name in checked:
            continue
        if name in declared:
            hint = f"the property exists, but no check asks for it; add: check {name} expect proved"
            found.append(Diagnostic(Code.E707, f"no check of property '{name}'", hint=hint))
        else:
            found.append(no_such(Code.E707, "property", name, checked))
    return found


def config_names(model: Model) -> ConfigNames:
    """What `missing_configs` has to know of `model`."""
    checked = frozenset(check.config.name for check in model.checks if check.config is not None)
    return ConfigNames(checked, frozenset(config.name for config in model.configs))


def missing_configs(known: Iterable[ConfigNames], options: Options) -> list[Diagnostic]:
    """Configurations that `options` name and no check is about, of the specs with the `known` ones (E713)."""
    there = list(known)
    checked = {name for one in there for name in one.checked}
    declared = {name for one in there for name in one.declared}
    found: list[Diagnostic] = []
    for name in options.configs:
        if name in declared - checked:
            hint = f"it is declared, but no check is about it; add: check PROPERTY in {name}"
            found.append(Diagnostic(Code.E713, f"no check in configuration '{name}'", hint=hint))
        elif name not in checked:
            found.append(no_such(Code.E713, "configuration", name, checked))
    return found
