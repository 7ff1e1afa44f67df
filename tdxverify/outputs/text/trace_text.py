"""A story as text: where it starts, what each step did and which table row decided it, how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Implicit
from tdxverify.outputs.text.layout import EMPTY, NO_BREAK, Line, Piece, Style, indent, line, wrap
from tdxverify.outputs.text.second_run_text import beside_texts
from tdxverify.telling.story import (
    Change,
    DecidedRow,
    FaultTaken,
    Loop,
    NoWay,
    Story,
    StoryStep,
    ToldCell,
    Violation,
    told_call,
)

MARGIN = 8  # cells before the text; step numbers stand in them


def story_lines(story: Story, width: int, *, everything: bool) -> list[Line]:
    """Tell `story` within `width` cells. `everything` lists also cells that play no part in it."""
    inner = width - MARGIN
    start = initial_lines(story, inner, everything=everything)
    lines = _labelled("start", [*start, *_beside(story, 0, inner), *_watched(story, 0, inner)])
    for step in story.steps:
        if story.loop is not None and not story.loop.stops and story.loop.begin == step.number - 1:
            lines.extend((EMPTY, *_labelled("loop", [line("from here on, again and again:")])))
        told = step_lines(step, inner, everything=everything)
        told += [*_beside(story, step.number, inner), *_watched(story, step.number, inner)]
        lines.extend((EMPTY, *_labelled(str(step.number), told)))
    if story.loop is not None:
        lines.extend((EMPTY, *_labelled(*_going_round(story.loop, inner))))
    if story.no_way is not None:
        lines.extend((EMPTY, *_labelled("trap", no_way_lines(story.no_way, inner))))
    if story.violation is not None:
        lines.extend((EMPTY, *_labelled("broken", violation_lines(story.violation, width - MARGIN))))
    return lines


def _beside(story: Story, number: int, width: int) -> list[Line]:
    """What is otherwise in the second run, where two are compared."""
    if story.second_run is None:
        return []
    texts = beside_texts(story.second_run, number)
    return [pieces for text in texts for pieces in wrap(line(text, Style.GUIDE), width, hanging=2)]


def _going_round(loop: Loop, width: int) -> tuple[str, list[Line]]:
    """How the run goes on for ever, and what would keep it from that."""
    if loop.stops:
        label, told = "stops", f"here: {loop.told_stop()}"
    else:
        label, told = "again", f"as {after(loop)}, and so on for ever"
    lines = wrap(line(told), width, hanging=2)
    excluded = excluding(loop)
    if excluded is not None:
        lines.extend(wrap(line(f"({excluded})", Style.FAINT), width, hanging=2))
    return label, lines


def no_way_lines(way: NoWay, width: int) -> list[Line]:
    """What holds from here on, whatever is done."""
    lines = wrap(line(beyond_reach(way)), width, hanging=2)
    for formula in way.always:
        lines.extend(indent(wrap(line(formula), width - 2, hanging=2), "  "))
    return lines


def beyond_reach(way: NoWay) -> str:
    """How many states can still come, and that something always holds there, where that is to follow."""
    if way.states == 1:
        if way.always:
            return "nothing that can still be done changes any of this:"
        return "nothing that can still be done makes it hold"
    number = "" if way.states is None else f" ({counted(way.states, 'state')} can still come)"
    told = f"whatever is done from here on{number}"
    return f"{told}, this stays true:" if way.always else f"{told}, it never holds"


def after(loop: Loop) -> str:
    """In which state the loop begins: `after step 2`."""
    return "at the start" if loop.begin == 0 else f"after step {loop.begin}"


def excluding(loop: Loop) -> str | None:
    """`this run is ruled out by 'assuming fair' with any one of serve, cpu`; None where nothing does that."""
    weak = _ruled_out("fair", loop.excluded_by)
    strong = _ruled_out("strongly fair", loop.excluded_strongly)
    told = " or ".join(part for part in (weak, strong) if part)
    return f"this run is ruled out by {told}" if told else None


def _ruled_out(fair: str, names: Sequence[str]) -> str | None:
    if len(names) > 1:
        return f"'assuming {fair}' with any one of {', '.join(names)}"
    return f"'assuming {fair} {names[0]}'" if names else None


def _watched(story: Story, number: int, width: int) -> list[Line]:
    """What was asked for in the state after so many steps."""
    lines: list[Line] = []
    for one in story.watched:
        value = one.values[number]
        told = "no value (one does not fit, or none is used)" if value is None else value
        pieces = (Piece(f"watch {one.text}: ", Style.GUIDE), Piece(told, Style.STRONG))
        lines.extend(wrap(pieces, width, hanging=2))
    return lines


def assignments(pairs: Iterable[tuple[str, str]]) -> str:
    """`erratum = true, limit = 3`; lines are broken between assignments only."""
    return ", ".join(f"{name} = {value}".replace(" ", NO_BREAK) for name, value in pairs)


def _labelled(label: str, body: Sequence[Line]) -> list[Line]:
    first = Piece(f" {label}".ljust(MARGIN), Style.STRONG)
    margin = Piece(" " * MARGIN)
    return [(first if i == 0 else margin, *pieces) if pieces else EMPTY for i, pieces in enumerate(body)]


def initial_lines(story: Story, width: int, *, everything: bool) -> list[Line]:
    """The cells that matter, then those that could start otherwise just as well, then how many others there
    are; those do not change in this run."""
    relevant = relevant_cells(story)
    accidental = frozenset(() if story.reliance is None else story.reliance.accidental)
    shown = [
        pair
        for pair in story.initial
        if everything or (pair[0] in relevant and not _goes_without_saying(*pair))
    ]
    rest = 0 if everything else sum(cell not in relevant for cell, _ in story.initial)
    lines: list[Line] = []
    for pieces in _cell_lists([pair for pair in shown if pair[0] not in accidental]):
        lines.extend(wrap(pieces, width, hanging=2))
    for pieces in _cell_lists([pair for pair in shown if pair[0] in accidental]):
        lines.extend(wrap((Piece("for example "), *pieces), width, hanging=2))
    named = {cell.variable for cell, _ in shown}
    for variable, refined in story.refined_values:
        if variable in named:
            lines.extend(wrap(line(f"{variable} {refined}", Style.FAINT), width, hanging=2))
    if rest:
        others = counted(rest, "other cell does not change", "other cells do not change")
        text = f"({others} in this run)" if shown else f"({others.replace('other ', '')} in this run)"
        lines.append(line(text, Style.FAINT))
    return lines or [line("(nothing has happened yet)", Style.FAINT)]


def _goes_without_saying(cell: ToldCell, value: str) -> bool:
    """At the start nobody has taken a fault, and none has stopped anybody or everything."""
    return value == "false" and cell.implicit in (Implicit.TOOK, Implicit.DEAD, Implicit.HALTED)


MISTAKEN = "the step is a mistake here; what it does is not looked at"
IDLE = "(changes nothing here)"  # beside a description that says what the step does elsewhere


def _cell_lists(pairs: Sequence[tuple[ToldCell, str]]) -> list[Line]:
    """One line per state variable: cells of one array stand together."""
    grouped: dict[str, list[tuple[ToldCell, str]]] = {}
    for cell, value in pairs:
        grouped.setdefault(cell.variable, []).append((cell, value))
    return [line(", ".join(cell_value(*pair) for pair in cells)) for cells in grouped.values()]


def cell_value(cell: ToldCell, value: str) -> str:
    """`poison[Line0] = true`; where a process stands: `flush[Cpu0] at start`."""
    text = f"{cell} {value}" if cell.implicit is Implicit.COUNTER else f"{cell} = {value}"
    return text.replace(" ", NO_BREAK)


def relevant_cells(story: Story) -> frozenset[ToldCell]:
    """Cells that a step changes or sets again, that something depends on, or that the formula speaks of."""
    changed = (change.cell for step in story.steps for change in step.changes)
    kept = (cell for step in story.steps for cell, _ in step.kept)
    violated = () if story.violation is None else story.violation.cells
    beside = () if story.second_run is None else story.second_run.beside
    differing = (one.cell for state in beside for one in state.differences)
    return frozenset((*changed, *kept, *story.cells_that_matter, *violated, *differing))


def step_lines(step: StoryStep, width: int, *, everything: bool = False) -> list[Line]:
    """What was done, which rows decided, who took what, and what changed; of that a fault says enough, unless
    it is to be `everything`."""
    head = [Piece(told_call(step), Style.STRONG)]
    if step.actor is not None:
        head.append(Piece(f" by {step.actor}"))
    lines = wrap(tuple(head), width, hanging=2)
    lines.extend(_description(step.description, step.citations, width, is_idle=step.is_idle))
    for refined in step.refined:
        lines.extend(wrap(line(str(refined), Style.FAINT), width, hanging=2))
    for row in step.rows:
        lines.extend(_row(row, width))
        for refined in row.refined:
            lines.extend(indent(wrap(line(str(refined), Style.FAINT), width - 4, hanging=2), "    "))
    for fault in step.faults:
        lines.extend(wrap(_fault(fault), width, hanging=2))
    if step.is_mistaken:
        lines.extend(wrap(line(MISTAKEN, Style.BAD), width, hanging=2))
        return lines
    changes = step.changes if everything else step.other_changes()
    if changes or not (step.faults or step.kept):
        lines.extend(_changes(changes, width))
    for cell, value in step.kept:
        lines.extend(wrap(line(f"{cell}: {value}, as before"), width, hanging=2))
    return lines


def _description(
    text: str | None, citations: tuple[str, ...], width: int, *, is_idle: bool = False
) -> list[Line]:
    parts = [f'"{text}"'] if text is not None else []
    parts += [IDLE] if parts and is_idle else []
    if citations:
        parts.append(f"[{', '.join(citations)}]")
    return wrap(line(" ".join(parts), Style.FAINT), width, hanging=1) if parts else []


def _row(row: DecidedRow, width: int) -> list[Line]:
    """`host_read(Line0), row 1: poison[l] -> fault #MC  [F-MC-10]`."""
    pieces = [
        Piece(f"{row.access}, row {row.row}: ", Style.GUIDE),
        Piece(f"{row.guard} -> "),
        Piece(row.outcome, Style.STRONG),
    ]
    if row.citations:
        pieces.append(Piece(f" [{', '.join(row.citations)}]", Style.FAINT))
    if row.given:
        pieces.append(Piece(f" (here {assignments(row.given)})", Style.FAINT))
    return wrap(tuple(pieces), width, hanging=4)


def _fault(fault: FaultTaken) -> Line:
    if fault.handled:
        return line(f"{fault.actor} takes {fault.fault} and handles it", Style.DOUBT)
    return line(f"{fault.actor} takes {fault.fault}, and the rest of the step is not done", Style.BAD)


def _changes(changes: Sequence[Change], width: int) -> list[Line]:
    """One line per changed cell, arrows below one another."""
    if not changes:
        return [line("nothing changes", Style.FAINT)]
    longest = min(max(len(change.cell.text) for change in changes), width // 2)
    lines: list[Line] = []
    for change in changes:
        cell = f"{change.cell}:".ljust(longest + 2)
        pieces = (Piece(cell), Piece(f"{change.before} -> "), Piece(change.after, Style.STRONG))
        lines.extend(wrap(pieces, width, hanging=2))
    return lines


def violation_lines(violation: Violation, width: int) -> list[Line]:
    """The property as written, and why it is false where that does not say it already."""
    lines = wrap((Piece(violation.formula, Style.BAD),), width, hanging=2)
    reason = violation_reason(violation)
    if reason is not None:
        lines.extend(wrap(line(reason), width, hanging=2))
    return lines


def violation_reason(violation: Violation) -> str | None:
    """What is true instead and for which elements; None where the property as written says it already."""
    if violation.is_evident:
        return None
    if violation.instead is not None:
        return f"because {violation.instead}"
    where = f" for {assignments(violation.elements)}" if violation.elements else ""
    return f"because this is false{where}: {violation.conjunct}"
