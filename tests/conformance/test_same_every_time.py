"""The same specs give the same report and the same proof files, whatever the order of sets happens to be and
however busy the machine is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Container, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
import z3

from tdxverify.budget import Allowance, Budget
from tdxverify.engines import anysize
from tdxverify.evidence.verdict import Proved
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.specs import load_checked
from tdxverify.smt.asker import Asker, GaveUp
from tests.texts import Silent

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

ROOT = Path(__file__).parents[2]
SEEDS = ("1", "2")
# With proofs for every size, whose formulas are chosen among many; with traces; with tables.
FILES = [
    "examples/05-interleaving.tdx",
    "examples/06-two-page-sizes.tdx",
    "examples/09-faults.tdx",
    "spec/properties/act.tdx",
    "spec/properties/cca_rows.tdx",
]
INVENTED = "examples/05-interleaving.tdx"


def run(seed: str, arguments: Sequence[str], status: Container[int] = (0, 2)) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "tdxverify", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode in status, done.stdout + done.stderr  # some engines know no proof for every size
    return done.stdout


def timeless(value: Json) -> Json:
    """Without the seconds that something took."""
    if isinstance(value, dict):
        return {name: timeless(part) for name, part in value.items() if name != "seconds"}
    return [timeless(part) for part in value] if isinstance(value, list) else value


def test_the_whole_report() -> None:
    """All of it, with the formulas that proofs rest on."""
    one, other = (
        timeless(json.loads(run(seed, ["check", *FILES, "--show-invariant", "--format", "json"])))
        for seed in SEEDS
    )
    assert one == other
    assert isinstance(one, dict) and isinstance(one["checks"], list)
    formulas = [check["invariant"] for check in one["checks"] if isinstance(check, dict)]
    assert sum(bool(found) for found in formulas) > 15


SECONDS = re.compile(r"\d+(\.\d+)? s\b")
SAID = [
    ["why", "examples/05-interleaving.tdx"],
    ["why", "examples/03-kexec.tdx", "--line", "57"],
    ["lint", "examples/06-two-page-sizes.tdx", "examples/09-faults.tdx"],
    ["simulate", "examples/03-kexec.tdx", "--until", "exists l : Line: poison[l]"],
]


@pytest.mark.parametrize("arguments", SAID, ids=lambda arguments: " ".join(arguments[:2]))
def test_what_is_said_of_models(arguments: list[str]) -> None:
    """Byte by byte, but for the seconds that something took."""
    one, other = (SECONDS.sub("", run(seed, arguments, {0, 1, 2})) for seed in SEEDS)
    assert one and one == other


@pytest.mark.parametrize("engine", ["pdr", "any-size", "k-induction"])
def test_what_an_engine_finds(engine: str) -> None:
    arguments = ["check", INVENTED, "--engine", engine, "--show-invariant", "--format", "json"]
    one, other = (timeless(json.loads(run(seed, arguments))) for seed in SEEDS)
    assert one == other


def test_proof_files(tmp_path: Path) -> None:
    kept = []
    for seed in SEEDS:
        spec = tmp_path / seed / "spec.tdx"
        spec.parent.mkdir()
        shutil.copy(ROOT / INVENTED, spec)
        run(seed, ["prove", str(spec)])
        kept.append(spec.with_suffix(".proof.json").read_text(encoding="utf-8"))
    assert kept[0] == kept[1]


def test_questions_about_every_size_end_by_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a limit of time would decide which formulas there are. Time is the last resort."""
    original, limits = Asker.ask, list[int | None]()

    def ask(
        asker: Asker, assumptions: Sequence[z3.BoolRef], allowed: Allowance, effort: int | None = None
    ) -> bool | GaveUp:
        if effort is not None:
            limits.append(allowed.milliseconds)
        return original(asker, assumptions, allowed, effort)

    monkeypatch.setattr(Asker, "ask", ask)
    spec = load_checked(ROOT / INVENTED)
    assert spec is not None
    check = next(check for check in spec.model.checks if not check.sizes)
    problem = lower(spec.model, check, {sort.name: 2 for sort in spec.model.index_sorts})
    assert isinstance(anysize.decide(problem, Budget(), Silent()).verdict, Proved)
    assert len(limits) > 10
    assert all(limit is not None and limit > 10_000 for limit in limits)
