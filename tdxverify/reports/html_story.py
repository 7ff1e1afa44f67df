"""One trace as HTML: a list of steps that reads without a script, and that the script steps through."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.reports.dependences import idle_steps, needs_by_maker
from tdxverify.reports.markup import Content, Markup, element
from tdxverify.reports.memory_grid import Grid, GridCell, Snapshot, snapshots, unchanging
from tdxverify.reports.sequence import called, sequence
from tdxverify.reports.sequence_svg import sequence_svg
from tdxverify.reports.trace_text import violation_reason
from tdxverify.results.story import Change, DecidedRow, FaultTaken, Story, StoryStep, Violation

_MOST_COLUMNS = 4  # elements side by side; more of them stand below one another


def story_markup(story: Story, title: str, identity: str) -> Markup:
    """The stepper. `identity` is unique within the page."""
    states = snapshots(story)
    steps = [_start(story, states[0], identity)]
    idle = idle_steps(story)
    for step, state in zip(story.steps, states[1:], strict=True):
        needs = _needs(story, step.number, identity)
        steps.append(_step(step, state, needs, identity, idle=step.number in idle))
    last = f"The run has {len(story.steps)} {'step' if len(story.steps) == 1 else 'steps'}."
    return element(
        "div",
        _picture(story, title),
        element(
            "div",
            _controls(story, title),
            element("p", class_="position", aria_live="polite", hidden=True),
            element("ol", steps, class_="steps", aria_label=f"Steps of {title}"),
            _ending(story.violation)
            if story.violation is not None
            else element("p", last, class_="ending good"),
            _rest(story),
            class_="told",
        ),
        class_="stepper",
        data_last=len(story.steps),
        tabindex=0,
        role="group",
        aria_label=f"Trace of {title}; left and right arrow keys step through it",
    )


def _picture(story: Story, title: str) -> Markup | None:
    if not story.steps:
        return None
    svg = sequence_svg(sequence(story), f"Sequence diagram of {title}: the steps below, by actor")
    return element("div", svg, class_="picture", tabindex=0, role="region", aria_label="Sequence diagram")


def _controls(story: Story, title: str) -> Markup | None:
    """Hidden until the script is there to answer them."""
    if not story.steps:
        return None
    buttons = [
        element("button", text, type="button", data_go=go, aria_label=label)
        for text, go, label in (
            ("First", "first", "Show the start"),
            ("◀ Back", "back", "Step back"),
            ("Next ▶", "next", "Next step"),
            ("Last", "last", "Last step"),
            ("All steps", "all", "Show all steps at once"),
        )
    ]
    return element(
        "div", buttons, class_="controls", role="toolbar", aria_label=f"Stepping {title}", hidden=True
    )


# --- steps -------------------------------------------------------------------------


def _start(story: Story, state: Snapshot, identity: str) -> Markup:
    head = element("h4", element("span", "0", class_="number"), " The start")
    note = None if story.steps else element("p", "Here already the property is broken.", class_="what")
    return element("li", head, note, _state(state), class_="step", id=f"{identity}-0", data_step=0)


def _step(step: StoryStep, state: Snapshot, needs: Markup | None, identity: str, *, idle: bool) -> Markup:
    by: Content = [" by ", element("strong", step.actor)] if step.actor is not None else None
    head = element(
        "h4", element("span", step.number, class_="number"), " ", element("code", called(step)), by
    )
    told = {f"{fault.actor} took {fault.fault}" for fault in step.faults}
    changes = [change for change in step.changes if change.cell not in told]
    body: list[Content] = [
        _described(step.description, step.citations),
        [_row(row) for row in step.rows],
        [_fault(fault) for fault in step.faults],
        _changes(changes, quiet=bool(told)),
        needs,
        element("p", "Nothing that follows depends on this step.", class_="faint") if idle else None,
        _state(state),
    ]
    identity = f"{identity}-{step.number}"
    return element(
        "li", head, body, class_="step idle" if idle else "step", id=identity, data_step=step.number
    )


def _needs(story: Story, consumer: int, identity: str) -> Markup | None:
    """What made the step possible; later steps link to those that they depend on."""
    makers = []
    for maker, values in needs_by_maker(story, consumer):
        number = maker.removeprefix("made by step ")
        told: Content = element("a", maker, href=f"#{identity}-{number}") if number.isdigit() else maker
        cells = [[", " if k else None, element("code", value)] for k, value in enumerate(values)]
        makers.append(element("li", cells, " ", element("span", "(", told, ")", class_="faint")))
    if not makers:
        return None
    return element("div", element("span", "needed", class_="faint"), element("ul", makers), class_="needs")


def _described(description: str | None, citations: Iterable[str]) -> Markup | None:
    cited = citation_markup(citations)
    if description is None and cited is None:
        return None
    return element("p", description, " " if description else None, cited, class_="what")


def citation_markup(citations: Iterable[str]) -> Markup | None:
    shown = [element("span", name, class_="cite") for name in citations]
    return element("span", [[" ", one] for one in shown], class_="cites") if shown else None


def _row(row: DecidedRow) -> Markup:
    """The row of the access table that decided, as the table has it."""
    return element(
        "table",
        element("caption", "decided by ", element("code", row.access), f", row {row.row}"),
        element(
            "thead",
            element("tr", [element("th", text, scope="col") for text in ("when", "the hardware answers")]),
        ),
        element(
            "tbody",
            element(
                "tr",
                element("td", element("code", row.guard)),
                element("td", element("strong", row.outcome), citation_markup(row.citations)),
            ),
        ),
        element("tfoot", element("tr", element("td", row.description, colspan=2)))
        if row.description
        else None,
        class_="row bad" if row.outcome.startswith("fault") else "row",
    )


def _fault(fault: FaultTaken) -> Markup:
    end = "and handles it" if fault.handled else "and the rest of the step is not done"
    kind = "fault handled" if fault.handled else "fault"
    return element(
        "p", "⚠ ", element("strong", f"{fault.actor} takes {fault.fault}"), f", {end}", class_=kind
    )


def _changes(changes: list[Change], *, quiet: bool) -> Markup | None:
    if not changes:
        return None if quiet else element("p", "nothing changes", class_="faint")
    lines = [
        element(
            "li",
            element("code", change.cell, class_="cell"),
            ": ",
            element("del", change.before),
            " → ",
            element("ins", change.after),
        )
        for change in changes
    ]
    return element("ul", lines, class_="diff", aria_label="What the step changes")


# --- states ------------------------------------------------------------------------


def _state(state: Snapshot) -> Markup:
    parts = [_single(state.single)] if state.single else []
    parts.extend(_grid(grid) for grid in state.grids)
    if not parts:
        return element("p", "no variable plays a part", class_="faint")
    return element("div", parts, class_="memory", role="region", aria_label="State", tabindex=0)


def _single(cells: Iterable[tuple[str, GridCell]]) -> Markup:
    rows = [element("tr", element("th", name, scope="row"), _value(cell)) for name, cell in cells]
    return element("table", element("caption", "state"), element("tbody", rows), class_="grid")


def _grid(grid: Grid) -> Markup:
    """Fields down and elements across, or the other way round where there are many elements."""
    fields = [field for field, _ in grid.rows]
    down, across = fields, list(grid.elements)
    cells = [list(row) for _, row in grid.rows]
    if len(across) > _MOST_COLUMNS and len(across) > len(fields):
        down, across = across, down
        cells = [list(column) for column in zip(*cells, strict=True)]
    head = element("tr", element("td"), [element("th", name, scope="col") for name in across])
    rows = [
        element("tr", element("th", name, scope="row"), [_value(cell) for cell in row])
        for name, row in zip(down, cells, strict=True)
    ]
    return element(
        "table",
        element("caption", "by element"),
        element("thead", head),
        element("tbody", rows),
        class_="grid",
    )


def _value(cell: GridCell) -> Markup:
    kind = "true" if cell.value == "true" else "false" if cell.value == "false" else None
    if cell.before is None:
        return element("td", cell.value, class_=kind)
    return element("td", element("del", cell.before), " ", element("ins", cell.value), class_="changed")


def _rest(story: Story) -> Markup | None:
    still = unchanging(story)
    if not still:
        return None
    count = "1 cell plays no part" if len(still) == 1 else f"{len(still)} cells play no part"
    listed = [element("li", element("code", f"{cell} = {value}")) for cell, value in still]
    return element("details", element("summary", count), element("ul", listed), class_="rest")


# --- the end -----------------------------------------------------------------------


def _ending(violation: Violation) -> Markup:
    """The property as written, and the conjunct that is false."""
    reason = violation_reason(violation)
    return element(
        "div",
        element("p", element("strong", "Broken: "), element("code", violation.formula)),
        element("p", reason) if reason is not None else None,
        class_="ending bad",
    )
