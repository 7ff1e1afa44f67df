"""The formats in which commands write, one row each. A new one is its module and its row, for all commands.

Light to import: the module of a writer is loaded when something is written in its format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tdxverify.outputs.text.layout import Line

FILE_WIDTH = 80  # columns of text that goes to a file


class Document(Enum):
    """What is written; the value is what its help calls it."""

    RUN = "report"
    TRACE = "trace"
    GRAPH = "picture"
    FINDINGS = "findings"
    TABLES = "tables"


class Content(Enum):
    """What is in a document: for people to read as it is, a page for a browser, or something for programs."""

    TEXT = "text"
    PAGE = "page"
    PICTURE = "picture"
    BYTES = "bytes"  # a picture that is no text: nothing for a terminal
    DATA = "data"  # nothing is left out


@dataclass(frozen=True, slots=True)
class Format:
    """`writer`: `module:function`, called with the document or with the `parts` of it that are named; None
    where it is the text that the command shows. `has_watched`: of a trace it shows what was watched.
    """

    content: Content
    writer: str | None = None
    parts: tuple[str, ...] = ()
    has_watched: bool = False

    @property
    def tells_all(self) -> bool:
        """Does it also tell what the command's own text leaves out?"""
        return self.writer is not None

    def written(self, document: Any, lines: Callable[[int], list[Line]]) -> str | bytes:
        """`document` in this format; `lines` is its text for so many columns."""
        if self.writer is None:
            from tdxverify.outputs.text.layout import plain

            return plain(lines(FILE_WIDTH))
        module, function = self.writer.split(":")
        given = [getattr(document, part) for part in self.parts] if self.parts else [document]
        text: str | bytes = getattr(import_module(module), function)(*given)
        return text


RUN_PAGE = Format(Content.PAGE, "tdxverify.outputs.html.run_page:page_text")
_STORY = ("story",)
_RUN = ("problem", "trace", "story")

FORMATS: Mapping[Document, Mapping[str, Format]] = {
    Document.RUN: {
        "text": Format(Content.TEXT),
        "json": Format(Content.DATA, "tdxverify.outputs.run_json:json_text"),
        "html": RUN_PAGE,
        "junit": Format(Content.DATA, "tdxverify.outputs.junit:junit_text"),
        "sarif": Format(Content.DATA, "tdxverify.outputs.sarif:sarif_text"),
    },
    Document.TRACE: {
        "text": Format(Content.TEXT, has_watched=True),
        "json": Format(Content.DATA, "tdxverify.outputs.traces.trace_json:trace_text", _RUN, True),
        "itf": Format(Content.DATA, "tdxverify.outputs.traces.itf:itf_text", _RUN),
        "vcd": Format(Content.DATA, "tdxverify.outputs.traces.vcd:vcd_text", _RUN),
        "mermaid": Format(Content.PICTURE, "tdxverify.outputs.traces.diagrams:mermaid_text", _STORY),
        "plantuml": Format(Content.PICTURE, "tdxverify.outputs.traces.diagrams:plantuml_text", _STORY),
        "c": Format(Content.DATA, "tdxverify.outputs.traces.reproducer:c_text"),
        "sh": Format(Content.DATA, "tdxverify.outputs.traces.reproducer:sh_text"),
    },
    Document.GRAPH: {
        "svg": Format(Content.PICTURE, "tdxverify.outputs.graphs.pictures:svg_text"),
        "png": Format(Content.BYTES, "tdxverify.outputs.graphs.png:png_bytes"),
        "html": Format(Content.PAGE, "tdxverify.outputs.graphs.page:html_text"),
        "dot": Format(Content.PICTURE, "tdxverify.outputs.graphs.texts:drawn_dot"),
        "mermaid": Format(Content.PICTURE, "tdxverify.outputs.graphs.texts:drawn_mermaid"),
        "graphml": Format(Content.DATA, "tdxverify.outputs.graphs.texts:graphml_text"),
        "json": Format(Content.DATA, "tdxverify.outputs.graphs.texts:json_text"),
    },
    Document.FINDINGS: {
        "text": Format(Content.TEXT),
        "json": Format(Content.DATA, "tdxverify.outputs.findings:json_text"),
        "sarif": Format(Content.DATA, "tdxverify.outputs.findings:sarif_text"),
    },
    Document.TABLES: {
        "text": Format(Content.TEXT),
        "markdown": Format(Content.TEXT, "tdxverify.outputs.text.access_tables:table_markdown"),
    },
}
