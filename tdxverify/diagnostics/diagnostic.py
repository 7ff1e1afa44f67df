"""`Diagnostic` and the two exception families, which never mix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tdxverify.diagnostics.codes import Code
from tdxverify.source import Span


@dataclass(frozen=True, slots=True)
class Note:
    """A further remark, with the place it speaks of where it has one."""

    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake of the user. `span` None: about the whole of `file`, or if that is None about the command
    line; `message` names it."""

    code: Code
    message: str
    span: Span | None = None
    notes: tuple[Note, ...] = ()
    hint: str | None = None
    file: str | None = None

    @property
    def path(self) -> str | None:
        """The file that it is about, or a place in it."""
        return self.file if self.span is None else self.span.source.path


class SpecError(Exception):
    """The specification or the command is wrong; exit status 3. Holds all mistakes of one stage."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


class InternalError(Exception):
    """A bug of ours: evidence rejected, engines disagree, a promise broken; exit status 4.

    `bundle` is what reproduces it: names to texts (problem, trace, query log).
    """

    def __init__(self, message: str, bundle: dict[str, str] | None = None) -> None:
        self.bundle = bundle or {}
        super().__init__(message)
