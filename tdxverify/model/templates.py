"""Templates of reproducers, `emit` and `prelude`: read once, so that a mistake in one shows with the others.

A placeholder `{name}` stands for a parameter of the step, for a `param` or a constant without indices, or
for an index sort, which means how many elements it has; in this order, where names coincide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean
from tdxverify.logic.expr import Bound, Role
from tdxverify.model.declarations import Declarations
from tdxverify.model.model import Template, TemplatePart
from tdxverify.source import Span
from tdxverify.syntax import ast

TARGETS = {"c": "a kernel module", "sh": "a shell script"}

_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|\{[^{}]*\}|[{}]")
_CHARACTER = re.compile(r'\\["\\]|.', re.DOTALL)  # of a string literal


def read_templates(
    written: Iterable[ast.Emit],
    parameters: Mapping[str, Bound],
    declarations: Declarations,
    diagnostics: DiagnosticCollector,
) -> tuple[Template, ...]:
    """What `written` says, at most one template for each language; without those that are wrong."""
    found: dict[str, Template] = {}
    places: dict[str, Span] = {}
    reader = _Reader(parameters, declarations, diagnostics)
    for emit in written:
        name = emit.target
        if name.text not in TARGETS:
            known = ", ".join(f"{target} ({what})" for target, what in TARGETS.items())
            hint = did_you_mean(name.text, TARGETS) or f"there are: {known}"
            diagnostics.report(Code.E218, f"unknown language '{name.text}'", name.span, hint=hint)
        elif name.text in places:
            note = Note("the first one is here", places[name.text])
            message = f"there are two templates for '{name.text}'"
            hint = "several lines are several strings of one template"
            diagnostics.report(Code.E219, message, name.span, notes=(note,), hint=hint)
        else:
            places[name.text] = name.span
            found[name.text] = Template(name.text, tuple(reader.line(line) for line in emit.lines))
    return tuple(found.values())


class _Reader:
    """Reads lines of templates in which `parameters` can be put."""

    def __init__(
        self, parameters: Mapping[str, Bound], declarations: Declarations, diagnostics: DiagnosticCollector
    ) -> None:
        constants = {
            name: info.symbol
            for name, info in declarations.symbols.items()
            if info.symbol.role is Role.RIGID and not info.symbol.indices
        }
        self._known: dict[str, TemplatePart] = {**declarations.index_sorts, **constants, **parameters}
        self._parameters = parameters
        self._declarations = declarations
        self._diagnostics = diagnostics

    def line(self, line: ast.EmitLine) -> tuple[TemplatePart, ...]:
        parts: list[TemplatePart] = []
        end = 0
        for match in _BRACES.finditer(line.text):
            parts.append(line.text[end : match.start()])
            end = match.end()
            if match.group() in ("{{", "}}"):
                parts.append(match.group()[0])
            elif match["name"] is not None:
                parts += self._placeholder(match["name"], _within(line, match.start(), match.end()))
            else:
                span = _within(line, match.start(), match.end())
                message = f"'{match.group()}' is no placeholder"
                hint = "a placeholder is one name, as in {l}; a brace of the program is written '{{' or '}}'"
                self._diagnostics.report(Code.E221, message, span, hint=hint)
        return tuple(part for part in (*parts, line.text[end:]) if part != "")

    def _placeholder(self, name: str, span: Span) -> list[TemplatePart]:
        if name in self._known:
            return [self._known[name]]
        if name not in self._declarations.broken:
            message = f"'{name}' cannot be put in here"
            self._diagnostics.report(Code.E220, message, span, hint=self._hint(name))
        return []

    def _hint(self, name: str) -> str:
        if name in self._declarations.symbols and name not in self._known:
            return f"'{name}' has no one value here: what can be is {self._allowed()}"
        return did_you_mean(name, self._known) or f"what can be: {self._allowed()}"

    def _allowed(self) -> str:
        own = f"the step's own {', '.join(self._parameters)}; " if self._parameters else ""
        return f"{own}a 'param'; an index sort, for its size"


def _within(line: ast.EmitLine, start: int, end: int) -> Span:
    """Where the characters `start` to `end` of a line stand in the source, whose strings have escapes."""
    literal = line.span.text[1:-1]
    edges = [match.start() for match in _CHARACTER.finditer(literal)] + [len(literal)]
    if len(edges) != len(line.text) + 1:  # names in it have got a prefix
        return line.span
    first = line.span.start + 1
    return Span(line.span.source, first + edges[start], first + edges[end])
