"""Every check answered from what is stored: replayed, not searched for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from tdxverify.answers.answer import Answer, Standing
from tdxverify.answers.deciding import range_mistake
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Mistakes, Run
from tdxverify.answers.stored.answering import good_answer, left_over, no_answer, not_begun, not_reached
from tdxverify.answers.stored.entries import Entry, ProofFile
from tdxverify.answers.stored.file import proof_path, read
from tdxverify.answers.stored.judging import Judge, Judged, Stale, key_of
from tdxverify.budget import Budget, NotDecided
from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.engines.finding import late
from tdxverify.evidence.base import Refused, Undecided
from tdxverify.processes import mapped
from tdxverify.questions.narrowing import ConfigNames, config_names, missing_configs
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check, no_check, waiting
from tdxverify.questions.specs import load_checked, spec_files
from tdxverify.syntax.claims import Expected
from tdxverify.syntax.grammar import parser

RANGE_STATES = 30_000  # that are looked at for a value that leaves its range, where nothing is stored

# The answers about one spec; what is wrong with it or its proof file; whether Ctrl-C came in between; its
# configurations, if it could be read.
_FileResult: TypeAlias = tuple[list[Answer], tuple[Diagnostic, ...], bool, ConfigNames | None]


def recheck(
    paths: Iterable[Path], options: Options | None = None, *, second: bool = False, jobs: int = 1
) -> Run:
    """Check the stored answer to every check of the specs in `paths`, with up to `jobs` processes.

    Of the options, `timeout` counts, for each check and for reading each file, `configs`, and what is to be
    told.
    `second`: proofs are also put to a second solver; a diagnostic says so if there is none. Raises
    InternalError where the two solvers disagree.
    """
    started, paths, options = monotonic(), list(paths), options or Options()
    in_order, diagnostics = spec_files(paths)
    if second:
        from tdxverify.evidence.second_opinion import missing

        wrong = missing()
        diagnostics.extend(wrong)
        second = not wrong
    largest_first = sorted(in_order, key=_size, reverse=True)
    results: dict[Path, _FileResult] = {}
    one_file = partial(_recheck_file, second=second, options=options)
    interrupted = False
    try:
        for result in mapped(one_file, largest_first, jobs, prepare=_load_everything):
            results[largest_first[len(results)]] = result
            if result[2]:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        interrupted = True
    rest = [path for path in in_order if path not in results]
    not_come_to = not_begun(waiting(rest, options)) if interrupted else []
    there = [results[path] for path in in_order if path in results]
    answers = (*(answer for result in there for answer in result[0]), *not_come_to)
    mistakes = Mistakes([*diagnostics, *(one for result in there for one in result[1])])
    known = [result[3] for result in there if result[3] is not None]
    if known and not interrupted and (wrong := missing_configs(known, options)):
        return Run((), (*mistakes.found, *wrong), seconds=monotonic() - started)
    if not (answers or mistakes.found or interrupted):
        mistakes.add([no_check(paths)])
    return Run(answers, mistakes.found, interrupted, (), monotonic() - started)


def _size(path: Path) -> int:
    """How much work there is, roughly. What cannot be read will be found out later."""
    try:
        return proof_path(path).stat().st_size
    except OSError:
        return 0


def _load_everything() -> None:
    """What every process would otherwise load for itself: the solver, the evaluator, the parser's tables."""
    for module in ("tdxverify.evidence.kinds", "tdxverify.evidence.scripts.inductive", "tdxverify.smt.text"):
        import_module(module)
    parser()


def _recheck_file(path: Path, *, second: bool, options: Options) -> _FileResult:
    try:
        spec = load_checked(path, Budget.of(options.timeout))
        names = ConfigNames(frozenset(), frozenset()) if spec is None else config_names(spec.model)
        questions = () if spec is None else every_check(spec, options)
        if options.configs and not questions:
            return [], (), False, names
        stored = read(proof_path(path), path)
    except SpecError as error:
        return [], error.diagnostics, False, None
    answers: list[Answer] = []
    rechecking = _Rechecking(path, questions, stored, second=second)
    interrupted = False
    try:
        answers.extend(rechecking.answers())
    except KeyboardInterrupt:
        interrupted = True
        answers.extend(not_reached(rechecking.questions[len(answers) :]))
    return answers, rechecking.mistakes.found, interrupted, names


class _Rechecking:
    def __init__(
        self, path: Path, questions: Sequence[Question], stored: ProofFile | None, *, second: bool
    ) -> None:
        self._path = path
        self.questions = questions
        self._stored = stored
        self._second = second
        self._judge = Judge()
        self.mistakes = Mistakes(())

    def answers(self) -> Iterator[Answer]:
        for asked in self.questions:
            entry = None if self._stored is None else self._stored.entry(key_of(asked))
            started = monotonic()
            found = self._missing(asked) if entry is None else self._judged(asked, entry)
            yield replace(found, seconds=monotonic() - started)
        if any(asked.options.configs for asked in self.questions):
            return  # an entry that no check asks for is in no configuration
        known = {key_of(asked) for asked in self.questions}
        for entry in () if self._stored is None else self._stored.entries:
            if entry.key not in known:
                yield self._left_over(entry)

    def _missing(self, asked: Question) -> Answer:
        if asked.check.expected is Expected.UNKNOWN:
            return self._left_open(asked)
        there_is = "the proof file has no answer" if self._stored is not None else "there is no proof file"
        return no_answer(asked, Standing.MISSING, f"{there_is}; run: tdxverify prove {self._path}")

    def _left_open(self, asked: Question) -> Answer:
        """Nothing is stored, as the check expects; but where a value leaves its range, that is no answer."""
        told = "nothing is stored, and nothing is expected"
        budget = replace(Budget.of(asked.options.timeout), max_states=RANGE_STATES)
        try:
            wrong = range_mistake(asked, budget, Silent())
        except NotDecided as reason:
            told += f"; whether all values fit was not found out: {reason}"
        else:
            if wrong is not None:
                self.mistakes.add(wrong.diagnostics)
                return no_answer(asked, Standing.UNDECIDED, wrong.answer.reason)
        return no_answer(asked, Standing.UNDECIDED, told, is_given=True)

    def _judged(self, asked: Question, entry: Entry) -> Answer:
        started, budget = monotonic(), Budget.of(asked.options.timeout)
        match self._judge.within(budget).judge(asked, entry, current=True):
            case Judged() as judged:
                second = self._confirmed(judged)
                if isinstance(second, Undecided):
                    return no_answer(asked, Standing.UNDECIDED, f"not rechecked: {second.reason}")
                return good_answer(asked, Standing.HOLDS, judged, late(budget, started), second)
            case Stale(reason=reason):
                return no_answer(asked, Standing.STALE, f"{reason}; run: tdxverify prove {self._path}")
            case Refused(reason=reason):
                return no_answer(asked, Standing.REFUSED, reason)
            case Undecided(reason=reason):
                return no_answer(asked, Standing.UNDECIDED, f"not rechecked: {reason}")

    def _confirmed(self, judged: Judged) -> str | Undecided | None:
        """The second solvers, if they have accepted all of it; Undecided where one gives up."""
        if not self._second:
            return None
        from tdxverify.evidence.second_opinion import confirm

        heard = [confirm(one.problem, one.evidence) for one in judged.accepted]
        undecided = next((one for one in heard if isinstance(one, Undecided)), None)
        named = [one for one in heard if isinstance(one, str)]
        if undecided is not None or len(named) < len(heard):
            return undecided
        return ", ".join(dict.fromkeys(named))

    def _left_over(self, entry: Entry) -> Answer:
        reason = f"the spec has no such check any more; run: tdxverify prove {self._path}"
        return left_over(self._path, entry.key, reason)
