"""`tdxverify table`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.cli.outputs import deliver, destination, writes
from tdxverify.cli.values import PATH
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.outputs.formats import FORMATS, Document
from tdxverify.outputs.text.layout import Line, line

if TYPE_CHECKING:
    from tdxverify.model.model import AccessTable, Model


@click.command()
@click.argument("file", type=PATH)
@click.option("--access", "names", multiple=True, metavar="NAME", help="Only the table of this access.")
@writes(Document.TABLES)
def command(file: Path, names: tuple[str, ...], form: str, output: Path | None) -> None:
    """Print the access tables of a spec, imported ones included: accesses against kinds of states."""
    from tdxverify.outputs.text.access_tables import table_lines
    from tdxverify.questions.specs import load_model

    target = destination(output, [file])
    model = load_model(file)
    tables = _chosen(model, names)

    def lines(columns: int) -> list[Line]:
        return table_lines(tables, columns) if tables else [line(f"{file} has no access table")]

    deliver(FORMATS[Document.TABLES][form], tables, lines, target)


def _chosen(model: Model, names: tuple[str, ...]) -> list[AccessTable]:
    known = {table.name: table for table in model.tables}
    unknown = [
        Diagnostic(Code.E206, f"there is no access '{name}'", hint=did_you_mean(name, known))
        for name in names
        if name not in known
    ]
    if unknown:
        raise SpecError(unknown)
    return [table for table in model.tables if not names or table.name in names]
