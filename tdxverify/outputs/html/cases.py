"""The table of cases as HTML: which mistake, in how many steps it does harm, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdxverify.answers.answer import Answer
from tdxverify.answers.cases import Case, Mended, cases
from tdxverify.outputs.html.markup import Content, Markup, element
from tdxverify.outputs.text.cases import NOTHING_REFUTED, mended_text, refuted_text

_HEAD = ("what went wrong", "property", "as it was", "what mends it")


def cases_markup(checks: Sequence[Answer]) -> Markup | None:
    """None if there are too few. Links lead to `check-N`, N counting all checks from 1."""
    found = cases(checks)
    if not found:
        return None
    identity = {id(check): number for number, check in enumerate(checks, 1)}
    return element(
        "section",
        element("h2", "Cases"),
        element(
            "table",
            element("caption", "What went wrong, and what mends it"),
            element("thead", element("tr", [element("th", text, scope="col") for text in _HEAD])),
            element("tbody", [row for case in found for row in _rows(case, identity)]),
            class_="comparison cases",
        ),
        id="cases",
    )


def _rows(case: Case, identity: Mapping[int, int]) -> list[Markup]:
    title: Content = [case.title, element("div", element("code", case.file), class_="faint")]
    if not case.found:
        return [element("tr", element("th", title, scope="row"), element("td", NOTHING_REFUTED, colspan=3))]
    head = element("th", title, scope="rowgroup", rowspan=len(case.found))
    return [
        element("tr", head if number == 0 else None, _cells(one, identity))
        for number, one in enumerate(case.found)
    ]


def _cells(one: Mended, identity: Mapping[int, int]) -> list[Markup]:
    mended: Content = mended_text(one)
    if one.proved is not None:
        mended = element("a", mended, href=f"#check-{identity[id(one.proved)]}")
    refuted = element("a", refuted_text(one), href=f"#check-{identity[id(one.refuted)]}")
    kind = "unknown" if one.proved is None else "proved"
    return [
        element("td", element("code", one.refuted.asked.property), data_of=_HEAD[1]),
        element("td", element("span", refuted, class_="verdict refuted"), data_of=_HEAD[2]),
        element("td", element("span", mended, class_=f"verdict {kind}"), data_of=_HEAD[3]),
    ]
