"""`tdxverify simulate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TextIO

import click

from tdxverify.cli.selection import about_one_check, options_of
from tdxverify.cli.terminal import show, width
from tdxverify.reports.layout import EMPTY, Line, Piece, Style, line, wrap

if TYPE_CHECKING:
    from tdxverify.checker import Asked
    from tdxverify.explore.walk import Walk

_HELP = """\
<number>  take that step        u  undo          r [N]  N random steps (10)
s         show the whole state  t  the run       w FILE  save the run as JSON
?         this help             q  quit
"""
_MOST_RANDOM = 10_000


@click.command()
@about_one_check
@click.option("--seed", type=int, default=0, show_default=True, help="Of random steps.")
@click.option(
    "--random",
    "stroll",
    type=click.IntRange(0, _MOST_RANDOM),
    metavar="N",
    help="Take N random steps, then end.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Save the run as JSON at the end."
)
def command(
    file: Path,
    properties: tuple[str, ...],
    line: int | None,
    parameters: tuple[str, ...],
    sizes: tuple[str, ...],
    timeout: float | None,
    seed: int,
    stroll: int | None,
    output: Path | None,
) -> None:
    """Walk through the states of FILE, with every parameter value or those that the chosen check allows.

    Commands are read from the terminal or a pipe. A saved run is replayed by 'tdxverify trace --replay' and
    explained by 'tdxverify why --replay'.
    """
    from tdxverify.checker import asked_in
    from tdxverify.cli.arguments import require_writable

    options = options_of(properties, parameters, sizes, timeout)
    if output is not None:
        require_writable(output)
    asked = asked_in(file, options, line)[0]
    if line is None and not properties:
        asked = asked.anywhere()
    session = Session(asked, _walk(asked), Random(seed), sys.stdout)
    if stroll is None:
        session.converse(sys.stdin)
    else:
        session.stroll(stroll)
    if output is not None:
        session.save(output)


def _walk(asked: Asked) -> Walk:
    """At the first initial state with the first parameter values. Raises SpecError where there is none."""
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.explore.limits import LimitReached, Limits
    from tdxverify.explore.successors import Semantics
    from tdxverify.explore.walk import Walk

    problem = asked.problem({})
    semantics = Semantics(problem)
    limits = Limits(None, 1_000_000)
    try:
        for rigid in semantics.rigid_valuations(limits):
            for initial in semantics.initial_states(rigid, limits):
                return Walk(problem, rigid, initial)
    except LimitReached as reached:
        raise SpecError([Diagnostic(Code.E602, f"no initial state was found: {reached.detail}")]) from None
    told = "there is no initial state: what the check allows contradicts itself"
    raise SpecError([Diagnostic(Code.E606, told, asked.check.span)])


class Session:
    """Commands in, states and choices out."""

    def __init__(self, asked: Asked, walk: Walk, random: Random, stream: TextIO) -> None:
        self._asked = asked
        self._walk = walk
        self._random = random
        self._stream = stream

    def converse(self, source: TextIO) -> None:
        """Until `q` or the end of input."""
        self._show(self._opening())
        self._show(self._situation())
        while True:
            self._stream.write("> ")
            self._stream.flush()
            text = source.readline()
            if not text or text.strip() in ("q", "quit", "exit"):
                self._show([EMPTY])
                return
            if not source.isatty():
                self._show([line(text.strip())])
            self._obey(text.split())

    def stroll(self, steps: int) -> None:
        taken = self._walk.stroll(steps, self._random)
        self._show(self._told())
        if taken < steps and not self._walk.is_bad:
            self._show([line("no step is possible any more", Style.DOUBT)])

    def save(self, path: Path) -> None:
        from tdxverify.interop.trace_json import trace_text

        path.write_text(trace_text(self._walk.problem, self._walk.trace), encoding="utf-8")
        self._show([line(f"written: {path}")])

    def _obey(self, words: list[str]) -> None:
        match words:
            case []:
                self._show(self._situation())
            case [number] if number.isascii() and number.isdigit() and len(number) < 10:
                self._choose(int(number))
            case ["u" | "undo"]:
                self._show(
                    self._situation() if self._walk.undo() else [line("this is the start", Style.DOUBT)]
                )
            case ["r" | "random", *rest]:
                self._random_steps(rest)
            case ["s" | "state"]:
                self._show(self._cells(everything=True))
            case ["t" | "trace"]:
                self._show(self._told())
            case ["w" | "write", *rest] if rest:
                self._try_to_save(Path(" ".join(rest)))
            case _:
                self._show([line(text) for text in _HELP.splitlines()])

    def _choose(self, number: int) -> None:
        choices = self._walk.choices()
        if not 1 <= number <= len(choices):
            self._show([line(f"there is no step {number} here", Style.DOUBT)])
            return
        self._walk.take(*choices[number - 1])
        self._show(self._situation())

    def _random_steps(self, words: list[str]) -> None:
        text = words[0] if words else "10"
        if len(words) > 1 or not (text.isascii() and text.isdigit() and int(text[:9]) <= _MOST_RANDOM):
            self._show([line(f"r takes a number up to {_MOST_RANDOM}", Style.DOUBT)])
            return
        taken = self._walk.stroll(int(text), self._random)
        self._show([line("1 step taken" if taken == 1 else f"{taken} steps taken"), *self._situation()])

    def _try_to_save(self, path: Path) -> None:
        try:
            self.save(path)
        except OSError as error:
            self._show([line(f"cannot write {path}: {error.strerror}", Style.BAD)])

    # --- what is shown -----------------------------------------------------------

    def _show(self, lines: list[Line]) -> None:
        show(lines, self._stream)

    def _opening(self) -> list[Line]:
        from tdxverify.reports.trace_text import assignments

        story = self._asked.found(self._walk.problem, self._walk.trace).story
        sizes = assignments((sort, str(size)) for sort, size in story.sizes)
        values = "; ".join(text for text in (sizes, assignments(story.parameters)) if text)
        told = f"{self._asked.spec.path}: {self._asked.check.property}"
        lines = wrap(line(told, Style.STRONG), width(self._stream))
        return lines + (wrap(line(f"with {values}"), width(self._stream), hanging=4) if values else [])

    def _situation(self) -> list[Line]:
        """Where the walk is, and where it may go."""
        count = len(self._walk.trace)
        lines: list[Line] = [EMPTY, line(f"after {count} step{'s' * (count != 1)}", Style.STRONG)]
        lines += self._cells(everything=False)
        if self._walk.is_bad:
            lines.append(line(f"this state decides {self._asked.check.property}", Style.BAD))
        choices = list(self._choices())
        return lines + (choices or [line("no step is possible any more", Style.DOUBT)])

    def _cells(self, *, everything: bool) -> list[Line]:
        """The state; of false cells only those that the last step made false, unless `everything`."""
        from tdxverify.model.show import show_cell
        from tdxverify.model.sorts import show as shown

        trace = self._walk.trace
        before = trace.states[-2] if len(trace) else self._walk.state
        lines: list[Line] = []
        cells = self._walk.problem.state_layout.cells
        for cell, old, new in zip(cells, before, self._walk.state, strict=True):
            value = shown(cell.symbol.sort, new)
            if everything or old != new or value != "false":
                change = (
                    [Piece("  <- ", Style.GUIDE), Piece(shown(cell.symbol.sort, old))] if old != new else []
                )
                lines.append((Piece(f"    {show_cell(cell)} = "), Piece(value, Style.STRONG), *change))
        return lines

    def _choices(self) -> Iterator[Line]:
        from tdxverify.model.show import written_name
        from tdxverify.model.sorts import show as shown

        for number, (step, _) in enumerate(self._walk.choices(), 1):
            action = self._walk.problem.action_named[step.action]
            pairs = list(zip(action.parameters, step.arguments, strict=True))
            declared = pairs[: len(pairs) - action.hidden]
            values = ", ".join(f"{written_name(p)} = {shown(p.sort, value)}" for p, value in declared)
            text = f"{step.action}({values})" if values else step.action
            about = f'  "{action.description}"' if action.description else ""
            by = f" by {action.actor}" if action.actor else ""
            yield (Piece(f"{number:3} ", Style.GUIDE), Piece(text, Style.STRONG), Piece(f"{by}{about}"))

    def _told(self) -> list[Line]:
        from tdxverify.reports.trace_text import story_lines

        story = self._asked.found(self._walk.problem, self._walk.trace).story
        return story_lines(story, width(self._stream), everything=False)
