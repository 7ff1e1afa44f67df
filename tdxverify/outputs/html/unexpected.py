"""Why an answer that nobody expected came out as it did, as HTML."""

from __future__ import annotations

from tdxverify.answers.answer import Answer
from tdxverify.outputs.html.markup import Markup, element
from tdxverify.outputs.text.unexpected_text import Item, explanation


def unexpected_markup(check: Answer) -> Markup | None:
    """The section; None where nothing is told."""
    told = explanation(check)
    if told is None:
        return None
    more = None if told.command is None else element("p", "More: ", element("code", told.command))
    return element(
        "section",
        element("h4", told.heading.rstrip(":") or "Not as expected"),
        element("ul", [_item(item) for item in told.items]) if told.items else None,
        [element("p", sentence) for sentence in told.sentences],
        more,
        class_="proof",
    )


def _item(item: Item) -> Markup:
    described = item.part.description
    return element(
        "li",
        element(
            "p", f"{item.part.kind} ", element("code", item.part.text), " ", element("small", item.place)
        ),
        None if described is None else element("p", f"\u201c{described}\u201d"),
        [element("p", sentence) for sentence in item.sentences],
    )
