"""What must happen in the end, by enumeration: on the states as they were asked about, and with a copy of
them.

    python -m benchmarks.looping [MOST]

Seconds of one process each, with the check of the evidence; a question is stopped after 60 s. The first is
what `--engine explicit` does; the second enumerates the question about single states that other engines are
asked, in which a copy of each state is kept. MOST: how far each of four CPUs counts; 14 gives 101,250 states.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from time import process_time

from tdxverify.budget import Budget, LimitReached, held
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import order_of
from tests.retrying import PROVED, REFUTED, retrying
from tests.texts import Silent

CPUS = 4
LIMIT = 60.0  # seconds
GOAL = 5.0


def decided(problem: Problem) -> tuple[Verdict | None, float, float]:
    """The verdict, and how long it took to find it and to check it."""
    budget = Budget.of(LIMIT)
    began = process_time()
    try:
        with held(budget):
            verdict = explicit.run(problem, budget, Silent())
            found = process_time()
            certified(problem, verdict, budget)
    except LimitReached:
        return None, process_time() - began, 0.0
    return verdict, found - began, process_time() - found


def told(verdict: Verdict | None) -> str:
    match verdict:
        case None | Unknown():
            return "gave up"
        case Proved(states=states):
            return f"proved, {states:,} states"
        case Refuted():
            stem, loop = order_of(verdict.trace)
            return f"refuted, {stem} + {loop - 1} steps"
        case _:
            return type(verdict).__name__


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 14
    print(f"{'':34}{'verdict':>26}{'found':>9}{'checked':>9}")
    slow = []
    for fair in (PROVED, REFUTED, "fair add"):
        problem = retrying(CPUS, most, fair)
        for name, asked in ((fair, problem), ("  with a copy", replace(problem, origin=None))):
            verdict, found, checked = decided(asked)
            print(f"{name[:33]:34}{told(verdict):>26}{found:9.2f}{checked:9.2f}", flush=True)
            if asked is problem and found + checked > GOAL:
                slow.append(fair)
    print(f"goal: {GOAL:.0f} s; missed: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    main()
