"""What a property is about: the situation that must occur for it to say anything.

Only what is written as a condition counts, so that nothing is called vacuous that its author may well
have meant:

    always forall x: a implies b      the trigger is: exists x: a
    always a implies (b implies c)    a and b
    always (a implies b) and c        there is none, since c is said of every state
    never not (a implies b)           a
    never a and b                     none: an invariant may well rule out each part on its own
    step a implies b                  a step with a
    never A takes #F, contained #F    A (one of those named) makes an access whose table can raise #F,
                                      whichever row of it decides
    never A took #F or B took #G      likewise
    reachable e, never deadlock       none
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Apply, Bound, Expr, Quantified, Read
from tdxverify.logic.operators import Op
from tdxverify.logic.show import show_expression
from tdxverify.model.implicit import fault_taken
from tdxverify.model.model import Action, Decision, Model, Property
from tdxverify.questions.kinds import kind_of

LONGEST_TEXT = 160


@dataclass(frozen=True, slots=True)
class Trigger:
    """`formula` is closed, over one state; for a step property over two. `lack` says that it is never true,
    and `detail` adds to that which formula it is, if that needs saying.
    """

    formula: Expr
    lack: str
    detail: str = ""

    def missing(self, where: str) -> str:
        """That it never occurs `where` ("for Line = 2")."""
        text = f"{self.lack} {where}".rstrip()
        return f"{text}: {self.detail}" if self.detail else text


def trigger(model: Model, target: Property) -> Trigger | None:
    """The trigger of the whole property; None where it has none, FALSE where nothing can ever be one."""
    parts = triggers(model, target)
    if not parts or any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    formula = core.disjunction(*(part.formula for part in known))
    details = " or ".join(part.detail for part in known if part.detail)
    return Trigger(formula, known[0].lack, details)


def triggers(model: Model, target: Property) -> list[Trigger | None]:
    """One per part of the property that is claimed on its own; None for a part without."""
    kind = kind_of(target)
    forbidden, required = kind.forbidden(target), kind.required(target)
    faults = None if forbidden is None else _faults_taken(forbidden)
    if faults is not None:
        return [_access(model, faults)]
    if required is None:
        return []
    return [_conditional(antecedent) for antecedent in _antecedents(required, (), TRUE)]


@dataclass(frozen=True, slots=True)
class Part:
    """One of several conditions of a property. `met`: it is true of some elements; `rest_unmet`: so is the
    negation of the others, which says that they are not just a way to name the configuration.
    """

    met: Expr
    rest_unmet: Expr


def parts_of(target: Property) -> list[Part]:
    """For `never exists x: a and b`: a, and b. Nothing where there is only one part."""
    forbidden = kind_of(target).forbidden(target)
    if forbidden is None:
        return []
    return [part for either in _disjuncts(forbidden) for part in _parts(either, ())]


def _conditional(antecedent: Expr) -> Trigger | None:
    if antecedent == TRUE:
        return None
    return Trigger(antecedent, "its condition is never true", shortened(show_expression(antecedent)))


def _antecedents(formula: Expr, binders: tuple[Bound, ...], given: Expr) -> list[Expr]:
    """The closed condition under which each part of `formula` says anything; TRUE for always."""
    match formula:
        case Quantified(universal=True, binders=more, body=body):
            return _antecedents(body, (*binders, *more), given)
        case Apply(op=Op.AND, arguments=parts):
            return [one for part in parts for one in _antecedents(part, binders, given)]
        case Apply(op=Op.IMPLIES, arguments=(left, right)):
            return _antecedents(right, binders, core.conjunction(given, left))
        case _:
            return [some(binders, given)]


def some(binders: Iterable[Bound], body: Expr) -> Expr:
    """`body` for some values of those `binders` that occur in it."""
    occurring = {node for node in core.walk(body) if isinstance(node, Bound)}
    return core.quantified(tuple(b for b in binders if b in occurring), body, universal=False)


def _disjuncts(formula: Expr) -> tuple[Expr, ...]:
    return formula.arguments if isinstance(formula, Apply) and formula.op is Op.OR else (formula,)


def _parts(formula: Expr, binders: tuple[Bound, ...]) -> list[Part]:
    match formula:
        case Quantified(universal=False, binders=more, body=body):
            return _parts(body, (*binders, *more))
        case Apply(op=Op.AND, arguments=conjuncts):
            found = []
            for position, part in enumerate(conjuncts):
                rest = core.conjunction(*conjuncts[:position], *conjuncts[position + 1 :])
                found.append(Part(some(binders, part), some(binders, core.negation(rest))))
            return found
        case _:
            return []


def shortened(text: str) -> str:
    """`text`, cut where it is too long for a message."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "..."


# --- properties about faults ------------------------------------------------------


def _faults_taken(formula: Expr) -> list[tuple[str, str]] | None:
    """(actor, fault) where `formula` says that one of these was taken and nothing else; None otherwise."""
    found: list[tuple[str, str]] = []
    for part in _disjuncts(formula):
        taken = fault_taken(part.symbol) if isinstance(part, Read) else None
        if taken is None:
            return None
        found.append(taken)
    return found


def _access(model: Model, faults: Iterable[tuple[str, str]]) -> Trigger:
    wanted = list(faults)
    made = core.disjunction(*(_makes(model, actor, fault) for actor, fault in wanted))
    actors = " or ".join(dict.fromkeys(actor for actor, _ in wanted))
    raised = " or ".join(dict.fromkeys(fault for _, fault in wanted))
    return Trigger(made, f"no access by {actors} that can raise {raised} is ever made")


def _makes(model: Model, actor: str, fault: str) -> Expr:
    """`actor` is about to make an access whose table can raise `fault`."""
    raising = {table.name for table in model.tables if any(row.fault == fault for row in table.rows)}
    return core.disjunction(
        *(
            decides(action, decision)
            for action in model.actions
            if action.actor == actor
            for decision in action.decisions
            if decision.access in raising
        )
    )


def decides(action: Action, decision: Decision) -> Expr:
    """A state in which `action` can fire so that `decision` is made."""
    inner = some(decision.binders, decision.condition)
    return some(action.parameters, core.conjunction(action.guard, inner))


def fires(action: Action) -> Expr:
    """A state in which `action` can fire."""
    return some(action.parameters, action.guard)
