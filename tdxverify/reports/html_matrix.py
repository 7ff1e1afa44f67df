"""The table of the checks of one file as HTML: what came out for each, with links to the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.reports.as_text import expectation_text, outcome_text, reason_text, sizes_text
from tdxverify.reports.markup import Content, Markup, element
from tdxverify.reports.unknowns_text import dependences_text
from tdxverify.results.run import CheckRun, Outcome

_HEAD = ("", "property", "configuration", "verdict", "for", "by")


def matrix_markup(file: str, checks: Sequence[tuple[int, CheckRun]], *, once: bool) -> Markup:
    """Links lead to `check-N`. `once`: what a property says is not said again in the next row."""
    rows = []
    above: tuple[str, str | None] | None = None
    for identity, check in checks:
        said = (check.property, check.description)
        rows.append(_row(identity, check, described=not once or said != above))
        above = said
    return element(
        "table",
        element("caption", f"Checks of {file}"),
        element("thead", element("tr", [element("th", text, scope="col") for text in _HEAD])),
        element("tbody", rows),
        class_="matrix",
    )


def verdict_class(check: CheckRun) -> str:
    """The word of the verdict gets its colour from what it says, the mark from whether it was expected."""
    return f"verdict {check.outcome.value}"


def _row(identity: int, check: CheckRun, *, described: bool) -> Markup:
    verdict: Content = outcome_text(check)
    if check.story is not None or check.invariant or check.proof is not None:
        verdict = element("a", verdict, href=f"#check-{identity}")
    surprise = (
        None if check.as_expected else element("div", f"expected: {expectation_text(check)}", class_="bad")
    )
    reason, unknown = reason_text(check), dependences_text(check.unknowns)
    by: Content = f"{check.engine} " if check.engine else None
    return element(
        "tr",
        element("td", _mark(check), class_="mark"),
        element(
            "th",
            element("code", check.property),
            element("div", check.description, class_="faint") if described else None,
            scope="row",
        ),
        element("td", _configuration(check)),
        element(
            "td",
            verdict,
            surprise,
            element("div", reason, class_="faint") if reason else None,
            element("div", unknown, class_="faint") if unknown else None,
            [element("div", str(one), class_="doubt") for one in check.partly_checked],
            class_=verdict_class(check),
        ),
        element("td", sizes_text(check)),
        element("td", by, element("span", f"{check.seconds:.2f} s", class_="faint")),
    )


def _configuration(check: CheckRun) -> Content:
    where = (
        element("code", check.where)
        if check.where
        else element("span", "every parameter value", class_="faint")
    )
    return [element("div", check.about) if check.about else None, where]


def _mark(check: CheckRun) -> Markup:
    if check.as_expected:
        return element("span", "✓", class_="good", title="as expected", role="img")
    undecided = check.outcome is Outcome.UNKNOWN
    sign, told, kind = ("?", "undecided", "doubt") if undecided else ("✗", "not as expected", "bad")
    return element("span", sign, class_=kind, title=told, role="img")
