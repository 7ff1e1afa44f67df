"""What a trace relies on, beside its start, in words."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.outputs.text.trace_text import assignments
from tdxverify.telling.story import Reliance, Story


def relied_on(story: Story) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Values (`limit = 3`) under a heading each, "" for those that the trace was simply found with; none of
    them empty. Beside values, parts of `where` are in parentheses."""
    if story.reliance is None:
        return (("", _values(story.open_parameters())),) if story.open_parameters() else ()
    found = story.reliance
    asked = (*_values(found.asked), *found.relations)
    if len(asked) > 1:
        asked = (*_values(found.asked), *(f"({part})" for part in found.relations))
    groups = (
        ("", _values(found.needed)),
        ("by `where`", asked),
        ("not known to matter", _values(found.perhaps)),
    )
    return tuple((heading, items) for heading, items in groups if items)


def _values(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Not to be broken."""
    return tuple(assignments([pair]) for pair in pairs)


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
        f"{heading}: {', '.join(items)}" if heading else ", ".join(items)
        for heading, items in relied_on(story)
    ]
    others = others_text(story.reliance)
    found = ["; ".join(groups)] if groups else []
    if groups and (story.sizes or not relied_on(story)[0][0]):
        found = [f"with {found[0]}"]
    return [*found, others] if others else found
