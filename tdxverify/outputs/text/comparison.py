"""What came out for each property side by side: in many files, or in the configurations of one.

Of files, only properties that several of them check take part; a run in which there are none has no
comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tdxverify.answers.answer import Answer, Configuration, Outcome
from tdxverify.answers.stored.overview import StoredProofs, place_of
from tdxverify.outputs.text.layout import EMPTY, Column, Line, Style, beside, line, wrap

FEWEST_FILES = 3  # that check a property, for it to be compared
FEWEST_PROPERTIES = 2
FEWEST_CONFIGS = 2  # of one file, for them to be compared
UNEXPECTED = "!"  # before what nobody expected
_CELL = 9
_GAP = 2
_PROVED = "yes :LINE", "proved by the check in that line"
_REFUTED = "no N :LINE", "refuted in N steps, by the trace of the check in that line"
_NO_TRACE = "no :LINE", "refuted by the check in that line"
_BOTH = "yes and no", "the checks in these lines differ in what else they ask for"
_SURPRISE = UNEXPECTED, "not as expected"
_SIGN = Column(max(len(sign) for sign, _ in (_PROVED, _REFUTED, _NO_TRACE, _BOTH, _SURPRISE)))


@dataclass(frozen=True, slots=True)
class Row:
    """A file; where its checks name configurations, one of them."""

    file: str
    config: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`names`: how a row is called for short. `described`: what a property says."""

    rows: tuple[Row, ...]
    names: Mapping[Row, str]
    properties: tuple[str, ...]
    described: Mapping[str, str | None]
    checks: tuple[Answer, ...]

    def cell(self, row: Row, name: str) -> list[Answer]:
        """The checks of one property in one row."""
        return [check for check in self.checks if check.asked.property == name and row_of(check) == row]


def row_of(check: Answer) -> Row:
    """Where its answer stands."""
    return Row(check.asked.file, "" if check.asked.config is None else check.asked.config.name)


def comparison(checks: Sequence[Answer]) -> Comparison | None:
    """What can be compared of several files; None where it is not worth a table."""
    properties = _shared(checks)
    if len(properties) < FEWEST_PROPERTIES:
        return None
    rows = list(dict.fromkeys(row_of(c) for c in checks if c.asked.property in properties))
    names = _short_names(list(dict.fromkeys(row.file for row in rows)))
    called = {row: " ".join(part for part in (names[row.file], row.config) if part) for row in rows}
    return Comparison(tuple(rows), called, tuple(properties), _described(checks), tuple(checks))


def configurations(checks: Sequence[Answer]) -> tuple[Comparison, tuple[Configuration, ...]] | None:
    """The checks of one file in its configurations, in the order in which these are declared; None where
    there are less than two."""
    asked = [check for check in checks if check.asked.config is not None]
    known = {found.name: found for check in asked if (found := check.asked.config) is not None}
    if len(known) < FEWEST_CONFIGS:
        return None
    ordered = tuple(sorted(known.values(), key=lambda config: config.number))
    rows = tuple(Row(asked[0].asked.file, config.name) for config in ordered)
    properties = tuple(dict.fromkeys(check.asked.property for check in asked))
    names = {row: row.config for row in rows}
    return Comparison(rows, names, properties, _described(asked), tuple(asked)), ordered


def comparison_lines(checks: Sequence[Answer], width: int, stored: StoredProofs | None = None) -> list[Line]:
    """A row per file, a numbered column per property, a legend; empty if there is nothing to compare."""
    found = comparison(checks)
    if found is None:
        return []
    lines = [*_numbered(found, width), EMPTY, *_legend(found, width), EMPTY]
    evidence = _evidence(found, width, stored or {})
    return [*lines, *evidence, EMPTY] if evidence else lines


def configuration_lines(checks: Sequence[Answer], width: int) -> list[Line]:
    """A row per configuration and a column per property, or the other way where the names fit so only; empty
    where the checks, of one file, name less than two."""
    compared = configurations(checks)
    if compared is None:
        return []
    found, configs = compared
    down, across = [found.names[row] for row in found.rows], list(found.properties)
    cells = [[_cell(found.cell(row, name)) for name in across] for row in found.rows]
    if _fits(down, across, width):
        lines = _table("in", down, across, cells)
    elif _fits(across, down, width):
        lines = _table("", across, down, [list(column) for column in zip(*cells, strict=True)])
    else:
        lines = [*_numbered(found, width)]
    lines.append(EMPTY)
    for config in configs:
        lines.extend(wrap(line(_told(config)), width, hanging=4))
    return [*lines, EMPTY, *_legend(found, width)]


def _told(config: Configuration) -> str:
    """`in v5: "as posted", where not flush`."""
    said = [] if config.description is None else [f'"{config.description}"']
    return f"in {config.name}: {', '.join((*said, f'where {config.where}'))}"


def _fits(down: Sequence[str], across: Sequence[str], width: int) -> bool:
    return max(map(len, down)) + sum(_GAP + max(_CELL, len(name)) for name in across) <= width


def _table(
    corner: str, down: Sequence[str], across: Sequence[str], cells: Sequence[Sequence[list[Line]]]
) -> list[Line]:
    columns = (Column(max(map(len, (corner, *down)))), *(Column(max(_CELL, len(name))) for name in across))
    lines = beside(([line(corner)], *([line(name, Style.STRONG)] for name in across)), columns)
    for name, row in zip(down, cells, strict=True):
        lines.extend(beside(([line(name, Style.STRONG)], *row), columns))
    return lines


def _numbered(found: Comparison, width: int) -> list[Line]:
    """The properties by numbers, and below the table what each is."""
    count = len(found.properties)
    first = max(12, min(max(map(len, found.names.values())), width - count * (_CELL + _GAP)))
    columns = (Column(first), *(Column(_CELL) for _ in range(count)))
    numbers = [[line(f"({n})", Style.STRONG)] for n in range(1, count + 1)]
    lines = beside(([line("")], *numbers), columns)
    for row in found.rows:
        cells = [_cell(found.cell(row, name)) for name in found.properties]
        lines.extend(beside((wrap(line(found.names[row]), first), *cells), columns))
    lines.append(EMPTY)
    for number, name in enumerate(found.properties, start=1):
        told = found.described[name]
        lines.extend(wrap(line(f"({number}) {name}" + (f": {told}" if told else "")), width, hanging=4))
    return lines


def _legend(found: Comparison, width: int) -> list[Line]:
    """What the signs mean that stand in the table, a line each."""
    cells = [found.cell(row, name) for row in found.rows for name in found.properties]
    kinds = [{(check.outcome, check.length is None) for check in cell} for cell in cells]
    outcomes = [{outcome for outcome, _ in kind} for kind in kinds]
    both = {Outcome.PROVED, Outcome.REFUTED}
    rows = (
        (_PROVED, any(Outcome.PROVED in one for one in outcomes)),
        (_REFUTED, any((Outcome.REFUTED, False) in kind for kind in kinds)),
        (_NO_TRACE, any((Outcome.REFUTED, True) in kind for kind in kinds)),
        (_BOTH, any(both <= one for one in outcomes)),
        (_SURPRISE, any(not check.as_expected for cell in cells for check in cell)),
    )
    columns = (_SIGN, Column(width - _SIGN.width - _GAP))
    told = [(sign, wrap(line(meaning), columns[1].width)) for (sign, meaning), is_there in rows if is_there]
    return [one for sign, meaning in told for one in beside(([line(sign)], meaning), columns)]


def _evidence(found: Comparison, width: int, stored: StoredProofs) -> list[Line]:
    """Where the evidence of each file lies."""
    lines: list[Line] = []
    for row in found.rows:
        cells = [check for name in found.properties for check in found.cell(row, name)]
        proofs = dict.fromkeys(stored[place_of(c)] for c in cells if place_of(c) in stored)
        if proofs:
            told = f"evidence of {found.names[row]}: {', '.join(proofs)}"
            lines.extend(wrap(line(told, Style.FAINT), width, hanging=4))
    return lines


def _described(checks: Sequence[Answer]) -> dict[str, str | None]:
    return {check.asked.property: check.asked.description for check in checks}


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
        text = text if check.as_expected else f"{UNEXPECTED}{text}"
        placed = f"{text} :{check.asked.line}"
        found[placed if len(placed) <= _CELL else text] = style
    return [line(text, style) for text, style in found.items()]
