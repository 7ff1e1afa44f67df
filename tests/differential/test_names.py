"""Names of ours in a spec change nothing: every answer, trace and output is that of harmless names."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.budget import UNLIMITED
from tdxverify.cli.main import main
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Refuted
from tdxverify.model.model import SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tests.differential.hostile_names import assignments, harmless, names, text_with
from tests.forked import fork_workers
from tests.texts import model_of
from tests.thorough import THOROUGH, Many, each

ENUMERATING = ("explicit",)
SOLVING = ("auto", "pdr", "any-size", "bmc", "k-induction")
DEAR = tuple(n for n, row in ENGINES.items() if row.is_installed and n not in (*ENUMERATING, *SOLVING))


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


def answers(chosen: dict[str, str], engines: tuple[str, ...]) -> list[Any]:
    """Per engine and check: outcome, length, and the trace with its actions by number."""
    model = model_of(text_with(chosen))
    spec = Spec(Path("test.tdx"), model)
    numbers = {action.name: number for number, action in enumerate(model.actions)}
    found: list[Any] = []
    one_each = tuple(SizeRange(chosen[role], 1, 1) for role in ("sort", "other_sort"))
    for engine in engines:
        sizes = () if ENGINES[engine].any_size else one_each
        for check in model.checks:
            one = answer(
                Question(spec, check, Options(engine=engine, bound=4, sizes=sizes)), UNLIMITED, Silent()
            )
            traces = [d.verdict.trace for d in one.decided if isinstance(d.verdict, Refuted)]
            runs = [(t.rigid, t.states, [(numbers[s.action], s.arguments) for s in t.steps]) for t in traces]
            codes = [diagnostic.code for diagnostic in one.diagnostics]
            found.append((engine, one.answer.outcome, one.answer.length, runs, codes))
    return found


@cache
def expected(engines: tuple[str, ...]) -> list[Any]:
    return answers(harmless(), engines)


def test_there_are_names_and_answers_of_every_kind() -> None:
    assert len(names()) > 250
    outcomes = {outcome.value for _, outcome, _, _, _ in expected(SOLVING)}
    assert outcomes >= {"proved", "refuted", "unknown"}


def shares() -> list[Any]:
    """Each engine on half of the names in a usual run; what solvers are asked is alike, so that each half
    is put to several."""
    asked = [(ENUMERATING, 23), *(((name,), 180) for name in SOLVING)]
    found = [(engines, step, half) for engines, step in asked for half in range(2)]
    return each(found, lambda position: position // 2 % 2 == position % 2)


@pytest.mark.parametrize(("engines", "step", "half"), shares())
def test_answers_are_those_of_harmless_names(engines: tuple[str, ...], step: int, half: int) -> None:
    for chosen in islice(assignments(step=step), half, None, 2):
        assert answers(chosen, engines) == expected(engines), chosen


@THOROUGH
@pytest.mark.parametrize("engine", DEAR)
def test_engines_that_take_long(engine: str) -> None:
    for chosen in islice(assignments(), 2):
        assert answers(chosen, (engine,)) == expected((engine,)), chosen


# --- commands ------------------------------------------------------------------------

COMMANDS = """
check --format json
check --format html
check --format junit
check --format sarif
check --show-invariant -v
lint
table
prove
recheck
recheck --second
certificate show
certificate export
why --line 40
why --line 41
trace --line 40 --format json
trace --line 40 --format itf
trace --line 40 --format vcd
trace --line 40 --format mermaid
trace --line 40 --format plantuml
trace --line 40 --format c
graph --line 40 --format svg
graph --line 40 --format dot
graph --line 40 --format mermaid
graph --line 40 --format graphml
graph --line 40 --format html
"""


def outputs(
    chosen: dict[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> list[tuple[str, object, str]]:
    folder.mkdir()
    spec = folder / "test.tdx"
    spec.write_text(text_with(chosen), encoding="utf-8")
    found = []
    for command in COMMANDS.strip().splitlines():
        with pytest.raises(SystemExit) as caught:
            main([*command.split(), str(spec)])
        found.append((command, caught.value.code, capsys.readouterr().out))
    return found


def test_every_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, some: Many
) -> None:
    monkeypatch.chdir(tmp_path)
    plain = outputs(harmless(), tmp_path / "harmless", capsys)
    assert [(command, code) for command, code, _ in plain if code not in (0, 1, 2, 3)] == []
    for number, chosen in enumerate(islice(assignments(step=180), 0, None, 9 // some(3))):
        folder = tmp_path / str(number)
        for (command, code, told), (_, wanted, usual) in zip(
            outputs(chosen, folder, capsys), plain, strict=True
        ):
            assert code == wanted, (command, chosen)
            if command.startswith("trace") and command.endswith("json"):
                wanted_trace = json.loads(renamed(usual, chosen)) | {"problem": ANY}
                assert json.loads(told) == wanted_trace, (command, chosen)


def renamed(text: str, chosen: dict[str, str]) -> str:
    """An output about harmless names with these in their places."""
    back = {name: chosen[role] for role, name in harmless().items()}
    return re.sub(r"zq\d\d", lambda found: back[found[0]], text)
