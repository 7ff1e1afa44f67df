"""What the commands about one trace have in common: which check of the file is meant, and its trace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.cli.terminal import show, width
from tdxverify.cli.values import PATH, SECONDS, in_configurations
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import indent, line, wrap

if TYPE_CHECKING:
    from tdxverify.answers.answer import Answer
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.questions.options import Options

Result = TypeVar("Result")


def about_one_check(command: Callable[..., Result]) -> Callable[..., Result]:
    """The argument and the options that choose checks.

    `command` is called with what `questions.question.in_file` takes, and the rest.
    """

    @wraps(command)
    def choosing(
        file: Path,
        properties: tuple[str, ...],
        configs: tuple[str, ...],
        at_line: int | None,
        parameters: tuple[str, ...],
        sizes: tuple[str, ...],
        timeout: float | None,
        **others: Any,
    ) -> Result:
        options = replace(_options(properties, parameters, sizes, timeout), configs=configs)
        return command(file=file, options=options, at_line=at_line, **others)

    options = (
        click.argument("file", type=PATH),
        click.option(
            "--property", "properties", multiple=True, metavar="NAME", help="A check of this property."
        ),
        in_configurations(help="A check in this configuration."),
        click.option(
            "--line",
            "at_line",
            type=click.IntRange(1),
            metavar="N",
            help="The check at this line of the file.",
        ),
        click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Narrow the check."),
        click.option("--size", "sizes", multiple=True, metavar="SORT=N", help="Another size: Line=3."),
        click.option("--timeout", type=SECONDS, metavar="S", help="Seconds for a check."),
    )
    for option in reversed(options):
        choosing = option(choosing)
    return choosing


def _options(
    properties: tuple[str, ...], parameters: Iterable[str], sizes: Iterable[str], timeout: float | None
) -> Options:
    """Raises SpecError."""
    from tdxverify.cli.arguments import parse_parameters, parse_sizes
    from tdxverify.questions.options import Options

    return Options(
        properties, timeout=timeout, sizes=parse_sizes(sizes), parameters=parse_parameters(parameters)
    )


def require_trace(file: Path, options: Options, at_line: int | None) -> FoundTrace:
    """The trace of the first check chosen that has one. Raises SpecError; exits with 2 if none has."""
    from tdxverify.answers.answer import Outcome
    from tdxverify.answers.observers import Silent
    from tdxverify.answers.tracing import FoundTrace, searched

    without: list[Answer] = []
    for found in searched(file, options, at_line, Silent()):
        if isinstance(found, FoundTrace):
            return found
        without.append(found)
    open_ones = [one for one in without if one.outcome is Outcome.UNKNOWN]
    if open_ones:
        asked = f"{len(open_ones)} of {counted(len(without), 'check')}"
        raise ended_without(
            f"undecided: for {asked} of {file} neither a trace was found nor a proof that there is none",
            open_ones,
        )
    raise ended_without(
        f"no check of {file} that was asked for has a trace: tdxverify check {file} says what holds"
    )


def ended_without(told: str, answers: Sequence[Answer] = ()) -> SystemExit:
    """How a command ends (with 2) that has said that there is not what it is about, and of each of `answers`
    why."""
    columns = width(sys.stderr)
    lines = wrap(line(told), columns)
    for one in answers:
        lines += indent(wrap(line(_answer_text(one)), columns - 2, hanging=4), "  ")
    show(lines, sys.stderr)
    return SystemExit(ExitStatus.UNDECIDED)


def _answer_text(found: Answer) -> str:
    """`safe (a.tdx:7, where erratum): unknown: the time ran out`."""
    from tdxverify.outputs.text.run_text import outcome_text, reason_text

    where = f", where {found.asked.where}" if found.asked.where else ""
    assuming = f", {found.asked.assuming}" if found.asked.assuming else ""
    told = f"{found.asked.property} ({found.asked.place()}{where}{assuming}): {outcome_text(found)}"
    return ": ".join(filter(None, (told, reason_text(found))))
