"""The shortest run to a condition: from every start that is allowed, or from one state; and where there is
one instead, if there is none.

All of it is asked of the engines, and believed once it is certified: a run, or that there is none. A search
that ended for any other reason says how many steps it has looked at, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import islice

from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.diagnostics import SpecError
from tdxverify.engines.finding import Found, find, find_within
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Sizes, show
from tdxverify.questions.problems.cone import cone, sorts_of
from tdxverify.questions.problems.lower import stated
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, anywhere, smallest
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.semantics.walk import beginning_at, nearest_start
from tdxverify.telling.cells import is_of_spec
from tdxverify.telling.depending import fixed_cells
from tdxverify.telling.narrate import narrate
from tdxverify.telling.range_errors import leaves_range, range_error
from tdxverify.telling.relevance import Given

MOST_STATES = 100_000  # enumerated in one search
DEEPEST = 60  # steps
AHEAD = 12  # steps looked at where something else than what was asked may lead there
MOST_OTHERS = 8  # other sizes at which that is done
_SECONDS = 60.0  # for a search, if nobody says how long
_ENGINE = "auto"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A certified run to a state where the condition holds; none from the same starts is shorter."""

    problem: Problem
    trace: Trace


@dataclass(frozen=True, slots=True)
class NoWay:
    """Certified: no run gets there."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """No run of up to `clean` steps gets there, None if not even that is known; `why` there is no answer."""

    clean: int | None
    why: str


@dataclass(frozen=True, slots=True)
class NoStart:
    """Certified: there is no initial state at these sizes."""


Result = Way | NoWay | NotFound


def way_from_any_start(goal: Question, problem: Problem, seconds: float | None) -> Result | NoStart:
    """From the starts that `problem`, that of `goal` at some sizes, allows.

    Raises SpecError where a value leaves its range before (E510).
    """
    found = _found(problem, seconds)
    return NoStart() if isinstance(found.verdict, Vacuous) else _result(goal, problem, found)


def sizes_to_try(sizes: Sizes, room: Mapping[str, int | None]) -> Iterator[Sizes]:
    """`sizes`, and larger ones, where there may be a start if there was none. Only sorts in `room` grow,
    to what it says at most."""
    yield sizes
    for larger in _larger({sort: size for sort, size in sizes.items() if sort in room}):
        limits = ((size, room[sort]) for sort, size in larger.items())
        if all(most is None or size <= most for size, most in limits):
            yield {**sizes, **larger}


def way_from(goal: Question, problem: Problem, so_far: Trace, seconds: float | None) -> Result:
    """From the end of `so_far`, a run of `problem` whatever that assumes; the way is only what comes then.

    Raises SpecError where a value leaves its range before (E510).
    """
    _refuse_mistake(goal, problem, so_far)
    pinned = beginning_at(problem, so_far.rigid, so_far.states[-1])
    found = _found(pinned, seconds)
    if isinstance(found.verdict, Refuted):
        rest = found.verdict.trace
        whole = replace(so_far, states=(*so_far.states, *rest.states[1:]), steps=(*so_far.steps, *rest.steps))
        _refuse_mistake(goal, problem, whole)
    return _result(goal, problem, found)


def _found(problem: Problem, seconds: float | None) -> Found:
    budget = Budget(bound=DEEPEST, max_states=MOST_STATES).within(seconds or _SECONDS)
    return find(_ENGINE, problem, budget, Silent())


def _result(goal: Question, problem: Problem, found: Found) -> Result:
    match found.verdict:
        case Refuted(trace=trace):
            _refuse_mistake(goal, problem, trace)
            return Way(problem, trace)
        case Unknown() as unknown:
            return NotFound(unknown.clean_through, unknown.told)
        case Proved() | Vacuous():
            return NoWay()


def _refuse_mistake(goal: Question, problem: Problem, trace: Trace) -> None:
    """Raises SpecError where a value has left its range by the end of `trace`."""
    if not leaves_range(problem, trace):
        return
    parts = (
        replace(trace, states=trace.states[: count + 1], steps=trace.steps[:count])
        for count in range(len(trace) + 1)
    )
    first = next(part for part in parts if _is_mistaken(problem, part) or len(part) == len(trace))
    story = narrate(goal.spec.model, problem, goal.property, first)
    raise SpecError([range_error(goal.spec.model, goal.check, problem, first, story).diagnostic])


def _is_mistaken(problem: Problem, trace: Trace) -> bool:
    return leaves_range(replace(problem, undefined=FALSE), trace)


# --- something else that leads there ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`values` of parameters and constants, and cells of the `start`; and a number of `steps`."""

    steps: int
    values: Pairs
    start: Pairs


def chosen_so_far(goal: Question, problem: Problem, here: Trace) -> Elsewhere:
    """What could have been otherwise in `here`, a run of `problem`, and can have to do with what is asked."""
    used = {symbol.name for symbol in cone(problem).symbols}
    rigid, cells = problem.rigid_layout.cells, problem.state_layout.cells
    free = set(scope(goal, problem).open)
    choices = Semantics(problem).initial.choices(here.rigid)
    return Elsewhere(
        len(here),
        tuple(
            (show_cell(cell), show(cell.symbol.sort, value))
            for cell, value in zip(rigid, here.rigid, strict=True)
            if cell.symbol.name in free & used
        ),
        tuple(
            (show_cell(cell), show(cell.symbol.sort, value))
            for cell, value, options in zip(cells, here.states[0], choices, strict=True)
            if len(options) > 1 and is_of_spec(cell) and cell.symbol.name in used
        ),
    )


def way_from_elsewhere(here: Trace, found: Way) -> Elsewhere:
    """How a start differs from that of `here`, a run of the same problem, from which a run leads there.

    It is as near as the evaluator has found one; all else is as there.
    """
    problem = found.problem
    nearest = nearest_start(problem, found.trace, here.rigid, here.states[0])
    if leaves_range(problem, nearest):
        nearest = found.trace
    return Elsewhere(
        len(nearest),
        tuple(_differences(problem.rigid_layout, nearest.rigid, here.rigid)),
        tuple(_differences(problem.state_layout, nearest.states[0], here.states[0])),
    )


def _differences(layout: Layout, values: Valuation, others: Valuation) -> Iterator[tuple[str, str]]:
    for cell, value, other in zip(layout.cells, values, others, strict=True):
        if value != other and is_of_spec(cell):
            yield show_cell(cell), show(cell.symbol.sort, value)


def at_other_sizes(goal: Question, problem: Problem, given: Set[str]) -> tuple[Pairs, int] | None:
    """Other sizes at which a run gets there, and in how many steps: of every sort that can have to do with it
    and is not `given`. None where none was found by looking a little further.
    """
    sizes = problem.size_of
    free = sorted(sorts_of(cone(problem)) - given)
    for larger in _larger({sort: sizes[sort] for sort in free}):
        try:
            steps = _steps(goal, {**sizes, **larger})
        except SpecError:  # too large
            continue
        if steps is not None:
            return tuple((sort, str(size)) for sort, size in larger.items()), steps
    return None


def _larger(sizes: Sizes) -> Iterator[dict[str, int]]:
    """One more of each sort, then of all of them, then two."""
    if not sizes:
        return
    yield from ({**sizes, sort: size + 1} for sort, size in islice(sizes.items(), MOST_OTHERS))
    if len(sizes) > 1:
        yield {sort: size + 1 for sort, size in sizes.items()}
    yield {sort: size + 2 for sort, size in sizes.items()}


def with_other_values(goal: Question, sizes: Sizes) -> tuple[Pairs, int] | None:
    """Other values of the parameters that were given with which a run gets there, and in how many steps."""
    given = {name for name, _ in goal.options.parameters}
    if not given:
        return None
    found = _ahead(replace(goal, options=replace(goal.options, parameters=())), sizes)
    if found is None:
        return None
    layout = found.problem.rigid_layout
    cells = zip(layout.cells, found.trace.rigid, strict=True)
    values = {c.symbol.name: show(c.symbol.sort, value) for c, value in cells if c.symbol.name in given}
    return tuple(pair for pair in values.items() if pair not in goal.options.parameters), len(found.trace)


def without_where(goal: Question, sizes: Sizes) -> int | None:
    """In how many steps a run gets there that the `where` of the check excludes."""
    return None if goal.check.where == TRUE else _steps(anywhere(goal), sizes)


def _steps(goal: Question, sizes: Sizes) -> int | None:
    found = _ahead(goal, sizes)
    return None if found is None else len(found.trace)


def _ahead(goal: Question, sizes: Sizes) -> Way | None:
    """The shortest of the runs of a few steps. Raises SpecError where the sizes are too large."""
    problem = smallest(goal, sizes)
    budget = Budget(bound=AHEAD, max_states=MOST_STATES).within(_SECONDS / 4)
    found = find_within(problem, AHEAD, budget, Silent(), with_solver=True)
    if isinstance(found.verdict, Refuted) and not leaves_range(problem, found.verdict.trace):
        return Way(problem, found.verdict.trace)
    return None


# --- what it is about --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Which starts were asked about: these `sizes`, with the values `given` on the command line, where
    `where`, and whatever the `open` parameters and constants are."""

    sizes: tuple[tuple[str, int], ...]
    given: Pairs
    where: str
    open: tuple[str, ...]


def scope(goal: Question, problem: Problem) -> Scope:
    """That of `goal` at the sizes of `problem`."""
    check, given = goal.check, Given.by(goal.spec.model)
    fixed = fixed_cells(problem, replace(given, assumptions=stated(problem)))
    cells = enumerate(problem.rigid_layout.cells)
    free = dict.fromkeys(cell.symbol.name for at, cell in cells if at not in fixed)
    names = given.parameters | given.constants
    return Scope(
        problem.sizes,
        goal.options.parameters,
        "" if check.where == TRUE else check.where_text,
        tuple(name for name in free if name in names),
    )
