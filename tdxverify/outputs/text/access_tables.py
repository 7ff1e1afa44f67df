"""Access tables as a manual prints them: accesses down, kinds of states across, every row in full below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdxverify.logic.show import written_name
from tdxverify.model.model import AccessTable, TableRow
from tdxverify.outputs.text.layout import (
    EMPTY,
    Column,
    Line,
    Piece,
    Style,
    beside,
    indent,
    line,
    line_width,
    wrap,
)
from tdxverify.outputs.text.state_columns import StateColumn, state_aspects, state_columns

ACCESS_WIDTH = 24  # of the first column, at most
STATE_WIDTH = 18  # of the columns of states, at most
FOOTNOTE = (
    "1: the deciding row, see below; several: parameters or other elements decide; *: it has an effect too"
)


def table_lines(tables: Sequence[AccessTable], width: int) -> list[Line]:
    """All `tables` as text."""
    lines: list[Line] = []
    for group in _groups(tables):
        columns = state_columns(group)
        if columns is not None and any(column.header for column in columns):
            footnote = wrap(line(FOOTNOTE, Style.FAINT), width)
            lines.extend((*_matrix(group, columns, width), *footnote, EMPTY))
        for table in group:
            lines.extend((*_rows(table, width), EMPTY))
    return lines[:-1]


def table_markdown(tables: Sequence[AccessTable]) -> str:
    """All `tables` as Markdown."""
    parts: list[str] = []
    for group in _groups(tables):
        columns = state_columns(group)
        if columns is not None and any(column.header for column in columns):
            parts.extend((_markdown_matrix(group, columns), FOOTNOTE.replace("*", "\\*") + "\n"))
        parts.extend(_markdown_rows(table) for table in group)
    return "\n".join(parts)


def _groups(tables: Sequence[AccessTable]) -> list[list[AccessTable]]:
    """Tables with parameters of the same sorts that look at the same aspects stand in one matrix.

    Those that look at the most come first, so that tables which look at less can join them; together
    they then need no more columns.
    """
    groups: list[tuple[tuple[str, ...], frozenset[str], list[AccessTable]]] = []
    for table in sorted(tables, key=lambda table: -len(state_aspects(table))):
        sorts, aspects = _sorts(table), state_aspects(table)
        for other_sorts, other_aspects, members in groups:
            if sorts == other_sorts and aspects <= other_aspects:
                members.append(table)
                break
        else:
            groups.append((sorts, aspects, [table]))
    order = {table.name: i for i, table in enumerate(tables)}
    ordered = [sorted(members, key=lambda table: order[table.name]) for _, _, members in groups]
    return sorted(ordered, key=lambda members: order[members[0].name])


def _sorts(table: AccessTable) -> tuple[str, ...]:
    return tuple(str(parameter.sort) for parameter in table.parameters)


def _cell(table: AccessTable, rows: frozenset[int]) -> list[str]:
    """One entry for each row that may decide: `1: fault #MC`, `2: ok *`."""
    return [f"{i + 1}: {_outcome(table.rows[i])}" for i in sorted(rows)]


def _outcome(row: TableRow) -> str:
    return (row.fault or row.outcome) + (" *" if row.effects.strip() else "")


def _parameters(table: AccessTable) -> str:
    return ", ".join(f"{written_name(p)} : {p.sort}" for p in table.parameters)


# --- text -----------------------------------------------------------------------


def _matrix(tables: Sequence[AccessTable], columns: Sequence[StateColumn], width: int) -> list[Line]:
    """The matrix, in several bands where it is wider than `width`."""
    first = min(max(len(table.name) for table in tables), ACCESS_WIDTH)
    heads = [
        [piece for text in column.header for piece in wrap(line(text), STATE_WIDTH, 2)] for column in columns
    ]
    cells = [[_cell(t, c.rows[i]) for i, t in enumerate(tables)] for c in columns]
    widths = [
        max(*(line_width(part) for part in head), *(len(text) for cell in column for text in cell), 1)
        for head, column in zip(heads, cells, strict=True)
    ]
    lines: list[Line] = []
    start = 0
    while start < len(columns):
        end = start + 1
        while end < len(columns) and first + sum(w + 3 for w in widths[start : end + 1]) <= width:
            end += 1
        band = range(start, end)
        shape = [Column(first), *(Column(widths[i]) for i in band)]
        rule = line("-+-".join("-" * column.width for column in shape), Style.FAINT)
        lines.extend((*beside([[EMPTY], *([*heads[i]] for i in band)], shape, " | "), rule))
        for position, table in enumerate(tables):
            name = wrap(line(table.name, Style.STRONG), first)
            outcomes = [[_coloured(text) for text in cells[i][position]] for i in band]
            lines.extend(beside([name, *outcomes], shape, " | "))
        lines.append(EMPTY)
        start = end
    return lines


def _coloured(text: str) -> Line:
    return line(text, Style.BAD if "#" in text else Style.PLAIN)


def _rows(table: AccessTable, width: int) -> list[Line]:
    """The table as written: guard, outcome, effects and sources of each row."""
    parameters = _parameters(table)
    lines: list[Line] = [line(f"{table.name}({parameters})" if parameters else table.name, Style.STRONG)]
    about = [f'"{table.description}"'] if table.description else []
    about.extend([f"[{', '.join(table.citations)}]"] if table.citations else [])
    if about:
        lines.extend(indent(wrap(line(" ".join(about), Style.FAINT), width - 2), "  "))
    for number, row in enumerate(table.rows, 1):
        pieces = [Piece(f"{number:>3}  ", Style.GUIDE), Piece(f"{row.guard} -> "), *_coloured(row.outcome)]
        if row.effects.strip():
            pieces.append(Piece(f" {_braced(row.effects)}"))
        if row.citations:
            pieces.append(Piece(f"  [{', '.join(row.citations)}]", Style.FAINT))
        lines.extend(wrap(tuple(pieces), width, hanging=9))
        for told in _refined(row):
            lines.extend(indent(wrap(line(told, Style.FAINT), width - 9, hanging=2), " " * 9))
    return lines


def _refined(row: TableRow) -> list[str]:
    return [f"refined here: {one.text} ({one.span.source.path}:{one.span.line})" for one in row.refinements]


def _braced(effects: str) -> str:
    text = " ".join(effects.split())
    return text if text.startswith("{") else f"{{ {text} }}"


# --- Markdown ---------------------------------------------------------------------


def _markdown_matrix(tables: Sequence[AccessTable], columns: Sequence[StateColumn]) -> str:
    heads = ["access", *("<br>".join(f"`{text}`" for text in column.header) for column in columns)]
    rows = [
        [
            f"`{table.name}`",
            *("<br>".join(_cell(table, column.rows[i])).replace("*", "\\*") for column in columns),
        ]
        for i, table in enumerate(tables)
    ]
    return _markdown_table(heads, rows)


def _markdown_rows(table: AccessTable) -> str:
    parameters = _parameters(table)
    title = f"### `{table.name}({parameters})`\n\n" if parameters else f"### `{table.name}`\n\n"
    about = f"{_markdown_text(table.description)}\n\n" if table.description else ""
    rows = [
        [
            str(number),
            f"`{row.guard}`",
            row.outcome,
            f"`{' '.join(row.effects.split())}`" if row.effects.strip() else "",
            _markdown_text("; ".join([", ".join(row.citations), *_refined(row)])),
        ]
        for number, row in enumerate(table.rows, 1)
    ]
    return title + about + _markdown_table(["row", "when", "outcome", "effects", "source"], rows)


def _markdown_text(text: str) -> str:
    """Words only: what would be markup or HTML is escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#&|])", r"\\\1", text)


def _markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (heads, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in escaped]
    lines.insert(1, "|" + " --- |" * len(heads))
    return "\n".join(lines) + "\n"
