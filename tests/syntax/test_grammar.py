"""The grammar, its tables and their cache."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import lark
import pytest

from tdxverify.resources import grammar_text, spec_directory
from tdxverify.syntax import grammar
from tdxverify.syntax.build import RULES


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    grammar.parser.cache_clear()
    return home


@pytest.fixture(autouse=True)
def forget_parsers() -> None:
    grammar.parser.cache_clear()


def test_resources_are_there() -> None:
    assert spec_directory().is_dir()
    assert "start:" in grammar_text()


def test_no_conflicts(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lark resolves shift/reduce conflicts silently, but tells its debug log."""
    monkeypatch.setattr(lark.logger, "level", logging.DEBUG)
    monkeypatch.setattr(lark.logger, "handlers", [caplog.handler])
    lark.Lark("start: a\na: b | a a\nb: X\nX: /x/", parser="lalr", debug=True)
    assert "Shift/Reduce conflict" in caplog.text, "the test no longer sees conflicts"
    caplog.clear()
    lark.Lark(grammar_text(), parser="lalr", debug=True)
    assert "conflict" not in caplog.text.lower()


def test_every_rule_has_a_builder_and_every_builder_a_rule() -> None:
    rules = grammar.make_parser(grammar_text()).rules
    names = {str(rule.alias or rule.origin.name) for rule in rules if not rule.origin.name.startswith("_")}
    always_inlined = {"expr", "primary", "negation", "open_negation", "relation", "factor", "type", "value"}
    always_inlined |= {"position_type"}
    assert names - always_inlined == set(RULES)


def test_tables_are_cached_privately(cache_home: Path) -> None:
    made = grammar.parser()
    path = grammar.cache_path(grammar_text())
    assert path.is_relative_to(cache_home / "tdxverify")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    grammar.parser.cache_clear()
    before = path.stat().st_mtime_ns
    loaded = grammar.parser()
    assert path.stat().st_mtime_ns == before
    assert loaded is not made
    assert loaded.parse("state x : bool = a") == made.parse("state x : bool = a")


def test_another_grammar_has_another_cache() -> None:
    assert grammar.cache_path("a") != grammar.cache_path("b")
    assert lark.__version__ in grammar.cache_path("a").name


@pytest.mark.parametrize("content", [b"", b"junk", b"\0" * 100_000], ids=["empty", "junk", "zeros"])
def test_a_corrupt_cache_is_replaced(cache_home: Path, content: bytes) -> None:
    path = grammar.cache_path(grammar_text())
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert grammar.parser().parse("state x : bool")
    assert len(path.read_bytes()) > 1000
    assert path.read_bytes() != content


def test_a_truncated_cache_is_replaced(cache_home: Path) -> None:
    grammar.parser()
    path = grammar.cache_path(grammar_text())
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    grammar.parser.cache_clear()
    assert grammar.parser().parse("state x : bool")
    assert path.stat().st_size > len(half) * 3 // 2


def test_an_impossible_cache_is_done_without(cache_home: Path) -> None:
    cache_home.write_text("a file where the folder should be")
    assert grammar.parser().parse("state x : bool")
    assert cache_home.is_file()


def test_a_directory_in_place_of_the_cache_is_done_without(cache_home: Path) -> None:
    path = grammar.cache_path(grammar_text())
    path.mkdir(parents=True)
    assert grammar.parser().parse("state x : bool")
    assert list(path.parent.iterdir()) == [path]


def test_a_relative_cache_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert grammar.cache_path("").is_absolute()
    assert os.path.expanduser("~") in str(grammar.cache_path(""))
