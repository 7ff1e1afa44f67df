"""What the symbolic engines cost, as ratios to Z3 scripts written by hand, measured in the same run.

Whole processes, interleaved, medians; ours includes certifying the evidence where it says so. Usage:

    python -m benchmarks.symbolic [ROUNDS]

Measures itself as `python -m benchmarks.symbolic run ENGINE PROBLEM [certify]`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Row:
    """One comparison: a command of ours and the yardstick's; `most` is the ratio that is still fine."""

    name: str
    ours: tuple[str, ...]
    yardstick: tuple[str, ...]
    most: float | None


def _ours(*arguments: str) -> tuple[str, ...]:
    return ("-m", "benchmarks.symbolic", "run", *arguments)


def _baseline(*arguments: str) -> tuple[str, ...]:
    return ("-m", "benchmarks.baseline", *arguments)


ROWS = (
    Row("start of Z3 alone", ("-c", "import z3"), ("-c", "pass"), None),
    Row("bmc, 64 lines, refuted", _ours("bmc", "common 64 1 0"), _baseline("bmc", "64", "1", "0"), 1.5),
    Row("bmc, 256 lines, refuted", _ours("bmc", "common 256 1 0"), _baseline("bmc", "256", "1", "0"), 1.5),
    Row("bmc, 64 lines, to depth 20", _ours("bmc", "common 64 1 1"), _baseline("bmc", "64", "1", "1"), 1.5),
    Row(
        "k-induction, 64 lines, proved",
        _ours("k-induction", "common 64 1 1"),
        _baseline("induction", "64", "1", "1"),
        1.5,
    ),
    Row(
        "the same, certified",
        _ours("k-induction", "common 64 1 1", "certify"),
        _baseline("induction", "64", "1", "1"),
        None,
    ),
    Row("auto, 64 lines, refuted", _ours("auto", "common 64 1 0"), _baseline("bmc", "64", "1", "0"), None),
    Row(
        "auto, 64 lines, proved", _ours("auto", "common 64 1 1"), _baseline("induction", "64", "1", "1"), None
    ),
    Row("bmc, German 3 clients, to 20", _ours("bmc", "german 3 0"), ("-c", "import z3"), None),
    Row("bmc, German 3 clients, broken", _ours("bmc", "german 3 1"), ("-c", "import z3"), None),
)


def run_once(command: tuple[str, ...]) -> tuple[float, float]:
    """Seconds and peak MiB of one process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = monotonic()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, *command],
        environment,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    seconds = monotonic() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return seconds, usage.ru_maxrss / 1024


def compare(rounds: int) -> None:
    print(f"{'':32}{'ours s':>8}{'theirs s':>10}{'ratio':>7}{'limit':>7}{'MiB':>6}")
    for row in ROWS:
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(run_once(row.ours))
            theirs.append(run_once(row.yardstick))
        mine, other = median(s for s, _ in ours), median(s for s, _ in theirs)
        limit = "" if row.most is None else f"{row.most:.1f}"
        peak = max(mib for _, mib in ours)
        print(f"{row.name:32}{mine:8.2f}{other:10.2f}{mine / other:7.2f}{limit:>7}{peak:6.0f}", flush=True)


def run_engine(engine: str, problem: str, *rest: str) -> None:
    """What is measured: one engine on one problem, in this process."""
    from tdxverify.budget import Budget
    from tdxverify.engines.registry import decide
    from tests.german import german
    from tests.problems import common_model

    class Silent:
        def progress(self, engine: str, text: str) -> None:
            pass

    kind, size, *flags = problem.split()
    if kind == "common":
        subject = common_model(int(size), flags[0] == "1", flags[1] == "1")
    else:
        subject = german(int(size), broken=flags[0] == "1")
    decision = decide(engine, subject, Budget(bound=20), Silent())
    print(decision.engine, type(decision.verdict).__name__)
    if rest:
        from tdxverify.evidence.certifying import certified

        certified(subject, decision.verdict, Budget())


def main() -> None:
    if sys.argv[1:2] == ["run"]:
        run_engine(*sys.argv[2:])
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5)


if __name__ == "__main__":
    main()
