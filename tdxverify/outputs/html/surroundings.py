"""What a step needed of what came before it, and which parameter values would have cut the run there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.text.dependences import Needed, needs_by_maker
from tdxverify.telling.story import Cut, Story


def needs_markup(story: Story, consumer: int, identity: str, *, brief: bool) -> Markup | None:
    """Later steps link to those that they depend on, which have the identity `identity-N`.

    `brief`: only what was made by a step, in a line.
    """
    needs = needs_by_maker(story, consumer)
    if brief:
        return _in_a_line([need for need in needs if need.step], identity)
    makers = []
    for need in needs:
        told = element("span", "(", _link(need, need.maker, identity), ")", class_="faint")
        makers.append(element("li", _codes(need.values), " ", told))
    if not makers:
        return None
    return element("div", element("span", "needed", class_="faint"), element("ul", makers), class_="needs")


def _in_a_line(needs: Iterable[Needed], identity: str) -> Markup | None:
    told: list[Content] = []
    for need in needs:
        link = _link(need, need.step, identity)
        told.append(["; " if told else None, _codes(need.values), " (", link, ")"])
    return element("p", "needed ", told, class_="needs") if told else None


def _link(need: Needed, text: str | None, identity: str) -> Content:
    return element("a", text, href=f"#{identity}-{need.producer}") if need.step else text


def _codes(values: Iterable[str]) -> Markup:
    return joined([[", " if k else None, element("code", value)] for k, value in enumerate(values)])


def cuts_markup(cuts: Iterable[Cut], *, sought: bool) -> Content:
    """One line for each parameter and what is known of its values; the state graph draws the same.

    `sought`: of a run to a state that is to be reached.
    """
    values: dict[Cut, list[str]] = {}
    for cut in cuts:
        values.setdefault(replace(cut, step=0, value=""), []).append(cut.value)
    return [
        element(
            "p",
            cut_text(replace(cut, value=_or(found)), sought=sought),
            "" if cut.is_like else " (the other values shown as here)",
            class_=cut_class(cut.prevents, sought),
        )
        for cut, found in values.items()
    ] or None


def cut_text(cut: Cut, *, sought: bool) -> str:
    """What is certain of the runs with that value, what is shown of the others as in the run that is told."""
    holds = "it is never reached" if sought else "the property holds"
    values = [(cut.parameter, cut.value), *cut.also]
    with_it = " and ".join(f"{name} = {value}" for name, value in values)
    with_it += ", all else as in this run, shown or not" if cut.is_like else ""
    with_it += ", which the check excludes" if cut.is_excluded else ""
    return f"✂ with {with_it}: {holds if cut.prevents else 'this run is not possible'}"


def cut_class(prevents: bool, sought: bool) -> str:
    """Only what makes the property hold looks good."""
    return "cut good" if prevents and not sought else "cut"


def _or(values: list[str]) -> str:
    return " or ".join([*([", ".join(values[:-1])] if values[1:] else []), values[-1]])
