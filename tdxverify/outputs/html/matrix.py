"""The table of the checks of one file as HTML: what came out for each, with links to the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.answer import Answer, Judgement
from tdxverify.outputs.html.markup import Content, Markup, element
from tdxverify.outputs.text.run_text import outcome_text, reason_text, sizes_text
from tdxverify.outputs.text.unknowns_text import dependences_text

_MARKS = {
    Judgement.AS_EXPECTED: ("✓", "good"),
    Judgement.UNDECIDED: ("?", "doubt"),
    Judgement.NOT_EXPECTED: ("✗", "bad"),
}
_HEAD = ("", "property", "configuration", "verdict", "for", "by")


def matrix_markup(file: str, checks: Sequence[tuple[int, Answer]], *, once: bool) -> Markup:
    """Links lead to `check-N`. `once`: what a property says is not said again in the next row."""
    rows = []
    above: tuple[str, str | None] | None = None
    for identity, check in checks:
        said = (check.asked.property, check.asked.description)
        rows.append(_row(identity, check, described=not once or said != above))
        above = said
    return element(
        "table",
        element("caption", f"Checks of {file}"),
        element("thead", element("tr", [element("th", text, scope="col") for text in _HEAD])),
        element("tbody", rows),
        class_="matrix",
    )


def verdict_class(check: Answer) -> str:
    """The word of the verdict gets its colour from what it says, the mark from whether it was expected."""
    return f"verdict {check.outcome.value}"


def _row(identity: int, check: Answer, *, described: bool) -> Markup:
    verdict: Content = outcome_text(check)
    told = check.told
    if told.story is not None or told.invariant or told.proof is not None or told.unexpected is not None:
        verdict = element("a", verdict, href=f"#check-{identity}")
    surprise = (
        None if check.as_expected else element("div", f"expected: {check.asked.expectation()}", class_="bad")
    )
    reason, unknown = reason_text(check), dependences_text(check.told.unknowns)
    by: Content = f"{check.engine} " if check.engine else None
    return element(
        "tr",
        element("td", _mark(check), class_="mark"),
        element(
            "th",
            element("code", check.asked.property),
            element("div", check.asked.description, class_="faint") if described else None,
            scope="row",
        ),
        element("td", _configuration(check)),
        element(
            "td",
            verdict,
            surprise,
            element("div", reason, class_="faint") if reason else None,
            element("div", unknown, class_="faint") if unknown else None,
            [element("div", str(one), class_="doubt") for one in check.told.partly_checked],
            class_=verdict_class(check),
        ),
        element("td", sizes_text(check)),
        element("td", _kept(check), by, element("span", f"{check.seconds:.2f} s", class_="faint")),
    )


def _kept(check: Answer) -> Content:
    """What became of the stored answer, and what it rests on."""
    return None if check.kept is None else [element("div", fact) for _, fact in check.kept.facts()]


def _configuration(check: Answer) -> Content:
    where = (
        element("code", check.asked.where)
        if check.asked.where
        else element("span", "every parameter value", class_="faint")
    )
    config = check.asked.config
    named = None if config is None else element("div", element("b", f"in {config.name}"))
    said = None if config is None or config.description is None else element("div", config.description)
    assuming = element("div", element("code", check.asked.assuming)) if check.asked.assuming else None
    return [named, said, element("div", check.asked.about) if check.asked.about else None, where, assuming]


def _mark(check: Answer) -> Markup:
    sign, kind = _MARKS[check.judgement]
    return element("span", sign, class_=kind, title=check.judgement.value, role="img")
