"""Where the data that ships with the program is found.

An installed wheel carries it inside the package (`_spec`, `_grammar`); a checkout has it beside the
package (`spec`, `grammar`).
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _directory(name: str) -> Path:
    """The folder of shipped data called `name`: inside the package first, then beside it."""
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


def spec_directory() -> Path:
    """The library of specs that `import platform.x` looks into after the importing file's folder."""
    return _directory("spec")


def grammar_text() -> str:
    """The Lark grammar of the language."""
    return (_directory("grammar") / "tdx.lark").read_text(encoding="utf-8")
