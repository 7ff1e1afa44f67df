"""The long run: `python -m tests.differential --minutes 60 --seed 1 --jobs 2 --output found`.

Examines one spec after another, shrinks what it finds, and writes each into a folder of its own. Ends with 1
if something was found.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.comparing import Effort, Examined, Fault
from tests.differential.generator import Spec, generate
from tests.differential.merging import merged
from tests.differential.shrinking import shrunk
from tests.differential.workers import Examiner, Job, examined
from tests.printing import print_module

SECONDS = 60.0  # for one spec
TOLD = 30.0  # seconds between two lines of progress


class Run:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.started = monotonic()
        self.until = self.started + 60 * arguments.minutes
        self.specs: dict[int, Spec] = {}
        self.totals: Counter[str] = Counter()
        self.compared: Counter[str] = Counter()
        self.undecided: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.found: dict[str, list[int]] = {}
        self._told = self.started

    def jobs(self) -> Iterator[Job]:
        seed = self.arguments.seed
        while monotonic() < self.until:
            spec = generate(seed)
            self.specs[seed] = spec
            yield Job(seed, spec.files, replace(Effort(), plain=spec.plain))
            seed += 1

    def run(self) -> int:
        try:
            for job, found in examined(self.jobs(), self.arguments.jobs, SECONDS):
                self.count(job.number, found)
                spec = self.specs.pop(job.number)
                for fault in found.faults[:1]:
                    self.report(spec, fault)
                if monotonic() - self._told > TOLD:
                    self.tell()
        except KeyboardInterrupt:
            print("interrupted")
        self.tell()
        for kind, seeds in sorted(self.found.items()):
            print(f"  {len(seeds):4d} x {kind}  (seeds {', '.join(map(str, seeds[:6]))})")
        return 1 if self.found else 0

    def count(self, seed: int, found: Examined) -> None:
        self.totals["specs"] += 1
        self.totals["plain"] += self.specs[seed].plain
        self.totals["refused"] += bool(found.refused)
        self.totals["plain and refused"] += bool(found.refused) and self.specs[seed].plain
        self.refused.update(found.refused)
        self.compared += found.compared
        self.undecided += found.undecided
        self.totals += found.skipped
        self.totals.update({f"reference: {word}": n for word, n in found.answers.items()})

    def tell(self) -> None:
        self._told = monotonic()
        minutes = (self._told - self.started) / 60
        count = sum(self.compared.values())
        print(f"{minutes:.1f} min, {count:,} comparisons, {len(self.found)} kinds of faults")
        for name, counter in (("", self.totals), ("compared", self.compared), ("undecided", self.undecided),
                              ("refused with", self.refused)):  # fmt: skip
            print(f"  {name} {', '.join(f'{k} {n}' for k, n in sorted(counter.items()))}", flush=True)

    def report(self, spec: Spec, fault: Fault) -> None:
        """Shrink the first of each kind, and write it down."""
        seeds = self.found.setdefault(fault.kind, [])
        seeds.append(spec.seed)
        if len(seeds) > 1:
            return
        folder = Path(self.arguments.output) / f"{len(self.found):03d} {fault.kind}".replace("/", "_")[:80]
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in spec.files.items():
            (folder / "original" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "original" / name).write_text(text, encoding="utf-8")
        told = f"seed {spec.seed}\n{fault.kind}\n\n{fault.text}\n"
        (folder / "report.txt").write_text(told, encoding="utf-8")
        print(f"seed {spec.seed}: {fault.kind}: {fault.text.splitlines()[0][:200]}", flush=True)
        self._shrink(spec, fault, folder)

    def _shrink(self, spec: Spec, fault: Fault, folder: Path) -> None:
        module = merged(spec.files)
        if module is None or self.arguments.no_shrink:
            return
        in_general = "whole check" in fault.text or "crash" in fault.kind or "internal" in fault.kind
        stored = "stored" in fault.kind or "fingerprint" in fault.kind or "crash" in fault.kind
        engines = fault.engines or Effort().engines
        effort = replace(
            Effort(),
            plain=spec.plain,
            largest=2,
            store=stored,
            general=in_general,
            engines=engines,
            seconds=1.0,
        )
        examiner = Examiner(SECONDS / 2)

        def persists(candidate: ast.Module) -> bool:
            try:
                text = print_module(candidate)
                parse(SourceFile("main.tdx", text))
            except Exception:  # noqa: BLE001 - a candidate that is no tree any more is no candidate
                return False
            found = examiner.examine({"main.tdx": text}, effort)
            return any(other.kind == fault.kind for other in found.faults)

        try:
            if persists(module):
                small = shrunk(module, persists, self.arguments.shrink_seconds)
                (folder / "small.tdx").write_text(print_module(small), encoding="utf-8")
        finally:
            examiner.end()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1, help="of the first spec; the others follow")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", default="differential-faults", help="folder for what is found")
    parser.add_argument("--shrink-seconds", type=float, default=90)
    parser.add_argument("--no-shrink", action="store_true")
    return Run(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
