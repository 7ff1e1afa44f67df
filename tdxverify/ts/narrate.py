"""A trace told for people: values, names and citations of the model put to every step.

Everything is computed again by the evaluator; engines contribute nothing but the trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tdxverify.model.evaluate import Evaluator
from tdxverify.model.expr import Bound, Implicit, walk
from tdxverify.model.layout import Cell, Layout, Valuation
from tdxverify.model.model import AccessTable, Decision, Model, Property
from tdxverify.model.show import show_cell, show_expression, written_name
from tdxverify.model.sorts import Value, show
from tdxverify.questions.kinds import kind_of
from tdxverify.results.story import (
    Change,
    DecidedRow,
    Dependence,
    Explained,
    FaultTaken,
    Location,
    Story,
    StoryStep,
    ToldRow,
    Violation,
)
from tdxverify.results.trace import Trace
from tdxverify.source import Span
from tdxverify.ts.decided import decided
from tdxverify.ts.explain import Explanation
from tdxverify.ts.problem import Problem
from tdxverify.ts.relevance import relevance
from tdxverify.ts.slicing import slice_trace

_ANNOTATION = r'(?:"(?:[^"\\]|\\.)*")?\s*(?:\bcite\b\s*[\w-]+(?:\s*,\s*[\w-]+)*)?'
_DECLARATION = re.compile(rf"property\s+\w+\s*{_ANNOTATION}\s*(?P<claim>.*)", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING = re.compile(r'("|\bcite\b).*', re.DOTALL)


def narrate(model: Model, problem: Problem, target: Property, trace: Trace) -> Story:
    """Requires: `problem` is `model` lowered for `target`, and `trace` is one of its runs.

    Where the trace ends in an assignment out of range, `violation` only says so in general.
    """
    return _Narrator(model, problem, trace).story(target)


def explained(model: Model) -> tuple[Explained, ...]:
    """The variables and parameters that have a description or a source."""
    return tuple(
        Explained(info.symbol.name, info.description, info.citations)
        for info in model.symbols
        if info.description is not None or info.citations
    )


class _Narrator:
    def __init__(self, model: Model, problem: Problem, trace: Trace) -> None:
        self._model = model
        self._problem = problem
        self._trace = trace
        self._tables = {table.name: table for table in model.tables}
        self._evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)

    def story(self, target: Property) -> Story:
        numbers = range(len(self._trace.steps))
        matter = relevance(self._problem, self._trace)
        rigid, state = self._problem.rigid_layout.cells, self._problem.state_layout.cells
        return Story(
            sizes=self._trace.sizes,
            parameters=tuple(_cells(self._problem.rigid_layout, self._trace.rigid)),
            initial=tuple(_cells(self._problem.state_layout, self._trace.states[0])),
            steps=tuple(self._step(number) for number in numbers),
            violation=self._violation(target),
            parameters_that_matter=tuple(show_cell(rigid[place]) for place in sorted(matter.rigid)),
            cells_that_matter=tuple(show_cell(state[place]) for place in sorted(matter.initial)),
            dependences=tuple(self._dependences()),
            explained=explained(self._model),
        )

    def _dependences(self) -> Iterator[Dependence]:
        """What each step and the end needed of the state before; nothing where the end is not bad."""
        trace, problem = self._trace, self._problem
        if not self._ends_badly():
            return
        sliced = slice_trace(problem, trace)
        state, rigid = problem.state_layout.cells, problem.rigid_layout.cells
        for consumer in range(len(trace) + 1, 0, -1):
            values = trace.states[consumer - 1]
            for need in sliced.needs:
                cell = state[need.position]
                if need.consumer == consumer and not _is_monitor(cell):
                    value = show(cell.symbol.sort, values[need.position])
                    yield Dependence(consumer, show_cell(cell), value, need.producer)
            for place in sliced.parameters.get(consumer, ()):
                value = show(rigid[place].symbol.sort, trace.rigid[place])
                yield Dependence(consumer, show_cell(rigid[place]), value, None)

    # --- steps ----------------------------------------------------------------

    def _step(self, number: int) -> StoryStep:
        step = self._trace.steps[number]
        action = self._problem.action_named[step.action]
        before, after = self._trace.states[number : number + 2]
        bound = dict(zip(action.parameters, step.arguments, strict=True))
        rows = list(decided(action, self._evaluator, self._trace.rigid, before, bound))
        declared = action.parameters[: len(action.parameters) - action.hidden]
        return StoryStep(
            number=number + 1,
            action=action.name,
            parameters=tuple((written_name(p), show(p.sort, bound[p])) for p in declared),
            actor=action.actor,
            description=action.description,
            citations=action.citations,
            rows=tuple(self._row(decision, before, values) for decision, values in rows),
            faults=_faults(decision for decision, _ in rows),
            changes=tuple(self._changes(before, after)),
            at=_location(action.span),
        )

    def _row(self, decision: Decision, before: Valuation, bound: Mapping[Bound, Value]) -> DecidedRow:
        table: AccessTable = self._tables[decision.access]
        row = table.rows[decision.row]
        shown = [
            show(e.sort, self._evaluator.evaluate(e, self._trace.rigid, before, bound))
            for e in decision.arguments
        ]
        call = f"{decision.access}({', '.join(shown)})" if shown else decision.access
        rows = tuple(
            ToldRow(r.guard, r.outcome, _on_one_line(r.effects), r.citations, r.description)
            for r in table.rows
        )
        return DecidedRow(
            call,
            decision.row + 1,
            row.guard,
            row.outcome,
            row.citations,
            row.description,
            rows,
            _location(row.span),
        )

    def _changes(self, before: Valuation, after: Valuation) -> Iterator[Change]:
        for cell, old, new in zip(self._problem.state_layout.cells, before, after, strict=True):
            if old != new and not _is_monitor(cell):
                sort = cell.symbol.sort
                yield Change(show_cell(cell), show(sort, old), show(sort, new))

    # --- violation ------------------------------------------------------------

    def _violation(self, target: Property) -> Violation | None:
        if kind_of(target).is_sought or not self._ends_badly():
            return None
        conjunct, elements = self._broken(target)
        return Violation(target.name, target.description, _as_written(target), conjunct, elements)

    def _ends_badly(self) -> bool:
        trace = self._trace
        return bool(self._evaluator.evaluate(self._problem.bad, trace.rigid, trace.states[-1]))

    def _broken(self, target: Property) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The part of what is required that is false, and the elements for which."""
        kind = kind_of(target)
        required = kind.required(target)
        if required is None:
            return kind.broken, ()
        states = self._trace.states
        before = states[-2] if kind.of_steps and len(states) > 1 else states[-1]
        explanation = Explanation(self._evaluator, self._trace.rigid, before, states[-1])
        if explanation.holds(required):
            return "every assignment stays within its range", ()
        reduced = explanation.reduce(required)
        occurring = {node for node in walk(reduced) if isinstance(node, Bound)}
        elements = {b: value for b, value in explanation.elements.items() if b in occurring}
        names = _distinct_names(elements)
        pairs = tuple((names[b], show(b.sort, value)) for b, value in elements.items())
        return show_expression(reduced, names), pairs


def _location(span: Span) -> Location:
    return Location(span.source.path, span.line)


def _on_one_line(effects: str) -> str:
    """Statements with `;` between them; where there are blocks, they are only put on one line."""
    lines = [text.strip() for text in effects.splitlines() if text.strip()]
    return " ".join(lines) if "{" in effects else "; ".join(lines)


def _cells(layout: Layout, values: Valuation) -> Iterator[tuple[str, str]]:
    for cell, value in zip(layout.cells, values, strict=True):
        if not _is_monitor(cell):
            yield show_cell(cell), show(cell.symbol.sort, value)


def _is_monitor(cell: Cell) -> bool:
    return cell.symbol.implicit is Implicit.MONITOR


def _faults(decisions: Iterator[Decision]) -> tuple[FaultTaken, ...]:
    """Each fault once, however many elements of a `foreach` took it."""
    taken = (FaultTaken(d.actor, d.fault, d.handled) for d in decisions if d.actor and d.fault)
    return tuple(dict.fromkeys(taken))


def _distinct_names(elements: Mapping[Bound, Value]) -> dict[Bound, str]:
    """Names as written; where two variables are called the same, the later one gets a number."""
    names: dict[Bound, str] = {}
    for bound in elements:
        base, number = written_name(bound), 2
        name = base
        while name in names.values():
            name = f"{base}{number}"
            number += 1
        names[bound] = name
    return names


def _as_written(target: Property) -> str:
    """The claim in the words of the source, on one line; without name, description and citations."""
    found = _DECLARATION.fullmatch(target.span.text)
    if found is None:
        return target.name
    claim = _TRAILING.sub("", _COMMENT.sub(" ", found["claim"]))
    return " ".join(claim.split())
