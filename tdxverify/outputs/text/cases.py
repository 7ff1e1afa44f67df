"""The table of cases: which mistake, in how many steps it does harm, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.answer import Answer, Trivial
from tdxverify.answers.cases import Case, Mended, cases
from tdxverify.outputs.text.comparison import UNEXPECTED
from tdxverify.outputs.text.layout import EMPTY, Column, Line, Style, beside, indent, line, wrap

NOTHING_REFUTED = "no check shows the mistake"
NOT_MENDED = "no check of it is proved"
_GAP = 2
_LENGTH = 17


def cases_lines(answers: Sequence[Answer], width: int) -> list[Line]:
    """A paragraph per case; empty where there are too few."""
    found = cases(answers)
    if not found:
        return []
    lines = [line("cases: what went wrong, and what mends it", Style.STRONG), EMPTY]
    for case in found:
        lines.extend(wrap(line(case.title, Style.STRONG), width, hanging=2))
        lines.extend(indent(_rows(case, width - 2), "  "))
    return [*lines, EMPTY]


def refuted_text(one: Mended) -> str:
    """`refuted in 3`; where that was not expected, it begins with a sign."""
    length = "" if one.refuted.length is None else f" in {one.refuted.length}"
    return f"{_sign(one.refuted)}refuted{length}"


def mended_text(one: Mended) -> str:
    """`proved where locked`; what is said where nothing is proved."""
    if one.proved is None:
        return NOT_MENDED
    trivially = " trivially" if one.proved.trivial is Trivial.YES else ""
    where = [part for part in one.by if part != one.proved.asked.assuming]
    assumed = [part for part in one.by if part == one.proved.asked.assuming]
    said = [
        f"{_sign(one.proved)}proved{trivially}",
        f"where {' and '.join(where)}" if where else "",
        *assumed,
    ]
    return " ".join(filter(None, said))


def _sign(check: Answer) -> str:
    return "" if check.as_expected else UNEXPECTED


def _rows(case: Case, width: int) -> list[Line]:
    if not case.found:
        return wrap(line(f"{case.file}: {NOTHING_REFUTED}", Style.DOUBT), width, hanging=2)
    first = min(max(len(one.refuted.asked.property) for one in case.found), width * 2 // 5)
    columns = (Column(first), Column(_LENGTH), Column(width - first - _LENGTH - 2 * _GAP))
    lines: list[Line] = []
    for one in case.found:
        style = Style.DOUBT if one.proved is None else Style.GOOD
        at = "" if one.proved is None else f" :{one.proved.asked.line}"
        cells = (
            wrap(line(one.refuted.asked.property), first),
            [line(f"{refuted_text(one)} :{one.refuted.asked.line}", Style.BAD)],
            wrap(line(f"{mended_text(one)}{at}", style), columns[2].width, hanging=2),
        )
        lines.extend(beside(cells, columns))
    return lines
