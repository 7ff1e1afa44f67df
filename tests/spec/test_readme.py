"""The page of the library says what its check lines say."""

from __future__ import annotations

from tests.spec.verdicts import BEGIN, END, README, Row, rows, table, with_table

# Claims about availability that need fairness ship their safety part; none is missing altogether.
CATALOGUE = set(range(1, 39))


def test_every_property_of_the_catalogue_is_checked() -> None:
    assert CATALOGUE - {row.number for row in rows()} == set()


def test_the_table_is_that_of_the_check_lines() -> None:
    page = README.read_text(encoding="utf-8")
    assert BEGIN in page and END in page
    assert page == with_table(page, table(rows())), "run: python -m tests.spec.verdicts"


def test_the_table_says_what_a_check_says() -> None:
    row = Row(3, "a.tdx", 1, "nothing happens", "x and not y", "refuted in 3", "U-05: p = true")
    text = table([row, Row(0, "b.tdx", 2, "more", "", "proved")])
    assert "#### P-03" in text and "#### Outside the catalogue" in text
    assert "| nothing happens | `x and not y` | refuted in 3 | U-05: p = true | a.tdx |" in text
    assert "| more | always | proved |  | b.tdx |" in text


def test_a_page_keeps_what_stands_around_the_table() -> None:
    assert with_table(f"a {BEGIN} old {END} b", "new\n") == f"a {BEGIN}\n\nnew\n\n{END} b"
