"""What proofs for any number of elements cost: whole processes, certified, medians. Usage:

    python -m benchmarks.any_size [ROUNDS]

Measures itself as `python -m benchmarks.any_size check FILE PROPERTY PARAMETER=0...` and `... german`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from statistics import median

from benchmarks.symbolic import run_once
from tdxverify.questions.problems.problem import Problem

COMMON, FLUSH = "examples/07-common-model.tdx", "examples/04-missing-flush.tdx"


@dataclass(frozen=True)
class Row:
    """`most`: seconds for the whole process that are still fine."""

    name: str
    command: tuple[str, ...]
    most: float | None


def _check(file: str, name: str, *parameters: str) -> tuple[str, ...]:
    return ("-m", "benchmarks.any_size", "check", file, name, *parameters)


ROWS = (
    Row(
        "common model, neither, proved",
        _check(COMMON, "next_kernel_is_safe", "erratum=0", "mitigation=0"),
        1.5,
    ),
    Row(
        "common model, both, proved", _check(COMMON, "next_kernel_is_safe", "erratum=1", "mitigation=1"), 1.5
    ),
    Row(
        "common model, erratum only, refuted",
        _check(COMMON, "next_kernel_is_safe", "erratum=1", "mitigation=0"),
        1.5,
    ),
    Row(
        "dirty lines per CPU, flushed, proved",
        _check(FLUSH, "next_kernel_keeps_its_data", "flush_on_stop=1", "late_seamcalls=0"),
        5.0,
    ),
    Row("German protocol, proved", ("-m", "benchmarks.any_size", "german"), None),
)


def compare(rounds: int) -> None:
    print(f"{'':38}{'s':>7}{'most':>6}{'ratio to start':>16}{'MiB':>6}")
    start = median(run_once(("-c", "import z3"))[0] for _ in range(rounds))
    for row in ROWS:
        measured = [run_once(row.command) for _ in range(rounds)]
        seconds = median(s for s, _ in measured)
        limit = "" if row.most is None else f"{row.most:.1f}"
        peak = max(mib for _, mib in measured)
        print(f"{row.name:38}{seconds:7.2f}{limit:>6}{seconds / start:16.1f}{peak:6.0f}", flush=True)


def check(file: str, name: str, *parameters: str) -> None:
    """Decide property `name` for every size and given parameters, certify, and say what it was."""
    from pathlib import Path

    from tdxverify.logic import expr as core
    from tdxverify.logic.expr import Read
    from tdxverify.questions.problems.lower import lower
    from tdxverify.syntax.imports import load
    from tdxverify.wellformed import build_model

    model = build_model(load(Path(file)))
    symbols = {info.symbol.name: info.symbol for info in model.symbols}
    given = [parameter.split("=") for parameter in parameters]
    where = core.conjunction(
        *(Read(symbols[n]) if v == "1" else core.negation(Read(symbols[n])) for n, v in given)
    )
    one = next(check for check in model.checks if check.property == name)
    sizes = {sort.name: 2 for sort in model.index_sorts}
    _decide(lower(model, replace(one, where=where), sizes))


def _decide(problem: Problem) -> None:
    from tdxverify.budget import Budget
    from tdxverify.engines.registry import decide_any_size
    from tdxverify.evidence.certifying import certified
    from tests.texts import Silent

    found = decide_any_size("auto", problem, Budget(), Silent())
    certified(found.problem, found.verdict, Budget())
    print(found.engine, type(found.verdict).__name__, found.problem.sizes)


def main() -> None:
    match sys.argv[1:]:
        case ["check", file, name, *parameters]:
            check(file, name, *parameters)
        case ["german"]:
            from tests.german import german

            _decide(german(2, broken=False))
        case [rounds]:
            compare(int(rounds))
        case _:
            compare(5)


if __name__ == "__main__":
    main()
