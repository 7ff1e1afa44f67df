"""Do the checks of the library bite? Break it in one place at a time and see whether a verdict changes.

    python -m tools.mutation [FILE.tdx ...] [--jobs N] [--only FILE.tdx ...]

The checks are those of the files given (without any: of the whole of spec/); broken are these files and
everything that they import, or only what `--only` names. A mutant (tools/mutants.py says which there
are) is killed if some check has another verdict or another length of its shortest trace, by enumeration at
one and then at two elements of every index sort. A mutant that is no specification any more (two rows
overlap, say) is not counted. Files are broken as they are written, before anything is refined. Survivors are
printed: each is a rule that no check needs, or a check that is missing; spec/survivors.md says which.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from tdxverify.budget import Budget
from tdxverify.diagnostics import SpecError
from tdxverify.engines.explicit.engine import run as enumerate_states
from tdxverify.evidence.verdict import Refuted
from tdxverify.model.model import Check, Model
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.syntax.ast import Module
from tdxverify.syntax.imports import put_together, written
from tdxverify.syntax.prefixing import Graph
from tdxverify.wellformed import build_model
from tools.mutants import Mutant, mutants

BUDGET = Budget(max_states=100_000)
SIZES = (1, 2)
SPEC = Path(__file__).resolve().parents[1] / "spec"


class _Silent:
    def progress(self, engine: str, text: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Question:
    """One check of one root file at one size, and what the specification as it stands answers."""

    position: int
    problem: Problem
    answer: tuple[str, int]


@dataclass(frozen=True)
class Root:
    """A file with checks, and the files that it consists of, as they are written."""

    graph: Graph

    @property
    def modules(self) -> tuple[Module, ...]:
        return tuple(self.graph.modules.values())

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        model = model_of(self.graph)
        asked = ((i, _problem(model, check, size)) for size in SIZES for i, check in enumerate(model.checks))
        return tuple(Question(i, problem, _answer(problem)) for i, problem in asked)

    def changed_by(self, source: str, mutant: Mutant) -> bool:
        """Whether some check answers otherwise; SpecError if with the mutant this is no specification."""
        model = model_of(self.graph, source, mutant)
        questions = iter(self.questions)
        for size in SIZES:
            for check in model.checks:
                question, problem = next(questions), _problem(model, check, size)
                if problem != question.problem and _answer(problem) != question.answer:
                    return True
        return False


def model_of(graph: Graph, source: str = "", mutant: Mutant | None = None) -> Model:
    """What the files mean, with `mutant` in the place of the file `source`. Raises SpecError."""
    if mutant is not None:
        modules = graph.modules.items()
        graph = replace(graph, modules={k: mutant.module if _source(m) == source else m for k, m in modules})
    return build_model(put_together(graph))


@cache
def _alone(source: str) -> Graph:
    return written(Path(source))


def _source(module: Module) -> str:
    return module.span.source.path


def _problem(model: Model, check: Check, size: int) -> Problem:
    """The question at `size` elements of every sort, or at what the check itself states."""
    sizes = {sort.name: size for sort in model.index_sorts}
    sizes.update({stated.sort: max(stated.low, min(size, stated.high)) for stated in check.sizes})
    return replace(lower(model, check, sizes), name="")


def _answer(problem: Problem) -> tuple[str, int]:
    verdict = enumerate_states(problem, BUDGET, _Silent())
    return type(verdict).__name__, len(verdict.trace.steps) if isinstance(verdict, Refuted) else 0


def roots(paths: Sequence[Path]) -> tuple[Root, ...]:
    """Those of the files at or below `paths` that have checks."""
    files = sorted(file for path in paths for file in (path.rglob("*.tdx") if path.is_dir() else (path,)))
    loaded = (Root(written(file)) for file in files)
    return tuple(root for root in loaded if model_of(root.graph).checks)


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of one file."""

    source: str
    killed: int
    refused: int  # no specification any more
    survivors: tuple[str, ...]


def score(source: str, importers: Sequence[Root]) -> Score:
    """Break the file `source` everywhere; `importers` are the roots that contain it."""
    order = list(importers)
    module = next(m for m in order[0].modules if _source(m) == source)
    killed, refused, survivors = 0, 0, []
    for mutant in mutants(module):
        try:
            killer = _killer(source, mutant, order)
        except SpecError:
            refused += 1
            continue
        if killer is None:
            survivors.append(mutant.place)
        else:
            killed += 1
            order.remove(killer)  # what killed one mutant probably kills the next one
            order.insert(0, killer)
    return Score(source, killed, refused, tuple(survivors))


def _killer(source: str, mutant: Mutant, order: Sequence[Root]) -> Root | None:
    """The first root that notices. Raises SpecError if the mutant is no specification.

    A root that refines what is broken may be none where the others are; it says nothing then.
    """
    for root in order:
        try:
            if root.changed_by(source, mutant):
                return root
        except SpecError:
            model_of(_alone(source), source, mutant)
    return None


def scores(every: Sequence[Root], only: Sequence[str], jobs: int) -> Iterator[Score]:
    """One score for each file of `every` root, in the order of their names."""
    sources = sorted({_source(module) for root in every for module in root.modules})
    asked = [source for source in sources if not only or any(Path(source).match(o) for o in only)]
    importers = [[r for r in every if any(_source(m) == s for m in r.modules)] for s in asked]
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(score, asked, importers)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("paths", nargs="*", type=Path, default=[SPEC])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    killed = survived = refused = 0
    for found in scores(roots(options.paths), options.only, options.jobs):
        counted = found.killed + len(found.survivors)
        print(f"{found.source}: {found.killed} of {counted} killed", flush=True)
        for place in found.survivors:
            print(f"  survives: {place}")
        killed, survived, refused = (
            killed + found.killed,
            survived + len(found.survivors),
            refused + found.refused,
        )
    share = 100 * killed / max(1, killed + survived)
    print(
        f"in all: {killed} of {killed + survived} killed ({share:.1f} %), {refused} refused as specifications"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
