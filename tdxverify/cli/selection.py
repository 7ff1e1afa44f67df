"""What the commands about one trace have in common: which check of the file is meant, and its trace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tdxverify.cli.terminal import show, width
from tdxverify.reports.layout import line, wrap

if TYPE_CHECKING:
    from tdxverify.checker import FoundTrace, Options

Command = TypeVar("Command", bound=Callable[..., Any])

_UNDECIDED = 2


def about_one_check(command: Command) -> Command:
    """Options that choose one check; their values go to `options_of`, and `line` to `require_trace`."""
    options = (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option(
            "--property", "properties", multiple=True, metavar="NAME", help="A check of this property."
        ),
        click.option(
            "--line", type=click.IntRange(1), metavar="N", help="The check at this line of the file."
        ),
        click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Narrow the check."),
        click.option("--size", "sizes", multiple=True, metavar="SORT=N", help="Another size: Line=3."),
        click.option(
            "--timeout", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds for a check."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def options_of(
    properties: tuple[str, ...], parameters: Iterable[str], sizes: Iterable[str], timeout: float | None
) -> Options:
    """Raises SpecError."""
    from tdxverify.checker import Options
    from tdxverify.cli.arguments import parse_parameters, parse_sizes

    return Options(
        properties, timeout=timeout, sizes=parse_sizes(sizes), parameters=parse_parameters(parameters)
    )


def require_trace(file: Path, options: Options, at: int | None) -> FoundTrace:
    """The trace of the first check chosen that has one. Raises SpecError; exits with 2 if none has."""
    from tdxverify.checker import Silent, find_traces

    found = next(find_traces(file, options, at, Silent()), None)
    if found is None:
        told = f"no check of {file} that was asked for has a trace: tdxverify check {file} says what holds"
        show(wrap(line(told), width(sys.stderr)), sys.stderr)
        raise SystemExit(_UNDECIDED)
    return found


def deliver(text: str, output: Path | None) -> None:
    """Print a document, or write it where the user wants it."""
    from tdxverify.cli.terminal import write

    if output is None:
        write(text, sys.stdout)
    else:
        output.write_text(text, encoding="utf-8")
        show([line(f"written: {output}")], sys.stdout)
