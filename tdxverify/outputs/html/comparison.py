"""The comparison of files that check the same properties as HTML; every cell leads to its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.outputs.html.markup import Content, Markup, element
from tdxverify.outputs.text.comparison import Comparison, comparison

_MEANING = (
    "Yes: proved; the link leads to the proof. No: refuted, by a trace of so many steps; the link leads to "
    "it. Where a cell has several answers, it depends on the configuration that stands beside each."
)


def comparison_markup(checks: Sequence[Answer]) -> Markup | None:
    """None if there is nothing to compare. Links lead to `check-N`, N counting all checks from 1."""
    compared = comparison(checks)
    if compared is None:
        return None
    identity = {id(check): number for number, check in enumerate(checks, 1)}
    heads = [
        element("th", name, element("div", compared.described[name], class_="faint"), scope="col")
        for name in compared.properties
    ]
    return element(
        "section",
        element("h2", "Side by side"),
        element("p", _MEANING, class_="faint"),
        element(
            "table",
            element("caption", "Each property in each specification"),
            element("thead", element("tr", element("td"), heads)),
            element("tbody", [_row(compared, file, identity) for file in compared.files]),
            class_="comparison",
        ),
        id="side-by-side",
    )


def _row(compared: Comparison, file: str, identity: dict[int, int]) -> Markup:
    cells = []
    for name in compared.properties:
        found = compared.cell(file, name)
        answers = [_answer(check, identity[id(check)], alone=len(found) == 1) for check in found]
        cells.append(element("td", answers or "–", data_of=name))
    name = PurePath(compared.names[file]).as_posix()
    return element("tr", element("th", name, scope="row"), cells)


def _answer(check: Answer, number: int, *, alone: bool) -> Markup:
    match check.outcome:
        case Outcome.PROVED:
            text = "✓ yes"
        case Outcome.REFUTED:
            text = "✗ no" if check.length is None else f"✗ no, in {check.length}"
        case _:
            text = f"? {check.outcome.value}"
    has_evidence = check.told.story is not None or check.told.proof is not None or bool(check.told.invariant)
    told: Content = element("a", text, href=f"#check-{number}") if has_evidence else text
    about = None if alone else check.asked.about or check.asked.where or None
    return element(
        "div",
        element("span", told, class_=f"verdict {check.outcome.value}"),
        element("div", about, class_="faint") if about else None,
    )
