"""From paths to models: which files there are, and what they mean. Mistakes are collected, never lost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from tdxverify.budget import LATE, UNLIMITED, Budget, LimitReached, held
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.files.reading import resolved
from tdxverify.model.model import Model
from tdxverify.syntax.ast import CheckDecl
from tdxverify.syntax.imports import load, reached
from tdxverify.wellformed import build_model
from tdxverify.wellformed.decided import Decided

SUFFIX = ".tdx"
LISTING = 2.0  # seconds that an interrupted run may take to find out what it did not come to


@dataclass(frozen=True, slots=True)
class Spec:
    """A file that was understood."""

    path: Path
    model: Model


@dataclass(frozen=True, slots=True)
class Loaded:
    specs: tuple[Spec, ...]
    diagnostics: tuple[Diagnostic, ...]


def load_model(path: Path, budget: Budget = UNLIMITED, decided: Decided | None = None) -> Model:
    """The model of one file. Raises SpecError, also where `budget` is not enough.

    `decided` is shared by files that are loaded together.
    """
    with _in_time(path, budget):
        return build_model(load(path), budget, decided)


@contextmanager
def _in_time(path: Path, budget: Budget) -> Iterator[None]:
    """What takes longer than `budget` is a mistake of the spec at `path`."""
    try:
        budget.extended(LATE).check_time()
        with held(budget):
            yield
    except LimitReached:
        hint = "give it more with --timeout; or split steps and tables into smaller ones"
        message = f"{path} could not be read and understood in the time allowed"
        raise SpecError([Diagnostic(Code.E608, message, hint=hint, file=str(path))]) from None


def load_all(
    paths: Iterable[str | PathLike[str]], budget: Budget = UNLIMITED, seconds: float | None = None
) -> Loaded:
    """Every spec in or below `paths`, each file once; a directory means all its specs, sorted.

    `budget` is for all of them, `seconds` for each.
    """
    specs: list[Spec] = []
    found, missing = spec_files(paths)
    diagnostics = dict.fromkeys(missing)
    decided = Decided()
    for path in found:
        try:
            specs.append(Spec(path, load_model(path, budget.within(seconds), decided)))
        except SpecError as error:
            diagnostics.update(dict.fromkeys(error.diagnostics))
    return Loaded(tuple(specs), tuple(diagnostics))


def not_come_to(paths: Iterable[Path]) -> Iterator[Spec]:
    """The specs that an interrupted run would have looked at, as far as they are soon read."""
    budget, decided = Budget.of(LISTING), Decided()
    with suppress(KeyboardInterrupt):
        for path in paths:
            with suppress(SpecError):
                yield Spec(path, load_model(path, budget, decided))
            if budget.expired():
                return


def load_checked(path: Path, budget: Budget = UNLIMITED) -> Spec | None:
    """The spec, if it has checks: those that only others import are not built. Raises SpecError."""
    with _in_time(path, budget):
        modules = load(path)
        if not any(isinstance(declaration, CheckDecl) for declaration in modules[-1].declarations):
            return None
        return Spec(path, build_model(modules, budget))


def spec_files(paths: Iterable[str | PathLike[str]]) -> tuple[list[Path], list[Diagnostic]]:
    """Files in or below `paths`, each once; and where there are none."""
    files: list[Path] = []
    diagnostics: list[Diagnostic] = []
    seen: set[Path] = set()
    for named in paths:
        if not os.fspath(named):  # which Path takes for the current folder
            diagnostics.append(Diagnostic(Code.E708, "the path is empty"))
            continue
        given = Path(named)
        found, closed = _below(given) if os.path.isdir(given) else ([given], list[Diagnostic]())
        if not found and not closed:
            message = f"there is no {SUFFIX} file in or below {given}"
            closed.append(Diagnostic(Code.E607, message, file=str(given)))
        diagnostics.extend(closed)
        for path in found:
            key = resolved(path)
            if key not in seen:
                seen.add(key)
                files.append(path)
    return files, diagnostics


def _below(folder: Path) -> tuple[list[Path], list[Diagnostic]]:
    """All specs below `folder`, whatever is behind their names, and the folders that nobody may look into."""
    closed: list[Diagnostic] = []

    def note(error: OSError) -> None:
        message = f"{error.filename} cannot be looked through for specs: {error.strerror}"
        closed.append(Diagnostic(Code.E102, message, file=error.filename))

    found = (
        Path(base, name)
        for base, _, names in os.walk(folder, onerror=note)
        for name in names
        if name.endswith(SUFFIX)
    )
    return sorted(found), closed


def files_read(paths: Iterable[Path]) -> list[Path]:
    """Every spec in or below `paths`, and what they import: what must not be written over."""
    return [file for path in spec_files(paths)[0] for file in (path, *reached(path))]
