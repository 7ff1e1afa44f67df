"""Files imported under a prefix: copies of them, in which all names of their own have the prefix.

`import a as old` makes a copy of the file `a`, and of every file that it imports, unless that one is there
without the prefix as well: then it is shared. So two copies of a model can stand on one platform, which is
imported beside them, or each on one of its own. A prefix inside a copy is put behind that of the copy, as in
`old_inner_name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.syntax.ast import Import, Module
from tdxverify.syntax.renaming import Names, declared_names, renamed, together

MOST_COPIES = 1_000  # of all files together


@dataclass(frozen=True)
class Graph:
    """Files, what they import, and what each `import` means. The last is the root; there is no circle."""

    modules: dict[Path, Module]
    imports: Mapping[Path, Sequence[tuple[Import, Path]]]

    @property
    def root(self) -> Path:
        return next(reversed(self.modules))


@dataclass(eq=False)
class _Space:
    """What is called alike: files, and the prefix of all that they declare. `outer`: around a prefix."""

    prefix: str = ""
    outer: _Space | None = None
    files: dict[Path, None] = field(default_factory=dict)
    inner: dict[str, _Space] = field(default_factory=dict)

    @property
    def outwards(self) -> Iterator[_Space]:
        space: _Space | None = self
        while space is not None:
            yield space
            space = space.outer

    def of(self, file: Path) -> _Space:
        """Where the copy of `file` is that files of this space mean when they import it without a prefix."""
        return next(space for space in self.outwards if file in space.files)


def copied(graph: Graph) -> tuple[Module, ...]:
    """All modules, the root last, and before each what it imports. Raises SpecError: there are too many."""
    if not any(one.prefix for imports in graph.imports.values() for one, _ in imports):
        return tuple(graph.modules.values())
    whole = _Copying(graph).spaces()
    known: dict[_Space, Names] = {}

    def names(space: _Space) -> Names:
        """What its files can name: also what has a further prefix."""
        if space not in known:
            own = declared_names(graph.modules[file] for file in space.files)
            inner = [(prefix, names(one)) for prefix, one in space.inner.items()]
            known[space] = together(own, inner)
        return known[space]

    def copy(space: _Space, file: Path) -> Module:
        around = [(one.prefix, names(one)) for one in space.outwards if one.prefix]
        return renamed(graph.modules[file], around) if around else graph.modules[file]

    return tuple(copy(space, file) for space, file in _in_order(graph, whole))


class _Copying:
    """Finds all spaces."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._copies = 0

    def spaces(self) -> _Space:
        """That of the root, with all others inside."""
        whole = _Space()
        self._fill(whole, [self._graph.root], None)
        waiting = [whole]
        while waiting:
            space = waiting.pop()
            for imported, file in self._prefixed(space):
                assert imported.prefix is not None
                inner = space.inner.setdefault(
                    imported.prefix.text, _Space(_joined(space.prefix, imported.prefix.text), space)
                )
                self._fill(inner, [file], imported)
            waiting += reversed(space.inner.values())
        return whole

    def _prefixed(self, space: _Space) -> Iterator[tuple[Import, Path]]:
        for file in space.files:
            yield from (pair for pair in self._graph.imports[file] if pair[0].prefix is not None)

    def _fill(self, space: _Space, waiting: list[Path], imported: Import | None) -> None:
        """Put the first of `waiting` into `space`, and what it imports as far as that is nowhere around."""
        first = waiting[0]
        while waiting:
            file = waiting.pop()
            if file in space.files or (file != first and any(file in one.files for one in space.outwards)):
                continue
            space.files[file] = None
            self._copies += 1
            if self._copies > MOST_COPIES and imported is not None:
                raise SpecError([_too_many(imported)])
            waiting += [other for one, other in reversed(self._graph.imports[file]) if one.prefix is None]


def _joined(outer: str, prefix: str) -> str:
    return f"{outer}_{prefix}" if outer else prefix


def _too_many(imported: Import) -> Diagnostic:
    message = f"imports under prefixes make more than {MOST_COPIES} copies of files"
    hint = "import what the copies may share without a prefix as well"
    return Diagnostic(Code.E132, message, imported.span, hint=hint)


def _in_order(graph: Graph, whole: _Space) -> Iterable[tuple[_Space, Path]]:
    """Every copy once, behind those that it imports; without recursion, chains of imports may be long."""
    seen = {(whole, graph.root)}
    visits = [(whole, graph.root, iter(graph.imports[graph.root]))]
    while visits:
        space, file, remaining = visits[-1]
        found = next(remaining, None)
        if found is None:
            visits.pop()
            yield space, file
            continue
        imported, target = found
        there = space.of(target) if imported.prefix is None else space.inner[imported.prefix.text]
        if (there, target) not in seen:
            seen.add((there, target))
            visits.append((there, target, iter(graph.imports[target])))
