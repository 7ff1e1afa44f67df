"""The modules of the package, read once for all tests of the architecture, and what occurs in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

PACKAGE = Path(__file__).parents[2] / "tdxverify"
MODULES = sorted(PACKAGE.rglob("*.py"))

Mentions: TypeAlias = Callable[[ast.Module], set[str]]  # what a module mentions of something


def place(path: Path) -> str:
    """`engines/bmc.py`."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(module: ast.Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(module))


def where(mentions: Mentions) -> dict[str, set[str]]:
    """The modules that mention anything of it, and what."""
    return {place(path): found for path in MODULES if (found := mentions(tree(path)))}


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """`questions/question.py: Question` and what it is."""
    for path in MODULES:
        for node in nodes(tree(path)):
            if isinstance(node, ast.ClassDef):
                yield f"{place(path)}: {node.name}", node


def imports(path: Path) -> set[str]:
    """What the module at `path` imports, in full."""
    return imported_by(tree(path))


def imported_by(module: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
