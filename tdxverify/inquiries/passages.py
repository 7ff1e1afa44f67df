"""What no step ever comes to: branches, handlers, what stands behind a jump.

One text may belong to several steps: a row is a part of each that makes the access, what stands between two
steps of a process of each that leads there. It is dead where none of them comes to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tdxverify.inquiries.triggers import shortened, some
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.model.model import Action, Model, Passage, PassageKind
from tdxverify.semantics.steps import ordinal
from tdxverify.source import Span
from tdxverify.triviality.wording import listed

_VERBS = {PassageKind.BEHIND: "reached", PassageKind.HANDLER: "done", PassageKind.WHILE: "done"}
_WORDS: dict[PassageKind, Callable[[str], str]] = {
    PassageKind.IF: lambda told: f"the branch 'if {told}'",
    PassageKind.ELSE_IF: lambda told: f"the branch 'else if {told}'",
    PassageKind.ELSE: lambda told: f"the branch 'else' of 'if {told}'",
    PassageKind.EITHER: lambda told: f"the {ordinal(int(told))} branch of this 'either'",
    PassageKind.WHILE: lambda told: f"the body of 'while {told}'",
    PassageKind.HANDLER: lambda told: f"'on {told}'",
    PassageKind.BEHIND: lambda told: "what stands here",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A part of the text, and when `steps` come there: `formula` is closed, over one state; `at_start`, over
    an initial one, where a process may begin there (None: none may). `said` is "taken", or another `verb`."""

    said: str
    verb: str
    span: Span
    inside: Span
    formula: Expr
    steps: tuple[str, ...]
    at_start: Expr | None


def passages(model: Model) -> Iterator[Reached]:
    """Every part of the text to which a step may come or not, in the order of the steps."""
    known = {info.symbol for info in model.symbols}
    groups: dict[tuple[Span, PassageKind, str], list[tuple[Action | None, Passage]]] = {}
    found = [(action, one) for action in model.actions for one in action.passages]
    for action, one in [*found, *((None, one) for one in model.start_passages)]:
        groups.setdefault((one.span, one.kind, one.told), []).append((action, one))
    for group in groups.values():
        formulas = [_formula(action, one) for action, one in group if action is not None]
        begins = [_formula(None, one) for action, one in group if action is None]
        reads = {symbol for formula in (*formulas, *begins) for symbol in core.symbols_of(formula)}
        if reads <= known:  # who took what is kept only where something depends on it
            first = group[0][1]
            steps = tuple(dict.fromkeys(action.name for action, _ in group if action is not None))
            said = f"{shortened(_WORDS[first.kind](first.told))} in {_owner(first, steps)}"
            at_start = core.disjunction(*begins) if begins else None
            verb = _VERBS.get(first.kind, "taken")
            yield Reached(said, verb, first.span, first.inside, core.disjunction(*formulas), steps, at_start)


def _formula(action: Action | None, one: Passage) -> Expr:
    condition = some(one.binders, one.condition)
    if action is None:
        return condition
    return some(action.parameters, core.conjunction(action.guard, condition))


def _owner(one: Passage, steps: Iterable[str]) -> str:
    names = [f"'{name}'" for name in steps]
    return one.owner or f"{'step' if len(names) == 1 else 'steps'} {listed(names, 'and')}"
