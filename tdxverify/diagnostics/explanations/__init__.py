"""What `tdxverify explain` says of each diagnostic code.

The texts are data, in the .toml files beside this one: a few sentences, a short example that gives
the diagnostic, and the same example put right. Examples are specs, complete unless the mistake is
one of reading; an example that begins with `$ ` is a command line instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tdxverify.diagnostics.codes import Code

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code explained."""

    text: str
    wrong: str
    right: str


def explanation(code: Code) -> Explanation:
    """Every code has one; a test holds us to it."""
    return _explanations()[code.name]


@cache
def _explanations() -> Mapping[str, Explanation]:
    found: dict[str, Explanation] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        found |= {
            name: Explanation(**{k: v.strip("\n") for k, v in e.items()}) for name, e in entries.items()
        }
    return found
