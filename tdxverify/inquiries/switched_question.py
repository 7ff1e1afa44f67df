"""The question of a check about the relaxed model, and the same with some parts switched off.

What the check asks for is not relaxed: bad states are those of the model as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property

from tdxverify.budget import NotDecided
from tdxverify.diagnostics import SpecError
from tdxverify.inquiries.elements import Element, Kind
from tdxverify.inquiries.part_switches import Freedom, relax, switch_name
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Const, Expr, Read, Role, Symbol
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, Sizes, show
from tdxverify.model.build import elaborate
from tdxverify.model.implicit import halting_fault
from tdxverify.model.model import Action, Choice, InitialValue, Model, SymbolInfo, Write
from tdxverify.questions.narrowing import parameter_values
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load


@dataclass(frozen=True)
class Relaxed:
    """`problem` has a rigid bool symbol for each of `elements`; on means that the element counts."""

    problem: Problem
    elements: tuple[Element, ...]
    freedom: Freedom

    @cached_property
    def switches(self) -> tuple[str, ...]:
        return tuple(element.switch for element in self.elements)

    def at(self, other: Problem) -> Relaxed:
        """The same question at the sizes that another one is about."""
        return replace(self, problem=replace(self.problem, sizes=other.sizes, limits=other.limits))

    def with_only(self, kept: Collection[str]) -> Problem:
        """The question with exactly the switches `kept` on."""
        return self.partly(kept, ())

    def partly(self, on: Collection[str], open_ones: Collection[str]) -> Problem:
        """The question with the switches `on` on, `open_ones` still open, and all others off."""
        values = {switch: switch in on for switch in self.switches if switch not in open_ones}
        return _trimmed(replace(self, problem=_with_values(self.problem, values))).problem


def written(question: Question) -> tuple[ast.Module, ...]:
    """The modules of its spec, for `relaxed`. Raises NotDecided where the file is another one by now."""
    try:
        modules = load(question.spec.path)
    except SpecError as error:
        reason = f"the file cannot be read any more ({error.diagnostics[0].code.name})"
        raise NotDecided(reason) from None
    if modules[-1].span.source.text != question.check.span.source.text:
        raise NotDecided("the file has changed since it was checked")
    return modules


def relaxed(modules: tuple[ast.Module, ...], question: Question, sizes: Sizes) -> Relaxed:
    """What `question`, about a check as it is written, asks, with a switch for every part of the model.

    Requires: its model is what `modules` mean. Raises NotDecided where the relaxed model is no model: with
    a switch it can be too large, or do all elements at once what depends on them now.
    """
    model, check = question.spec.model, question.check
    parts = relax(modules, check.span, None if check.config is None else check.config.name)
    # Its tables overlap on purpose. With all switches on it is `model`, which is well-formed.
    try:
        loose = elaborate(parts.modules).model
    except SpecError as error:
        codes = ", ".join(dict.fromkeys(d.code.name for d in error.diagnostics))
        reason = f"the steps of this model cannot be taken apart ({codes})"
        raise NotDecided(reason) from error
    asked = loose.checks[model.checks.index(check)]
    open_ones = {element.switch for element in parts.elements} | parts.freedom.values
    problem = lower(loose, asked, sizes, unsettled=open_ones)
    bad = lower(model, check, sizes).bad
    switched = _Switching(problem, list(parts.elements))
    switched.start(model)
    switched.options(model, question.options)
    switched.halting_faults(model)
    named = {action.name: _with_choices_of(model, action) for action in switched.problem.actions}
    actions = tuple(_with_inputs(action, parts.freedom) for action in named.values())
    whole = replace(switched.problem, actions=actions, bad=bad)
    return _trimmed(Relaxed(whole, tuple(switched.elements), parts.freedom))


class _Switching:
    """Adds switches for what is no condition or assignment of the text."""

    def __init__(self, problem: Problem, elements: list[Element]) -> None:
        self.problem = problem
        self.elements = elements

    def _switch(self, element: Element) -> Expr:
        number = len(self.elements)
        symbol = Symbol(switch_name(number), Role.RIGID, (), BOOL)
        self.elements.append(replace(element, switch=symbol.name, number=number))
        self.problem = replace(self.problem, symbols=(*self.problem.symbols, symbol))
        return Read(symbol)

    def start(self, model: Model) -> None:
        """A switch for the initial value of every declared variable that has one."""
        declared = {i.symbol.name: i for i in model.symbols if i.origin in ("state", "memory")}
        initial: list[InitialValue] = []
        constraints = list(self.problem.constraints)
        for start in self.problem.initial:
            info = declared.get(start.symbol.name)
            if start.choices is None or info is None:
                initial.append(start)
                continue
            switch = self._switch(_started(start, info))
            constraints.append(core.implication(switch, _starts(start)))
            initial.append(replace(start, choices=None))
        self.problem = replace(self.problem, initial=tuple(initial), constraints=tuple(constraints))

    def options(self, model: Model, options: Options) -> None:
        """A switch for every parameter that the command line gives."""
        assumptions = list(self.problem.assumptions)
        for info, value in parameter_values(model, options):
            text = f"{info.symbol.name}={show(info.symbol.sort, value)}"
            part = Element("", 0, Kind.OPTION, "", f"--param {text}", None, info.citations, info.description)
            switch = self._switch(part)
            given = core.equal(Read(info.symbol), Const(value, info.symbol.sort))
            assumptions.append(core.implication(switch, given))
        self.problem = replace(self.problem, assumptions=tuple(assumptions))

    def halting_faults(self, model: Model) -> None:
        """A switch for every fault that stops everything."""
        for stop in model.stops:
            if isinstance(stop.formula, Read) and halting_fault(stop.formula.symbol) is not None:
                part = Element("", 0, Kind.STOP, "", stop.text, stop.span, stop.citations, stop.description)
                stopped = core.conjunction(self._switch(part), stop.formula)
                actions = tuple(_with_guard(a, stop.formula, stopped) for a in self.problem.actions)
                self.problem = replace(self.problem, actions=actions)


def _with_guard(action: Action, part: Expr, new: Expr) -> Action:
    """`action` with `new` for every `part` of its guard."""
    return replace(action, guard=core.transform(action.guard, lambda node: new if node == part else None))


def _starts(start: InitialValue) -> Expr:
    read = Read(start.symbol, start.binders)
    options = core.disjunction(*(core.equal(read, choice) for choice in start.choices or ()))
    return core.quantified(start.binders, options, universal=True)


def _start_text(start: InitialValue) -> str:
    """`poison[l] = false`."""
    cell = show_expression(Read(start.symbol, start.binders))
    choices = [show_expression(choice) for choice in start.choices or ()]
    return f"{cell} = {choices[0]}" if len(choices) == 1 else f"{cell} in {{ {', '.join(choices)} }}"


def _with_choices_of(model: Model, loose: Action) -> Action:
    """`loose`, the relaxed one, whose branches are told as they are written in `model`."""
    written = {
        choice.parameter.name: choice
        for action in model.actions
        if action.name == loose.name
        for choice in action.choices
    }
    told = tuple(
        replace(choice, branches=written[choice.parameter.name].branches)
        for choice in loose.choices
        if choice.parameter.name in written
        and len(choice.branches) == len(written[choice.parameter.name].branches)
    )
    return replace(loose, choices=told)


def _with_inputs(action: Action, freedom: Freedom) -> Action:
    """`action` with parameters in place of the free values that it reads without index.

    An action that renews free values is no step: no monitor looks at it.
    """
    if action.name in freedom.renewing:
        kept = tuple(w for w in action.writes if w.symbol.name in freedom.values)
        return replace(action, writes=kept)
    inputs: dict[Symbol, Bound] = {}

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Read) and node.symbol.name in freedom.values and not node.symbol.indices:
            return inputs.setdefault(node.symbol, Bound(node.symbol.name, node.symbol.sort))
        return None

    changed = _mapped(action, lambda expr: core.transform(expr, visit))
    added = tuple(inputs.values())
    return replace(
        changed,
        parameters=(*action.parameters, *added),
        hidden=action.hidden + len(added),
        decisions=(),
    )


def _started(start: InitialValue, info: SymbolInfo) -> Element:
    """How something starts, as a part of the model."""
    text = _start_text(start)
    if not info.refinements:
        return Element("", 0, Kind.START, "", text, info.span, info.citations, info.description)
    by = info.refinements[-1]
    cited = by.citations or info.citations
    return Element("", 0, Kind.START, "", text, by.span, cited, by.description or info.description, by.text)


def _trimmed(whole: Relaxed) -> Relaxed:
    """Without switches and free values that nothing reads, and what only renews such values."""
    problem, freedom = whole.problem, whole.freedom
    steps = tuple(action for action in problem.actions if action.name not in freedom.renewing)
    looking = replace(problem, actions=steps)
    used = {name for expr in looking.expressions() for name in core.names_of(expr)}
    actions = tuple(
        action for action in problem.actions if freedom.renewing.get(action.name) in {None, *used}
    )
    idle = {*whole.switches, *freedom.values} - used
    actions = tuple(_without_choices_by(action, idle) for action in actions)
    kept = tuple(s for s in problem.symbols if s.name not in idle)
    initial = tuple(start for start in problem.initial if start.symbol in kept)
    trimmed = replace(problem, symbols=kept, actions=actions, initial=initial)
    return Relaxed(trimmed, tuple(e for e in whole.elements if e.switch in used), freedom)


def _without_choices_by(action: Action, idle: set[str]) -> Action:
    """Without choices that `idle` symbols decide, which are left out: nothing else depends on them either."""
    told = (c for c in action.choices if not any(core.names_of(e) & idle for e in _read(c)))
    return replace(action, choices=tuple(told))


def _with_values(problem: Problem, values: dict[str, bool]) -> Problem:
    """`problem` with the switches `values` settled and gone."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Read) and node.symbol.name in values:
            return core.TRUE if values[node.symbol.name] else core.FALSE
        return None

    def settled(expr: Expr) -> Expr:
        return core.transform(expr, visit)

    changed = replace(
        problem,
        symbols=tuple(s for s in problem.symbols if s.name not in values),
        assumptions=tuple(e for a in problem.assumptions if (e := settled(a)) != core.TRUE),
        constraints=tuple(e for c in problem.constraints if (e := settled(c)) != core.TRUE),
        actions=tuple(_mapped(action, settled) for action in problem.actions),
    )
    return replace(changed, actions=tuple(map(_without_idle_inputs, changed.actions)))


def _without_idle_inputs(action: Action) -> Action:
    """Without hidden parameters that nothing looks at any more."""
    used = {n for expr in action.expressions for n in core.walk(expr) if isinstance(n, Bound)}
    declared = len(action.parameters) - action.hidden
    gone = {p for p in action.parameters[declared:] if p not in used}
    kept = tuple(p for p in action.parameters if p not in gone)
    told = tuple(
        choice
        for choice in action.choices
        if gone.isdisjoint((choice.parameter, *(n for e in _read(choice) for n in core.walk(e))))
    )
    return replace(action, parameters=kept, hidden=len(kept) - declared, choices=told)


def _mapped(action: Action, change: Callable[[Expr], Expr]) -> Action:
    """`action` with every expression changed; writes that are never made are left out."""
    writes = tuple(
        Write(w.symbol, w.binders, tuple(map(change, w.indices)), change(w.condition), change(w.value))
        for w in action.writes
    )
    made = tuple(w for w in writes if w.condition != core.FALSE)
    told = tuple(
        replace(choice, condition=change(choice.condition), indices=tuple(map(change, choice.indices)))
        for choice in action.choices
    )
    return replace(action, guard=change(action.guard), writes=made, choices=told)


def _read(choice: Choice) -> tuple[Expr, ...]:
    return choice.condition, *choice.indices
