"""Stored proofs for other eyes: as text, and as SMT-LIB scripts that any solver can answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdxverify.answers.stored.entries import Entry, OutOfDate
from tdxverify.answers.stored.file import proof_path, read
from tdxverify.answers.stored.judging import key_of, problem_for
from tdxverify.budget import TooLarge
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.evidence.item import Item, Unusable
from tdxverify.evidence.kinds import evidence_in, kind_of
from tdxverify.files.writing import output_file
from tdxverify.questions.narrowing import config_names, missing_configs, selected
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec, load_model


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to check `number` of a spec, counted from 1; `entry` None: there is none."""

    number: int
    asked: Question
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class ScriptFile:
    name: str
    text: str


def stored_answers(
    path: Path, properties: Sequence[str], number: int | None, configs: Sequence[str] = ()
) -> list[StoredAnswer]:
    """What is stored about the checks of a spec: all, those of some properties or configurations, or one.

    Raises SpecError: E707, E708 and E713 where there is no such check, and as reading a proof file does.
    """
    spec = Spec(path, load_model(path))
    known = [check.property for check in spec.model.checks]
    wrong = [
        Diagnostic(Code.E707, f"no check of property '{name}' in {path}", hint=did_you_mean(name, known))
        for name in properties
        if name not in known
    ]
    if number is not None and not 1 <= number <= len(known):
        wrong.append(Diagnostic(Code.E708, f"{path} has checks 1 to {len(known)}, there is no {number}"))
    options = Options(properties=tuple(properties), configs=tuple(configs))
    wrong += missing_configs([config_names(spec.model)], options)
    if wrong:
        raise SpecError(wrong)
    stored = read(proof_path(path), path)
    if stored is None:
        hint = f"run: tdxverify prove {path}"
        raise SpecError([Diagnostic(Code.E806, f"there is no {proof_path(path)}", hint=hint, file=str(path))])
    answers = []
    chosen = selected(spec.model, options)
    for position, asked in enumerate(every_check(spec, Options()), start=1):
        if asked.check in chosen and number in (None, position):
            answers.append(StoredAnswer(position, asked, stored.entry(key_of(asked))))
    return answers


def lines_of(one: StoredAnswer) -> list[tuple[Item, tuple[str, ...]]]:
    """The stored evidence with what people read of it, unchecked. Raises SpecError (E806)."""
    try:
        return [(item, kind_of(item).readable(item)) for item in _evidence(one)]
    except Unusable as error:
        raise _unusable(one, error) from None


def scripts(answers: Sequence[StoredAnswer]) -> list[ScriptFile]:
    """The obligations of the stored proofs among `answers`, one script each, to be answered `unsat`.

    Raises SpecError (E806) if there are none at all, or where stored formulas make no sense.
    """
    found = [script for one in answers for script in _scripts(one)]
    if not found:
        message = "none of these checks has a stored proof of which a solver could be asked anything"
        raise SpecError([Diagnostic(Code.E806, message, hint="traces are replayed by: tdxverify recheck")])
    return found


def _scripts(one: StoredAnswer) -> Iterator[ScriptFile]:
    for place, item in enumerate(_evidence(one), start=1):
        try:
            problem = problem_for(one.asked, item)
            script = evidence_in(problem, item).script(problem)
        except (OutOfDate, Unusable, TooLarge) as error:
            raise _unusable(one, error) from None
        if script is None:
            continue
        several = len(_evidence(one)) > 1
        stem = f"{one.number:03}-{_safe(one.asked.check.property)}" + (f"-{place}" if several else "")
        for number, obligation in enumerate(script.obligations):
            yield ScriptFile(f"{stem}-{number:02}-{_safe(obligation.name)}.smt2", script.alone(obligation))


def _evidence(one: StoredAnswer) -> tuple[Item, ...]:
    return () if one.entry is None else one.entry.evidence


def _unusable(one: StoredAnswer, error: Exception) -> SpecError:
    message = f"the stored answer to check {one.number} cannot be used: {error}"
    return SpecError([Diagnostic(Code.E806, message, one.asked.check.span)])


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", name)


def save(files: Sequence[ScriptFile], directory: Path, inputs: Iterable[Path]) -> None:
    """Write the scripts; none over one of `inputs`. Raises SpecError (E705)."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecError([Diagnostic(Code.E705, f"cannot write to {directory}: {reason}")]) from None
    kept = list(inputs)
    targets = [(output_file(directory / file.name, lambda: kept), file.text) for file in files]
    for target, text in targets:
        target.write(text)
