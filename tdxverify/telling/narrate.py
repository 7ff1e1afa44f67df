"""A trace told for people: values, names and citations of the model put to every step.

Everything is computed again by the evaluator; engines contribute nothing but the trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Const, Expr, Read, Role, negation, walk
from tdxverify.logic.layout import Cell
from tdxverify.logic.show import show_call, show_cell, show_expression, show_instance
from tdxverify.logic.sorts import Value, show
from tdxverify.model.implicit import outcome_taken
from tdxverify.model.model import AccessTable, Decision, Model, Property, Refinement, TableRow
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames, acting, declared_arguments
from tdxverify.semantics.trace import Trace
from tdxverify.source import Span
from tdxverify.telling.cells import is_idle, is_of_spec, told_cell, told_changes, told_values
from tdxverify.telling.decided import decided
from tdxverify.telling.deciding_part import Explanation
from tdxverify.telling.dependences import dependences
from tdxverify.telling.depending import Depending, fixed_cells
from tdxverify.telling.invariants import claim_of
from tdxverify.telling.relevance import Given
from tdxverify.telling.slicing import Reading
from tdxverify.telling.stopped import stopped_here
from tdxverify.telling.story import (
    DecidedRow,
    Dependence,
    Explained,
    FaultTaken,
    Location,
    Refined,
    Story,
    StoryStep,
    ToldCell,
    ToldRow,
    Violation,
)
from tdxverify.telling.true_instead import distinct_names, true_instead


def narrate(
    model: Model, problem: Problem, target: Property, trace: Trace, depending: Depending | None = None
) -> Story:
    """Requires: `problem` is `model` lowered for `target`, and `trace` is one of its runs. `depending`: what
    is known already of what it depends on, if it ends badly.

    Where the trace ends in an assignment out of range, `violation` only says so in general.
    """
    return _Narrator(model, problem, trace, depending).story(target)


def explained(model: Model) -> tuple[Explained, ...]:
    """The variables and parameters that have a description or a source."""
    return tuple(
        Explained(info.symbol.name, info.description, info.citations)
        for info in model.symbols
        if info.description is not None or info.citations
    )


def refined(refinements: Iterable[Refinement]) -> tuple[Refined, ...]:
    """What was changed in a declaration, with the place."""
    return tuple(
        Refined(one.text, Location(one.span.source.path, one.span.line), one.description, one.citations)
        for one in refinements
    )


def _refined_row(row: TableRow) -> tuple[Refined, ...]:
    """Without what is said of the row anyway."""
    return tuple(Refined(one.change, one.at) for one in refined(row.refinements))


class _Narrator:
    def __init__(
        self, model: Model, problem: Problem, trace: Trace, depending: Depending | None = None
    ) -> None:
        self._model = model
        self._problem = problem
        self._trace = trace
        self._tables = {table.name: table for table in model.tables}
        self._names = StepNames(problem)
        self._evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        given = Given.by(model)
        self._constants = given.constants
        self._fixed = fixed_cells(problem, given)
        if depending is None and self._ends_badly():
            depending = Depending(problem, trace, given)
        self._depending = depending
        self._reliance = None if self._depending is None else self._depending.reliance()

    def story(self, target: Property) -> Story:
        numbers = range(len(self._trace.steps))
        parameters = told_values(self._problem.rigid_layout, self._trace.rigid)
        rigid, state = self._problem.rigid_layout.cells, self._problem.state_layout.cells
        return Story(
            sizes=self._trace.sizes,
            parameters=tuple((str(cell), value) for cell, value in parameters),
            initial=tuple(told_values(self._problem.state_layout, self._trace.states[0])),
            steps=tuple(self._step(number) for number in numbers),
            violation=self._violation(target),
            fixed=frozenset(show_cell(rigid[place]) for place in self._fixed),
            reliance=self._reliance,
            cells_that_matter=tuple(told_cell(state[place]) for place in sorted(self._deciding_cells())),
            dependences=tuple(self._dependences()),
            explained=explained(self._model),
            refined_values=tuple(
                (info.symbol.name, one) for info in self._model.symbols for one in refined(info.refinements)
            ),
        )

    def _deciding_cells(self) -> set[int]:
        """Positions of state cells whose value at the start something depends on, or that decide a step."""
        if self._depending is None:
            return set()
        found = set(self._depending.start())
        for number, step in enumerate(self._trace.steps):
            action = self._problem.action_named[step.action]
            bound = dict(zip(action.parameters, step.arguments, strict=True))
            reading = self._reading(number)
            read = reading.of(action.guard, bound)
            for decision, chosen in self._decided(number):
                read |= reading.of(decision.condition, chosen)
            found |= {place.position for place in read if place.role is Role.STATE}
        return {place for place in found if is_of_spec(self._problem.state_layout.cells[place])}

    def _reading(self, number: int) -> Reading:
        return Reading(self._problem, self._trace.rigid, self._trace.states[number])

    def _decided(self, number: int) -> list[tuple[Decision, dict[Bound, Value]]]:
        """The rows that applied in step `number`, from 0."""
        step = self._trace.steps[number]
        action = self._problem.action_named[step.action]
        bound = dict(zip(action.parameters, step.arguments, strict=True))
        return list(decided(action, self._evaluator, self._trace.rigid, self._trace.states[number], bound))

    def _dependences(self) -> Iterator[Dependence]:
        """What each step and the end needed of the state before; nothing where the end is not bad."""
        if self._depending is not None:
            yield from dependences(self._problem, self._trace, self._depending.slice, self._constants)

    # --- steps ----------------------------------------------------------------

    def _step(self, number: int) -> StoryStep:
        step = self._trace.steps[number]
        action = self._problem.action_named[step.action]
        before, after = self._trace.states[number : number + 2]
        rows = self._decided(number)
        kept = tuple(self._kept(number))
        return StoryStep(
            number=number + 1,
            action=action.name,
            parameters=declared_arguments(action, step.arguments),
            actor=acting(action, step.arguments),
            description=action.description,
            citations=action.citations,
            rows=tuple(self._row(decision, number, values) for decision, values in rows),
            faults=_faults(acting(action, step.arguments), (decision for decision, _ in rows)),
            changes=tuple(told_changes(self._problem.state_layout, before, after)),
            at=_location(action.span),
            kept=kept,
            chosen=self._names.chosen(self._trace.rigid, before, step),
            is_idle=not kept and is_idle(self._problem, action, before, after),
            refined=refined(action.refinements),
        )

    def _kept(self, number: int) -> Iterator[tuple[ToldCell, str]]:
        cells, after = self._problem.state_layout.cells, self._trace.states[number + 1]
        for place in sorted(self._depending.kept(number + 1) if self._depending else ()):
            if is_of_spec(cells[place]):
                yield told_cell(cells[place]), show(cells[place].symbol.sort, after[place])

    def _given(
        self, decision: Decision, number: int, bound: Mapping[Bound, Value]
    ) -> Iterator[tuple[str, str]]:
        """The parameters that decided and are not told elsewhere."""
        if self._reliance is None:
            return
        read = self._reading(number).of(decision.condition, bound)
        listed = self._reliance.names()
        for place in sorted(place.position for place in read if place.role is Role.RIGID):
            cell = self._problem.rigid_layout.cells[place]
            if place not in self._fixed and show_cell(cell) not in listed:
                yield show_cell(cell), show(cell.symbol.sort, self._trace.rigid[place])

    def _row(self, decision: Decision, number: int, bound: Mapping[Bound, Value]) -> DecidedRow:
        before = self._trace.states[number]
        table: AccessTable = self._tables[decision.access]
        row = table.rows[decision.row]
        shown = [
            show(e.sort, self._evaluator.evaluate(e, self._trace.rigid, before, bound))
            for e in decision.arguments
        ]
        rows = tuple(
            ToldRow(r.guard, r.outcome, _on_one_line(r.effects), r.citations, r.description, _refined_row(r))
            for r in table.rows
        )
        return DecidedRow(
            show_call(decision.access, shown),
            decision.row + 1,
            row.guard,
            row.outcome,
            row.citations,
            row.description,
            rows,
            _location(row.span),
            row.fault is not None,
            tuple(self._given(decision, number, bound)),
            _refined_row(row),
        )

    # --- violation ------------------------------------------------------------

    def _violation(self, target: Property) -> Violation | None:
        if kind_of(target).is_sought or not self._ends_badly():
            return None
        kind, written = kind_of(target), claim_of(target)
        required = kind.required(target)
        if required is None:
            told = kind.broken
            stopped = stopped_here(
                self._model.stops, self._problem, self._trace.rigid, self._trace.states[-1]
            )
            why = "; ".join((told, *(f"stopped by: {one}" for one in stopped)))
            return Violation(target.name, target.description, written, told, (), instead=why)
        reduced, elements = self._broken(required, of_steps=kind.of_steps)
        if reduced is None:
            told = "every assignment stays within its range"
            return Violation(target.name, target.description, written, told, ())
        names = distinct_names(elements)
        conjunct = show_expression(reduced, names)
        pairs = tuple((names[bound], show(bound.sort, value)) for bound, value in elements.items())
        instead = true_instead(self._explanation(of_steps=kind.of_steps), required).text()
        said = {conjunct, f"always {conjunct}", f"step {conjunct}", *_denials(instead, reduced, names)}
        is_evident = not pairs and written in said
        return Violation(
            target.name,
            target.description,
            written,
            conjunct,
            pairs,
            instead,
            is_evident,
            tuple(dict.fromkeys(_cells(reduced, elements))),
        )

    def _ends_badly(self) -> bool:
        trace = self._trace
        return bool(self._evaluator.evaluate(self._problem.bad, trace.rigid, trace.states[-1]))

    def _broken(self, required: Expr, *, of_steps: bool) -> tuple[Expr | None, dict[Bound, Value]]:
        """The part of `required` that is false, None where it is not, and the elements for which."""
        explanation = self._explanation(of_steps=of_steps)
        if explanation.holds(required):
            return None, {}
        reduced = explanation.reduce(required)
        occurring = {node for node in walk(reduced) if isinstance(node, Bound)}
        return reduced, {b: value for b, value in explanation.elements.items() if b in occurring}

    def _explanation(self, *, of_steps: bool) -> Explanation:
        """Of the last state, or of the last step."""
        states = self._trace.states
        before = states[-2] if of_steps and len(states) > 1 else states[-1]
        return Explanation(self._evaluator, self._trace.rigid, before, states[-1])


def _cells(expr: Expr, elements: Mapping[Bound, Value]) -> Iterator[ToldCell]:
    """Those that `expr` reads, as far as `elements` say which they are."""
    for read in walk(expr):
        if isinstance(read, Read) and read.symbol.role is Role.STATE:
            indices = [_element(index, elements) for index in read.indices]
            known = tuple(value for value in indices if value is not None)
            if len(known) == len(indices):
                yield told_cell(Cell(read.symbol, known))


def _element(index: Expr, elements: Mapping[Bound, Value]) -> Value | None:
    match index:
        case Const(value=value):
            return value
        case Bound():
            return elements.get(index)
    return None


def _denials(instead: str | None, false: Expr, names: Mapping[Bound, str]) -> Iterator[str]:
    """How a property says that `instead`, which is true where `false` is not, never happens."""
    if instead is None:
        return
    yield from (f"never {instead}", f"never ({instead})")
    true = negation(false)
    if isinstance(true, Read) and (taken := outcome_taken(true.symbol)) is not None:
        elements = [show_expression(index, names) for index in true.indices]
        yield f"never {show_instance(taken[0], elements)} takes {taken[1]}"


def _location(span: Span) -> Location:
    return Location(span.source.path, span.line)


def _on_one_line(effects: str) -> str:
    """Statements with `;` between them; where there are blocks, they are only put on one line."""
    lines = [text.strip() for text in effects.splitlines() if text.strip()]
    return " ".join(lines) if "{" in effects else "; ".join(lines)


def _faults(actor: str | None, decisions: Iterator[Decision]) -> tuple[FaultTaken, ...]:
    """Each fault once, however many elements of a `foreach` took it."""
    taken = (FaultTaken(actor, d.fault, d.handled) for d in decisions if actor and d.fault)
    return tuple(dict.fromkeys(taken))
