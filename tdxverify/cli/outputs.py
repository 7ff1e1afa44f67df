"""How commands write: in which format, and to the file that a user names, refused where they read it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tdxverify.cli.terminal import show, width, write
from tdxverify.cli.values import PATH
from tdxverify.outputs.formats import FORMATS, Document, Format
from tdxverify.outputs.text.layout import Line, line

if TYPE_CHECKING:
    from tdxverify.files.writing import OutputFile


Command = TypeVar("Command", bound=Callable[..., Any])


def writes(
    document: Document, default: str | None = "text", told: str | None = None
) -> Callable[[Command], Command]:
    """The options `--format` and `--output` of a command that writes `document`; it gets `form` and `output`.

    `told`: what help says of the former where there is no `default`.
    """
    form = click.option(
        "--format",
        "form",
        type=click.Choice(tuple(FORMATS[document])),
        default=default,
        show_default=default is not None,
        help=told,
    )
    output = click.option(
        "--output",
        type=PATH,
        metavar="FILE",
        help=f"Write the {document.value} there.",
    )
    return lambda command: form(output(command))


def destination(path: Path | None, specs: Sequence[Path], others: Sequence[Path] = ()) -> OutputFile | None:
    """The file at `path`, if one is named, of a command that reads `specs` and `others`.

    Raises SpecError (E705).
    """
    if path is None:
        return None
    from tdxverify.files.writing import output_file

    return output_file(path, lambda: (*_read_for(specs), *others))


def deliver(
    chosen: Format, document: Any, lines: Callable[[int], list[Line]], output: OutputFile | None
) -> None:
    """Print a document, or write it where the user wants it; `lines` is its text for so many columns.

    Raises SpecError (E705).
    """
    if output is None and chosen.writer is None:
        show(lines(width(sys.stdout)), sys.stdout)
    else:
        deliver_text(chosen.written(document, lines), output)


def deliver_text(text: str | bytes, output: OutputFile | None) -> None:
    """The same of a document that is in its format already."""
    if output is None:
        write(text, sys.stdout)
    else:
        output.write(text)
        show([line(f"written: {output.path}")], sys.stdout)


def require_different(first: OutputFile | None, second: OutputFile | None) -> None:
    """Raises SpecError (E705) where both would be the same file."""
    if first is None or second is None:
        return
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.files.reading import resolved

    if resolved(first.path) == resolved(second.path) and not _takes_both(first.path):
        message = f"{first.path} cannot hold two outputs"
        raise SpecError([Diagnostic(Code.E705, message, hint="give each a name of its own")])


def _takes_both(path: Path) -> bool:
    """A pipe or a device gets one behind the other."""
    return path.exists() and not path.is_file()


def _read_for(specs: Sequence[Path]) -> Iterable[Path]:
    """The specs, what they import, and the proof files beside them."""
    from tdxverify.answers.stored.file import proof_path
    from tdxverify.questions.specs import files_read

    files = files_read(specs)
    return (*files, *map(proof_path, files))
