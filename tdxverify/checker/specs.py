"""From paths to models: which files there are, and what they mean. Mistakes are collected, never lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.model.build import build_model
from tdxverify.model.model import Model
from tdxverify.syntax.imports import load

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
    diagnostics: dict[Diagnostic, None] = {}
    seen: set[Path] = set()
    for given in map(Path, paths):
        found = sorted(p for p in given.rglob(f"*{SUFFIX}") if p.is_file()) if given.is_dir() else [given]
        if not found:
            message = f"there is no {SUFFIX} file in or below {given}"
            diagnostics[Diagnostic(Code.E607, message)] = None
        for path in found:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            try:
                specs.append(Spec(path, load_model(path), named=not given.is_dir()))
            except SpecError as error:
                diagnostics.update(dict.fromkeys(error.diagnostics))
    return Loaded(tuple(specs), tuple(diagnostics))
