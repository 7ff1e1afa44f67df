"""Diagnostics as text: the exact lines, and every awkward kind of source line."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.outputs.text.layout import plain, width_of
from tdxverify.outputs.text.problems import SNIPPET_WIDTH, problem_lines
from tdxverify.source import SourceFile, Span

SPEC = "state x : bool\nstate y : 0..3\naction a {\n  x := y\n}\n"


def span_of(text: str, part: str, path: str = "a.tdx") -> Span:
    start = text.index(part)
    return Span(SourceFile(path, text), start, start + len(part))


def rendered(*diagnostics: Diagnostic) -> str:
    return plain(problem_lines(diagnostics))


def test_message_place_snippet_note_and_hint() -> None:
    diagnostic = Diagnostic(
        Code.E301,
        "'x' is bool, but 'y' is 0..3",
        span_of(SPEC, "x := y"),
        (Note("'y' is declared here", span_of(SPEC, "y : 0..3")), Note("only numbers are compared")),
        "write x := y = 1",
    )
    assert rendered(diagnostic) == dedent(
        """\
        error[E301]: 'x' is bool, but 'y' is 0..3
         --> a.tdx:4:3
          |
        4 |   x := y
          |   ^^^^^^
        note: 'y' is declared here
         --> a.tdx:2:7
          |
        2 | state y : 0..3
          |       ^^^^^^^^
          = note: only numbers are compared
          = hint: write x := y = 1

        1 error; more about it: tdxverify explain E301
        """
    )


def test_all_are_printed_sorted_by_file_and_position() -> None:
    found = [
        Diagnostic(Code.E301, "third", span_of(SPEC, "y", "b.tdx")),
        Diagnostic(Code.E202, "second", span_of(SPEC, "action")),
        Diagnostic(Code.E201, "first", span_of(SPEC, "x")),
        Diagnostic(Code.E607, "without a place"),
    ]
    text = rendered(*found)
    assert [text.index(d.message) for d in (found[3], found[2], found[1], found[0])] == sorted(
        text.index(d.message) for d in found
    )
    assert text.endswith("4 errors; more about it: tdxverify explain E607\n")


def test_nothing_for_no_diagnostics() -> None:
    assert problem_lines(()) == []


def underline_columns(text: str) -> tuple[int, int]:
    """First cell and number of cells of the carets, counted behind the gutter."""
    shown = next(row for row in text.splitlines() if "^" in row).split(" | ", 1)[1]
    return shown.index("^"), shown.count("^")


def test_tab_before_the_mistake() -> None:
    text = rendered(Diagnostic(Code.E201, "m", span_of("\tx\twrong\n", "wrong")))
    assert "\t" not in text
    assert underline_columns(text) == (4 + 1 + 4, 5)


def test_wide_characters_before_and_in_the_mistake() -> None:
    source = '/* 页表 */ "é漢字"'
    text = rendered(Diagnostic(Code.E201, "m", span_of(source, '"é漢字"')))
    assert underline_columns(text) == (width_of("/* 页表 */ "), 2 + 1 + 4)
    assert width_of("/* 页表 */ ") == 11


def test_span_over_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    text = rendered(Diagnostic(Code.E201, "m", span_of(SPEC, "action a {\n  x := y\n}")))
    assert underline_columns(text) == (0, len("action a {"))
    assert "x := y" not in text


def test_end_of_file_has_a_caret_behind_the_last_character() -> None:
    source = SourceFile("a.tdx", "state x")
    assert underline_columns(rendered(Diagnostic(Code.E112, "m", Span(source, 7, 7)))) == (7, 1)
    assert "^" in rendered(Diagnostic(Code.E120, "m", Span(SourceFile("a.tdx", ""), 0, 0)))


@pytest.mark.parametrize("offset", [0, 10, 2_500_000, 4_999_990])
def test_line_of_five_megabytes_is_cut_around_the_mistake(offset: int) -> None:
    source = SourceFile("a.tdx", "abcdefghij" * 500_000)
    text = rendered(Diagnostic(Code.E111, "m", Span(source, offset, offset + 3)))
    assert f"a.tdx:1:{offset + 1}" in text
    assert max(map(len, text.splitlines())) < SNIPPET_WIDTH + 20
    snippet = next(row for row in text.splitlines() if row.startswith("1 | ")).removeprefix("1 | ")
    column, count = underline_columns(text)
    assert snippet[column : column + count] == "abc"


def test_mistake_of_five_megabytes_is_cut_too() -> None:
    source = SourceFile("a.tdx", "x" * 5_000_000)
    text = rendered(Diagnostic(Code.E111, "the word " + source.text, Span(source, 0, 5_000_000)))
    assert len(text) < 3_000


def test_control_characters_cannot_steer_the_terminal() -> None:
    source = "x \x1b[31m \u202e y"
    text = rendered(Diagnostic(Code.E110, "found '\x1b'", span_of(source, "y")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


def test_windows_line_ends_are_not_shown() -> None:
    text = rendered(Diagnostic(Code.E201, "m", span_of("state x\r\nstate y\r\n", "x")))
    assert "1 | state x\n" in text


def test_warnings_are_called_so_and_counted_apart() -> None:
    mistake = Diagnostic(Code.E301, "m", span_of(SPEC, "x := y"))
    doubts = [Diagnostic(Code.W105, "unread", span_of(SPEC, part)) for part in ("x", "y")]
    text = rendered(*doubts)
    assert text.startswith("warning[W105]: unread\n --> a.tdx:1:7\n")
    assert text.endswith("\n2 warnings; more about it: tdxverify explain W105\n")
    assert "error" not in text
    assert rendered(mistake, doubts[0]).splitlines()[-1].startswith("1 error, 1 warning; ")
