"""Values on the command line that have an inside: sizes and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.model.model import SizeRange

_SIZE = re.compile(r"([A-Za-z_]\w*)\s*(<?=)\s*(-?[0-9]+)(?:\.\.([0-9]+))?")
_PARAMETER = re.compile(r"([A-Za-z_]\w*)\s*=\s*(\S+)")
_MOST_DIGITS = 9


def parse_sizes(texts: Iterable[str]) -> tuple[SizeRange, ...]:
    """`Line=3`, `Line=1..3` or `Line<=3`. Raises SpecError."""
    return tuple(_size(text) for text in texts)


def _size(text: str) -> SizeRange:
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[2] == "<=" and match[4] is not None):
        raise _wrong(
            Code.E702, f"'{text}' is no size", "write --size Line=3, --size Line=1..3 or --size 'Line<=3'"
        )
    sort, sign, first, second = match.groups()
    if max(len(first), len(second or "")) > _MOST_DIGITS:
        raise _wrong(Code.E602, f"'{text}' is far beyond the sizes that can be checked", "try 2 or 3 first")
    high = int(second or first)
    low = min(1, high) if sign == "<=" else int(first)
    if low > high:
        raise _wrong(Code.E702, f"'{text}' is an empty range of sizes", f"write --size {sort}={high}..{low}")
    return SizeRange(sort, low, high)


def parse_parameters(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`erratum=true`: names and values as written; the model knows what they mean. Raises SpecError."""
    return tuple(_parameter(text) for text in texts)


def _parameter(text: str) -> tuple[str, str]:
    match = _PARAMETER.fullmatch(text.strip())
    if match is None:
        raise _wrong(Code.E703, f"'{text}' gives no parameter a value", "write --param erratum=true")
    return match[1], match[2]


def _wrong(code: Code, message: str, hint: str | None) -> SpecError:
    return SpecError([Diagnostic(code, message, hint=hint)])
