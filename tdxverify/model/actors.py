"""Which of the actors that one name is for: who does a step, and of whom a claim speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Expr, Read, Role, Symbol
from tdxverify.logic.sorts import BOOL, Sort
from tdxverify.model.habits import count_habit
from tdxverify.model.implicit import dead_symbol, took_symbol
from tdxverify.model.model import Actor
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does a step. `indices`: which of several, over the parameters of the step; `sorts`: as declared,
    since a number is of a narrower sort than the place where it stands.
    """

    name: str
    indices: tuple[Expr, ...] = ()
    sorts: tuple[Sort, ...] = ()

    def took(self, outcome: str) -> Read:
        """That it has had this outcome."""
        return Read(took_symbol(self.name, outcome, self.sorts), self.indices)

    def dead(self) -> Read:
        """That a fault has stopped it."""
        return Read(dead_symbol(self.name, self.sorts), self.indices)


def who_acts(
    declaration: ast.ActionDecl | ast.ProcessDecl, scope: Scope | None, checker: ExpressionChecker
) -> Acting | None:
    """What stands behind `by`; None if nothing does. `scope` has the parameters, None if they are wrong.

    An actor that is not declared was reported with the declarations. Nobody else may be named in its place,
    so that this is the only message.
    """
    name = declaration.actor
    if name is None:
        return None
    known = checker.declarations.actors.get(name.text)
    if known is None or scope is None:
        return Acting(name.text)
    for index in declaration.actor_indices:
        if not _is_fixed(index, scope, checker):
            message = "who acts is said by the parameters of the step"
            hint = f"give it a parameter: '{name.text}[x]' with x among the parameters before 'by'"
            checker.diagnostics.report(Code.E419, message, index.span, hint=hint)
            return Acting(name.text)
    hint = f"name it by the parameters: by {_example(known)}"
    return named(known, declaration.actor_indices, scope, name.span, checker, hint=hint) or Acting(name.text)


def _is_fixed(written: ast.Expr, scope: Scope, checker: ExpressionChecker) -> bool:
    """Whether it is a parameter, a member of an enum, or a number; a name that means nothing is reported
    elsewhere.
    """
    match written:
        case ast.IntLiteral() | ast.Unary(operator=ast.UnaryOperator.NEGATE, operand=ast.IntLiteral()):
            return True
        case ast.NameExpr(name=name, primed=False):
            declared = checker.declarations
            return name.text in scope.bound or not (
                name.text in declared.symbols or name.text in declared.defines
            )
    return False


def named(
    actor: Actor,
    written: tuple[ast.Expr, ...],
    scope: Scope,
    span: Span,
    checker: ExpressionChecker,
    *,
    hint: str,
) -> Acting | None:
    """`actor` with the indices `written`; None after a diagnostic, with `hint` if they are missing."""
    if actor.name in checker.declarations.broken_actors:
        return None
    sorts = ", ".join(map(str, actor.indices))
    if actor.indices and not written:
        message = f"there is one '{actor.name}' for each {sorts.replace(', ', ' and ')}: which one is meant?"
        checker.diagnostics.report(Code.E312, message, span, hint=hint)
        return None
    if len(actor.indices) != len(written):
        indices = counted(len(actor.indices), "index", "indices")
        message = f"actor '{actor.name}' has {indices} ({sorts}), {len(written)} given"
        told = count_habit(actor.name, actor.indices)
        if not actor.indices:
            message = f"there is one '{actor.name}' only, so it takes no index"
            told = f"declare one for each element: actor {actor.name}[SORT]"
        checker.diagnostics.report(Code.E303, message, span, hint=told)
        return None
    place = Symbol(actor.name, Role.STATE, actor.indices, BOOL)  # to be named where an index does not fit
    parts = checker.indices(place, written, scope, span)
    return None if parts is None else Acting(actor.name, parts, actor.indices)


def claimed(
    actor: Actor, written: tuple[ast.Expr, ...], span: Span, checker: ExpressionChecker, fault: str
) -> Acting | None:
    """The one that a claim is about, which binds no names; None after a diagnostic."""
    known = checker.declarations.places
    for index in written:
        name = index.name if isinstance(index, ast.NameExpr) and index.qualifier is None else None
        if name is not None and known.keys().isdisjoint((s, name.text) for s in ("value", "member")):
            claim = f"took {fault}"
            some = f"never {_some(actor)} {claim} and ..."
            hint = f"of all of them: never {actor.name} takes {fault}; of some: {some}"
            checker.diagnostics.report(Code.E201, f"unknown name '{name.text}'", index.span, hint=hint)
            return None
    return named(actor, written, Scope(), span, checker, hint="")


def some_of(actor: Actor, about: Callable[[Acting], Read], checker: ExpressionChecker) -> Expr:
    """`about` one of those that the name `actor` is for."""
    binders = tuple(Bound(checker.names.fresh(str(sort).lower()), sort) for sort in actor.indices)
    return core.quantified(binders, about(Acting(actor.name, binders, actor.indices)), universal=False)


def some_took(actors: Iterable[Actor], outcome: str, checker: ExpressionChecker) -> Expr:
    """That any of them has had the outcome."""
    return core.disjunction(*(some_of(actor, lambda one: one.took(outcome), checker) for actor in actors))


def dead_symbols(names: Iterable[str], actors: Iterable[Actor]) -> list[Symbol]:
    """What says of each of `names` which are dead; nothing for an actor that is not declared."""
    sorts = {actor.name: actor.indices for actor in actors}
    return [dead_symbol(name, sorts[name]) for name in names if name in sorts]


def _example(actor: Actor) -> str:
    """`guest[t]`, `guest[t, c]`: in the way people name parameters."""
    return f"{actor.name}[{', '.join(_names(actor))}]"


def _names(actor: Actor) -> list[str]:
    """A name for each index, all different."""
    found: list[str] = []
    for sort in actor.indices:
        name = str(sort)[:1].lower()
        found.append(name if name not in found else f"{name}{len(found) + 1}")
    return found


def missing_hint(actor: Actor, claim: str) -> str:
    """How to say of some or of all what `claim` says of one."""
    return f"of one of them: {_some(actor)} {claim}; of all of them: forall"


def _some(actor: Actor) -> str:
    """`exists t : Td: guest[t]`."""
    pairs = zip(_names(actor), actor.indices, strict=True)
    return f"exists {', '.join(f'{name} : {sort}' for name, sort in pairs)}: {_example(actor)}"
