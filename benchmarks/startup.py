"""How long starting takes: `--help` and a small check, against bare Python and Python with Z3.

    python benchmarks/startup.py [SPEC]

Medians of whole processes. Read the ratios: seconds belong to the machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = 15

HELP_LIMIT = 0.150  # seconds
CHECK_LIMIT = 0.600


def seconds(arguments: list[str]) -> float:
    """Median wall time of the process; it must not end with a mistake."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True)
        taken.append(time.perf_counter() - started)
        assert done.returncode in (0, 1, 2), done.stderr.decode()
    return statistics.median(taken)


def main() -> None:
    spec = sys.argv[1] if len(sys.argv) > 1 else "examples/02-erratum.tdx"
    tool = [sys.executable, "-m", "tdxverify"]
    bare = seconds([sys.executable, "-c", "pass"])
    solver = seconds([sys.executable, "-c", "import z3"])
    help_page = seconds([*tool, "--help"])
    check = seconds([*tool, "check", spec])
    explicit = seconds([*tool, "check", spec, "--engine", "explicit"])
    print(f"{'what':<34} {'ms':>6} {'x python':>9} {'x import z3':>12}")
    for name, taken in (
        ("python -c pass", bare),
        ("python -c 'import z3'", solver),
        ("tdxverify --help", help_page),
        (f"tdxverify check {Path(spec).name}", check),
        ("the same with --engine explicit", explicit),
    ):
        print(f"{name:<34} {taken * 1000:>6.0f} {taken / bare:>9.1f} {taken / solver:>12.1f}")
    missed = [
        name for name, ok in (("--help", help_page < HELP_LIMIT), ("check", check < CHECK_LIMIT)) if not ok
    ]
    print(f"limits: --help {HELP_LIMIT * 1000:.0f} ms, check {CHECK_LIMIT * 1000:.0f} ms")
    print(f"missed: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
