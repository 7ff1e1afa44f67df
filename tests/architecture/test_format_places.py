"""Where output formats are named: a new one is its module and its row in the table, for every command.

The table below says who else may name one. What writes a document knows its own format only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from tdxverify.cli.main import COMMANDS
from tdxverify.outputs.formats import FORMATS, Document, Format
from tests.architecture.test_layers import MODULES, PACKAGE, allowed

TABLE = "outputs/formats.py"
# module -> the names of formats, or the writers, that it may mention besides the table, and why
MAY_NAME = {"cli/graph.py": {"dot"}}  # the format of a file whose name tells none
MAY_CALL = {"cli/simulate.py": {"trace_text"}}  # saves what `trace --replay` reads
WRITING = {
    "outputs/html",
    "outputs/graphs",
    "outputs/traces",
}  # where an element of a page or a node of a picture is called so
LANGUAGES = {"c", "sh"}  # a spec says in them what a step does, so the front end knows them
DOCUMENTS = {
    "check": Document.RUN,
    "prove": Document.RUN,
    "recheck": Document.RUN,
    "trace": Document.TRACE,
    "graph": Document.GRAPH,
    "lint": Document.FINDINGS,
    "table": Document.TABLES,
}
ROWS = [(document, name, row) for document, rows in FORMATS.items() for name, row in rows.items()]
WRITERS = {row.writer for _, _, row in ROWS if row.writer is not None}


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def test_nobody_else_names_a_format() -> None:
    names = {name for _, name, _ in ROWS} - {"text"} - LANGUAGES
    found = {
        place: named
        for path in MODULES
        if not allowed(path, WRITING) and (place := path.relative_to(PACKAGE).as_posix()) != TABLE
        if (named := {n.value for n in nodes(path) if isinstance(n, ast.Constant)} & names)
    }
    assert found == MAY_NAME


def test_nobody_else_calls_a_writer() -> None:
    found: dict[str, set[str]] = {}
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom):
                called = {alias.name for alias in node.names if f"{node.module}:{alias.name}" in WRITERS}
                if called:
                    found.setdefault(path.relative_to(PACKAGE).as_posix(), set()).update(called)
    assert found == MAY_CALL


def test_every_document_has_formats() -> None:
    assert set(FORMATS) == set(Document)


@pytest.mark.parametrize("row", [row for _, _, row in ROWS], ids=[f"{d.name}-{name}" for d, name, _ in ROWS])
def test_every_writer_is_there(row: Format) -> None:
    if row.writer is not None:
        module, function = row.writer.split(":")
        assert callable(getattr(import_module(module), function))


def test_every_command_offers_all_formats_of_what_it_writes() -> None:
    """And no command has formats of its own."""
    offered = {}
    for name, (module, _) in COMMANDS.items():
        for option in import_module(module).command.params:
            if option.name == "form":
                assert isinstance(option.type, click.Choice)
                offered[name] = tuple(option.type.choices)
    assert offered == {name: tuple(FORMATS[document]) for name, document in DOCUMENTS.items()}
