"""The files of a spec as one module."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tdxverify.syntax.refining import refined


def merged(files: dict[str, str]) -> ast.Module | None:
    """One file that says what all say, for shrinking."""
    try:
        # What is imported under a prefix plays no part in what is asked.
        named = {name: text for name, text in files.items() if not name.endswith("extra.tdx")}
        modules = refined(tuple(parse(SourceFile(name, text)) for name, text in named.items()))
    except SpecError:
        return None
    declarations = tuple(d for module in modules for d in module.declarations)
    return replace(modules[-1], imports=(), declarations=declarations)
