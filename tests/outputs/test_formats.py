"""The table of formats: what a new row does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tdxverify.answers.run import Run
from tdxverify.outputs.formats import FILE_WIDTH, FORMATS, Content, Document, Format
from tdxverify.outputs.text.layout import line
from tests.answers.stored.sample import written
from tests.cli.conftest import RunCommand


def counted(run: Run) -> str:
    """A format that says how many answers there are."""
    return f"<{len(run.answers)}>\n"


@pytest.fixture(params=["check", "prove", "recheck"])
def command(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A command that is loaded anew: it reads the table once."""
    name: str = request.param
    module = f"tdxverify.cli.{name}"
    import_module(module)
    monkeypatch.delitem(sys.modules, module)
    yield name
    monkeypatch.undo()


def test_one_row_is_a_format_of_every_command(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    row = Format(Content.DATA, f"{__name__}:counted")
    monkeypatch.setitem(dict_of(Document.RUN), "counted", row)
    written(tmp_path)
    assert run_command(command, "sample.tdx", "--format", "counted").out == "<11>\n"


def dict_of(document: Document) -> dict[str, Format]:
    rows = FORMATS[document]
    assert isinstance(rows, dict)
    return rows


def test_writers_get_the_document_or_the_parts_they_name() -> None:
    class Pair:
        left, right = "a", "b"

    assert Format(Content.DATA, "operator:concat", ("left", "right")).written(Pair(), lambda _: []) == "ab"
    assert Format(Content.DATA, "builtins:repr").written("x", lambda _: []) == "'x'"


def test_text_is_what_the_command_shows() -> None:
    assert Format(Content.TEXT).written(None, lambda width: [line("x" * width)]) == "x" * FILE_WIDTH + "\n"
