"""Decision diagrams against pdr, k-induction and explicit: where they win, and where they lose.

Whole processes, medians; each is stopped after 30 s, so a ratio may be a lower bound. Every verdict is
certified, and the time of that is part of what is printed. Usage:

    python -m benchmarks.bdd [ROUNDS]

Measures itself as `python -m benchmarks.bdd run ENGINE MODEL SIZE`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import monotonic

from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Expr,
    Op,
    arithmetic,
    conditional,
    conjunction,
    equal,
    less,
    negation,
    quantified,
)
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tests.building import action, number, problem, read, start, state, write
from tests.german import german
from tests.problems import common_model

LIMIT = 30.0  # seconds
ENGINES = ("bdd", "pdr", "k-induction", "explicit")
PAGE = IndexSort("Page")
page, other = Bound("p", PAGE), Bound("q", PAGE)


def references(pages: int, *, leaky: bool = False) -> Problem:
    """A reference count, and the mappings that it counts: the table is freed while one is left?

    The invariant is that the count is the number of mappings: no short list of clauses says so. With
    `leaky` mapping a page does not count once half of them are mapped; then it is refuted.
    """
    mapped = state("mapped", BOOL, PAGE)
    count = state("count", RangeSort(0, pages))
    freed = state("freed")
    open_ = negation(read(freed))
    counted = arithmetic(Op.ADD, read(count), number(1))
    if leaky:
        counted = conditional(less(Op.LT, read(count), number(pages // 2)), counted, read(count))
    return problem(
        f"references_{pages}{'_leaky' if leaky else ''}",
        (start(mapped, FALSE), start(count, number(0)), start(freed, FALSE)),
        (
            action(
                "map",
                conjunction(open_, negation(read(mapped, page)), less(Op.LT, read(count), number(pages))),
                write(mapped, TRUE, page),
                write(count, counted),
                parameters=(page,),
            ),
            action(
                "unmap",
                conjunction(open_, read(mapped, page), less(Op.LT, number(0), read(count))),
                write(mapped, FALSE, page),
                write(count, arithmetic(Op.SUB, read(count), number(1))),
                parameters=(page,),
            ),
            action("free", conjunction(open_, equal(read(count), number(0))), write(freed, TRUE)),
        ),
        conjunction(read(freed), quantified((page,), read(mapped, page), universal=False)),
        sizes=((PAGE, pages),),
    )


def parity(pages: int) -> Problem:
    """Every change of a page turns a bit over; when all are clean again it must be as it was."""
    dirty, odd = state("dirty", BOOL, PAGE), state("odd")
    clean = quantified((page,), negation(read(dirty, page)), universal=True)
    return problem(
        f"parity_{pages}",
        (start(dirty, FALSE), start(odd, FALSE)),
        (
            action(
                "turn",
                TRUE,
                write(dirty, negation(read(dirty, page)), page),
                write(odd, negation(read(odd))),
                parameters=(page,),
            ),
        ),
        conjunction(clean, read(odd)),
        sizes=((PAGE, pages),),
    )


def sweeping(pages: int) -> Problem:
    """A sweep frees pages one after another, twice round, while any of them may be written: a long way."""
    dirty = state("dirty", BOOL, PAGE)
    done = state("done", RangeSort(0, 2 * pages))
    more = less(Op.LT, read(done), number(2 * pages))
    return problem(
        f"sweeping_{pages}",
        (start(dirty, FALSE), start(done, number(0))),
        (
            action("dirty", TRUE, write(dirty, TRUE, page), parameters=(page,)),
            action(
                "sweep",
                conjunction(more, read(dirty, page)),
                write(dirty, FALSE, page),
                write(done, arithmetic(Op.ADD, read(done), number(1))),
                parameters=(page,),
            ),
        ),
        equal(read(done), number(2 * pages)),
        sizes=((PAGE, pages),),
    )


def exchange(pages: int) -> Problem:
    """Frames change hands, and no two pages ever have the same: permutations, which diagrams are bad at."""
    frame = state("frame", RangeSort(0, pages - 1), PAGE)
    apart = negation(equal(page, other))
    same: Expr = conjunction(apart, equal(read(frame, page), read(frame, other)))
    distinct = quantified((page, other), negation(same), universal=True)
    return problem(
        f"exchange_{pages}",
        (start(frame),),
        (
            action(
                "swap",
                apart,
                write(frame, read(frame, other), page),
                write(frame, read(frame, page), other),
                parameters=(page, other),
            ),
        ),
        quantified((page, other), same, universal=False),
        sizes=((PAGE, pages),),
        constraints=(distinct,),
    )


MODELS: dict[str, Callable[[int], Problem]] = {
    "references": references,
    "leaky references": lambda size: references(size, leaky=True),
    "parity": parity,
    "sweeping": sweeping,
    "german": lambda size: german(size, broken=False),
    "exchange": exchange,
    "common": lambda size: common_model(size, True, True),
}
ROWS = (
    ("parity", 16),
    ("parity", 64),
    ("german", 3),
    ("german", 4),
    ("german", 5),
    ("references", 12),
    ("references", 16),
    ("references", 32),
    ("leaky references", 16),
    ("leaky references", 32),
    ("sweeping", 12),
    ("sweeping", 24),
    ("exchange", 6),
    ("exchange", 8),
    ("common", 64),
)


def _run(engine: str, model: str, size: int) -> tuple[float, str]:
    """Seconds of one process, and the verdict."""
    command = [sys.executable, "-m", "benchmarks.bdd", "run", engine, model, str(size)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    began = monotonic()
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=2 * LIMIT, check=True
        )
    except subprocess.TimeoutExpired:
        return LIMIT, "Unknown"
    return monotonic() - began, done.stdout.strip()


def compare(rounds: int) -> None:
    heads = "".join(f"{name:>13}" for name in ENGINES)
    print(f"{'':22}{'verdict':9}{heads}{'ratio':>8}   (best of the others to bdd)")
    for model, size in ROWS:
        seconds, answers = dict[str, float](), set[str]()
        row = ""
        for engine in ENGINES:
            runs = [_run(engine, model, size) for _ in range(rounds)]
            decided = [taken for taken, answer in runs if answer != "Unknown"]
            answers.update(answer for _, answer in runs)
            seconds[engine] = median(decided) if len(decided) == rounds else LIMIT
            row += f"{seconds[engine]:13.2f}" if len(decided) == rounds else f"{'gave up':>13}"
        verdict = " ".join(sorted(answers - {"Unknown"})) or "none"
        others = min(taken for engine, taken in seconds.items() if engine != "bdd")
        ratio = others / seconds["bdd"]
        print(f"{f'{model}, {size}':22}{verdict:9}{row}{ratio:8.1f}", flush=True)


def run_engine(engine: str, model: str, size: str) -> None:
    """What is measured: one engine on one problem, in this process."""
    from tdxverify.budget import Budget
    from tdxverify.engines.registry import ENGINES as TABLE
    from tdxverify.evidence.certifying import certified
    from tests.texts import Silent

    subject = MODELS[model](int(size))
    verdict = TABLE[engine].run(subject, Budget(deadline=monotonic() + LIMIT), Silent())
    verdict = certified(subject, verdict, Budget(deadline=monotonic() + LIMIT))
    print(type(verdict).__name__)


def main() -> None:
    if sys.argv[1:2] == ["run"]:
        run_engine(*sys.argv[2:])
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 3)


if __name__ == "__main__":
    main()
