"""What goes on again and again while it can: fairness, as declared and as checks assume it besides.

As in TLA+ (Lamport, "The Temporal Logic of Actions", 1994), but what is fair are steps, be it that they
change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound
from tdxverify.logic.sorts import Sort
from tdxverify.model.declarations import Declarations
from tdxverify.model.fair import Fairness, FairPart
from tdxverify.model.model import Action
from tdxverify.model.processes import fair_steps
from tdxverify.syntax import ast
from tdxverify.syntax.ast import Fair


class FairnessBuilder:
    """Builds it from the `actions` of the model; mistakes go to `diagnostics`."""

    def __init__(
        self, declarations: Declarations, actions: Iterable[Action], diagnostics: DiagnosticCollector
    ) -> None:
        self._declarations = declarations
        self._actions: Mapping[str, Action] = {action.name: action for action in actions}
        self._diagnostics = diagnostics

    def declared(self) -> tuple[Fairness, ...]:
        """What is declared: of actors, of actions, of processes and their steps."""
        return tuple(self._declared())

    def _declared(self) -> Iterator[Fairness]:
        for name, fair in self._declarations.fair_actors.items():
            yield self._of_actor(name, fair)
        for name, action in self._declarations.actions.items():
            if action.fair is not None:
                yield from self._of_action(name, action.fair)
        for name, process in self._declarations.processes.items():
            if process.fair is not None:
                yield self._of_process(name, process.fair)
            for label, fair in fair_steps(process.items):
                yield from self._of_action(f"{name}.{label}", fair)

    def candidates(self) -> tuple[Fairness, ...]:
        """All that might be fair: each action, each process, and each actor that `fair` would mean."""
        known = self._declarations
        actions = [one for name in known.actions for one in self._of_action(name, Fair.WEAK)]
        processes = [self._of_process(name, Fair.WEAK) for name in known.processes]
        taken = {*known.actions, *known.processes}
        actors = [self._of_actor(name, Fair.WEAK) for name in known.actors if name not in taken]
        return tuple(one for one in (*actions, *processes, *actors) if one.parts)

    def assumed(self, clauses: Iterable[ast.FairClause]) -> tuple[Fairness, ...]:
        """What `clauses` of a check assume; without those that mean nothing, which are reported."""
        return tuple(fair for clause in clauses for fair in self._assumed(clause))

    def _assumed(self, clause: ast.FairClause) -> Iterator[Fairness]:
        name, label = clause.name.text, None if clause.label is None else clause.label.text
        if label is not None:
            if f"{name}.{label}" in self._actions:
                yield from self._of_action(f"{name}.{label}", clause.fair)
            else:
                self._unknown(clause, f"{name}.{label}", self._actions)
        elif name in self._declarations.actions:
            yield from self._of_action(name, clause.fair)
        elif name in self._declarations.processes:
            yield self._of_process(name, clause.fair)
        elif name in self._declarations.actors:
            yield self._of_actor(name, clause.fair)
        else:
            known = self._declarations
            self._unknown(clause, name, (*known.actions, *known.processes, *known.actors))

    def _unknown(self, clause: ast.FairClause, name: str, known: Iterable[str]) -> None:
        hint = did_you_mean(name, known) or "name an action, a process, a step 'process.label', or an actor"
        self._diagnostics.report(Code.E225, f"nothing called '{name}' does steps", clause.span, hint=hint)

    def _of_action(self, name: str, fair: Fair) -> Iterator[Fairness]:
        """For each value of the parameters by itself, but for hidden ones."""
        action = self._actions.get(name)
        if action is not None:
            shown = action.parameters[: len(action.parameters) - action.hidden]
            yield self._of(name, fair, [parameter.sort for parameter in shown], [(action, shown)])

    def _of_process(self, name: str, fair: Fair) -> Fairness:
        """For each instance: whatever its next step is."""
        process = self._declarations.processes[name]
        actions = [action for called, action in self._actions.items() if called.startswith(f"{name}.")]
        count = len(process.parameters)
        sorts = [parameter.sort for parameter in actions[0].parameters[:count]] if actions else []
        return self._of(name, fair, sorts, [(action, action.parameters[:count]) for action in actions])

    def _of_actor(self, name: str, fair: Fair) -> Fairness:
        """For each that the name is for: whatever it does, where that is said without a mistake."""
        sorts = self._declarations.actors[name].indices
        acting = (action for action in self._actions.values() if action.actor == name)
        actions = [action for action in acting if len(action.actor_indices) == len(sorts)]
        return self._of(name, fair, sorts, [(action, action.actor_indices) for action in actions])

    def _of(
        self,
        name: str,
        fair: Fair,
        sorts: Iterable[Sort],
        parts: Iterable[tuple[Action, tuple[core.Expr, ...]]],
    ) -> Fairness:
        binders = tuple(Bound(f"{number} of {name}", sort) for number, sort in enumerate(sorts))
        mine = (
            FairPart(
                action.name,
                core.conjunction(*(core.equal(one, at) for one, at in zip(binders, which, strict=True))),
            )
            for action, which in parts
        )
        return Fairness(name, fair is Fair.STRONG, binders, tuple(mine))
