"""Answers are found once and kept: what still holds is left alone, what broke is repaired.

For each check, the first of these that works:

    unchanged   the stored evidence is about this very question, and is accepted
    surviving   it is about another question, since the spec has changed, and yet is accepted for this one
    repaired    part of the old invariant, with formulas that are found anew, is an invariant again
    new         found by a search that knows nothing of what was stored
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

from tdxverify.answers.answer import Answer, Outcome, Standing
from tdxverify.answers.deciding import answer, told_mistakes
from tdxverify.answers.observers import RunObserver
from tdxverify.answers.run import Mistakes, Run
from tdxverify.answers.stored.answering import good_answer, no_answer, not_begun, not_reached, not_written
from tdxverify.answers.stored.entries import Entry, Key, ProofFile
from tdxverify.answers.stored.file import proof_path, read, write
from tdxverify.answers.stored.judging import Judge, Judged, Stale, key_of, problem_for
from tdxverify.budget import STEPS_A_SECOND, UNLIMITED, Budget, LimitReached, held
from tdxverify.diagnostics import Code, Diagnostic, InternalError, SpecError
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import Found, find, late
from tdxverify.evidence.base import Evidence, Refused, Undecided
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.invariant import Invariant, usable_formulas
from tdxverify.evidence.item import Item, Unusable
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.second_opinion import confirm, missing
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.files.signals import signals_held_back
from tdxverify.questions.narrowing import config_names, missing_configs, selected
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, every_check, no_check, waiting
from tdxverify.questions.specs import Spec, load_all, spec_files
from tdxverify.smt.text import version as first_version
from tdxverify.syntax.imports import reached

EVALUATOR = "evaluator"
RANKING_WORK = 10 * STEPS_A_SECOND  # of solvers, to find an invariant that takes the place of ranks
_REPAIR_SHARE = 0.5  # of the time for a check: a new search comes behind


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer to one check, and the entry that keeps it; None where there is nothing to keep."""

    answer: Answer
    entry: Entry | None


def prove(
    paths: Iterable[Path],
    observer: RunObserver,
    options: Options | None = None,
    *,
    update: bool = False,
    second: bool = False,
) -> Run:
    """Answer every check of the specs in `paths`, and keep the answers beside them.

    Of the options, `timeout` counts, for each check, `configs`, and what is to be told; what is kept about
    checks that are not selected stays as it is. `update`: files that cannot be used are written anew;
    without it they are diagnostics, and stay as they are. A proof that is new is put
    to a second solver where one is installed, and the file says to which; `second`: so are those that have
    not changed, and a diagnostic says if there is none. Raises InternalError.
    """
    started, options, paths = monotonic(), options or Options(), list(paths)
    wrong = missing() if second else []
    run = _Proved(Mistakes(wrong), options, observer, update=update, second=second and not wrong)
    interrupted = False
    try:
        loaded = load_all(paths, seconds=options.timeout)
        run.mistakes.add(loaded.diagnostics)
        specs, missing_ones = _selected(loaded.specs, options)
        run.mistakes.add(missing_ones)
        run.prove(specs)
    except KeyboardInterrupt:
        interrupted = True
        run.leave_out(waiting([path for path in spec_files(paths)[0] if path not in run.done], options))
    if not run.questions and not run.mistakes.found and not interrupted:
        run.mistakes.add([no_check(paths)])
    seconds = monotonic() - started
    found = Run(tuple(run.answers), run.mistakes.found, interrupted, tuple(run.written), seconds)
    return replace(found, questions=tuple(run.questions))


def _selected(specs: Sequence[Spec], options: Options) -> tuple[Sequence[Spec], list[Diagnostic]]:
    """Those of `specs` with checks to be answered: none where `options` name what there is not (E713)."""
    if not options.configs:
        return specs, []
    wrong = missing_configs([config_names(spec.model) for spec in specs], options) if specs else []
    return [spec for spec in specs if not wrong and selected(spec.model, options)], wrong


class _Proved:
    """What is there so far; `done`: the specs that it came to."""

    def __init__(
        self, mistakes: Mistakes, options: Options, observer: RunObserver, *, update: bool, second: bool
    ) -> None:
        self.mistakes = mistakes
        self._begun = partial(_Proving, observer=observer, update=update, second=second)
        self._options = options
        self.answers: list[Answer] = []
        self.questions: list[Question] = []
        self.written: list[Path] = []
        self.done: set[Path] = set()

    def prove(self, specs: Sequence[Spec]) -> None:
        """Raises KeyboardInterrupt, with all that was found out before."""
        total = sum(len(selected(spec.model, self._options)) for spec in specs)
        for spec in specs:
            try:
                proving = self._begun(spec.path, every_check(spec, self._options))
                proving.run(len(self.answers), total)
            except SpecError as error:
                self.mistakes.add(error.diagnostics)
                self.done.add(spec.path)
                continue
            with signals_held_back():
                self._keep(proving, spec.path)
            if proving.interrupted:
                raise KeyboardInterrupt

    def _keep(self, proving: _Proving, spec: Path) -> None:
        path, wrong = proof_path(spec), proving.diagnostics
        try:
            if not wrong and proving.keep():
                self.written.append(path)
        except SpecError as error:
            wrong = list(error.diagnostics)
        self.mistakes.add(wrong)
        self.answers.extend(not_written(one, wrong, path) if wrong else one for one in proving.answers)
        self.questions.extend(proving.questions[: len(proving.answers)])
        self.done.add(spec)

    def leave_out(self, questions: Sequence[Question]) -> None:
        """They are left without an answer."""
        self.answers.extend(not_begun(questions))
        self.questions.extend(questions)


class _Proving:
    """The checks of one spec. Raises SpecError where the stored file cannot be used."""

    def __init__(
        self, path: Path, questions: Sequence[Question], observer: RunObserver, *, update: bool, second: bool
    ) -> None:
        self._path = path
        self._observer = observer
        self._update = update
        self._second = second
        self._judge = Judge()
        self.questions = questions
        self._chosen = {key_of(asked) for asked in questions}
        self._known = self._chosen | {key_of(asked) for asked in _not_selected(questions)}
        self._leaves_others = any(asked.options.configs for asked in questions)
        self._stored = self._read()
        self._entries: dict[Key, Entry] = {}
        self._budget = UNLIMITED  # of the check in hand, begun at
        self._started = 0.0
        self.answers: list[Answer] = []
        self.diagnostics: list[Diagnostic] = []
        self.interrupted = False

    def _read(self) -> ProofFile:
        nothing = ProofFile(self._path.name, ())
        try:
            return read(proof_path(self._path), self._path) or nothing
        except SpecError:
            if self._update:
                return nothing
            raise

    def run(self, before: int, total: int) -> None:
        """Answer all checks; `before` of `total` checks belong to specs before this one.

        Where that is interrupted, what is stored about the rest stays as it is.
        """
        for number, asked in enumerate(self.questions, start=before + 1):
            name, started = asked.check.property, monotonic()
            self._observer.check_started(str(self._path), name, number, total)
            try:
                found = self._answer(asked)
            except KeyboardInterrupt:
                self.interrupted = True
                rest = (self._stored.entry(key_of(one)) for one in self.questions[number - before - 1 :])
                self._entries.update({entry.key: entry for entry in rest if entry is not None})
                self.answers.extend(not_reached(self.questions[number - before - 1 :]))
                return
            except SpecError as error:
                self.diagnostics.extend(error.diagnostics)
                found = _Found(no_answer(asked, Standing.UNDECIDED, told_mistakes(error)), None)
            self.answers.append(replace(found.answer, seconds=monotonic() - started))
            if found.entry is not None:
                self._entries[found.entry.key] = found.entry

    def keep(self) -> bool:
        """Write the answers; whether the file changed. What is about no check chosen stays, if some are."""
        path = proof_path(self._path)
        if self._leaves_others:
            others = (entry for entry in self._stored.entries if entry.key not in self._chosen)
            self._entries.update({entry.key: entry for entry in others})
        if not self._entries and not os.path.lexists(path):
            return False
        stored = ProofFile(self._path.name, tuple(self._entries.values()))
        return write(path, stored, reached(self._path))

    # --- one check ---------------------------------------------------------------------

    def _answer(self, asked: Question) -> _Found:
        self._budget, self._started = Budget.of(asked.options.timeout), monotonic()
        self._judge = self._judge.within(self._budget)
        old = self._stored.entry(key_of(asked))
        olds = [old] if old is not None else self._left_over(asked)
        if old is not None:
            match self._judge.judge(asked, old, current=True):
                case Judged() as judged if not self._second:
                    return _Found(self._good(asked, Standing.UNCHANGED, judged), old)
                case Judged() as judged:
                    kept = _confirmed(judged, old)
                    return _Found(self._good(asked, Standing.UNCHANGED, judged, _second_of(kept)), kept)
                case Refused(reason=reason):
                    if not self._update:
                        self.diagnostics.append(self._refused(asked, reason))
                    old, olds = None, []
                case Stale() | Undecided():
                    pass
        return self._surviving(asked, olds) or self._repaired(asked, olds) or self._new(asked, old)

    def _left_over(self, asked: Question) -> list[Entry]:
        """Answers about the property to checks that are gone: perhaps this one, with another `where`."""
        same = (entry for entry in self._stored.entries if entry.key.property == asked.check.property)
        return [entry for entry in same if entry.key not in self._known]

    def _refused(self, asked: Question, reason: str) -> Diagnostic:
        path = proof_path(self._path)
        message = f"{path}: the stored answer about '{asked.check.property}' does not hold: {reason}"
        hint = "find out where the file comes from; 'tdxverify prove --update' writes it anew"
        return Diagnostic(Code.E804, message, asked.check.span, hint=hint)

    def _surviving(self, asked: Question, olds: Sequence[Entry]) -> _Found | None:
        for old in olds:
            judged = self._judge.judge(asked, old, current=False)
            if isinstance(judged, Judged):
                found = [(one.problem, one.evidence) for one in judged.accepted]
                return self._kept(asked, Standing.SURVIVING, found)
        return None

    def _repaired(self, asked: Question, olds: Sequence[Entry]) -> _Found | None:
        """The old formulas as candidates, beside those that a small instance gives."""
        for item in (item for old in olds for item in old.evidence):
            if item.kind != Invariant.kind or item.sizes is not None or not asked.sizing.open:
                continue
            problem = problem_for(asked, item)
            certificate = self._repaired_in_time(problem, item)
            if certificate is not None:
                return self._kept(asked, Standing.REPAIRED, [(problem, certificate)])
        return None

    def _repaired_in_time(self, problem: Problem, item: Item) -> Invariant | None:
        budget = self._budget.share(_REPAIR_SHARE)
        try:
            with held(budget):
                return repaired(problem, item, budget, self._observer)
        except LimitReached:
            return None

    def _new(self, asked: Question, old: Entry | None) -> _Found:
        found = answer(asked, self._budget, self._observer)
        if found.interrupted:
            raise KeyboardInterrupt
        self.diagnostics.extend(found.diagnostics)
        if found.answer.outcome is Outcome.UNKNOWN:  # what was known before may be of use once more is known
            given, why = found.answer.is_given, found.answer.reason
            return _Found(no_answer(asked, Standing.UNDECIDED, why, is_given=given), old)
        last = found.decided[-1]
        decided = [last] if isinstance(last.verdict, Refuted) else found.decided
        pairs = [(one.problem, self._evidence(one)) for one in decided]
        return self._kept(asked, Standing.NEW, pairs)

    def _evidence(self, decided: Found) -> Evidence:
        """What of a verdict can be kept. Sets of states are too large: an invariant takes their place."""
        assert not isinstance(decided.verdict, Unknown)
        evidence = decided.verdict.evidence
        if isinstance(evidence, Enumeration):
            again = find("pdr", decided.problem, self._budget, self._observer).verdict
            return again.evidence if isinstance(again, Proved) else replace(evidence, members=None)
        if isinstance(evidence, Ranking):  # with copies of the states there may be too many for pdr
            limited = self._budget.working(RANKING_WORK)
            again = find("pdr", decided.problem, limited, self._observer).verdict
            return again.evidence if isinstance(again, Proved) else Ranking(evidence.states)
        return evidence

    def _good(self, asked: Question, standing: Standing, judged: Judged, second: str | None = None) -> Answer:
        return good_answer(asked, standing, judged, late(self._budget, self._started), second)

    # --- keeping -----------------------------------------------------------------------

    def _kept(self, asked: Question, standing: Standing, found: Sequence[tuple[Problem, Evidence]]) -> _Found:
        """The answer in the form in which it is stored, judged as it will be when it is rechecked."""
        items = tuple(self._judge.item(problem, e, _checked_by(problem, e)) for problem, e in found)
        entry = Entry(key_of(asked), "", items)
        match self._judge.judge(asked, entry, current=False):
            case Judged() as judged:
                entry = replace(entry, outcome=judged.outcome.value)
                return _Found(self._good(asked, standing, judged, _second_of(entry)), entry)
            case Undecided(reason=reason):
                told = f"found, but not rechecked: {reason}"
                return _Found(no_answer(asked, Standing.UNDECIDED, told), None)
            case Refused(reason=reason) | Stale(reason=reason):
                bundle = {"problem": repr(found[0][0]), "evidence": repr([e for _, e in found])}
                raise InternalError(f"evidence about {asked.check.property} is lost: {reason}", bundle)


def _not_selected(questions: Sequence[Question]) -> Sequence[Question]:
    """The other checks of the spec that `questions`, all those which the options select, are about."""
    first = next(iter(questions), None)
    if first is None or not first.options.configs:
        return ()
    return every_check(first.spec, replace(first.options, configs=()))


def repaired(problem: Problem, item: Item, budget: Budget, observer: Observer) -> Invariant | None:
    """An invariant for any size that some of the stored formulas are part of, if there is one."""
    from tdxverify.engines import anysize

    try:
        hints = usable_formulas(problem, item)
    except Unusable:
        return None
    verdict = anysize.decide(problem, budget, observer, hints).verdict
    match verdict:
        case Proved(certificate=Invariant(formulas=formulas) as certificate) if set(formulas) & set(hints):
            return certificate
    return None


def _checked_by(problem: Problem, evidence: Evidence) -> tuple[str, ...]:
    """Who accepts it. A second solver is asked if there is one; if it gives up it is not named."""
    if evidence.without_solver:
        return (EVALUATOR,)
    other = confirm(problem, evidence)
    return (first_version(), other) if isinstance(other, str) else (first_version(),)


def _confirmed(judged: Judged, entry: Entry) -> Entry:
    """`entry`, which `judged` accepts, with the names of those who accept it now."""
    items = (replace(one.item, checked_by=_checked_by(one.problem, one.evidence)) for one in judged.accepted)
    return replace(entry, evidence=tuple(items))


def _second_of(entry: Entry) -> str | None:
    """The second solvers that the entry names, if it names one for every piece of evidence."""
    named = dict.fromkeys(", ".join(item.checked_by[1:]) for item in entry.evidence)
    return None if "" in named else ", ".join(named)
