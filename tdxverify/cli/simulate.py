"""`tdxverify simulate`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TextIO

import click

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.cli.outputs import destination
from tdxverify.cli.selection import about_one_check
from tdxverify.cli.terminal import show, width, write
from tdxverify.cli.values import PATH
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, line, wrap

if TYPE_CHECKING:
    from tdxverify.cli.going import Going
    from tdxverify.files.writing import OutputFile
    from tdxverify.questions.options import Options
    from tdxverify.questions.question import Question
    from tdxverify.semantics.walk import Walk
    from tdxverify.telling.story import Story

_HELP = """\
<number>  take that step          u [N]   undo N steps (1)
r [N]     N random steps (10)     g EXPR  go the shortest way to where EXPR holds
s         show the whole state    t       tell the run
w FILE    save the run as JSON    q       quit
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
    "--until",
    metavar="EXPR",
    help="Take a shortest run to a state where EXPR holds, from whichever start is allowed, then end; "
    "or go on with --random.",
)
@click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    help="Save the run as JSON at the end.",
)
def command(
    file: Path,
    options: Options,
    at_line: int | None,
    seed: int,
    stroll: int | None,
    until: str | None,
    output: Path | None,
) -> int:
    """Walk through the states of FILE, from its first start: with the first parameter values and the first
    initial state, of all that there are or that the chosen check allows. --until looks at every start.

    Commands are read from the terminal or a pipe. A saved run is replayed by 'tdxverify trace --replay' and
    explained by 'tdxverify why --replay'.
    """
    from tdxverify.cli.going import going_from_any_start
    from tdxverify.questions.question import anywhere, in_file

    target = destination(output, [file])
    asked = in_file(file, options, at_line)[0]
    chosen = at_line is not None or bool(options.properties or options.configs)
    asked = asked if chosen else anywhere(asked)
    seconds = options.timeout
    going = None if until is None else going_from_any_start(asked, until, chosen=chosen, seconds=seconds)
    walk = _walk(asked, seconds, chosen=chosen) if going is None else going.walk
    if walk is None:
        assert going is not None
        show_wrapped(going.lines(), sys.stdout)
        return going.status
    session = Session(asked, walk, Random(seed), sys.stdout, seconds)
    if going is not None:
        session.arrive(going, is_told=stroll is None)
    status = session.stroll(stroll) if stroll is not None else 0
    if going is None and stroll is None:
        session.converse(sys.stdin)
    if target is not None:
        session.save(target)
    return status


def _walk(asked: Question, seconds: float | None, *, chosen: bool) -> Walk:
    """At the first initial state with the first parameter values, at sizes at which there is one.

    Raises SpecError where there is none.
    """
    from tdxverify.budget import Budget, LimitReached
    from tdxverify.cli.going import room
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.inquiries.ways import sizes_to_try
    from tdxverify.questions.question import smallest, smallest_sizes, without_start
    from tdxverify.semantics.successors import Semantics
    from tdxverify.semantics.walk import Walk, first_start

    least = smallest_sizes(asked, {})
    for sizes in sizes_to_try(least, room(asked, chosen=chosen)):
        problem = smallest(asked, sizes)
        try:
            start = first_start(Semantics(problem), Budget(max_states=1_000_000).within(seconds))
        except LimitReached as reached:
            raise SpecError([Diagnostic(Code.E602, f"no initial state was found: {reached.told}")]) from None
        if start is not None:
            return Walk(problem, *start, seconds)
    raise without_start(asked, least)


def show_wrapped(lines: Iterable[Line], stream: TextIO) -> None:
    """Each of `lines` by itself, in as many as it needs."""
    show([part for told in lines for part in wrap(told, width(stream), hanging=4)], stream)


def told_lines(story: Story, stream: TextIO) -> list[Line]:
    """The whole run, as wide as `stream` is."""
    from tdxverify.outputs.text.trace_text import story_lines

    return story_lines(story, width(stream), everything=False)


def _taken(count: int) -> Line:
    return line(f"{counted(count, 'step')} taken")


def _number(words: list[str], default: int) -> int | None:
    """What is behind a command; None where that is no number, or too large a one."""
    text = words[0] if words else str(default)
    good = len(words) <= 1 and text.isascii() and text.isdigit() and int(text[:9]) <= _MOST_RANDOM
    return int(text) if good else None


class Session:
    """Commands in, states and choices out."""

    def __init__(
        self, asked: Question, walk: Walk, random: Random, stream: TextIO, seconds: float | None
    ) -> None:
        """`seconds` is for each search."""
        self._seconds = seconds
        self._asked = asked
        self._walk = walk
        self._random = random
        self._stream = stream

    def converse(self, source: TextIO) -> None:
        """Until `q` or the end of input."""
        self._show(self._opening())
        self._show(self._situation())
        while True:
            write("> ", self._stream)
            text = source.readline()
            if not text or text.strip() in ("q", "quit", "exit"):
                self._show([EMPTY])
                return
            if not source.isatty():
                self._show([line(text.strip())])
            self._obey(text)

    def stroll(self, steps: int) -> int:
        """Take random steps and tell the run; the exit status."""
        taken = self._at_random(steps)
        self._show(self._told())
        if taken is None:
            return ExitStatus.UNDECIDED
        if taken < steps and not self._walk.is_bad:
            self._show([line("no step is possible any more", Style.DOUBT)])
        return 0

    def _at_random(self, steps: int) -> int | None:
        """How many random steps were taken; None, and that is said, where there was no time to choose one."""
        from tdxverify.budget import LimitReached

        try:
            return self._walk.stroll(steps, self._random)
        except LimitReached:
            self._show(
                [line(f"the steps from here could not be listed within {self._seconds:g} s", Style.DOUBT)]
            )
            return None

    def go(self, text: str) -> int:
        """To the nearest state where `text` holds; the exit status. Raises SpecError."""
        from tdxverify.cli.going import going_from_here

        found = going_from_here(self._asked, self._walk, text, self._seconds)
        self._walk.follow(found.steps)
        show_wrapped(found.lines(), self._stream)
        return found.status

    def arrive(self, found: Going, *, is_told: bool) -> None:
        """At the end of a way from the start; told as the way that it is where nothing comes behind it."""
        self._walk.follow(found.steps)
        show_wrapped(found.lines(), self._stream)
        if is_told and found.story is not None:
            self._show(told_lines(found.story, self._stream))

    def save(self, target: OutputFile) -> None:
        """The run as JSON. Raises SpecError (E705)."""
        from tdxverify.outputs.traces.trace_json import trace_text

        target.write(trace_text(self._walk.problem, self._walk.trace))
        self._show([line(f"written: {target.path}")])

    def _obey(self, text: str) -> None:
        match text.split():
            case []:
                self._show(self._situation())
            case [number] if number.isascii() and number.isdigit() and len(number) < 10:
                self._choose(int(number))
            case ["u" | "undo", *rest]:
                self._undo(rest)
            case ["g" | "go", *rest] if rest:
                self._try_to_go(text.split(maxsplit=1)[1].rstrip())
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
        choices = self._walk.choices().steps
        if not 1 <= number <= len(choices):
            self._show([line(f"there is no step {number} here", Style.DOUBT)])
            return
        self._walk.take(*choices[number - 1])
        self._show(self._situation())

    def _undo(self, words: list[str]) -> None:
        count = _number(words, 1)
        if count is None:
            self._show([line(f"u takes a number up to {_MOST_RANDOM}", Style.DOUBT)])
            return
        undone = sum(self._walk.undo() for _ in range(count))
        self._show(self._situation() if undone else [line("this is the start", Style.DOUBT)])

    def _try_to_go(self, text: str) -> None:
        from tdxverify.diagnostics import SpecError
        from tdxverify.outputs.text.problems import problem_lines

        try:
            if self.go(text) == 0:
                self._show(self._situation())
        except SpecError as error:
            self._show(problem_lines(error.diagnostics))
        except KeyboardInterrupt:
            self._show([EMPTY, line("interrupted", Style.DOUBT)])

    def _random_steps(self, words: list[str]) -> None:
        count = _number(words, 10)
        if count is None:
            self._show([line(f"r takes a number up to {_MOST_RANDOM}", Style.DOUBT)])
            return
        taken = self._at_random(count)
        told = [] if taken is None else [_taken(taken)]
        self._show([*told, *self._situation()])

    def _try_to_save(self, path: Path) -> None:
        from tdxverify.diagnostics import SpecError
        from tdxverify.outputs.text.problems import problem_lines

        try:
            target = destination(path, [self._asked.spec.path])
            assert target is not None
            self.save(target)
        except SpecError as error:
            self._show(problem_lines(error.diagnostics))

    # --- what is shown -----------------------------------------------------------

    def _show(self, lines: list[Line]) -> None:
        show(lines, self._stream)

    def _opening(self) -> list[Line]:
        from tdxverify.outputs.text.trace_text import assignments

        story = self._story()
        sizes = assignments((sort, str(size)) for sort, size in story.sizes)
        values = "; ".join(text for text in (sizes, assignments(story.open_parameters())) if text)
        config = self._asked.check.config
        told = f"{self._asked.spec.path}: {self._asked.check.property}"
        told += f", in {config.name}" if config is not None else ""
        lines = wrap(line(told, Style.STRONG), width(self._stream))
        return lines + (wrap(line(f"with {values}"), width(self._stream), hanging=4) if values else [])

    def _situation(self) -> list[Line]:
        """Where the walk is, and where it may go."""
        count = len(self._walk.trace)
        lines: list[Line] = [EMPTY, line(f"after {counted(count, 'step')}", Style.STRONG)]
        lines += self._cells(everything=False)
        if self._walk.is_bad:
            lines.append(line(f"this state decides {self._asked.check.property}", Style.BAD))
        lines += self._stopped()
        choices = list(self._choices())
        return lines + (choices or [line("no step is possible any more", Style.DOUBT)])

    def _stopped(self) -> Iterator[Line]:
        """Which declarations keep steps from being possible here."""
        from tdxverify.telling.stopped import stopped_here

        walk, stops = self._walk, self._asked.spec.model.stops
        for told in stopped_here(stops, walk.problem, walk.trace.rigid, walk.state):
            yield from wrap(line(f"stopped here by: {told}", Style.DOUBT), width(self._stream), hanging=4)

    def _cells(self, *, everything: bool) -> list[Line]:
        """The state; of false cells only those that the last step made false, unless `everything`."""
        from tdxverify.logic.sorts import show as shown
        from tdxverify.telling.cells import before_value

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
                told = Piece(f"    {before_value(cell)}")
                lines.append((told, Piece(value, Style.STRONG), *change))
        return lines

    def _choices(self) -> Iterator[Line]:
        from tdxverify.outputs.text.trace_text import IDLE
        from tdxverify.semantics.steps import StepNames, acting, with_actor
        from tdxverify.telling.cells import is_idle

        choices, names = self._walk.choices(), StepNames(self._walk.problem)
        for number, (step, after) in enumerate(choices.steps, 1):
            action = self._walk.problem.action_named[step.action]
            text = names.called(self._walk.trace.rigid, self._walk.state, step)
            idle = is_idle(self._walk.problem, action, self._walk.state, after)
            about = f'  "{action.description}"{f" {IDLE}" if idle else ""}' if action.description else ""
            about += "  (refined here)" if action.refinements else ""
            by = with_actor("", acting(action, step.arguments))
            yield (Piece(f"{number:3} ", Style.GUIDE), Piece(text, Style.STRONG), Piece(f"{by}{about}"))
        if choices.stopped is not None:
            yield line(f"there may be more steps: {choices.stopped.told}", Style.DOUBT)

    def _told(self) -> list[Line]:
        return told_lines(self._story(), self._stream)

    def _story(self) -> Story:
        from tdxverify.answers.tracing import told

        return told(self._asked, self._walk.problem, self._walk.trace).story
