"""One property file, many platforms: what came out for each property in each file, side by side.

Only properties that several files check take part; a run in which there are none has no comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from tdxverify.reports.layout import EMPTY, Column, Line, Style, beside, line, wrap
from tdxverify.results.run import CheckRun, Outcome

FEWEST_FILES = 3  # that check a property, for it to be compared
FEWEST_PROPERTIES = 2
_CELL = 9


def comparison_lines(checks: Sequence[CheckRun], width: int) -> list[Line]:
    """A row per file, a numbered column per property, a legend; empty if there is nothing to compare."""
    properties = _shared(checks)
    if len(properties) < FEWEST_PROPERTIES:
        return []
    files = list(dict.fromkeys(c.file for c in checks if c.property in properties))
    names = _short_names(files)
    first = max(12, min(max(map(len, names.values())), width - len(properties) * (_CELL + 2)))
    columns = (Column(first), *(Column(_CELL) for _ in properties))
    numbers = [[line(f"({n})", Style.STRONG)] for n, _ in enumerate(properties, start=1)]
    lines = beside(([line("")], *numbers), columns)
    for file in files:
        cells = [_cell([c for c in checks if c.file == file and c.property == name]) for name in properties]
        lines.extend(beside((wrap(line(names[file]), first), *cells), columns))
    lines.append(EMPTY)
    described = {c.property: c.description for c in checks}
    for number, name in enumerate(properties, start=1):
        told = described[name]
        lines.extend(wrap(line(f"({number}) {name}" + (f": {told}" if told else "")), width, hanging=4))
    lines.extend(
        wrap(line("yes: proved; no 4: refuted in 4 steps; both: it depends on the configuration"), width)
    )
    return [*lines, EMPTY]


def _short_names(files: Sequence[str]) -> dict[str, str]:
    """File names without folder and ending, where that tells them apart."""
    stems = {file: PurePath(file).stem for file in files}
    return stems if len(set(stems.values())) == len(files) else {file: file for file in files}


def _shared(checks: Sequence[CheckRun]) -> list[str]:
    files: dict[str, set[str]] = {}
    for check in checks:
        files.setdefault(check.property, set()).add(check.file)
    return [name for name, places in files.items() if len(places) >= FEWEST_FILES]


def _cell(checks: Sequence[CheckRun]) -> list[Line]:
    found: dict[str, Style] = {}
    for check in checks:
        match check.outcome:
            case Outcome.PROVED:
                found["yes"] = Style.GOOD
            case Outcome.REFUTED:
                found["no" if check.length is None else f"no {check.length}"] = Style.BAD
            case _:
                found[check.outcome.value] = Style.DOUBT
    return [line(text, style) for text, style in found.items()]
