"""What `tdxverify why` says of what may happen instead of a trace: other runs, other parameter values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdxverify.budget import Budget
from tdxverify.logic.counting import counted
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.layout import Line, Style, line, wrap
from tdxverify.outputs.text.trace_text import cell_value
from tdxverify.questions.kinds import kind_of

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.inquiries.closest_run import ClosestRun
    from tdxverify.inquiries.prevention import Switch
    from tdxverify.logic.layout import Valuation
    from tdxverify.semantics.trace import Step
    from tdxverify.telling.nearest import Divergence
    from tdxverify.telling.otherwise import Otherwise
    from tdxverify.telling.story import Story


@dataclass(frozen=True, slots=True)
class _Words:
    """How an end that is bad, or one that was sought, is spoken of."""

    run: str  # that does not come there
    safe: str  # what is true where it ends
    at_once: str
    open: str  # where it may still come there
    round: str
    stopping: str
    start: str
    unknown: str  # of a step that does not lead there
    holds: str  # with a switch
    fails: str
    another: str  # run that may come there


_BAD = _Words(
    run="run that does not fail",
    safe="from there on no bad state can be reached",
    at_once="none; every other step on the way leads to a bad state too",
    open="every way on can still fail",
    round="only stopping avoids it, or going round for ever among the same states",
    stopping="only stopping avoids it; every run that goes on fails in the end",
    start="none; the start is bad already",
    unknown="does not fail at once; whether it can fail later",
    holds="the property holds",
    fails="the property fails",
    another="another one fails",
)
_SOUGHT = _Words(
    run="run that does not get there",
    safe="from there on it cannot be reached",
    at_once="none; every other step on the way gets there too",
    open="every way on can still get there",
    round="only stopping avoids it, or going round for ever among the same states",
    stopping="only stopping avoids it; every run that goes on gets there in the end",
    start="none; the start is such a state already",
    unknown="does not get there at once; whether it can get there later",
    holds="it is never reached",
    fails="it is reached",
    another="another one gets there",
)

_MOST_CELLS = 4  # of a start that are named
_LIKE = "all else as in this run, shown or not"


def _words(found: FoundTrace) -> _Words:
    return _SOUGHT if kind_of(found.question.property).is_sought else _BAD


# --- another run ---------------------------------------------------------------------


def closest_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """The run that stays clear for good. Requires: the trace ends badly."""
    from tdxverify.inquiries.closest_run import Way, closest_run

    closest = closest_run(found.problem, found.trace, budget)
    words = _words(found)
    doubtful = closest.way in (Way.OPEN, Way.PERHAPS_NOT_CLOSEST)
    head = f"a {words.run}" if closest.way is Way.PERHAPS_NOT_CLOSEST else f"closest {words.run}"
    if closest.way is not Way.NO_STEP and not _as_told(found).is_all_shown():
        head += f" ({_LIKE})"
    told = f"{head}: {_closest(found, closest, words)}"
    return wrap(line(told, Style.DOUBT if doubtful else Style.PLAIN), columns, hanging=4)


def _as_told(found: FoundTrace) -> Otherwise:
    from tdxverify.telling.otherwise import Otherwise

    return Otherwise(found.question.spec.model, found.problem, found.trace, found.story)


def _closest(found: FoundTrace, closest: ClosestRun, words: _Words) -> str:
    from tdxverify.inquiries.closest_run import MOST_STATES, Way

    match closest.way:
        case Way.SAFE:
            return f"{_turn(found, closest)}; {words.safe}"
        case Way.PERHAPS_NOT_CLOSEST:
            return f"{_turn(found, closest)}; {words.safe}. Whether there is a closer one was not found out"
        case Way.AT_ONCE:
            return words.at_once
        case Way.ONLY_STOPPING:
            return words.stopping
        case Way.ROUND:
            return f"{words.open}; {words.round}"
        case Way.NO_STEP:
            return words.start
        case Way.OPEN:
            limit = f"not found out within {MOST_STATES:,} states"
            if not closest.steps:
                return f"{limit} or the time there was"
            return f"{limit}; {_turn(found, closest)} {words.unknown} is open"


def _turn(found: FoundTrace, closest: ClosestRun) -> str:
    """`the same through step 1, then look instead of boot, then wait (looked = true)`."""
    kept = "from the start" if closest.kept == 0 else f"the same through step {closest.kept}"
    trace = found.trace
    first, *others = step_texts(found, trace.rigid, trace.states[closest.kept], closest.steps)
    further = "".join(f", then {text}" for text in others)
    instead = f"{first} instead of {step_called(found, closest.kept + 1)}"
    changed = _difference(found, found.trace.states[closest.kept], closest.end)
    return f"{kept}, then {instead}{further}" + (f" ({changed})" if changed else "")


# --- other parameter values ------------------------------------------------------------


def switch_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """Parameters that prevent it first, then those that do not help or of which it is not known."""
    from tdxverify.cli.switch_groups import alike_switches
    from tdxverify.inquiries.prevention import switches

    tried = switches(found, budget)
    groups = sorted(alike_switches(tried.switches), key=lambda some: some[0].holds is not True)
    sentences: dict[tuple[bool, str, Style], list[Sequence[Switch]]] = {}
    for alike in groups:
        sentences.setdefault((alike[0].is_excluded, *_said(found, alike[0])), []).append(alike)
    lines: list[Line] = []
    for (is_excluded, said, look), some in sentences.items():
        narrowing = _narrowing(found) if is_excluded else None
        lines += wrap(line(f"{_with(some, narrowing)} {said}", look), columns, hanging=4)
    for name, count in tried.left_out:
        told = f"{counted(count, 'other value')} of {name} not tried"
        lines += wrap(line(told, Style.DOUBT), columns, hanging=4)
    return lines


def _with(groups: Sequence[Sequence[Switch]], narrowing: str | None) -> str:
    """`with c = 1 to 4 and b = false, or with d = 0,`; `narrowing`: what excludes all of them."""
    told = ", or ".join(f"with {_values(alike)}" for alike in groups)
    if narrowing is None:
        return told if len(groups) == 1 else f"{told},"
    if len(groups) == 1:
        return f"{told}, which {narrowing} excludes,"
    return f"{told}, all of which {narrowing} excludes,"


def _values(alike: Sequence[Switch]) -> str:
    """What each of them has: they are alike in all but the value."""
    from tdxverify.cli.switch_groups import in_words

    own = f"{alike[0].name} = {in_words([one.value for one in alike])}"
    also = [f"{name} = {value}" for name, value in alike[0].also]
    return " and ".join([*also, own] if " or " in own else [own, *also])


def _said(found: FoundTrace, switch: Switch) -> tuple[str, Style]:
    """What is said of machines with it, and how that looks. Of what is shown they have that of the trace."""
    words = _words(found)
    at = f" ({scope})" if (scope := _scope(found, switch)) else ""
    if switch.holds is None:
        told = f"this run is not possible{at}; whether {words.another} was not found out"
        return told, Style.DOUBT
    if not switch.holds:
        steps = "" if switch.length is None else f", in {counted(switch.length, 'step')}"
        return f"{words.fails} all the same{steps}{at}", Style.FAINT
    end = "" if switch.divergence is None else f": {_end(found, switch.divergence, is_near=switch.is_near)}"
    return f"{words.holds}{at}{end}", Style.GOOD if words is _BAD else Style.PLAIN


def _scope(found: FoundTrace, switch: Switch) -> str:
    """`the other values shown as here, for Line = 2`: the machines that something is said of."""
    from tdxverify.inquiries.prevention import Reach

    parts = []
    if switch.reach is Reach.LIKE:
        parts.append(_LIKE)
    elif any(name != switch.name for name in _shown(found.story)):
        parts.append("the other values shown as here")
    if switch.reach is Reach.CHECK:
        parts.append(f"within {_narrowing(found)}")
    sizes = stated_sizes(found.trace.sizes)
    return ", ".join((*parts, f"for {sizes}") if sizes else parts)


def _shown(story: Story) -> Iterator[str]:
    """The names of the parameters and constants that are shown with the trace."""
    yield from dict(story.open_parameters()) if story.reliance is None else story.reliance.names()


def _narrowing(found: FoundTrace) -> str:
    """What leaves machines out that the file allows."""
    asked = found.question
    given = bool(asked.options.parameters)
    if asked.check.where_text:
        return "this check's `where` and --param" if given else "this check's `where`"
    return "--param"


def _end(found: FoundTrace, divergence: Divergence, *, is_near: bool) -> str:
    """Where the steps of the trace first go elsewhere; `is_near`: with all else as there."""
    told = _departure(found, divergence)
    return f"all else as in this run, {told}" if is_near else told


def _departure(found: FoundTrace, divergence: Divergence) -> str:
    number = divergence.number
    if number == 0:
        return f"no run begins{_beginning(found.story)}"
    if number > len(found.trace) and divergence.begins_otherwise:
        return "the run begins otherwise, and its steps do not end in such a state"
    if number > len(found.trace):
        return "the run ends in the same state, but that is no longer such a state"
    if not divergence.is_possible:
        return f"step {number}, {step_called(found, number)}, is not possible"
    if divergence.state is None:
        return f"step {number}, {step_called(found, number)}, leads elsewhere"
    changed = _difference(found, found.trace.states[number], divergence.state)
    return f"after step {number}, {step_called(found, number)}, {changed}"


def _beginning(story: Story) -> str:
    """` with x = 1`: the cells of the start that the trace relies on, of which alone it is said."""
    if story.reliance is None or len(story.reliance.initial) > _MOST_CELLS:
        return " with all that this run relies on at the start"
    relied = " and ".join(cell_value(*pair) for pair in story.reliance.initial)
    return f" with {relied}" if relied else ""


# --- names -----------------------------------------------------------------------------


def _difference(found: FoundTrace, old: Valuation, new: Valuation) -> str:
    """The cells of `new` that differ, with their values there."""
    from tdxverify.logic.show import show_cell
    from tdxverify.logic.sorts import show as shown

    cells = found.problem.state_layout.cells
    changed = [
        f"{show_cell(cell)} = {shown(cell.symbol.sort, value)}"
        for cell, before, value in zip(cells, old, new, strict=True)
        if before != value
    ]
    return ", ".join(changed)


def step_called(found: FoundTrace, number: int) -> str:
    """The step of the trace with that number, from 1."""
    trace = found.trace
    (text,) = step_texts(found, trace.rigid, trace.states[number - 1], trace.steps[number - 1 : number])
    return text


def step_texts(found: FoundTrace, rigid: Valuation, state: Valuation, steps: Sequence[Step]) -> Iterator[str]:
    """`donate(l = Line0) by tdx_module` of each of `steps`, which can be taken from `state` on."""
    from tdxverify.semantics.run import WhyNot, state_after
    from tdxverify.semantics.steps import StepNames, acting, with_actor
    from tdxverify.semantics.successors import Semantics

    names, semantics = StepNames(found.problem), Semantics(found.problem)
    here = state
    for step in steps:
        actor = acting(found.problem.action_named[step.action], step.arguments)
        yield with_actor(names.called(rigid, here, step), actor)
        after = state_after(semantics, rigid, here, step)
        assert not isinstance(after, WhyNot)
        here = after
