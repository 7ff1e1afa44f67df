"""The report of a run: printed, or written to a file. The same for every command that yields answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from tdxverify.answers.run import Run
from tdxverify.cli.terminal import show, width, write
from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.files.writing import OutputFile
from tdxverify.outputs.formats import RUN_PAGE, Format
from tdxverify.outputs.text.layout import Line, line
from tdxverify.outputs.text.problems import problem_lines


@dataclass(frozen=True, slots=True)
class Reporting:
    """`form`: of the report; `output`: the file that gets it, None for stdout; `page`: the one that gets an
    HTML page beside it."""

    form: Format
    output: OutputFile | None
    page: OutputFile | None = None


@dataclass(frozen=True, slots=True)
class RunText:
    """How a run reads, as functions of the columns: `whole`, and how it closes. `is_shown`: there is
    something to read where no other format is wanted."""

    whole: Callable[[int], list[Line]]
    closing: Callable[[int], list[Line]]
    is_shown: bool


def report(run: Run, text: RunText, reporting: Reporting) -> tuple[Diagnostic, ...]:
    """Print `run`, or write it to a file and print how it went; mistakes go to stderr.

    What cannot be written is returned, and keeps nothing else from being written.
    """
    show(problem_lines(run.diagnostics), sys.stderr)
    page = _failures(reporting.page, RUN_PAGE, run, text)
    failed = _failures(reporting.output, reporting.form, run, text)
    if reporting.output is not None:
        told = [] if failed else [line(f"report: {reporting.output.path}")]
        show([*text.closing(width(sys.stdout)), *told], sys.stdout)
    elif reporting.form.writer is not None:
        write(reporting.form.written(run, text.whole), sys.stdout)
    elif text.is_shown:
        show(text.whole(width(sys.stdout)), sys.stdout)
    return (*page, *failed)


def finish(run: Run, text: RunText, reporting: Reporting) -> int:
    """The same as the end of a command, with its exit status. Raises SpecError (E705)."""
    failed = report(run, text, reporting)
    if failed:
        raise SpecError(failed)
    return run.exit_status


def _failures(output: OutputFile | None, form: Format, run: Run, text: RunText) -> tuple[Diagnostic, ...]:
    try:
        if output is not None:
            output.write(form.written(run, text.whole))
    except SpecError as error:
        return error.diagnostics
    return ()
