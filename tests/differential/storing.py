"""Stored answers: proving, rechecking, and rechecking after a change that means nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdxverify.answers.answer import Standing
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.questions.options import Options
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.printing import print_module

Judge = Callable[[int, str, int | None, bool, str], None]


def stored_faults(path: Path, judge: Judge, compared: Counter[str]) -> list[Any]:
    """Faults of `prove` and `recheck` on the spec at `path`. `judge` is told every answer."""
    from tests.differential.comparing import Fault

    found: list[Any] = []
    proved = prove([path], Silent(), Options(timeout=6))
    _judge_all(proved, judge, "prove")
    compared["prove"] += len(proved.answers)
    stored = [n for n, one in enumerate(proved.answers) if one.kept.standing is Standing.NEW]
    if not proof_path(path).exists():
        return found
    again = recheck([path])
    _judge_all(again, judge, "recheck")
    compared["recheck"] += len(again.answers)
    for number in stored:
        if again.answers[number].kept.standing is not Standing.HOLDS:
            told = f"{again.answers[number].kept.standing.value}: {again.answers[number].reason}"
            found.append(Fault("stored answer does not hold", f"answer {number} just stored: {told}"))
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(print_module(parse(SourceFile(str(path), text))), encoding="utf-8")
        printed = recheck([path])
    finally:
        path.write_text(text, encoding="utf-8")
    if [a.kept.standing for a in printed.answers] != [a.kept.standing for a in again.answers]:
        found.append(Fault("fingerprint", "printed in canonical form, stored answers do not hold any more"))
    return found


def _judge_all(run: Run, judge: Judge, doing: str) -> None:
    for number, one in enumerate(run.answers):
        if one.outcome is not None:
            judge(number, one.outcome.value, one.length, one.is_general, doing)
