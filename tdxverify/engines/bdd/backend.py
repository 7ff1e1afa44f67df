"""One manager of binary decision diagrams, by CUDD where `dd` brings it along, else in plain Python.

Both give the same sets, hence the same verdicts and traces; CUDD is some ten times faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.util import find_spec
from typing import Any, TypeAlias

from tdxverify.budget import TooLarge

# A function of the variables, as `dd` has it: with &, |, ~, ==, and the node's var, low, high, negated.
Node: TypeAlias = Any

PACKAGE = "dd"
MOST_BYTES = 2 << 30  # of CUDD's tables
MOST_NODES = 2_000_000  # in plain Python, where each takes some 600 bytes


def version() -> str | None:
    """Name and version of what computes; None where it is not installed."""
    if find_spec(PACKAGE) is None:
        return None
    try:
        return f"{PACKAGE} {package_version(PACKAGE)}"
    except PackageNotFoundError:
        return PACKAGE


class Manager:
    """The operations that a search needs. Any of them may raise TooLarge. Requires: `dd` is installed.

    `plain`: in plain Python even where CUDD is there.
    """

    def __init__(self, *, plain: bool = False) -> None:
        library = None if plain else _cudd()
        self._library = library or import_module("dd.autoref")
        self._bdd = self._library.BDD()
        self._is_plain = library is None
        if library is not None:
            # Sifting would make the certificate depend on when it happens to set in.
            self._bdd.configure(max_memory=MOST_BYTES, reordering=False)
        self.true: Node = self._bdd.true
        self.false: Node = self._bdd.false

    def declare(self, name: str) -> Node:
        """A new variable, below all that there are."""
        self._bdd.declare(name)
        return self._bdd.var(name)

    def conjunction(self, one: Node, other: Node) -> Node:
        return self._checked(lambda: one & other)

    def disjunction(self, one: Node, other: Node) -> Node:
        return self._checked(lambda: one | other)

    def difference(self, one: Node, other: Node) -> Node:
        """`one` without `other`."""
        return self._checked(lambda: one & ~other)

    def equivalent(self, one: Node, other: Node) -> Node:
        return self._checked(lambda: one.equiv(other))

    def conditional(self, condition: Node, then: Node, otherwise: Node) -> Node:
        return self._checked(lambda: self._bdd.ite(condition, then, otherwise))

    def any_of(self, parts: Iterable[Node]) -> Node:
        found = self.false
        for part in parts:
            found = self.disjunction(found, part)
        return found

    def all_of(self, parts: Iterable[Node]) -> Node:
        found = self.true
        for part in parts:
            found = self.conjunction(found, part)
        return found

    def joined(self, one: Node, other: Node, forgotten: Iterable[str]) -> Node:
        """Both, for some values of the variables `forgotten`."""
        names = tuple(forgotten)
        if not names:
            return self.conjunction(one, other)
        if self._is_plain:
            return self._checked(lambda: self._bdd.exist(names, one & other))
        return self._checked(lambda: self._library.and_exists(one, other, names))

    def renamed(self, names: Mapping[str, str], node: Node) -> Node:
        return self._checked(lambda: self._bdd.let(dict(names), node)) if names else node

    def composed(self, functions: Mapping[str, Node], node: Node) -> Node:
        """`node` with functions in place of variables, all at once."""
        return self._checked(lambda: self._bdd.let(dict(functions), node)) if functions else node

    def fixed(self, values: Mapping[str, bool], node: Node) -> Node:
        return self._checked(lambda: self._bdd.let(dict(values), node)) if values else node

    def size(self, node: Node) -> int:
        """Nodes of this function alone."""
        return int(node.dag_size)

    def __len__(self) -> int:
        """Nodes there are, those that nobody needs any more included."""
        return len(self._bdd)

    def _checked(self, operation: Any) -> Node:
        try:
            result = operation()
        except (ValueError, MemoryError) as error:  # CUDD's null pointer: its memory is used up
            raise TooLarge(f"the diagrams take more than {MOST_BYTES >> 30} GiB") from error
        if self._is_plain and len(self._bdd) > MOST_NODES:
            self._bdd.collect_garbage()
            if len(self._bdd) > MOST_NODES:
                raise TooLarge(f"the diagrams have more than {MOST_NODES:,} nodes")
        return result


def _cudd() -> Any | None:
    try:
        return import_module("dd.cudd")
    except ImportError:
        return None
