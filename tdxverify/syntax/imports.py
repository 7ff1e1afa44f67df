"""The files reached from a root by `import`, in order.

`import a.b` means `a/b.tdx`, looked for beside the importing file and then in the library that
ships with the program; `import "a/b.tdx"` means exactly that file, seen from the importing one.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.files.reading import resolved
from tdxverify.resources import spec_directory
from tdxverify.source import SourceFile
from tdxverify.syntax.ast import Import, Module
from tdxverify.syntax.parse import parse
from tdxverify.syntax.prefixing import Graph, copied
from tdxverify.syntax.read import read, shown_path
from tdxverify.syntax.refining import refined


def load(path: Path) -> tuple[Module, ...]:
    """The root module last, and before every module those that it imports; each file once.

    The order follows the order of the `import` lines. Files that are imported under a prefix are there once
    for each prefix, and once without where they are imported without. What they `refine` in one another is
    carried out. SpecError reports the mistakes of all files.
    """
    return put_together(written(path))


def written(path: Path) -> Graph:
    """The root at `path` and what it imports, as it is written: nothing is copied or refined yet.

    SpecError reports what cannot be found, read or parsed.
    """
    loading = _Loading()
    loading.load(path)
    if loading.problems:
        raise SpecError(loading.problems)
    return loading.graph()


def put_together(graph: Graph) -> tuple[Module, ...]:
    """What `load` says of the files as they are written. Raises SpecError."""
    return refined(copied(graph))


def reached(path: Path) -> tuple[Path, ...]:
    """The files that `load` reads, whether they can be read or not; resolved."""
    loading = _Loading()
    loading.load(path)
    return tuple(loading.seen)


@dataclass(slots=True)
class _Visit:
    """A file whose imports are being loaded."""

    key: Path  # resolved
    path: Path  # as it was reached; what it imports is looked for beside it
    module: Module
    remaining: Iterator[Import]


class _Loading:
    """A depth-first walk over the files, without recursion: chains of imports may be long."""

    def __init__(self) -> None:
        self.modules: list[Module] = []
        self.problems: list[Diagnostic] = []
        self.seen: dict[Path, None] = {}
        self.visits: list[_Visit] = []
        self.followed: dict[Path, list[tuple[Import, Path]]] = {}
        self.keys: list[Path] = []  # of `modules`

    def graph(self) -> Graph:
        """The files and what they import. Requires: there are no problems."""
        return Graph(dict(zip(self.keys, self.modules, strict=True)), self.followed)

    def load(self, root: Path) -> None:
        self._enter(root, None)
        while self.visits:
            visit = self.visits[-1]
            imported = next(visit.remaining, None)
            if imported is None:
                self.modules.append(visit.module)
                self.keys.append(visit.key)
                self.visits.pop()
            else:
                self._follow(imported, visit)

    def _follow(self, imported: Import, importer: _Visit) -> None:
        places = _places(imported, importer.path)
        found = next((place for exists in (_is_file, _exists) for place in places if exists(place)), None)
        if found is None:
            self.problems.append(_not_found(imported, places))
            return
        key = resolved(found)
        self.followed[importer.key].append((imported, key))
        cycle = [visit.path for visit in self.visits if visit.key == key]
        if cycle:
            first = next(i for i, visit in enumerate(self.visits) if visit.key == key)
            self.problems.append(_cycle(imported, [*(visit.path for visit in self.visits[first:]), found]))
        elif key not in self.seen:
            self._enter(found, imported)

    def _enter(self, path: Path, imported: Import | None) -> None:
        """Begin with a file; a file that cannot be read or parsed leaves its problems and no module."""
        key = resolved(path)
        self.seen[key] = None
        self.followed[key] = []
        try:
            module = _parsed(read(path))
        except SpecError as error:
            self.problems.extend(_placed(problem, imported) for problem in error.diagnostics)
            return
        self.visits.append(_Visit(key, path, module, iter(module.imports)))


@lru_cache(maxsize=128)
def _parsed(source: SourceFile) -> Module:
    """Specs that are loaded together import the same few files of the library."""
    return parse(source)


def _placed(problem: Diagnostic, imported: Import | None) -> Diagnostic:
    """A problem about a whole file points at the line that imports it."""
    return problem if problem.span or imported is None else replace(problem, span=imported.span)


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)


def _exists(path: Path) -> bool:
    """Is there anything of that name, even if it is no file or nobody may look? Reading will tell."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _places(imported: Import, importer: Path) -> tuple[Path, ...]:
    """Where the file may be, in the order of search."""
    if imported.quoted:
        return (importer.parent / imported.path,)
    relative = Path(*imported.path.split(".")).with_suffix(".tdx")
    beside, library = importer.parent / relative, spec_directory() / relative
    return (beside,) if beside == library else (beside, library)


def _not_found(imported: Import, places: tuple[Path, ...]) -> Diagnostic:
    written = f'"{imported.path}"' if imported.quoted else imported.path
    hint = _similar(imported, places)
    return Diagnostic(
        Code.E130,
        f"cannot find what 'import {written}' names",
        imported.span,
        notes=tuple(Note(f"looked for {shown_path(place)}") for place in places),
        hint=f"did you mean 'import {hint}'?" if hint else None,
    )


def _similar(imported: Import, places: tuple[Path, ...]) -> str | None:
    """An import that would be found and is written much like this one."""
    if imported.quoted:
        folder = places[0].parent
        written = {path.name: path for path in _specs(folder, "*.tdx")}
        match = difflib.get_close_matches(places[0].name, sorted(written), 1)
        prefix = imported.path[: len(imported.path) - len(Path(imported.path).name)]
        return f'"{prefix}{match[0]}"' if match else None
    depth = imported.path.count(".") + 1
    candidates: set[str] = set()
    for place in places:
        base = place.parents[depth - 1]
        for pattern in ("*.tdx", "*/*.tdx"):
            candidates |= {
                ".".join(path.relative_to(base).with_suffix("").parts) for path in _specs(base, pattern)
            }
    match = difflib.get_close_matches(imported.path, sorted(candidates), 1)
    if match:
        return match[0]
    last = imported.path.rpartition(".")[2]
    return next((name for name in sorted(candidates) if name.rpartition(".")[2] == last), None)


def _specs(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(path for path in folder.glob(pattern) if _is_file(path))
    except (OSError, ValueError):
        return []


def _cycle(imported: Import, path: list[Path]) -> Diagnostic:
    shown = [shown_path(step) for step in path]
    return Diagnostic(
        Code.E131,
        "imports form a cycle: " + " imports ".join(shown),
        imported.span,
        hint="move what both need into a third file and import that",
    )
