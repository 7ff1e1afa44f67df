"""Run the checks, print or write the report, and choose the exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tdxverify import checker
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.run import Run
from tdxverify.budget import Budget
from tdxverify.cli.progress import Progress
from tdxverify.cli.terminal import show, width, write
from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.reports.as_text import closing_lines, text_lines
from tdxverify.reports.comparison import comparison
from tdxverify.reports.layout import Line, line, plain
from tdxverify.reports.problems import problem_lines

if TYPE_CHECKING:
    from tdxverify.files.writing import OutputFile

FILE_WIDTH = 80  # columns of a text report that goes to a file


@dataclass(frozen=True, slots=True)
class Reporting:
    """`form` is one of `check.FORMATS`; `output` the file that gets the report, None for stdout; `page` the
    one that gets an HTML page beside it."""

    form: str
    output: OutputFile | None
    verbose: bool
    page: OutputFile | None = None
    invariants: bool = False


def check_and_report(
    paths: Sequence[Path], options: checker.Options, reporting: Reporting, *, strict: bool = False
) -> int:
    """Ensures: what was found out is reported even where a check shows a bug of ours, which is raised.

    `strict`: proofs that are about nothing are vacuous. Raises SpecError (E705).
    """
    budget = Budget.of(options.total_timeout)
    try:
        with Progress(sys.stderr) as progress:
            run = checker.check(paths, options, progress)
            if strict:
                from tdxverify.analyses.strict import strict as judged

                run = judged(run, paths, options, progress, budget)
    except checker.Broken as broken:
        show(problem_lines(report(broken.run, reporting, ExitStatus.INTERNAL)), sys.stderr)
        raise
    failed = report(run, reporting, run.exit_status)
    if failed:
        raise SpecError(failed)
    return run.exit_status


def report(run: Run, reporting: Reporting, exit_status: ExitStatus) -> list[Diagnostic]:
    """Print `run`, or write it to a file and print how it went; mistakes go to stderr.

    What cannot be written is returned, and keeps nothing else from being written.
    """
    show(problem_lines(run.diagnostics), sys.stderr)
    if run.interrupted and not run.answers:
        show([line("interrupted before any check was begun")], sys.stderr)
    page = _failures(reporting.page, lambda: _page(run, exit_status))
    document = _failures(reporting.output, lambda: _document(run, reporting, exit_status))
    if reporting.output is not None:
        told = [] if document else [line(f"report: {reporting.output.path}")]
        show([*closing_lines(run, width(sys.stdout)), *told], sys.stdout)
    elif reporting.form != "text":
        write(_document(run, reporting, exit_status), sys.stdout)
    elif run.answers:
        show(_text(run, reporting, width(sys.stdout)), sys.stdout)
    return [*page, *document]


def _failures(output: OutputFile | None, content: Callable[[], str]) -> tuple[Diagnostic, ...]:
    try:
        if output is not None:
            output.write(content())
    except SpecError as error:
        return error.diagnostics
    return ()


def _document(run: Run, reporting: Reporting, exit_status: ExitStatus) -> str:
    match reporting.form:
        case "json":
            from tdxverify.reports.as_json import json_text

            return json_text(run, exit_status)
        case "html":
            return _page(run, exit_status)
        case "junit":
            from tdxverify.interop.junit import junit_text

            return junit_text(run)
        case "sarif":
            from tdxverify.interop.sarif import sarif_text

            return sarif_text(run, exit_status)
        case _:
            return plain(_text(run, reporting, FILE_WIDTH))


def _page(run: Run, exit_status: ExitStatus) -> str:
    from tdxverify.proofs.overview import stored_proofs
    from tdxverify.reports.as_html import html_text

    return html_text(run, exit_status, stored_proofs(run))


def _text(run: Run, reporting: Reporting, columns: int) -> list[Line]:
    """Proof files are looked at only where there is a table that names them."""
    stored = None
    if comparison(run.answers) is not None:
        from tdxverify.proofs.overview import stored_proofs

        stored = stored_proofs(run)
    return text_lines(
        run, width=columns, verbose=reporting.verbose, invariants=reporting.invariants, stored=stored
    )
