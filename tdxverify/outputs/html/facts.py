"""What stands above a run: what the property says, for which configuration it was asked and fails."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.answers.answer import Answer
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.text.layout import NO_BREAK
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
    if check.asked.assuming:
        facts.append(("assumed", assumed(check)))
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


def assumed(check: Answer) -> Markup:
    """`fair serve`: what is taken as fair for this check. Requires that something is."""
    return element("code", check.asked.assuming.removeprefix("assuming "))


def _from_elsewhere(check: Answer, story: Story) -> list[tuple[str, Content]]:
    facts: list[tuple[str, Content]] = []
    config = check.asked.config
    if config is not None:
        facts.append(
            ("configuration", config.name + (f": {config.description}" if config.description else ""))
        )
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
    groups: list[Content] = [_codes(f"{sort} = {size}" for sort, size in sizes)] if sizes else []
    for heading, items in relied_on(story):
        groups.append(
            [f"{heading}: " if heading else None, _codes(item.replace(NO_BREAK, " ") for item in items)]
        )
    others = others_text(story.reliance)
    if not (groups or others):
        return None
    told: list[Content] = [["; " if place else None, group] for place, group in enumerate(groups)]
    return [*told, f" {others}" if others else None]


def _codes(texts: Iterable[str]) -> Markup:
    return joined(
        [[", " if position else None, element("code", text)] for position, text in enumerate(texts)]
    )
