"""What came out for each property in many files, or in the configurations of one, as HTML.

Every cell leads to its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.outputs.html.markup import Content, Markup, element
from tdxverify.outputs.text.comparison import Comparison, Row, comparison, configurations

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
    heads = {row: PurePath(name).as_posix() for row, name in compared.names.items()}
    return element(
        "section",
        element("h2", "Side by side"),
        element("p", _MEANING, class_="faint"),
        _table(compared, "Each property in each specification", heads, identity),
        id="side-by-side",
    )


def configurations_markup(checks: Sequence[tuple[int, Answer]]) -> Markup | None:
    """The checks of one file in its configurations; None where it has less than two. Links lead to
    `check-N`, where N stands with each check."""
    found = configurations([check for _, check in checks])
    if found is None:
        return None
    compared, configs = found
    heads: dict[Row, Content] = {
        row: [
            config.name,
            element("div", config.description, class_="faint") if config.description else None,
            element("div", element("code", config.where), class_="faint"),
        ]
        for row, config in zip(compared.rows, configs, strict=True)
    }
    identity = {id(check): number for number, check in checks}
    return _table(compared, "Each property in each configuration", heads, identity)


def _table(
    compared: Comparison, caption: str, rows: Mapping[Row, Content], identity: Mapping[int, int]
) -> Markup:
    heads = [
        element("th", name, element("div", compared.described[name], class_="faint"), scope="col")
        for name in compared.properties
    ]
    body = [
        element("tr", element("th", rows[row], scope="row"), _cells(compared, row, identity))
        for row in compared.rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", element("td"), heads)),
        element("tbody", body),
        class_="comparison",
    )


def _cells(compared: Comparison, row: Row, identity: Mapping[int, int]) -> list[Markup]:
    cells = []
    for name in compared.properties:
        found = compared.cell(row, name)
        answers = [_answer(check, identity[id(check)], alone=len(found) == 1) for check in found]
        cells.append(element("td", answers or "–", data_of=name))
    return cells


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
    about = None if alone else _about(check)
    return element(
        "div",
        element("span", told, class_=f"verdict {check.outcome.value}"),
        None if check.as_expected else element("div", check.judgement.value, class_="bad"),
        element("div", about, class_="faint") if about else None,
    )


def _about(check: Answer) -> str | None:
    """What tells it from others in the same cell."""
    where = check.asked.where if check.asked.config is None else check.asked.config.besides
    return check.asked.about or " ".join(filter(None, (where, check.asked.assuming))) or None
