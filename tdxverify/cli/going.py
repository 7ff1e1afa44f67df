"""`simulate --until EXPR` and `g EXPR`: the shortest way to a condition, or what is said without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import Line, Style, line

if TYPE_CHECKING:
    from tdxverify.inquiries.ways import Elsewhere, NotFound, Pairs, Scope, Way
    from tdxverify.questions.problems.problem import Problem
    from tdxverify.questions.question import Question
    from tdxverify.semantics.trace import Step, Trace
    from tdxverify.semantics.walk import Walk
    from tdxverify.telling.story import Story

_NOT_THERE = 1
_MOST_NAMES = 4  # of parameters that are open
_MOST_VALUES = 8  # of what "here" means


@dataclass(frozen=True, slots=True)
class Going:
    """What was found out about the way to a condition: `told`, and the exit status.

    `walk`: at the start of the way, where that was open, to be followed by `steps`. `story`: of the whole.
    """

    told: tuple[str, ...]
    status: int = 0
    steps: tuple[Step, ...] = ()
    walk: Walk | None = None
    story: Story | None = None

    def lines(self) -> list[Line]:
        """To be wrapped, one by one."""
        return [line(text, Style.DOUBT if self.status else Style.PLAIN) for text in self.told]


def going_from_any_start(asked: Question, text: str, *, chosen: bool, seconds: float | None) -> Going:
    """To the nearest state where `text` holds, from whichever start `asked` allows. Raises SpecError.

    `chosen`: somebody has chosen the check, so that its sizes count.
    """
    from tdxverify.inquiries.ways import NotFound, NoWay, Way, scope, sizes_to_try, way_from_any_start
    from tdxverify.questions.conditions import grown_condition
    from tdxverify.questions.question import smallest, smallest_sizes, without_start

    may_grow = room(asked, chosen=chosen)
    goal, least = grown_condition(asked, text, smallest_sizes(asked, {}), may_grow)
    for sizes in sizes_to_try(least, may_grow):
        problem = smallest(goal, sizes)
        found = way_from_any_start(goal, problem, seconds)
        about = scope(goal, problem)
        if isinstance(found, Way):
            return _arrived(asked, goal, found, about)
        if isinstance(found, NotFound):
            return Going((_not_found(found, _limits(about)),), ExitStatus.UNDECIDED)
        if isinstance(found, NoWay):
            return Going((_never(about), *_instead(goal, problem)), _NOT_THERE)
    raise without_start(asked, least)


def room(asked: Question, *, chosen: bool) -> dict[str, int | None]:
    """How large each sort may become whose size nobody has stated; None: as large as need be.

    `chosen`: somebody has chosen the check, so that what it states counts.
    """
    stated = {r.sort for r in asked.options.sizes}
    sizing = asked.sizing
    return {
        r.sort: r.high if chosen and r.sort not in sizing.open else None
        for r in sizing.ranges
        if r.sort not in stated
    }


def _arrived(asked: Question, goal: Question, way: Way, about: Scope) -> Going:
    from tdxverify.answers.tracing import told
    from tdxverify.outputs.text.reliance_text import others_text
    from tdxverify.questions.question import smallest
    from tdxverify.semantics.walk import Walk, carried_over

    problem = smallest(asked, way.problem.size_of)
    trace = carried_over(way.trace, way.problem, problem)
    assert trace is not None
    story = told(goal, way.problem, way.trace).story
    values = "; ".join(_relied_on(story))
    shown = [f"with {values}" if values else "", others_text(story.reliance) or ""]
    taken = counted(len(way.trace), "step")
    head = f"{taken}; none is shorter" if len(way.trace) else "it holds at the start already"
    found = [f"{head}{_at_sizes(about)}", *filter(None, shown)]
    walk = Walk(problem, trace.rigid, trace.states[0], asked.options.timeout)
    return Going(tuple(found), steps=trace.steps, walk=walk, story=story)


def _relied_on(story: Story) -> Iterator[str]:
    from tdxverify.outputs.text.reliance_text import relied_on

    for heading, items in relied_on(story):
        shown = ", ".join(items)
        yield f"{heading}: {shown}" if heading else shown


def going_from_here(asked: Question, walk: Walk, text: str, seconds: float | None) -> Going:
    """To the nearest state where `text` holds, from where `walk` is. Raises SpecError."""
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.inquiries.ways import NotFound, NoWay, way_from
    from tdxverify.questions.conditions import condition
    from tdxverify.questions.question import smallest
    from tdxverify.semantics.walk import carried_over

    goal = condition(asked, text, walk.problem.size_of)
    problem = smallest(goal, walk.problem.size_of)
    here = carried_over(walk.trace, walk.problem, problem)
    if here is None:
        raise SpecError([Diagnostic(Code.E709, f"{asked.spec.path} has changed since the walk began")])
    found = way_from(goal, problem, here, seconds)
    if isinstance(found, NotFound):
        return Going((_not_found(found, " from here"),), ExitStatus.UNDECIDED)
    if isinstance(found, NoWay):
        told = (_none_from_here(goal, problem, here), *_other_ways(goal, problem, here, seconds))
        return Going(told, _NOT_THERE)
    steps = found.trace.steps
    return Going((f"{counted(len(steps), 'step')} taken" if steps else "it holds here already",), steps=steps)


# --- what is said where there is no way ----------------------------------------------------


def _never(about: Scope) -> str:
    return f"no run leads to such a state from any start{_limits(about)}{_whatever(about)}: proved"


def _not_found(found: NotFound, where: str) -> str:
    from tdxverify.logic.sizes_in_words import first_steps

    if found.clean is None:
        return f"it is not known whether a run leads to such a state{where}: {found.why}"
    return f"no run leads to such a state {first_steps(found.clean)}{where}: {found.why}; not a proof"


def _limits(about: Scope) -> str:
    """What is fixed: ` for Line = 1, with lim = 0 as given, where not fixed`."""
    from tdxverify.outputs.text.trace_text import assignments

    parts = [_at_sizes(about)]
    parts += [f" with {assignments(about.given)} as given"] if about.given else []
    parts += [f" where {about.where}"] if about.where else []
    return ",".join(filter(None, parts))


def _at_sizes(about: Scope) -> str:
    from tdxverify.logic.sizes_in_words import stated_sizes

    return f" for {stated_sizes(about.sizes)}" if about.sizes else ""


def _whatever(about: Scope) -> str:
    """`, whatever lim and fixed are`; of what `where` is about it allows some values only."""
    if not about.open:
        return ""
    count = len(about.open)
    names = f"the {count} open parameters and constants" if count > _MOST_NAMES else _listed(about.open)
    if about.where:
        return f", whatever values that leaves to {names}"
    return f", whatever {names} {'is' if count == 1 else 'are'}"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _instead(goal: Question, problem: Problem) -> Iterator[str]:
    """What else was found to lead there: other values than those given, other sizes."""
    from tdxverify.inquiries.ways import at_other_sizes, with_other_values, without_where
    from tdxverify.outputs.text.trace_text import assignments

    other = with_other_values(goal, problem.size_of)
    if other is not None:
        yield f"with {assignments(other[0])} there is one, in {counted(other[1], 'step')}"
    steps = without_where(goal, problem.size_of)
    if steps is not None:
        yield f"without the `where` of the check there is one, in {counted(steps, 'step')}"
    larger = at_other_sizes(goal, problem, {r.sort for r in goal.options.sizes})
    if larger is not None:
        yield f"with {_size_options(larger[0])} there is one, in {counted(larger[1], 'step')}"


def _size_options(sizes: Pairs) -> str:
    return " ".join(f"--size {sort}={size}" for sort, size in sizes)


def _none_from_here(goal: Question, problem: Problem, here: Trace) -> str:
    """With what "here" means: what has been chosen already, of what could have to do with it."""
    from tdxverify.inquiries.ways import chosen_so_far
    from tdxverify.logic.sizes_in_words import stated_sizes
    from tdxverify.outputs.text.trace_text import assignments

    chosen = chosen_so_far(goal, problem, here)
    parts = [stated_sizes(problem.sizes)] if problem.sizes else []
    if len(chosen.values) > _MOST_VALUES:
        parts.append(f"the values that this walk has for {len(chosen.values)} parameters and constants")
    elif chosen.values:
        parts.append(assignments(chosen.values))
    parts += [f"{assignments(chosen.start)} at the start"] if chosen.start else []
    parts += [f"{counted(chosen.steps, 'step')} taken"] if chosen.steps else []
    told = "there is no way from here to such a state"
    return f"{told} ({'; '.join(parts)})" if parts else told


def _other_ways(goal: Question, problem: Problem, here: Trace, seconds: float | None) -> Iterator[str]:
    """From the start, from another one, at other sizes: the first that was found."""
    from tdxverify.diagnostics import SpecError
    from tdxverify.inquiries.ways import NoWay, Way, scope, way_from, way_from_any_start, way_from_elsewhere

    start = replace(here, states=here.states[:1], steps=())
    try:
        if here.steps:
            back = way_from(goal, problem, start, seconds)
            if isinstance(back, Way):
                taken = counted(len(back.trace), "step")
                yield f"from the start there is one, in {taken}: u {len(here)} leads back there"
                return
        found = way_from_any_start(goal, problem, seconds)
    except SpecError:  # a value leaves its range elsewhere
        return
    if isinstance(found, Way):
        yield _elsewhere(way_from_elsewhere(here, found))
    if isinstance(found, NoWay):
        yield _never(scope(goal, problem))
        yield from _instead(goal, problem)


def _elsewhere(found: Elsewhere) -> str:
    from tdxverify.outputs.text.trace_text import assignments

    parts = [assignments(found.values)] if found.values else []
    parts += [f"{assignments(found.start)} at the start"] if found.start else []
    told = " and ".join(parts)
    return f"with {told}, all else at the start as here, there is one, in {counted(found.steps, 'step')}"
