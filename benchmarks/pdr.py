"""PDR with symmetry against Spacer, both on the functional encoding, on the common model with many lines.

Whole processes, medians; each is stopped after 30 s, so a ratio may be a lower bound. Spacer's evidence is
read back but not certified, ours is printed with and without. Usage:

    python -m benchmarks.pdr [ROUNDS]

Measures itself as `python -m benchmarks.pdr run ENGINE LINES ERRATUM MITIGATION [certify]`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import median
from time import monotonic

from benchmarks.symbolic import run_once

LIMIT = 30.0  # seconds


@dataclass(frozen=True)
class Row:
    """`least`: how many times faster than Spacer it should be; None where there is no such goal."""

    name: str
    arguments: tuple[str, ...]
    least: float | None


ROWS = (
    Row("64 lines, both, proved", ("64", "1", "1"), 5.0),
    Row("64 lines, neither, proved", ("64", "0", "0"), 5.0),
    Row("64 lines, erratum only, refuted", ("64", "1", "0"), None),
    Row("16 lines, both, proved", ("16", "1", "1"), None),
)


def _seconds(engine: str, arguments: tuple[str, ...], rounds: int) -> float:
    return median(run_once(("-m", "benchmarks.pdr", "run", engine, *arguments))[0] for _ in range(rounds))


def compare(rounds: int) -> None:
    start = median(run_once(("-c", "import z3"))[0] for _ in range(rounds))
    print(f"start of Z3 alone: {start:.2f} s")
    print(f"{'':34}{'pdr':>7}{'certified':>11}{'spacer':>8}{'ratio':>7}{'goal':>6}")
    for row in ROWS:
        ours = _seconds("pdr", row.arguments, rounds)
        certified = _seconds("pdr", (*row.arguments, "certify"), rounds)
        theirs = _seconds("spacer", row.arguments, rounds)
        goal = "" if row.least is None else f"{row.least:.0f}"
        ratio = theirs / ours
        print(f"{row.name:34}{ours:7.2f}{certified:11.2f}{theirs:8.2f}{ratio:7.1f}{goal:>6}", flush=True)


def run_engine(engine: str, lines: str, erratum: str, mitigation: str, *rest: str) -> None:
    """What is measured: one engine on one problem, in this process."""
    from tdxverify.budget import Budget
    from tdxverify.engines.registry import ENGINES
    from tests.problems import common_model
    from tests.texts import Silent

    subject = common_model(int(lines), erratum == "1", mitigation == "1")
    verdict = ENGINES[engine].run(subject, Budget(deadline=monotonic() + LIMIT), Silent())
    print(type(verdict).__name__)
    if rest:
        from tdxverify.evidence.certifying import certified

        certified(subject, verdict, Budget())


def main() -> None:
    if sys.argv[1:2] == ["run"]:
        run_engine(*sys.argv[2:])
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5)


if __name__ == "__main__":
    main()
