"""The pages of the library say what its check lines say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.verdicts import BEGIN, END, Row, pages, rows, table, with_table

# Claims about availability that need fairness ship their safety part; none is missing altogether.
CATALOGUE = set(range(1, 39))


def test_every_property_of_the_catalogue_is_checked() -> None:
    assert CATALOGUE - {row.number for row in rows()} == set()


@pytest.mark.parametrize(("path", "shown"), pages(), ids=lambda value: getattr(value, "stem", ""))
def test_the_table_is_that_of_the_check_lines(path: Path, shown: tuple[Row, ...]) -> None:
    page = path.read_text(encoding="utf-8")
    assert BEGIN in page and END in page
    assert page == with_table(page, table(shown)), "run: python -m tools.verdicts"


def test_no_check_is_left_out() -> None:
    assert sum(len(shown) for _, shown in pages()) == len(rows())


def test_the_table_says_what_a_check_says() -> None:
    row = Row(3, "a.tdx", 1, "nothing happens", "x and not y", "refuted in 3", "U-05: p = true")
    text = table([row, Row(0, "b.tdx", 2, "more", "", "proved")])
    assert "#### P-03" in text and "#### b.tdx" in text
    assert "| nothing happens | `x and not y` | refuted in 3 | U-05: p = true | a.tdx |" in text
    assert "| more | always | proved |  | b.tdx |" in text


def test_a_check_in_two_configurations_is_two_rows() -> None:
    wheres = [row.where for row in rows() if row.file == "matrix/pkvm.tdx" and row.expected == "proved"]
    assert set(wheres) == {"in linux_6_12", "in newer_trees"}
    wheres = [row.where for row in rows() if row.file == "matrix/tdx.tdx" and row.expected == "refuted in 5"]
    assert set(wheres) == {"in fixed, guests_run"}


def test_a_page_keeps_what_stands_around_the_table() -> None:
    assert with_table(f"a {BEGIN} old {END} b", "new\n") == f"a {BEGIN}\n\nnew\n\n{END} b"
