"""Where commands write: the file that a user names, refused where it is one that the command reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdxverify.files.writing import OutputFile


def destination(path: Path | None, specs: Sequence[Path], others: Sequence[Path] = ()) -> OutputFile | None:
    """The file at `path`, if one is named, of a command that reads `specs` and `others`.

    Raises SpecError (E705).
    """
    if path is None:
        return None
    from tdxverify.files.writing import output_file

    return output_file(path, lambda: (*_read_for(specs), *others))


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
    from tdxverify.proofs.file import proof_path
    from tdxverify.questions.specs import files_read

    files = files_read(specs)
    return (*files, *map(proof_path, files))
