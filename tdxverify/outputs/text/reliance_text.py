"""What a trace relies on, beside its start, in words."""

from __future__ import annotations

from tdxverify.outputs.text.trace_text import assignments
from tdxverify.telling.story import Reliance, Story

Pairs = tuple[tuple[str, str], ...]


def relied_on(story: Story) -> tuple[tuple[str, Pairs], ...]:
    """Values under a heading each, "" for those that the trace was simply found with; none of them empty."""
    if story.reliance is None:
        return (("", story.open_parameters()),) if story.open_parameters() else ()
    found = story.reliance
    groups = (("", found.needed), ("by `where`", found.asked), ("not known to matter", found.perhaps))
    return tuple((heading, pairs) for heading, pairs in groups if pairs)


def others_text(reliance: Reliance | None) -> str | None:
    """`(3 other parameters do not matter)`; None where there are no others."""
    if reliance is None or not reliance.others:
        return None
    one = reliance.others == 1
    which = "1 other parameter" if one else f"{reliance.others} other parameters"
    if reliance.is_certain:
        return f"({which} {'does' if one else 'do'} not matter)"
    return f"({which} {'is' if one else 'are'} not known to matter)"


def found_with(story: Story) -> list[str]:
    """Sizes, and the parameters that the trace depends on."""
    sizes = assignments((sort, str(size)) for sort, size in story.sizes)
    groups = [sizes] if sizes else []
    groups += [
        f"{heading}: {assignments(pairs)}" if heading else assignments(pairs)
        for heading, pairs in relied_on(story)
    ]
    others = others_text(story.reliance)
    found = ["; ".join(groups)] if groups else []
    if groups and (story.sizes or not relied_on(story)[0][0]):
        found = [f"with {found[0]}"]
    return [*found, others] if others else found
