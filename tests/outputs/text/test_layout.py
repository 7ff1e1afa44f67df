"""The line breaking and column setting that all text reports rest on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdxverify.outputs.text.layout import (
    Column,
    Piece,
    Style,
    beside,
    line,
    line_width,
    pad,
    plain,
    shorten,
    width_of,
    wrap,
)


def test_breaks_at_blanks_with_hanging_indent() -> None:
    assert plain(wrap(line("aaa bbb ccc ddd"), 8, hanging=2)) == "aaa bbb\n  ccc\n  ddd\n"


def test_word_of_several_styles_is_not_broken() -> None:
    pieces = (Piece("one tw"), Piece("o", Style.BAD), Piece(" three"))
    wrapped = wrap(pieces, 5)
    assert plain(wrapped) == "one\ntwo\nthree\n"
    assert wrapped[1] == (Piece("tw"), Piece("o", Style.BAD))


def test_neighbours_of_one_style_become_one_piece() -> None:
    assert wrap((Piece("one two"), Piece(" three")), 80) == [(Piece("one two three"),)]


@given(st.lists(st.text("ab漢 ", min_size=1, max_size=9), max_size=12), st.integers(5, 30), st.integers(0, 3))
def test_wrapping_keeps_all_words_and_the_width(texts: list[str], width: int, hanging: int) -> None:
    pieces = tuple(Piece(text) for text in texts)
    wrapped = wrap(pieces, width, hanging)
    assert "".join(plain(wrapped).split()) == "".join("".join(texts).split())
    if max((width_of(word) for word in "".join(texts).split()), default=0) <= width - hanging:
        assert plain(wrapped).split() == "".join(texts).split()
    for pieces_of_line in wrapped:
        assert line_width(pieces_of_line) <= width or not "".join(texts).strip()


def test_longer_words_are_broken_behind_a_sign() -> None:
    assert plain(wrap(line("the_next_kernel_never_dies"), 12, 2)) == "the_next_\n  kernel_\n  never_dies\n"
    assert plain(wrap(line("a " + "x" * 12), 5)) == "a\nxxxxx\nxxxxx\nxx\n"


def test_no_break_is_a_blank_that_stays() -> None:
    assert plain(wrap(line("a = 1, b\u00a0=\u00a02"), 8)) == "a = 1,\nb = 2\n"


def test_columns_stand_side_by_side() -> None:
    cells = ([line("a"), line("b")], [line("1.5")], [line("wide 漢")])
    columns = (Column(3), Column(5, right=True), Column(8))
    assert plain(beside(cells, columns)) == "a      1.5  wide 漢\nb\n"


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert [width_of(text) for text in ("ab", "漢", "e\u0301")] == [2, 2, 1]
    assert line_width(pad(line("漢"), 5)) == 5


def test_shorten_keeps_both_ends() -> None:
    assert shorten("x" * 10, 10) == "x" * 10
    short = shorten("begin" + "x" * 1000 + "end.", 40)
    assert len(short) <= 40
    assert short.startswith("begin")
    assert short.endswith("end.")
