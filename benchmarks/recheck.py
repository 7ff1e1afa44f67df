"""How long proving takes, and how long rechecking what was proved.

    python benchmarks/recheck.py [SPEC ...]

Specs (by default all that are shipped) are proved as copies, so that the shipped proof files play
no part; what is rechecked is what is shipped. Whole processes. Read the ratio: seconds belong to the machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
ROUNDS = 5

RECHECK_LIMIT = 2.0  # seconds
RATIO_LIMIT = 10.0


def run(arguments: list[str]) -> tuple[float, float, str]:
    """Wall time and processor time of one command, and the last line of its report."""
    before, started = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "tdxverify", *arguments], cwd=ROOT, capture_output=True)
    taken, after = time.perf_counter() - started, os.times()
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    counts = [line for line in done.stdout.decode().splitlines() if " check" in line and ":" in line]
    return taken, used, counts[-1] if counts else ""


def copied(paths: list[Path], folder: Path) -> list[str]:
    """The specs without their proof files."""
    for path in paths:
        target = folder / path.relative_to(ROOT)
        if path.is_dir():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns("*.proof.json"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return [str(folder / path.relative_to(ROOT)) for path in paths]


def main() -> None:
    given = [Path(argument).resolve() for argument in sys.argv[1:]] or [ROOT / "spec", ROOT / "examples"]
    with TemporaryDirectory() as folder:
        proving, proving_cpu, found = run(["prove", *copied(given, Path(folder))])
    paths = [str(path.relative_to(ROOT)) for path in given]
    rounds = [run(["recheck", "-q", *paths]) for _ in range(ROUNDS)]
    second = run(["recheck", "-q", "--second", *paths])
    starting = run(["recheck", "-q", "examples/01-hello.tdx"])
    rechecking = statistics.median(taken for taken, _, _ in rounds)
    rechecking_cpu = statistics.median(used for _, used, _ in rounds)
    print(f"{'what':<18} {'wall s':>8} {'cpu s':>8}")
    for name, taken, used in (
        ("prove", proving, proving_cpu),
        ("recheck", rechecking, rechecking_cpu),
        ("recheck --second", *second[:2]),
        ("start-up", *starting[:2]),
    ):
        print(f"{name:<18} {taken:>8.2f} {used:>8.2f}")
    print(f"proving / rechecking: {proving / rechecking:.1f} (cpu {proving_cpu / rechecking_cpu:.1f})")
    print(f"second / first opinion: cpu {second[1] / rechecking_cpu:.1f}")
    print(f"start-up / rechecking: cpu {starting[1] / rechecking_cpu:.2f}")
    print(f"proved: {found}\nrechecked: {rounds[0][2]}\nby others: {second[2]}")
    missed = [
        name
        for name, kept in (
            (f"recheck < {RECHECK_LIMIT} s", rechecking < RECHECK_LIMIT),
            (f"ratio > {RATIO_LIMIT}", proving / rechecking > RATIO_LIMIT),
        )
        if not kept
    ]
    print(f"missed: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
