"""The seeds of the quick run: few specs that together have every production and every pair of features.

`python -m tests.differential.choosing` finds them anew and writes `seeds.txt`: after the grammar, the
generator, or what the front end accepts has changed. With two numbers, `choosing 4000 6000`, it begins with
those that it has, and looks for what is missing among these seeds. Of all that were compared, the cheapest
that cover as much are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tdxverify.engines.registry import ENGINES
from tests.differential.comparing import GROUND, Effort, Examined
from tests.differential.coverage import Feature, Productions, all_pairs, features
from tests.differential.generator import Spec, generate
from tests.differential.merging import merged
from tests.differential.reference.exploring import Limits
from tests.differential.workers import Job, examined

Item = tuple[str, str]  # an engine and a production that it was compared on; or "" and a pair of features

SEEDS = Path(__file__).with_name("seeds.txt")
SECONDS = 60.0  # for one spec
CANDIDATES = 4000
ROUNDS = 15
QUICK = Limits(rigid=400, starts=800, states=600, steps=8_000, work=15_000, rounds=30_000)
ENGINES_COUNTED = (*GROUND, "any-size")


def quick_effort(spec: Spec) -> Effort:
    return Effort(
        seconds=8.0,
        questions=2,
        largest=3,
        store=spec.seed % 5 == 0,
        limits=QUICK,
        plain=spec.plain,
        quick=True,
    )


def jobs(seeds: Iterable[int]) -> Iterator[Job]:
    for seed in seeds:
        spec = generate(seed)
        yield Job(seed, spec.files, quick_effort(spec))


@dataclass
class Coverage:
    """What has been compared. `table`: engine -> the productions of specs on which it was compared."""

    productions: Productions = field(default_factory=Productions)
    seen: dict[str, int] = field(default_factory=dict)
    pairs: dict[Feature, int] = field(default_factory=dict)
    table: dict[str, set[str]] = field(default_factory=dict)

    def add(self, seed: int, found: Examined) -> set[Item]:
        """Count the spec, if the reference could be compared with something. What it was counted for."""
        engines = {engine for engine in ENGINES_COUNTED if _compared(engine, found.compared)}
        if not engines:
            return set()
        used, pairs = self.items(seed)
        for engine in engines:
            self.table.setdefault(engine, set()).update(used)
        for production in used:
            self.seen[production] = self.seen.get(production, 0) + 1
        for pair in pairs:
            self.pairs[pair] = self.pairs.get(pair, 0) + 1
        return {(engine, one) for engine in engines for one in used} | {("", str(pair)) for pair in pairs}

    def items(self, seed: int) -> tuple[set[str], set[Feature]]:
        """The productions and pairs of the spec of that seed."""
        spec = generate(seed)
        module = merged(spec.files)
        if module is None:
            return set(), set()
        used = set().union(*(self.productions.of(text) for text in spec.files.values()))
        return used, features(module, imports=len(spec.files) > 1)

    def missing(self) -> list[str]:
        """Productions and pairs that were not compared; productions also where an engine misses them."""
        lost = sorted(set().union(*(self.missing_of(engine) for engine in ENGINES_COUNTED)))
        return lost + [str(p) for p, why in all_pairs().items() if why is None and p not in self.pairs]

    def missing_of(self, engine: str) -> set[str]:
        """Productions that `engine` was not compared on."""
        return self.productions.all() - self.table.get(engine, set())


def _compared(engine: str, compared: Mapping[str, int]) -> bool:
    """Whether its answers about some instance were put beside the reference's."""
    if ENGINES[engine].any_size and engine != "auto":
        return f"{engine} any size" in compared
    return engine in compared or f"{engine}, no trace so far" in compared


def choose(kept: list[int], candidates: Iterable[int]) -> list[int]:
    """Seeds that cover everything, each found by comparing, not by hoping. `kept` are compared first."""
    coverage = Coverage()
    wanted: dict[int, set[str]] = {}
    for seed in sorted({*kept, *candidates}):
        used, pairs = coverage.items(seed)
        wanted[seed] = {*used, *map(str, pairs)}
    covered: dict[int, set[Item]] = {}
    cost: dict[int, float] = {}
    for number in range(ROUNDS):
        picked = _cover(wanted, {*coverage.missing()}) if number or not kept else list(kept)
        if not picked:
            break
        for job, found in examined(jobs(picked), 2, SECONDS):
            for fault in found.faults:
                print(f"seed {job.number}: {fault.kind}: {fault.text[:300]}", flush=True)
            if not found.refused and not found.faults and not found.skipped["stalled"]:
                covered[job.number] = coverage.add(job.number, found)
                cost[job.number] = found.seconds
            wanted.pop(job.number)
        print(f"{len(covered)} compared, {len(coverage.missing())} items missing", flush=True)
    print("missing:", *sorted(coverage.missing()), sep="\n  ")
    chosen = _cheapest(covered, cost)
    print(f"{len(chosen)} seeds of {sum(cost[seed] for seed in chosen):.0f} s")
    return chosen


def _cheapest(covered: dict[int, set[Item]], cost: dict[int, float]) -> list[int]:
    """Greedily, the seed that has most of what is left for its time; then without the needless ones."""
    left = set().union(*covered.values())
    chosen: list[int] = []
    while left:
        chosen.append(max(covered, key=lambda seed: len(covered[seed] & left) / (cost[seed] + 0.1)))
        left -= covered[chosen[-1]]
    for seed in sorted(chosen, key=lambda one: -cost[one]):
        others = [one for one in chosen if one != seed]
        if covered[seed] <= set().union(*(covered[one] for one in others)):
            chosen = others
    return sorted(chosen)


def _cover(wanted: dict[int, set[str]], missing: set[str]) -> list[int]:
    """Greedily, the seed that has most of what is missing, until nothing more can be had."""
    left = set(missing)
    named = {seed: items & left for seed, items in wanted.items()}
    picked = []
    while left:
        seed = max(named, key=lambda one: (len(named[one] & left), -one), default=None)
        if seed is None or not named[seed] & left:
            break
        picked.append(seed)
        left -= named.pop(seed)
    return picked


def stored() -> list[int]:
    return [int(line) for line in SEEDS.read_text(encoding="utf-8").split()]


def main(arguments: list[str]) -> None:
    """No argument: all anew. Two: keep what is stored, and look for what is missing between these seeds."""
    kept, candidates = ([], range(CANDIDATES)) if not arguments else (stored(), range(*map(int, arguments)))
    SEEDS.write_text("".join(f"{seed}\n" for seed in choose(kept, candidates)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
