"""The common model written for Z3 by hand, the way one would for a single question: the yardstick.

Functional steps: a rule number and a line number choose what happens, every next value is one term.
Prints the verdict. Usage: baseline.py (bmc | induction) LINES ERRATUM MITIGATION [BOUND]
"""

from __future__ import annotations

import sys
from typing import Any

import z3

HOST, TD = 0, 1
RUN, PREP, NEXT = 0, 1, 2
DONATE, DIRTY, SPOIL, READ, PREPARE, RESET, JUMP = range(7)


class Frame:
    """The unknowns of one state."""

    def __init__(self, time: int, lines: int) -> None:
        def flags(name: str) -> list[Any]:
            return [z3.Bool(f"{name}{line}@{time}") for line in range(lines)]

        self.owner = [z3.BitVec(f"owner{line}@{time}", 2) for line in range(lines)]
        self.poison, self.dirty, self.corrupt = flags("poison"), flags("dirty"), flags("corrupt")
        self.phase = z3.BitVec(f"phase@{time}", 2)
        self.host_mc, self.next_mc, self.reset_done = z3.Bools(f"host@{time} next@{time} reset@{time}")

    def cells(self) -> list[Any]:
        single = [self.phase, self.host_mc, self.next_mc, self.reset_done]
        return [*self.owner, *self.poison, *self.dirty, *self.corrupt, *single]


class CommonModel:
    """M(n): see `common_model` in tests/problems.py for what the rules mean."""

    def __init__(self, lines: int, erratum: bool, mitigation: bool) -> None:
        self.lines, self.erratum, self.mitigation = lines, erratum, mitigation

    def initial(self, frame: Frame) -> Any:
        return z3.And([cell == HOST if z3.is_bv(cell) else z3.Not(cell) for cell in frame.cells()])

    def step(self, now: Frame, then: Frame, time: int) -> Any:
        rule, line = (
            z3.BitVec(f"rule@{time}", 3),
            z3.BitVec(f"line@{time}", max(1, (self.lines - 1).bit_length())),
        )
        running, preparing = now.phase == RUN, now.phase == PREP
        facts, poisoned = [], []
        for place in range(self.lines):
            here, owner, poison = line == place, now.owner[place], now.poison[place]
            donated = z3.And(rule == DONATE, here, running, owner == HOST)
            dirtied = z3.And(rule == DIRTY, here, running)
            spoiled = z3.And(rule == SPOIL, here, running, owner != HOST, z3.BoolVal(self.erratum))
            reset = z3.And(rule == RESET, here, preparing, z3.BoolVal(self.mitigation))
            poisoned.append(z3.And(here, poison))
            facts += [
                then.owner[place] == z3.If(donated, TD, z3.If(reset, HOST, owner)),
                then.poison[place] == z3.Or(spoiled, z3.And(poison, z3.Not(donated), z3.Not(reset))),
                then.dirty[place] == z3.Or(now.dirty[place], dirtied),
                then.corrupt[place] == z3.Or(now.corrupt[place], z3.And(dirtied, owner == TD)),
            ]
        clean = [z3.And(z3.Not(p), o == HOST) for p, o in zip(now.poison, now.owner, strict=True)]
        jump = z3.And(rule == JUMP, preparing, *(clean if self.mitigation else []))
        taken = z3.And(rule == READ, z3.Or(poisoned))
        first = z3.And(taken, now.phase == NEXT, z3.Not(now.host_mc))
        phase = z3.If(z3.And(rule == PREPARE, running), PREP, z3.If(jump, NEXT, now.phase))
        return z3.And(
            *facts,
            then.phase == phase,
            then.host_mc == z3.Or(now.host_mc, taken),
            then.next_mc == z3.Or(now.next_mc, first),
            then.reset_done
            == z3.Or(now.reset_done, z3.And(rule == RESET, preparing, z3.BoolVal(self.mitigation))),
        )


def search(model: CommonModel, bound: int) -> str:
    solver = z3.SolverFor("QF_BV")
    frames = [Frame(0, model.lines)]
    solver.add(model.initial(frames[0]))
    for depth in range(bound + 1):
        if solver.check(frames[-1].next_mc) == z3.sat:
            return f"refuted in {depth}"
        frames.append(Frame(depth + 1, model.lines))
        solver.add(model.step(frames[-2], frames[-1], depth))
    return f"clean through {bound}"


def induction(model: CommonModel, bound: int) -> str:
    base, step = z3.SolverFor("QF_BV"), z3.SolverFor("QF_BV")
    frames = [Frame(0, model.lines)]
    base.add(model.initial(frames[0]))
    for k in range(bound + 1):
        if base.check(frames[k].next_mc) == z3.sat:
            return f"refuted in {k}"
        if step.check(frames[k].next_mc) == z3.unsat:
            return f"proved with {k}"
        step.add(z3.Not(frames[k].next_mc))
        frames.append(Frame(k + 1, model.lines))
        relation = model.step(frames[k], frames[k + 1], k)
        base.add(relation)
        step.add(relation)
        for earlier in frames[:-1]:
            pairs = zip(earlier.cells(), frames[-1].cells(), strict=True)
            step.add(z3.Or([one != other for one, other in pairs]))
    return f"open at {bound}"


def main() -> None:
    method, lines, erratum, mitigation, *rest = sys.argv[1:]
    model = CommonModel(int(lines), erratum == "1", mitigation == "1")
    decide = {"bmc": search, "induction": induction}[method]
    print(decide(model, int(rest[0]) if rest else 20))


if __name__ == "__main__":
    main()
