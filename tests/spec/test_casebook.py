"""Every case says where its mistake is reported, shows it and proves the repair; so does the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.files.writing import PROOF_SUFFIX
from tdxverify.syntax.ast import CheckDecl
from tdxverify.syntax.claims import Expected
from tests.thorough import each
from tools.casebook import PAGE, PARTS, Case, beginning, case_of, cases, section
from tools.verdicts import CASES

EACH = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
TITLE = 70
PROVED = (Expected.PROVED, Expected.TRIVIAL)
HEAD = """\
// Source: somewhere, 2026, "Fix it",
//   continued.
// What went wrong: it was wrong_once(), like
//   this.
//
// More about that.
// Repaired by: a lock.
//
// And something else.
module one case "It was wrong"
import platform.cast
"""


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def named(checks: list[CheckDecl]) -> set[str]:
    return {name.text for check in checks for name in check.properties}


def test_there_are_cases() -> None:
    assert len(cases()) >= 9
    assert len({case.title for case in cases()}) == len(cases())


def test_the_page_begins_with_a_list_of_all(page: str) -> None:
    assert page.startswith(beginning() + "\n"), "run: python -m tools.casebook"
    assert page.count("\n## ") == len(cases())


@pytest.mark.parametrize(
    "case", each(cases(), lambda position: position % 10 == 0), ids=lambda case: case.name
)
def test_the_page_says_what_the_tool_says(case: Case, page: str) -> None:
    found = section(case)
    assert f"\n{found}" in page, "run: python -m tools.casebook"
    assert "\ninternal error" not in found


@EACH
def test_the_head_says_where_it_is_from(case: Case) -> None:
    assert tuple(case.parts) == PARTS
    assert all(len(text) > len("a word or two") for text in case.parts.values())
    assert case.module.case is not None and 0 < len(case.module.case) <= TITLE
    assert case.module.name is not None and case.module.name.text == case.name


@EACH
def test_the_same_property_is_refuted_and_proved(case: Case) -> None:
    refuted = named([check for check in case.checks if check.expected is Expected.REFUTED])
    proved = named([check for check in case.checks if check.expected in PROVED])
    assert refuted & proved


@EACH
def test_the_answers_are_stored(case: Case) -> None:
    assert case.path.with_name(case.name + PROOF_SUFFIX).is_file()


def test_every_file_is_a_case() -> None:
    assert {path.stem for path in CASES.glob("*.tdx")} == {case.name for case in cases()}


def test_a_head_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.tdx").write_text(HEAD, encoding="utf-8")
    case = case_of(tmp_path / "one.tdx")
    assert case.title == "It was wrong"
    assert case.parts == {
        "Source": 'somewhere, 2026, "Fix it", continued.',
        "What went wrong": "it was wrong_once(), like this.",
        "Repaired by": "a lock.",
    }
    assert case.notes == ("More about that.", "And something else.")
    assert case.checks == () and case.refuted is None
