"""`tdxverify certificate`: the stored proofs, for people and for other solvers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tdxverify.cli.terminal import show, width
from tdxverify.cli.values import PATH, in_configurations
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, indent, line, wrap

if TYPE_CHECKING:
    from tdxverify.answers.stored.export import StoredAnswer
    from tdxverify.evidence.item import Item

Command = TypeVar("Command", bound=Callable[..., object])


@click.group()
def command() -> None:
    """Show stored proofs, or save what they have to show as SMT-LIB scripts."""


def _about_checks(decorated: Command) -> Command:
    """The options that choose checks of a file."""
    for decorate in (
        click.option("--check", "number", type=int, metavar="N", help="Only the check of this number."),
        click.option("--property", "properties", multiple=True, metavar="NAME", help="Only checks of this."),
        in_configurations(),
        click.argument("file", type=PATH),
    ):
        decorated = decorate(decorated)
    return decorated


@command.command("show")
@_about_checks
def show_command(
    file: Path, properties: tuple[str, ...], configs: tuple[str, ...], number: int | None
) -> int:
    """Print the stored answers of a spec: invariants, steps, and who has checked them.

    Nothing is checked here; that is what 'tdxverify recheck' does.
    """
    from tdxverify.answers.stored.export import stored_answers
    from tdxverify.answers.stored.file import proof_path

    columns = width(sys.stdout)
    answers = stored_answers(file, properties, number, configs)
    told = f"What {proof_path(file)} says; not checked here: tdxverify recheck {file} checks it"
    head = wrap(line(told, Style.DOUBT), columns)
    show([*head, EMPTY, *(text for one in answers for text in (*_shown(one, columns), EMPTY))], sys.stdout)
    return 0


@command.command("export")
@_about_checks
@click.option("--output", type=PATH, metavar="DIR", help="Default: NAME.smt2.")
def export_command(
    file: Path,
    properties: tuple[str, ...],
    configs: tuple[str, ...],
    number: int | None,
    output: Path | None,
) -> int:
    """Save what stored proofs have to show as scripts, each to be answered 'unsat' by any solver."""
    from tdxverify.answers.stored.export import save, scripts, stored_answers
    from tdxverify.answers.stored.file import proof_path
    from tdxverify.questions.specs import files_read

    files = scripts(stored_answers(file, properties, number, configs))
    directory = output or Path(f"{file.stem}.smt2")
    save(files, directory, (*files_read([file]), proof_path(file)))
    show([line(f"{counted(len(files), 'script')} in {directory}; every answer must be unsat")], sys.stdout)
    return 0


def _shown(one: StoredAnswer, columns: int) -> list[Line]:
    check = one.asked.check
    head: Line = (Piece(f"{one.number}. "), Piece(check.property, Style.STRONG))
    named = f" in {check.config.name}" if check.config else ""
    where = named + (f" where {check.where_text}" if check.where_text else "")
    assuming = f" {check.assuming_text()}" if check.assuming else ""
    lines = wrap((*head, Piece(where), Piece(assuming)), columns, hanging=4)
    description = one.asked.property.description
    if description is not None:
        lines.extend(indent(wrap(line(f'"{description}"', Style.FAINT), columns - 4), "    "))
    if one.entry is None:
        return [*lines, *indent([line("nothing is stored", Style.DOUBT)], "    ")]
    from tdxverify.answers.stored.export import lines_of

    lines.extend(indent([line(f"the file says: {one.entry.outcome}")], "    "))
    for item, texts in lines_of(one):
        told = [line(_about(item), Style.FAINT), *(line(f"  {text}") for text in texts)]
        lines.extend(indent([part for text in told for part in wrap(text, columns - 4, 4)], "    "))
    return lines


def _about(item: Item) -> str:
    sizes = "any size" if item.sizes is None else ", ".join(f"{sort} = {n}" for sort, n in item.sizes)
    by = f"; by its own account accepted by {', '.join(item.checked_by)}" if item.checked_by else ""
    return f"{item.kind}{f' for {sizes}' if sizes else ''}{by}"
