"""What is declared and plays no part: a matter of names alone, nothing is searched.

What a library file offers need not be used: unused declarations are reported for files with checks only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.logic.expr import Const, Role, symbols_of
from tdxverify.logic.expr import Expr as CoreExpr
from tdxverify.model.model import Model
from tdxverify.syntax import ast
from tdxverify.syntax.claims import Expected

_KINDS = {
    ast.DefineDecl: "define",
    ast.AccessDecl: "access",
    ast.StateDecl: "state",
    ast.ConstDecl: "const",
    ast.EnumDecl: "enum",
    ast.IndexDecl: "index",
    ast.ActorDecl: "actor",
}


@dataclass(frozen=True, slots=True)
class Program:
    """The modules of one root file, the root last, and what they mean."""

    modules: tuple[ast.Module, ...]
    model: Model

    @property
    def root(self) -> ast.Module:
        return self.modules[-1]

    @property
    def has_checks(self) -> bool:
        return any(isinstance(declaration, ast.CheckDecl) for declaration in self.root.declarations)


def usage_findings(program: Program) -> Iterator[Diagnostic]:
    """Findings about declarations of the root file, most of them if it has checks."""
    yield from _idle_refinements(program)
    yield from _not_mended(program)
    if program.has_checks:
        used = _Uses(program.modules)
        yield from _unused(program, used)
        yield from _never_read(program, used)
        yield from _never_assigned(program, used)
        yield from _parameters(program)
        yield from _unchecked(program)
        yield from _never_asked_in(program)
        yield from _never_compared(program)
        yield from _parameters_of_steps(program)


def _idle_refinements(program: Program) -> Iterator[Diagnostic]:
    """Those of the root file that put the same in the place of something."""
    file = program.root.span.source.path
    for module in program.modules:
        for one in ast.nodes(module.declarations, ast.Refinement):
            if one.is_idle and one.span.source.path == file:
                message = "this refinement changes nothing: the imported file says the same"
                yield Diagnostic(Code.W122, message, one.span, hint="remove it, or say what is different")


def _not_mended(program: Program) -> Iterator[Diagnostic]:
    """A case that has no property which is to be refuted by one check and proved by another."""
    if program.root.case is None or program.root.name is None:
        return
    refuted, proved = (
        {check.property for check in program.model.checks if check.expected in expected}
        for expected in ((Expected.REFUTED,), (Expected.PROVED, Expected.TRIVIAL))
    )
    if not refuted & proved:
        message = "no property of this case is refuted by one check and proved by another"
        hint = "check one with the mistake, 'expect refuted', and without it, 'expect proved'"
        yield Diagnostic(Code.W124, message, program.root.name.span, hint=hint)


# Where a name is given to something, or is a label or a property: none of these is a use.
_GIVEN = {
    **dict.fromkeys((*_KINDS, ast.ParamDecl, ast.ActionDecl, ast.ProcessDecl, ast.PropertyDecl), ("name",)),
    ast.ConfigDecl: ("name",),
    ast.ActorDecl: ("names",),
    ast.SecretDecl: ("names",),
    ast.ObserverDecl: ("name",),
    ast.EnumDecl: ("name", "members"),
    ast.CheckDecl: ("properties", "configs"),
    ast.IndexPosition: ("name",),
    ast.Binder: ("name",),
    ast.Emit: ("target",),
    ast.Step: ("label",),
    ast.SameStep: ("label", "other"),
    ast.IfItem: ("label",),
    ast.WhileItem: ("label",),
    ast.ForeachItem: ("label",),
    ast.EitherItem: ("label",),
    ast.Goto: ("label",),
    ast.AtLabel: ("label",),
}


class _Uses:
    """Every name that occurs other than where it is declared or assigned."""

    def __init__(self, modules: Sequence[ast.Module]) -> None:
        self.names: set[str] = set()
        self.assigned: set[str] = set()
        for module in modules:
            self._enter(module.declarations, None)

    def _enter(self, node: object, target: str | None) -> None:
        """`target` is what is being assigned: looking at it to say what it becomes is no use of it."""
        match node:
            case ast.Assign(target=assigned, indices=indices, value=value):
                self.assigned.add(assigned.text)
                self._enter(indices, None)
                self._enter(value, assigned.text)
            case ast.Name(text=text):
                if text != target:
                    self.names.add(text)
            case tuple():
                for part in node:
                    self._enter(part, target)
            case _ if is_dataclass(node):
                given = _GIVEN.get(type(node), ())
                for field in fields(node):
                    if field.name not in given:
                        self._enter(getattr(node, field.name), target)
            case _:
                pass


def _named(declaration: ast.Declaration) -> Iterator[tuple[str, ast.Name]]:
    """What is declared, with its kind, as far as it can be unused."""
    match declaration:
        case ast.ActorDecl(names=names):
            yield from (("actor", name) for name in names)
        case ast.MemoryDecl(fields=declared):
            yield from (("state", one.name) for one in declared)
        case ast.DefineDecl() | ast.AccessDecl() | ast.StateDecl() | ast.ConstDecl():
            yield _KINDS[type(declaration)], declaration.name
        case ast.EnumDecl() | ast.IndexDecl():
            yield _KINDS[type(declaration)], declaration.name
        case _:
            pass


def _unused(program: Program, used: _Uses) -> Iterator[Diagnostic]:
    for declaration in program.root.declarations:
        for kind, name in _named(declaration):
            if name.text not in used.names and name.text not in used.assigned:
                hint = "remove it" if kind != "access" else "let an action make the access, or remove it"
                yield Diagnostic(Code.W107, f"{kind} '{name.text}' is never used", name.span, hint=hint)


def _never_read(program: Program, used: _Uses) -> Iterator[Diagnostic]:
    for declaration in program.root.declarations:
        for kind, name in _named(declaration):
            if kind == "state" and name.text in used.assigned and name.text not in used.names:
                message = f"state '{name.text}' is written, but nothing ever looks at it"
                hint = "say something about it in a property, or remove it"
                yield Diagnostic(Code.W105, message, name.span, hint=hint)


def _never_assigned(program: Program, used: _Uses) -> Iterator[Diagnostic]:
    """Of what has one initial value only: what may start in several ways and stays so is meant, mostly."""
    fixed = {
        start.symbol.name
        for start in program.model.initial
        if start.choices is not None and len(start.choices) == 1 and isinstance(start.choices[0], Const)
    }
    for declaration in program.root.declarations:
        for kind, name in _named(declaration):
            unset = name.text in used.names and name.text not in used.assigned
            if kind == "state" and unset and name.text in fixed:
                message = f"state '{name.text}' is what it is at the start: no step assigns it"
                hint = "let a step assign it, or make it a const or a param: a check can then say what it is"
                yield Diagnostic(Code.W118, message, name.span, hint=hint)


def _unchecked(program: Program) -> Iterator[Diagnostic]:
    checked = {check.property for check in program.model.checks}
    for declaration in program.root.declarations:
        if isinstance(declaration, ast.PropertyDecl) and declaration.name.text not in checked:
            name = declaration.name
            message = f"no check asks about property '{name.text}'"
            hint = f"add a line such as: check {name.text} expect proved"
            yield Diagnostic(Code.W108, message, name.span, hint=hint)


def _never_asked_in(program: Program) -> Iterator[Diagnostic]:
    asked = {check.config.name for check in program.model.checks if check.config is not None}
    for declaration in program.root.declarations:
        if isinstance(declaration, ast.ConfigDecl) and declaration.name.text not in asked:
            name = declaration.name
            message = f"no check is about configuration '{name.text}'"
            hint = f"let a check say 'in {name.text}', or remove it"
            yield Diagnostic(Code.W107, message, name.span, hint=hint)


def _never_compared(program: Program) -> Iterator[Diagnostic]:
    """Observers of the root file of whom no claim is made, and secrets that no claim is about."""
    compared = [target.compared for target in program.model.properties if target.compared is not None]
    who = {one.who for one in compared if one.without is None}
    for declaration in program.root.declarations:
        if isinstance(declaration, ast.ObserverDecl) and declaration.name.text not in who:
            name = declaration.name
            message = f"no claim is about what observer '{name.text}' can tell"
            hint = f"claim it: property p {name.text} cannot tell"
            yield Diagnostic(Code.W107, message, name.span, hint=hint)
        elif isinstance(declaration, ast.SecretDecl) and not who:
            message = "nothing is claimed of who can tell what is secret"
            hint = "say who sees what, and claim: property p host cannot tell"
            yield Diagnostic(Code.W107, message, declaration.span, hint=hint)


def _parameters_of_steps(program: Program) -> Iterator[Diagnostic]:
    for declaration in program.root.declarations:
        for action in ast.nodes(declaration, ast.ActionDecl):
            said = action.actor_indices, action.guard, action.body
            yield from _unspoken_of(action.name, action.parameters, said, action.emits)
        for step in ast.nodes(declaration, ast.Step):
            yield from _unspoken_of(step.label, step.parameters, (step.guard, step.body), step.emits)


def _unspoken_of(
    step: ast.Name, parameters: tuple[ast.Binder, ...], said: object, emits: tuple[ast.Emit, ...]
) -> Iterator[Diagnostic]:
    """Parameters without which the step would be the same. What a template puts in is a use."""
    names = {name.text for name in ast.nodes(said, ast.Name)}
    lines = [line.text for emit in emits for line in emit.lines]
    for name in (binder.name for binder in parameters):
        if name.text not in names and not any(f"{{{name.text}}}" in line for line in lines):
            message = f"parameter '{name.text}' of step '{step.text}' is never used"
            yield Diagnostic(Code.W107, message, name.span, hint="remove it")


# --- parameters -------------------------------------------------------------------


def _parameters(program: Program) -> Iterator[Diagnostic]:
    """Parameters that are in no part of the system and no property, nor tied to one that is
    by an 'assume'."""
    looked_at = _influential(program.model)
    for declaration in program.root.declarations:
        if isinstance(declaration, ast.ParamDecl) and declaration.name.text not in looked_at:
            name = declaration.name
            message = f"nothing depends on parameter '{name.text}'"
            hint = "use it in a step, a table or a property, or remove it"
            yield Diagnostic(Code.W106, message, name.span, hint=hint)


def _influential(model: Model) -> set[str]:
    """Names of rigid symbols that matter for steps, initial states, tables or properties."""
    found = {symbol for expr in _behaviour(model) for symbol in symbols_of(expr) if symbol.role is Role.RIGID}
    tied = [symbols_of(assumption) for assumption in model.assumptions]
    while more := {symbol for group in tied if group & found for symbol in group} - found:
        found |= more
    return {symbol.name for symbol in found}


def _behaviour(model: Model) -> Iterator[CoreExpr]:
    yield from model.constraints
    for start in model.initial:
        yield from start.choices or ()
    for table in model.tables:
        yield from (row.condition for row in table.rows)
    for target in model.properties:
        if target.formula is not None:
            yield target.formula
        if target.compared is not None:
            yield from (view.value for view in (*target.compared.views, *target.compared.revealed))
    for action in model.actions:
        yield from action.expressions
        yield from (decision.condition for decision in action.decisions)
