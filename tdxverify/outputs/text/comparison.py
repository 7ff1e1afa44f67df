"""One property file, many platforms: what came out for each property in each file, side by side.

Only properties that several files check take part; a run in which there are none has no comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.stored.overview import StoredProofs, place_of
from tdxverify.outputs.text.layout import EMPTY, Column, Line, Style, beside, line, wrap

FEWEST_FILES = 3  # that check a property, for it to be compared
FEWEST_PROPERTIES = 2
_CELL = 9
_LEGEND = (
    "yes :8 - proved by the check in line 8; no 4 :9 - refuted in 4 steps, by the trace of the check in "
    "line 9; both: it depends on the configuration"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`names`: how a file is called for short. `described`: what a property says."""

    files: tuple[str, ...]
    names: Mapping[str, str]
    properties: tuple[str, ...]
    described: Mapping[str, str | None]
    checks: tuple[Answer, ...]

    def cell(self, file: str, name: str) -> list[Answer]:
        """The checks of one property in one file."""
        return [c for c in self.checks if c.asked.file == file and c.asked.property == name]


def comparison(checks: Sequence[Answer]) -> Comparison | None:
    """What can be compared; None where it is not worth a table."""
    properties = _shared(checks)
    if len(properties) < FEWEST_PROPERTIES:
        return None
    files = list(dict.fromkeys(c.asked.file for c in checks if c.asked.property in properties))
    described = {c.asked.property: c.asked.description for c in checks}
    return Comparison(tuple(files), _short_names(files), tuple(properties), described, tuple(checks))


def comparison_lines(checks: Sequence[Answer], width: int, stored: StoredProofs | None = None) -> list[Line]:
    """A row per file, a numbered column per property, a legend; empty if there is nothing to compare."""
    found = comparison(checks)
    if found is None:
        return []
    count = len(found.properties)
    first = max(12, min(max(map(len, found.names.values())), width - count * (_CELL + 2)))
    columns = (Column(first), *(Column(_CELL) for _ in range(count)))
    numbers = [[line(f"({n})", Style.STRONG)] for n in range(1, count + 1)]
    lines = beside(([line("")], *numbers), columns)
    for file in found.files:
        cells = [_cell(found.cell(file, name)) for name in found.properties]
        lines.extend(beside((wrap(line(found.names[file]), first), *cells), columns))
    lines.append(EMPTY)
    for number, name in enumerate(found.properties, start=1):
        told = found.described[name]
        lines.extend(wrap(line(f"({number}) {name}" + (f": {told}" if told else "")), width, hanging=4))
    lines.extend(wrap(line(_LEGEND), width))
    lines.extend(_evidence(found, width, stored or {}))
    return [*lines, EMPTY]


def _evidence(found: Comparison, width: int, stored: StoredProofs) -> list[Line]:
    """Where the evidence of each file lies."""
    lines: list[Line] = []
    for file in found.files:
        cells = [check for name in found.properties for check in found.cell(file, name)]
        proofs = dict.fromkeys(stored[place_of(c)] for c in cells if place_of(c) in stored)
        if proofs:
            told = f"evidence of {found.names[file]}: {', '.join(proofs)}"
            lines.extend(wrap(line(told, Style.FAINT), width, hanging=4))
    return lines


def _short_names(files: Sequence[str]) -> dict[str, str]:
    """File names without folder and ending, where that tells them apart."""
    stems = {file: PurePath(file).stem for file in files}
    return stems if len(set(stems.values())) == len(files) else {file: file for file in files}


def _shared(checks: Sequence[Answer]) -> list[str]:
    files: dict[str, set[str]] = {}
    for check in checks:
        files.setdefault(check.asked.property, set()).add(check.asked.file)
    return [name for name, places in files.items() if len(places) >= FEWEST_FILES]


def _cell(checks: Sequence[Answer]) -> list[Line]:
    found: dict[str, Style] = {}
    for check in checks:
        match check.outcome:
            case Outcome.PROVED:
                text, style = "yes", Style.GOOD
            case Outcome.REFUTED:
                text, style = "no" if check.length is None else f"no {check.length}", Style.BAD
            case _:
                text, style = check.outcome.value, Style.DOUBT
        found[
            f"{text} :{check.asked.line}" if len(text) + len(str(check.asked.line)) + 2 <= _CELL else text
        ] = style
    return [line(text, style) for text, style in found.items()]
