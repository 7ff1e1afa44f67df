"""pytest collects `.tdx` files: one test per check, passed where the answer is the expected one.

    pytest spec/                                    every spec below spec/
    pytest 'spec/kexec.tdx::no_mc[not erratum]'     one check
    pytest spec -k no_mc -n auto                    as usual

Loaded in every pytest run of the environment, so importing it imports nothing but pytest, and it does
nothing as long as no spec is among the files that pytest is asked to look at.
"""

from __future__ import annotations

import shlex
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest._code.code import TerminalRepr

    from tdxverify.answers.answer import Answer
    from tdxverify.answers.run import Run
    from tdxverify.diagnostics import Diagnostic, InternalError
    from tdxverify.questions.options import Options
    from tdxverify.questions.question import Question
    from tdxverify.questions.specs import Spec

WIDTH = 80
_SPECS = pytest.StashKey[dict[Path, "Spec"]]()
_RECHECKED = pytest.StashKey[dict[Path, "Run"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tdxverify", "checks of tdxverify specs")
    group.addoption("--tdx-timeout", type=_seconds, metavar="S", help="Seconds for each check.")
    group.addoption(
        "--tdx-size",
        action="append",
        default=[],
        metavar="SORT=N",
        help="Another size for every check: Line=3, Line=1..3 or 'Line<=3'.",
    )
    group.addoption(
        "--tdx-strict",
        action="store_true",
        help="A proof about nothing, or that rests on a doubtful table, is a failure.",
    )
    group.addoption(
        "--tdx-recheck-only",
        action="store_true",
        help="Search for nothing: check the answers stored in the proof files beside the specs.",
    )
    parser.addini(
        "tdx_files",
        type="args",
        default=["*.tdx"],
        help="Which files are specs: patterns for the name, or with a slash for the path below the root.",
    )


def _seconds(text: str) -> float:
    from tdxverify.budget import wrong_seconds

    seconds = float(text)
    wrong = wrong_seconds(seconds)
    if wrong is not None:
        raise ArgumentTypeError(wrong)
    return seconds


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tdx: a check of a tdxverify spec.")
    if config.getoption("--tdx-size"):
        _options(config)
    if config.getoption("--tdx-recheck-only"):
        for other in ("--tdx-size", "--tdx-strict"):
            if config.getoption(other):
                raise pytest.UsageError(f"{other} asks a new question, --tdx-recheck-only none")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> TdxFile | None:
    if file_path.suffix != ".tdx" or not _is_spec(file_path, parent.config):
        return None
    return TdxFile.from_parent(parent, path=file_path)


def _is_spec(path: Path, config: pytest.Config) -> bool:
    root = config.rootpath
    below = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return any(fnmatch(below if "/" in p else path.name, p) for p in config.getini("tdx_files"))


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config) -> None:
    """Options that fit none of the specs are mistakes, as they are on the command line of tdxverify."""
    specs = session.stash.get(_SPECS, {})
    if not specs:
        return
    from tdxverify.questions.narrowing import wrong_options

    wrong = wrong_options(tuple(specs.values()), _options(config))
    if wrong:
        raise pytest.UsageError(_problems(wrong))


def _options(config: pytest.Config) -> Options:
    from tdxverify.cli.arguments import parse_sizes
    from tdxverify.diagnostics import SpecError
    from tdxverify.questions.options import Options

    try:
        sizes = parse_sizes(config.getoption("--tdx-size"))
    except SpecError as error:
        raise pytest.UsageError(_problems(error.diagnostics)) from None
    return Options(timeout=config.getoption("--tdx-timeout"), sizes=sizes)


def _problems(diagnostics: Iterable[Diagnostic]) -> str:
    from tdxverify.outputs.text.layout import plain
    from tdxverify.outputs.text.problems import problem_lines

    return plain(problem_lines(diagnostics)).rstrip()


# --- collection ---------------------------------------------------------------------


class TdxFile(pytest.File):
    """A spec. A file without checks is a library, and has no tests."""

    def collect(self) -> Iterator[TdxItem]:
        from tdxverify.diagnostics import SpecError
        from tdxverify.questions.question import every_check

        try:
            spec = _load(self.session, self.path)
        except SpecError as error:
            raise self.CollectError(_problems(error.diagnostics)) from None
        questions = every_check(spec, _options(self.config))
        for question in questions:
            yield TdxItem.from_parent(self, name=question.name, question=question)


def _load(session: pytest.Session, path: Path) -> Spec:
    """The spec at `path`, read once in a session. Raises SpecError."""
    from tdxverify.budget import Budget
    from tdxverify.questions.specs import Spec, load_model
    from tdxverify.syntax.read import shown_path

    seconds: float | None = session.config.getoption("--tdx-timeout")
    specs = session.stash.setdefault(_SPECS, {})
    if path not in specs:
        shown = Path(shown_path(path))
        specs[path] = Spec(shown, load_model(shown, Budget.of(seconds)))
    return specs[path]


# --- one check ----------------------------------------------------------------------


class CheckFailed(Exception):
    """`text` is what is shown; `summary` fits on the line of the short summary."""

    def __init__(self, summary: str, text: str) -> None:
        from tdxverify.characters import visible, visible_line

        self.summary = visible_line(summary)
        self.text = visible(text)
        super().__init__(self.summary)


class TdxItem(pytest.Item):
    """One check. `user_properties` (in JUnit files: properties) say what was found out and by whom."""

    def __init__(self, *, question: Question, **others: Any) -> None:
        super().__init__(**others)
        self.question = question
        self.add_marker("tdx")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.question.check.span.line - 1, self.name

    def runtest(self) -> None:
        if self.config.getoption("--tdx-recheck-only"):
            self._recheck()
        else:
            self._check()

    def _recheck(self) -> None:
        """Pass if what is stored for the check still holds and is the expected answer."""
        from tdxverify.diagnostics import InternalError

        try:
            run = _rechecked(self.session, self.question.spec.path)
        except InternalError as error:
            raise _broken(error) from error
        if run.diagnostics:
            raise self._wrong(run.diagnostics)
        place = self.question.check.span.line, self.question.name
        answer = next(one for one in run.answers if (one.asked.line, one.asked.name) == place)
        kept = answer.kept
        assert kept is not None
        self._record(
            verdict=answer.outcome.value,
            expected=answer.asked.expectation(),
            sizes=answer.asked.told_sizes(),
            evidence=kept.evidence,
            standing=kept.standing.value,
        )
        if answer.as_expected:
            return
        summary = f"{kept.standing.value}: {answer.reason}" if answer.reason else _stored_answer(answer)
        text = f"{answer.asked.file}:{answer.asked.line}: {answer.asked.property}: {summary}"
        raise CheckFailed(summary, f"{text}\n\n{self._again()}")

    def _check(self) -> None:
        from tdxverify.answers.deciding import answer
        from tdxverify.answers.observers import Silent
        from tdxverify.answers.trivially import with_triviality
        from tdxverify.budget import UNLIMITED
        from tdxverify.diagnostics import InternalError, SpecError

        try:
            answered = answer(self.question, UNLIMITED, Silent())
            found = with_triviality(answered, self.question, UNLIMITED)
            if self.config.getoption("--tdx-strict"):
                from tdxverify.inquiries.strict import judge

                found = judge(found, self.question)
            if not found.as_expected:
                from tdxverify.inquiries.unexpected import explain

                found = explain(found, self.question, Silent())
        except SpecError as error:
            raise self._wrong(error.diagnostics) from None
        except InternalError as error:
            raise _broken(error) from error
        self._record(
            verdict=found.outcome.value,
            expected=found.asked.expected,
            trivial=None if found.trivial is None else found.trivial.value,
            sizes=_sizes(found),
            engine=found.engine,
        )
        if answered.interrupted:
            raise KeyboardInterrupt
        if answered.diagnostics:
            raise self._wrong(answered.diagnostics)
        if not found.as_expected:
            raise CheckFailed(_summary(found), f"{_told(found)}\n\n{self._again()}")

    def _record(self, **facts: str | None) -> None:
        """What others than pytest may want to know, besides where the check stands."""
        place = {"file": str(self.question.spec.path), "line": str(self.question.check.span.line)}
        self.user_properties.extend(
            (f"tdx_{name}", fact) for name, fact in {**facts, **place}.items() if fact
        )

    def _wrong(self, diagnostics: Sequence[Diagnostic]) -> CheckFailed:
        summary = "; ".join(f"{one.message} ({one.code.name})" for one in diagnostics)
        return CheckFailed(summary, f"{_problems(diagnostics)}\n\n{self._again()}")

    def _again(self) -> str:
        """The command that shows the same without pytest."""
        if self.config.getoption("--tdx-recheck-only"):
            return f"to see it again: {shlex.join(['tdxverify', 'recheck', str(self.question.spec.path)])}"
        words = [
            "tdxverify",
            "check",
            str(self.question.spec.path),
            "--property",
            self.question.check.property,
        ]
        if self.question.check.config is not None:
            words += ["--config", self.question.check.config.name]
        for size in self.config.getoption("--tdx-size"):
            words += ["--size", size]
        if (timeout := self.config.getoption("--tdx-timeout")) is not None:
            words += ["--timeout", f"{timeout:g}"]
        if self.config.getoption("--tdx-strict"):
            words.append("--strict")
        return f"to see it again: {shlex.join(words)}"

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        """What the check found, not where in Python it was found; --full-trace shows that too."""
        failed = excinfo.value
        if not isinstance(failed, CheckFailed) or self.config.getoption("fulltrace", False):
            return super().repr_failure(excinfo, style)
        from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

        # These are the classes that pytest-xdist can send and that JUnit reports take the message from.
        place = ReprFileLocation(str(self.question.spec.path), self.question.check.span.line, failed.summary)
        entry = ReprEntryNative([failed.text + "\n"])
        return ReprExceptionInfo(ReprTraceback([entry], None, "native"), place)


def _rechecked(session: pytest.Session, path: Path) -> Run:
    """All answers stored for the spec at `path`, looked at once in a session."""
    from tdxverify.answers.stored.rechecking import recheck

    known = session.stash.setdefault(_RECHECKED, {})
    if path not in known:
        known[path] = recheck([path])
    return known[path]


def _stored_answer(answer: Answer) -> str:
    length = "" if answer.length is None else f" in {answer.length}"
    return f"the stored answer is {answer.outcome.value}{length}, expected {answer.asked.expectation()}"


def _sizes(found: Answer) -> str:
    """What the verdict is about: a trace is about the sizes it has."""
    from tdxverify.logic.sizes_in_words import told_sizes

    return "any size" if found.is_general else told_sizes(found.sizes)


def _summary(found: Answer) -> str:
    from tdxverify.outputs.text.run_text import outcome_text

    reason = f": {found.reason}" if found.reason else ""
    return f"{outcome_text(found)}, expected {found.asked.expectation()}{reason}"


def _told(found: Answer) -> str:
    """The report of tdxverify about this one check."""
    from tdxverify.answers.run import Run
    from tdxverify.outputs.text.layout import plain
    from tdxverify.outputs.text.run_text import closing_lines, text_lines

    run = Run((found,))
    lines = text_lines(run, width=WIDTH)
    told = plain(lines[: len(lines) - len(closing_lines(run, WIDTH))]).rstrip()
    places = ", ".join(f"{name} {place}" for name, place in found.places())
    return f"{told}\n\n{places}" if places else told


def _broken(error: InternalError) -> CheckFailed:
    from tdxverify.cli.bundle import write_bundle

    place = write_bundle({**error.bundle, "message.txt": f"{error}\n"})
    lines = [
        f"internal error: {error}",
        "This is a bug of tdxverify, not of the specification. Believe no verdict of this check.",
        "please report it" if place is None else f"what reproduces it is in {place}; please report it",
    ]
    return CheckFailed(f"internal error: {error}", "\n".join(lines))
