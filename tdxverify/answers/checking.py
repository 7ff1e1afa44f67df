"""All checks of all specs, one after another; nothing that was found out is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike

from tdxverify.answers.answer import Answer
from tdxverify.answers.deciding import answer, told_mistakes, undecided
from tdxverify.answers.interrupting import INTERRUPTED, NOT_STARTED
from tdxverify.answers.observers import RunObserver, Silent
from tdxverify.answers.run import Mistakes, Run
from tdxverify.answers.trivially import with_contrast, with_triviality
from tdxverify.budget import Budget
from tdxverify.diagnostics import Diagnostic, InternalError, SpecError
from tdxverify.engines.registry import wrong_engine
from tdxverify.logic.sizes_in_words import told_sizes
from tdxverify.questions.narrowing import wrong_options
from tdxverify.questions.options import Options, wrong_times
from tdxverify.questions.question import Question, every_check, no_check, waiting
from tdxverify.questions.specs import load_all, spec_files

NO_TIME = "not started: the time for the whole run was over"


class Broken(InternalError):
    """An InternalError of one check, with what the run had found out before it."""

    def __init__(self, cause: InternalError, bundle: dict[str, str], run: Run) -> None:
        self.run = run
        super().__init__(str(cause), {**cause.bundle, **bundle})


def check(
    paths: Iterable[str | PathLike[str]], options: Options | None = None, observer: RunObserver | None = None
) -> Run:
    """Run every selected check of the specs in `paths`. Raises Broken, and nothing else."""
    chosen, paths = options or Options(), list(paths)
    if too_long := wrong_times(chosen):
        return Run((), tuple(too_long))
    budget = Budget.of(chosen.total_timeout)
    try:
        loaded = load_all(paths, budget, chosen.timeout)
        wrong = [*wrong_engine(chosen.engine), *wrong_options(loaded.specs, chosen)]
        questions = [] if wrong else [asked for spec in loaded.specs for asked in every_check(spec, chosen)]
    except KeyboardInterrupt:
        files, mistakes = spec_files(paths)
        return _stopped([], waiting(files, chosen), Mistakes(mistakes))
    if wrong:
        return Run((), (*loaded.diagnostics, *wrong))
    if not questions and not loaded.diagnostics:
        return Run((), (no_check(paths, loaded.specs, chosen),))
    return _answer_all(questions, loaded.diagnostics, budget, observer or Silent())


def _answer_all(
    questions: Sequence[Question],
    diagnostics: Sequence[Diagnostic],
    budget: Budget,
    observer: RunObserver,
) -> Run:
    found: list[Answer] = []
    mistakes = Mistakes(diagnostics)
    for position, asked in enumerate(questions):
        if budget.expired():
            found.append(undecided(asked, NO_TIME))
            continue
        observer.check_started(str(asked.spec.path), asked.check.property, position + 1, len(questions))
        try:
            answered = answer(asked, budget, observer)
            judged = with_triviality(answered, asked, budget)
        except KeyboardInterrupt:
            found.append(undecided(asked, INTERRUPTED))
            return _stopped(found, questions, mistakes)
        except SpecError as error:
            found.append(undecided(asked, told_mistakes(error)))
            mistakes.add(error.diagnostics)
            continue
        except InternalError as error:
            raise Broken(error, _bundle(asked), Run(tuple(found), mistakes.found, is_broken=True)) from error
        found.append(judged)
        mistakes.add(answered.diagnostics)
        if answered.interrupted:
            return _stopped(found, questions, mistakes)
    return Run(with_contrast(found, questions), mistakes.found, questions=tuple(questions))


def _stopped(found: Sequence[Answer], questions: Sequence[Question], mistakes: Mistakes) -> Run:
    """The run as far as it came; checks that were not begun are listed as such."""
    waiting = (undecided(asked, NOT_STARTED) for asked in questions[len(found) :])
    return Run((*found, *waiting), mistakes.found, interrupted=True, questions=tuple(questions))


def _bundle(asked: Question) -> dict[str, str]:
    """What it takes to see the failure again: the root spec, and which check with which options."""
    sizes = told_sizes(asked.sizing.shown())
    place = f"{asked.spec.path}:{asked.check.span.line}"
    told = [place, f"check {asked.check.property}", f"sizes {sizes}", str(asked.options)]
    return {"check.txt": "\n".join(told) + "\n", asked.spec.path.name: asked.check.span.source.text}
