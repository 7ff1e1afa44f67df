"""Gathers all mistakes of one stage before any of them is reported."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tdxverify.diagnostics.codes import Code
from tdxverify.diagnostics.diagnostic import Diagnostic, Note, SpecError
from tdxverify.source import Span

_MOST_NAMED = 6  # in one hint


class DiagnosticCollector:
    """Collects diagnostics; the same code at the same place is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Code, str, int, int], Diagnostic] = {}

    def report(
        self,
        code: Code,
        message: str,
        span: Span,
        *,
        notes: tuple[Note, ...] = (),
        hint: str | None = None,
    ) -> None:
        key = (code, span.source.path, span.start, span.end)
        self._found.setdefault(key, Diagnostic(code, message, span, notes, hint))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(self._found.values())

    def raise_if_any(self) -> None:
        """Raise SpecError with everything collected so far, if there is anything."""
        if self._found:
            raise SpecError(self.diagnostics)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint naming the closest known names, or None."""
    close = get_close_matches(name, sorted(set(known)), n=2, cutoff=0.6)
    if not close:
        return None
    return "did you mean " + " or ".join(f"'{c}'" for c in close) + "?"


def nearest_or_all(name: str, known: Iterable[str], otherwise: str) -> str:
    """A hint naming what is meant: the closest known names, else some of them, or `otherwise` if there are
    none."""
    names = sorted(set(known))
    more = ", ..." if len(names) > _MOST_NAMED else ""
    listed = f"there are: {', '.join(names[:_MOST_NAMED])}{more}" if names else otherwise
    return did_you_mean(name, names) or listed


def no_such(code: Code, kind: str, name: str, known: Iterable[str]) -> Diagnostic:
    """There is no such thing among what the command line can name; the hint names a similar one, or all."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        hint = f"did you mean '{close[0]}'?"
    else:
        hint = f"there are: {', '.join(names)}" if names else f"there is no {kind} at all"
    return Diagnostic(code, f"there is no {kind} '{name}'", hint=hint)
