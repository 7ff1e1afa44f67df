"""HTML and SVG put together from elements, so that no text can become markup.

Whatever is not `Markup` is text: it is escaped, and characters that cannot be seen (controls, marks that
turn the direction of writing) are written out, so that a name in a spec can neither break nor forge a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from tdxverify.characters import visible

_VOID = frozenset({"meta", "br", "hr", "line", "circle", "rect", "path"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is HTML already; made by `element` and `joined`, or of constants."""

    text: str


Content: TypeAlias = "Markup | str | int | Iterable[Content] | None"
Attribute: TypeAlias = "str | int | bool | None"


def escaped(text: str) -> str:
    """`text` for use between tags and within quoted attributes."""
    return escape(visible(text), quote=True)


def element(tag: str, *content: Content, **attributes: Attribute) -> Markup:
    """`<tag attributes>content</tag>`. `class_` means `class`, `data_step` means `data-step`.

    An attribute that is True stands alone; one that is None or False is left out.
    """
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    if tag in _VOID:
        return Markup(opening.replace(">", "/>") if tag in ("line", "circle", "rect", "path") else opening)
    return Markup(f"{opening}{joined(content).text}</{tag}>")


def joined(content: Content) -> Markup:
    """The parts one after another; None is nothing."""
    match content:
        case None:
            return Markup("")
        case Markup():
            return content
        case str():
            return Markup(escaped(content))
        case int():
            return Markup(str(content))
        case _:
            return Markup("".join(joined(part).text for part in content))


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'
