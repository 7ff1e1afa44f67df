"""What stands above a run: what the property says, for which configuration it was asked and fails."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.answer import Answer
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.text.reliance_text import others_text, relied_on
from tdxverify.outputs.text.trace_text import violation_reason
from tdxverify.telling.story import Story


def facts_markup(check: Answer, *, brief: bool) -> Markup:
    """`brief`: without what the heading of the evidence, the table of checks or the end of the run says."""
    story = check.told.story
    assert story is not None
    facts: list[tuple[str, Content]] = []
    if not brief:
        facts.extend(_from_elsewhere(check, story))
    elif check.asked.about and check.asked.where:  # then the heading has the former only
        facts.append(("asked for", element("code", check.asked.where)))
    found = _found_for(story)
    if found is not None:
        facts.append(("found for", found))
    if check.told_shortest:
        facts.append(("length", check.told_shortest))
    stated: Content = (
        f"line {check.asked.line}" if brief and check.asked.line else element("code", check.asked.place())
    )
    facts.append(("stated in", stated))
    return element("dl", [[element("dt", name), element("dd", text)] for name, text in facts], class_="facts")


def _from_elsewhere(check: Answer, story: Story) -> list[tuple[str, Content]]:
    facts: list[tuple[str, Content]] = []
    if check.asked.about:
        facts.append(("the check", check.asked.about))
    if check.asked.description:
        facts.append(("the property", check.asked.description))
    if story.violation is not None:
        reason = violation_reason(story.violation)
        formula = element("code", story.violation.formula, class_="bad")
        facts.append(("broken", [formula, f", {reason}" if reason else None]))
    if check.asked.where:
        facts.append(("asked for", element("code", check.asked.where)))
    return facts


def _found_for(story: Story) -> Content:
    """Sizes, and values of the parameters that matter."""
    sizes = tuple((sort, str(size)) for sort, size in story.sizes)
    groups: list[Content] = [_values(sizes)] if sizes else []
    for heading, pairs in relied_on(story):
        groups.append([f"{heading}: " if heading else None, _values(pairs)])
    others = others_text(story.reliance)
    if not (groups or others):
        return None
    told: list[Content] = [["; " if place else None, group] for place, group in enumerate(groups)]
    return [*told, f" {others}" if others else None]


def _values(pairs: Sequence[tuple[str, str]]) -> Markup:
    shown = [element("code", f"{name} = {value}") for name, value in pairs]
    return joined([[", " if position else None, one] for position, one in enumerate(shown)])
