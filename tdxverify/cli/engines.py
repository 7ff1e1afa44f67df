"""`tdxverify engines`."""

from __future__ import annotations

import sys

import click

from tdxverify.cli.terminal import show, width
from tdxverify.outputs.text.layout import Column, Line, Style, beside, line, wrap


@click.command()
def command() -> None:
    """List the engines that can decide a check, and which verdicts each may give."""
    show(engine_lines(width(sys.stdout)), sys.stdout)


def engine_lines(columns: int) -> list[Line]:
    from tdxverify.engines.registry import ENGINES

    longest = max(len(name) for name in ENGINES)
    widths = (Column(longest), Column(16), Column(columns - longest - 20))
    lines: list[Line] = []
    for info in ENGINES.values():
        verdicts = [word for word, can in (("proves", info.can_prove), ("refutes", info.can_refute)) if can]
        missing = "" if info.is_installed else f" (not installed: pip install 'tdxverify[{info.name}]')"
        summary = wrap(line(f"{info.summary}{missing}"), widths[2].width)
        lines.extend(beside(([line(info.name, Style.STRONG)], [line(", ".join(verdicts))], summary), widths))
    return lines
