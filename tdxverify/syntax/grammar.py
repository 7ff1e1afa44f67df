"""The parser made from grammar/tdx.lark, and its cache.

Making the tables takes a fifth of a second, loading them a tenth of that, so they are kept in the
user's own cache folder: never in a shared one, because they are loaded with pickle. Any trouble
with the cache means working without it.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lark
from lark import Lark, Token

from tdxverify.files.reading import read_bytes
from tdxverify.files.writing import written
from tdxverify.resources import grammar_text

_CHECKSUM_SIZE = hashlib.sha256().digest_size
_LARGEST = 64_000_000  # bytes; the tables have a hundredth of that


class _WholeTokens:
    """Tells the contextual lexer to read names and longer signs as such in every context.

    Otherwise `statephase` would be read as `state phase` wherever no name can stand, and `->` as a
    minus where no arrow can.
    """

    always_accept = ("NAME", "ARROW", "ASSIGN", "RANGE", "UNEQUAL", "AT_MOST", "AT_LEAST")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def parser() -> Lark:
    """The parser of the language, made once per process."""
    grammar = grammar_text()
    path = cache_path(grammar)
    loaded = _load(path)
    if loaded is not None:
        return loaded
    made = make_parser(grammar)
    _store(made, path)
    return made


def make_parser(grammar: str) -> Lark:
    """The parser from its text, without any cache."""
    return Lark(
        grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True, postlex=_WholeTokens()
    )


def cache_path(grammar: str) -> Path:
    """Where tables of exactly this grammar, lark and Python are kept.

    They mention the class `_WholeTokens`, so the name tells what it was, too.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~")) / ".cache"
    adjustments = f"{_WholeTokens.__module__}.{_WholeTokens.__qualname__} {_WholeTokens.always_accept}"
    digest = hashlib.sha256(f"{grammar}\0{adjustments}".encode()).hexdigest()[:32]
    version = f"lark{lark.__version__}-python{platform.python_version()}"
    return folder / "tdxverify" / f"grammar-{version}-{digest}.pickle"


def _load(path: Path) -> Lark | None:
    """The stored parser, or None.

    Only an unharmed file of our own user is read, because pickle runs what it is told.
    """
    try:
        if path.stat().st_uid != os.getuid():
            return None
        content = read_bytes(path, _LARGEST)
    except OSError:
        return None
    checksum, tables = content[:_CHECKSUM_SIZE], content[_CHECKSUM_SIZE:]
    if checksum != hashlib.sha256(tables).digest():
        return None
    return Lark.load(io.BytesIO(tables))


def _store(machine: Lark, path: Path) -> None:
    """Keep the tables for the next process."""
    buffer = io.BytesIO()
    machine.save(buffer)
    tables = buffer.getvalue()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written(path, hashlib.sha256(tables).digest() + tables)
    except OSError:
        return


def spelling(terminal: str) -> str:
    """How the word or sign of that terminal is written."""
    return parser().get_terminal(terminal).pattern.value
