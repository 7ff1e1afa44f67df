"""One trace as HTML: a list of steps that reads without a script, and that the script steps through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum

from tdxverify.logic.counting import counted
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.html.memory_grid import shown_variables, snapshots, unchanging
from tdxverify.outputs.html.memory_roles import palette
from tdxverify.outputs.html.sequence_svg import sequence_svg
from tdxverify.outputs.html.state import legend_markup, state_markup
from tdxverify.outputs.html.state_graph_svg import state_graph_svg
from tdxverify.outputs.html.surroundings import cuts_markup, needs_markup
from tdxverify.outputs.text.dependences import idle_steps
from tdxverify.outputs.text.second_run_text import beside_texts
from tdxverify.outputs.text.trace_text import (
    IDLE,
    MISTAKEN,
    assignments,
    beyond_reach,
    excluding,
    violation_reason,
)
from tdxverify.telling.sequence import sequence
from tdxverify.telling.story import (
    Change,
    DecidedRow,
    Explained,
    FaultTaken,
    Loop,
    NoWay,
    Refined,
    Story,
    StoryStep,
    ToldRow,
    Violation,
    told_call,
)


class Detail(Enum):
    """How much is told of a run: everything; everything about its steps, but of tables only the row that
    decided, and the memory only before and after the run; or the steps and what they changed."""

    FULL = "full"
    SOME = "some"
    SHORT = "short"


def story_markup(story: Story, identity: str, detail: Detail = Detail.FULL) -> Markup:
    """The stepper. `identity` is unique within the page."""
    story = story if detail is Detail.FULL else _without_surroundings(story)
    states = snapshots(story)
    colours = palette(states)
    start = None if detail is Detail.SHORT else state_markup(states[0], colours, start=True)
    steps = [_start(story, start, identity)]
    idle = idle_steps(story)
    for step, state in zip(story.steps, states[1:], strict=True):
        with_memory = detail is Detail.FULL or (detail is Detail.SOME and state is states[-1])
        shown = state_markup(state, colours) if with_memory else None
        around = [_beside(story, step.number), _around(story, step.number, identity, detail)]
        steps.append(_step(step, shown, around, identity, idle=step.number in idle))
    if story.loop is not None:
        steps.append(_going_round(story.loop, identity))
    if story.no_way is not None:
        steps.append(_no_way(story.no_way))
    last = f"The run has {counted(len(story.steps), 'step')}."
    return element(
        "div",
        _pictures(story, detail),
        element(
            "div",
            legend_markup(colours) if detail is Detail.FULL else None,
            element("ol", steps, class_="steps", aria_label="Steps"),
            _ending(story.violation)
            if story.violation is not None
            else element("p", last, class_="ending good"),
            _rest(story) if detail is Detail.FULL else None,
            class_="told",
        ),
        class_="stepper",
    )


def _pictures(story: Story, detail: Detail) -> Markup | None:
    """The run by actor, and the run among the states around it, which without these repeats the steps."""
    if not story.steps or detail is Detail.SHORT:
        return None
    actors = _picture(
        "Who did what",
        "Sequence diagram",
        sequence_svg(sequence(story), "Sequence diagram: the steps below, by actor", _again(story.loop)),
    )
    if detail is Detail.SOME:
        return element("div", actors, class_="pictures")
    states = state_graph_svg(story, "State graph: the states of the steps below, and the steps not taken")
    caption = (
        "The run, and the steps that were possible instead" if story.asides else "The run, state by state"
    )
    if story.cuts:
        caption += "; ✂ another value of one parameter, the other values shown as in this run"
    return element("div", actors, _picture(caption, "State graph", states), class_="pictures")


def _again(loop: Loop | None) -> int | None:
    """The first step that is done again and again."""
    return None if loop is None or loop.stops else loop.begin + 1


def _picture(caption: str, name: str, svg: Markup) -> Markup:
    frame = element("div", svg, class_="frame", tabindex=0, role="region", aria_label=name)
    return element("figure", element("figcaption", caption), frame, class_="picture")


def _without_surroundings(story: Story) -> Story:
    """Without the steps that were possible instead, and of tables with the deciding row only."""
    steps = (replace(step, rows=tuple(replace(row, table=()) for row in step.rows)) for step in story.steps)
    return replace(story, asides=(), steps=tuple(steps))


def names_told(story: Story) -> frozenset[str]:
    """The variables and parameters that its steps speak of."""
    return shown_variables(snapshots(story)[0]) | frozenset(story.parameters_that_matter or ())


def explained_markup(told: Iterable[Explained]) -> Markup:
    """Names with their descriptions and sources."""
    lines = [
        [
            element("dt", element("code", one.name)),
            element("dd", one.description, " " if one.description else None, citation_markup(one.citations)),
        ]
        for one in told
    ]
    return element("dl", lines, class_="facts")


def controls_template() -> Markup:
    """What stands above the steps of every stepper, once; the script puts it where it belongs."""
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
        "template",
        element("div", buttons, class_="controls", role="toolbar", aria_label="Stepping"),
        element("p", class_="position", aria_live="polite"),
        id="controls",
    )


# --- steps -------------------------------------------------------------------------


def _start(story: Story, state: Markup | None, identity: str) -> Markup:
    head = element("h4", element("b", "0"), " The start")
    already = "the property is broken" if story.violation is not None else "it is reached"
    note = None if story.steps else element("p", f"Here already {already}.", class_="what")
    refined = [element("p", f"{name} {one}", class_="faint") for name, one in story.refined_values]
    beside = _beside(story, 0)
    return element("li", head, note, refined, beside, state, class_="step", id=f"{identity}-0", data_step=0)


def _step(step: StoryStep, state: Markup | None, around: Content, identity: str, *, idle: bool) -> Markup:
    by: Content = [" by ", element("strong", step.actor)] if step.actor is not None else None
    head = element("h4", element("b", step.number), " ", element("code", told_call(step)), by)
    body: list[Content] = [
        _described(step.description, step.citations, IDLE if step.is_idle else ""),
        _refined(step.refined),
        [_table(row) if row.table else _row(row) for row in step.rows],
        [_fault(fault) for fault in step.faults],
        element("p", MISTAKEN, class_="faint") if step.is_mistaken else None,
        _changes(step.other_changes(), quiet=bool(step.faults or step.kept or step.is_mistaken)),
        [_kept(cell.text, value) for cell, value in step.kept],
        around,
        element("p", "Nothing that follows depends on this step.", class_="faint") if idle else None,
        state,
    ]
    identity = f"{identity}-{step.number}"
    return element(
        "li", head, body, class_="step idle" if idle else "step", id=identity, data_step=step.number
    )


def _beside(story: Story, number: int) -> Content:
    """What is otherwise in the second run, where two are compared."""
    if story.second_run is None:
        return None
    return [element("p", text, class_="beside") for text in beside_texts(story.second_run, number)]


def _going_round(loop: Loop, identity: str) -> Markup:
    """How the run goes on for ever: no state of its own, so the script does not stop at it."""
    named = "the start" if loop.begin == 0 else f"step {loop.begin}"
    place = element("a", named, href=f"#{identity}-{loop.begin}")
    told: Content = f"It stops here: {loop.told_stop()}."
    if not loop.stops:
        told = ["↻ The state is that of ", place, " again: so it goes on for ever."]
    reason = excluding(loop)
    excluded = None if reason is None else element("p", f"({reason})", class_="faint")
    return element("li", element("h4", told), excluded, class_="step round")


def _no_way(way: NoWay) -> Markup:
    """What holds from here on: no state of its own either."""
    told = beyond_reach(way)
    always = (
        element("ul", [element("li", element("code", one)) for one in way.always]) if way.always else None
    )
    return element("li", element("h4", f"{told[0].upper()}{told[1:]}"), always, class_="step round")


def _around(story: Story, number: int, identity: str, detail: Detail) -> Content:
    """What made the step possible and, where no state graph shows it, what would have cut the run here."""
    if detail is Detail.SHORT:
        return None
    needs = needs_markup(story, number, identity, brief=detail is Detail.SOME)
    cuts = [cut for cut in story.cuts if cut.step == number]
    sought = story.violation is None
    return [needs, cuts_markup(cuts, sought=sought) if detail is Detail.SOME else None]


def _described(description: str | None, citations: Iterable[str], remark: str) -> Markup | None:
    """`remark` is about the description."""
    cited = citation_markup(citations)
    if description is None and cited is None:
        return None
    told = f"{description} {remark}".rstrip() if description else None
    return element("p", told, " " if told else None, cited, class_="what")


def _refined(refined: Iterable[Refined]) -> list[Markup]:
    return [element("p", str(one), class_="faint") for one in refined]


def citation_markup(citations: Iterable[str]) -> Markup | None:
    shown = [element("cite", name) for name in citations]
    return joined([[" " if place else None, one] for place, one in enumerate(shown)]) if shown else None


def _row(decided: DecidedRow) -> Markup:
    """The row alone that decided."""
    return element(
        "p",
        element("code", decided.access),
        f" decided by row {decided.row}: ",
        element("code", decided.guard),
        " → ",
        element("strong", decided.outcome),
        f", {decided.description}" if decided.description else None,
        [[" ", citation_markup(decided.citations)] if decided.citations else None],
        _given(decided),
        [f"; {one}" for one in decided.refined],
        class_="rule bad" if decided.is_fault else "rule",
    )


def _table(decided: DecidedRow) -> Markup:
    """The access table, as it is written, with the row that decided marked."""
    heads = ("row", "when", "the hardware answers", "source")
    return element(
        "table",
        element(
            "caption", "decided by ", element("code", decided.access), f", row {decided.row}", _given(decided)
        ),
        element("thead", element("tr", [element("th", text, scope="col") for text in heads])),
        element("tbody", [_table_row(number, row, decided) for number, row in enumerate(decided.table, 1)]),
        class_="row bad" if decided.is_fault else "row",
    )


def _table_row(number: int, row: ToldRow, decided: DecidedRow) -> Markup:
    here = number == decided.row
    mark = element("span", "▶", role="img", aria_label="decided here:") if here else None
    effects: Content = [" ", element("code", row.effects)] if row.effects else None
    return element(
        "tr",
        element("th", mark, number, scope="row"),
        element("td", element("code", row.guard)),
        element(
            "td",
            element("strong" if here else "span", row.outcome),
            effects,
            element("div", row.description, class_="faint") if row.description else None,
            [element("div", str(one), class_="faint") for one in row.refined],
        ),
        element("td", citation_markup(row.citations)),
        class_="decided" if here else None,
    )


def _fault(fault: FaultTaken) -> Markup:
    end = "and handles it" if fault.handled else "and the rest of the step is not done"
    kind = "fault handled" if fault.handled else "fault"
    return element(
        "p", "⚠ ", element("strong", f"{fault.actor} takes {fault.fault}"), f", {end}", class_=kind
    )


def _changes(changes: Sequence[Change], *, quiet: bool) -> Markup | None:
    if not changes:
        return None if quiet else element("p", "nothing changes", class_="faint")
    lines = [
        element(
            "li",
            element("code", change.cell.text),
            ": ",
            element("del", change.before),
            " → ",
            element("ins", change.after),
        )
        for change in changes
    ]
    return element("ul", lines, class_="diff")


def _kept(cell: str, value: str) -> Markup:
    return element("p", element("code", cell), f": {value}, as before", class_="faint")


def _given(decided: DecidedRow) -> Content:
    """The values of parameters that decided and are not told above the run."""
    return f" (here {assignments(decided.given)})" if decided.given else None


def _rest(story: Story) -> Markup | None:
    still = unchanging(story)
    if not still:
        return None
    known = story.reliance is not None and story.reliance.is_certain
    count = counted(len(still), "cell plays no part", "cells play no part")
    if not known:
        count = counted(len(still), "cell does not change", "cells do not change") + " in this run"
    listed = ", ".join(f"{cell} = {value}" for cell, value in still)
    return element("details", element("summary", count), element("code", listed), class_="rest")


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
