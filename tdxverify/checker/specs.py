"""From paths to models: which files there are, and what they mean. Mistakes are collected, never lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.model.model import Model
from tdxverify.syntax.ast import CheckDecl
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model

SUFFIX = ".tdx"


@dataclass(frozen=True, slots=True)
class Spec:
    """A file that was understood; `named` is false for files found below a directory."""

    path: Path
    model: Model
    named: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    specs: tuple[Spec, ...]
    diagnostics: tuple[Diagnostic, ...]


def load_model(path: Path) -> Model:
    """The model of one file. Raises SpecError."""
    return build_model(load(path))


def load_all(paths: Iterable[str | PathLike[str]]) -> Loaded:
    """Every spec in or below `paths`, each file once; a directory means all its specs, sorted."""
    specs: list[Spec] = []
    found, missing = spec_files(paths)
    diagnostics = dict.fromkeys(missing)
    for path, named in found:
        try:
            specs.append(Spec(path, load_model(path), named))
        except SpecError as error:
            diagnostics.update(dict.fromkeys(error.diagnostics))
    return Loaded(tuple(specs), tuple(diagnostics))


def load_checked(path: Path) -> Spec | None:
    """The spec, if it has checks: those that only others import are not built. Raises SpecError."""
    modules = load(path)
    if not any(isinstance(declaration, CheckDecl) for declaration in modules[-1].declarations):
        return None
    return Spec(path, build_model(modules), named=True)


def spec_files(paths: Iterable[str | PathLike[str]]) -> tuple[list[tuple[Path, bool]], list[Diagnostic]]:
    """Files in or below `paths`, each once, with whether they were named; and where there are none."""
    files: list[tuple[Path, bool]] = []
    diagnostics: list[Diagnostic] = []
    seen: set[Path] = set()
    for given in map(Path, paths):
        found = sorted(p for p in given.rglob(f"*{SUFFIX}") if p.is_file()) if given.is_dir() else [given]
        if not found:
            message = f"there is no {SUFFIX} file in or below {given}"
            diagnostics.append(Diagnostic(Code.E607, message))
        for path in found:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                files.append((path, not given.is_dir()))
    return files, diagnostics
