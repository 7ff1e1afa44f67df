"""Whether all engines agree about every check of the library, at sizes 1 to 4 and at any size.

    python -m benchmarks.agreement [--seconds S] [--largest N] [SPEC ...]

Each engine has S seconds (default 1) for each check at each size with N or fewer elements of every sort; what
it does not decide counts as no answer. Every answer is certified. Exit status 1 if two answers exclude
each other: verdicts, lengths, traces, depths that were called clean, or any size against one size.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import monotonic

from tdxverify.questions.specs import load_checked, spec_files
from tests.agreement import GROUND, Limits, Report, compare

ROOT = Path(__file__).parents[1]
WORDS = ("proved", "refuted", "vacuous", "unknown")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--largest", type=int, default=4)
    parser.add_argument("paths", nargs="*", type=Path)
    given = parser.parse_args()
    limits, report, started = Limits(given.seconds, given.largest), Report(), monotonic()
    files, _ = spec_files(given.paths or [ROOT / "spec", ROOT / "examples"])
    for path, _ in files:
        spec = load_checked(path)
        if spec is None:
            continue
        seen = len(report.disagreements)
        compare(spec, limits, report)
        print(f"{monotonic() - started:>7.0f} s  {path}: {len(spec.model.checks)} checks", flush=True)
        for text in report.disagreements[seen:]:
            print(f"    DISAGREEMENT {text}", flush=True)
    print(f"\n{report.questions} checks, {report.instances} instances")
    print(f"{'engine':<12} " + " ".join(f"{word:>8}" for word in WORDS))
    for engine in ("any-size", *GROUND):
        print(f"{engine:<12} " + " ".join(f"{report.answers[engine, word]:>8}" for word in WORDS))
    print(f"disagreements: {len(report.disagreements) or 'none'}")
    sys.exit(1 if report.disagreements else 0)


if __name__ == "__main__":
    main()
