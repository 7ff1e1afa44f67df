"""Evidence for one answer, as it is stored and as it is used.

Reading a trace replays it: its states are not stored, so there is none without. All other evidence
is only what somebody claims until it has been checked (`judging.py`).

    invariant          formulas; for any size, or for stated sizes
    k-induction        how deep; the solver does the rest again
    enumeration        nothing but the count: all states are enumerated again
    no initial state   nothing: the solver is asked again
    trace              values that differ from the least ones, and the steps; states are computed

A trace says nothing of cells that have their least possible value, so one about a small part of a
large model is short, and survives when the model gains symbols that it does not depend on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from tdxverify.certify.replay import run_of
from tdxverify.model.evaluate import Evaluator
from tdxverify.model.expr import Expr
from tdxverify.model.layout import Cell, Layout, Valuation
from tdxverify.model.show import show_expression
from tdxverify.model.sorts import BoolSort, EnumSort, IndexSort, RangeSort, Sizes, Sort, Value, domain, show
from tdxverify.proofs.formulas import FormulaReader, to_json
from tdxverify.proofs.stored import Item, Json, Unusable
from tdxverify.results.certificate import Invariant, KInductive
from tdxverify.results.trace import Step, Trace
from tdxverify.semantics.assignments import InitialStates
from tdxverify.semantics.run import WhyNot
from tdxverify.ts.problem import Problem

MOST_STEPS = 10_000
MOST_FORMULAS = 10_000
DEEPEST_INDUCTION = 1_000


@dataclass(frozen=True, slots=True)
class Enumeration:
    """There were so many reachable states, none of them bad."""

    states: int


@dataclass(frozen=True, slots=True)
class NoStart:
    """There is no initial state: at the item's sizes, or at no size."""

    any_size: bool


Evidence: TypeAlias = Invariant | KInductive | Enumeration | NoStart | Trace

Content: TypeAlias = tuple[tuple[str, Json], ...]


def kind_of(evidence: Evidence) -> str:
    match evidence:
        case Invariant():
            return "invariant"
        case KInductive():
            return "k-induction"
        case Enumeration():
            return "enumeration"
        case NoStart():
            return "no initial state"
        case Trace():
            return "trace"
        case _:
            assert_never(evidence)


def described(evidence: Evidence) -> str:
    """For a list: `invariant of 3 formulas`, `trace of 5 steps`."""
    match evidence:
        case Invariant(formulas=formulas):
            return f"invariant of {_counted(len(formulas), 'formula')}"
        case KInductive(k=k):
            return f"{k}-induction"
        case Enumeration(states=states):
            return f"enumeration of {_counted(states, 'state')}"
        case NoStart():
            return "no initial state"
        case Trace():
            return f"trace of {_counted(len(evidence), 'step')}"
        case _:
            assert_never(evidence)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def content_of(problem: Problem, evidence: Evidence) -> Content:
    """What is stored of `evidence` for `problem`."""
    match evidence:
        case Invariant(formulas=formulas):
            return (("formulas", _formulas_content(problem, formulas)),)
        case KInductive(k=k, simple_path=simple_path):
            return (("k", k), ("simple path", simple_path))
        case Enumeration(states=states):
            return (("states", states),)
        case NoStart():
            return ()
        case Trace():
            return _trace_content(problem, evidence)
        case _:
            assert_never(evidence)


def _formulas_content(problem: Problem, formulas: Iterable[Expr]) -> Json:
    """Each as text and as lists, sorted by the text."""
    reader = FormulaReader(problem)
    found: dict[str, Json] = {}
    for formula in formulas:
        data = to_json(formula)
        text = show_expression(reader.formula(data))
        found[text] = {"text": text, "formula": data}
    return [found[text] for text in sorted(found)]


def evidence_in(problem: Problem, item: Item) -> Evidence:
    """The evidence that `item` stores for `problem`. Raises Unusable."""
    match item.kind:
        case "invariant":
            return _invariant(problem, item)
        case "k-induction":
            match item.part("k"), item.part("simple path"):
                case int(k), bool(simple_path) if 1 <= k <= DEEPEST_INDUCTION:
                    return KInductive(k, simple_path)
            raise Unusable("the depth of the induction is no depth")
        case "enumeration":
            states = item.part("states")
            if isinstance(states, int) and states >= 1:
                return Enumeration(states)
            raise Unusable("the number of states is no number")
        case "no initial state":
            return NoStart(any_size=item.sizes is None)
        case "trace":
            return _TraceReader(problem).trace(item)
        case _:
            raise Unusable(f"there is no evidence of the kind '{item.kind[:40]}'")


def _invariant(problem: Problem, item: Item) -> Invariant:
    reader = FormulaReader(problem)
    formulas = []
    for stored in _list(item.part("formulas"), MOST_FORMULAS):
        match stored:
            case {"text": str(text), "formula": data, **others} if not others:
                formula = reader.formula(data)
                if show_expression(formula) != text:
                    raise Unusable(f"the text of a formula is not what is checked: {text[:80]}")
                formulas.append(formula)
            case _:
                raise Unusable("a formula is not given as text and lists")
    return Invariant(tuple(formulas), any_size=item.sizes is None)


def usable_formulas(problem: Problem, item: Item) -> tuple[Expr, ...]:
    """What still makes sense of a stale invariant: the formulas about symbols that are still there."""
    reader, found = FormulaReader(problem), []
    for stored in _list(item.part("formulas"), MOST_FORMULAS):
        try:
            found.append(reader.formula(stored.get("formula") if isinstance(stored, dict) else None))
        except Unusable:
            continue
    return tuple(found)


def _list(data: Json, most: int) -> list[Json]:
    if not isinstance(data, list) or len(data) > most:
        raise Unusable(f"a list of at most {most} is needed")
    return data


# --- traces ----------------------------------------------------------------------


def _trace_content(problem: Problem, trace: Trace) -> Content:
    least = _Least(problem)
    steps: list[Json] = []
    for step in trace.steps:
        parameters = problem.action_named[step.action].parameters
        shown = [show(p.sort, v) for p, v in zip(parameters, step.arguments, strict=True)]
        steps.append([step.action, *shown])
    return (
        ("parameters", _different(problem.rigid_layout, trace.rigid, least.rigid())),
        ("initial", _different(problem.state_layout, trace.states[0], least.state(trace.rigid))),
        ("steps", steps),
    )


def _different(layout: Layout, values: Valuation, least: Valuation) -> Json:
    cells = zip(layout.cells, values, least, strict=True)
    return {str(cell): show(cell.symbol.sort, value) for cell, value, other in cells if value != other}


class _Least:
    """The values that go without saying: of its sort, or of what the spec says a cell starts with."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        self._initial = InitialStates(problem, evaluator)

    def rigid(self) -> Valuation:
        cells = self._problem.rigid_layout.cells
        return tuple(domain(cell.symbol.sort, self._problem.size_of)[0] for cell in cells)

    def state(self, rigid: Valuation) -> Valuation:
        return tuple(choices[0] for choices in self._initial.choices(rigid))


class _TraceReader:
    """Reads a trace: completes its values, and computes its states with the evaluator."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def trace(self, item: Item) -> Trace:
        problem, least = self._problem, _Least(self._problem)
        rigid = self._values(problem.rigid_layout, item.part("parameters"), least.rigid())
        first = self._values(problem.state_layout, item.part("initial"), least.state(rigid))
        steps = tuple(self._step(data) for data in _list(item.part("steps"), MOST_STEPS))
        found = run_of(problem, rigid, first, steps)
        if isinstance(found, WhyNot):
            raise Unusable(f"the trace is refused: {found}")
        return found

    def _values(self, layout: Layout, data: Json, least: Valuation) -> Valuation:
        if not isinstance(data, dict):
            raise Unusable("the values of a trace are not given by name")
        positions = {str(cell): number for number, cell in enumerate(layout.cells)}
        values = list(least)
        for name, text in data.items():
            if name not in positions:
                raise Unusable(f"the spec has no '{name[:60]}'")
            cell: Cell = layout.cells[positions[name]]
            values[positions[name]] = value_of(cell.symbol.sort, text, self._problem.size_of)
        return tuple(values)

    def _step(self, data: Json) -> Step:
        match data:
            case [str(name), *arguments] if name in self._problem.action_named:
                parameters = self._problem.action_named[name].parameters
                if len(arguments) == len(parameters):
                    pairs = zip(parameters, arguments, strict=True)
                    return Step(name, tuple(value_of(p.sort, a, self._problem.size_of) for p, a in pairs))
        raise Unusable(f"it is no step of this spec: {repr(data)[:80]}")


def value_of(sort: Sort, text: Json, sizes: Sizes) -> Value:
    """The value that is shown as `text`. Raises Unusable."""
    if isinstance(text, str):
        match sort:
            case BoolSort() if text in ("true", "false"):
                return int(text == "true")
            case EnumSort(members=members) if text in members:
                return members.index(text)
            case RangeSort(low=low, high=high) if (
                value := _integer(text)
            ) is not None and low <= value <= high:
                return value
            case IndexSort(name=name) if text.startswith(name):
                value = _integer(text.removeprefix(name))
                if value is not None and 0 <= value < sizes[name]:
                    return value
    raise Unusable(f"{repr(text)[:60]} is no value of {sort}")


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
