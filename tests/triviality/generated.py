"""Small random specs, what their definition says of them, and formulas written in other words."""

from __future__ import annotations

from itertools import product
from random import Random

from tdxverify.budget import UNLIMITED
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import BoolSort, EnumSort, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

HEAD = """\
index Line
enum Mode {{ off, idle, busy }}
param p : bool
param q : bool
state a : bool = false
state b : bool = {b}
state c : bool
state d[Line] : bool = false
state m : Mode = off
state n : 0..2 = 0
{init}
define both = a and b
"""
ATOMS = ("a", "b", "c", "p", "q", "m = busy", "m = off", "n = 2", "(exists l : Line: d[l])", "d[x]", "both")
WRITES = ("a := true", "b := not b", "c := a", "d[x] := true", "m := busy", "m := idle", "n := (n + 1) mod 3")
WHERE = ("", "where not p", "where p and not q", "where not p and not q")


class Author:
    """Writes one spec; every decision is `random`'s."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def model(self) -> str:
        init = self.random.choice(["", "", "init c implies not b"])
        head = HEAD.format(b=self.random.choice(["true", "false"]), init=init)
        return head + "".join(self._action(number) for number in range(self.random.randint(1, 4)))

    def _action(self, number: int) -> str:
        guard = self.formula(1, ATOMS)
        first, second = self.random.sample(WRITES, 2)
        more = f" if {self.formula(1, ATOMS)} {{ {second} }}" if self.random.random() < 0.5 else ""
        return f"action act{number}(x : Line) when {guard} {{ {first}{more} }}\n"

    def bad(self) -> str:
        """A formula about one state."""
        closed = tuple(atom for atom in ATOMS if "x" not in atom or "exists" in atom)
        return self.formula(2, closed)

    def where(self) -> str:
        return self.random.choice(WHERE)

    def formula(self, depth: int, atoms: tuple[str, ...]) -> str:
        if depth == 0 or self.random.random() < 0.2:
            atom = self.random.choice(atoms)
            return atom if self.random.random() < 0.7 else f"(not {atom})"
        op = self.random.choice(["and", "and", "or"])
        return f"({self.formula(depth - 1, atoms)} {op} {self.formula(depth - 1, atoms)})"

    # --- the same in other words

    def claims(self, bad: str) -> list[str]:
        """Claims that say that no state is bad, and one that no step leads to such a state."""
        return [
            f"never {bad}",
            f"always not {bad}",
            f"always {bad} implies false",
            f"never not (not {bad} or false)",
            f"never ({bad} and a) or ({bad} and not a)",
            f"always if {bad} then false else true",
            f"never {bad.replace('both', '(a and b)')}",
            f"step not {primed(bad)}",
        ]


def primed(formula: str) -> str:
    """`formula`, said of the state after a step."""
    words = formula.replace("both", "(a and b)").replace("(", "( ").replace(")", " )").split()
    said = " ".join(f"{word}'" if word in {"a", "b", "c", "m", "n"} else word for word in words)
    return said.replace("d[l]", "d'[l]")


def is_trivial(problem: Problem) -> bool:
    """What the definition says, by looking at every state."""
    semantics, layout = Semantics(problem), problem.state_layout
    rigids = list(semantics.rigid_valuations(UNLIMITED))
    starts = [state for rigid in rigids for state in semantics.initial_states(rigid, UNLIMITED)]
    allowed = {symbol: set[int]() for symbol in problem.state_symbols}
    for state in starts:
        _add(problem, allowed, state)
    changed: set[str] = set()
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    ties = [(tie, evaluator.formula(tie)) for tie in problem.constraints]
    while True:
        before = {symbol: set(values) for symbol, values in allowed.items()}, set(changed)
        values = [sorted(allowed[cell.symbol]) for cell in layout.cells]
        going_on = [holds for tie, holds in ties if not names(tie) & changed]
        found = [
            (rigid, state)
            for rigid in rigids
            for state in product(*values)
            if all(holds(rigid, state, ()) for holds in going_on)
        ]
        for rigid, state in found:
            for _, later in semantics.successors(rigid, state, UNLIMITED):
                _add(problem, allowed, later)
                cells = zip(layout.cells, state, later, strict=True)
                changed |= {cell.symbol.name for cell, here, there in cells if here != there}
        if (allowed, changed) == before:
            return not any(semantics.is_bad(rigid, state) for rigid, state in found)


def names(formula: object) -> set[str]:
    """The names of the variables in `formula`."""
    from tdxverify.logic.expr import names_of

    return names_of(formula)  # type: ignore[arg-type]


def _add(problem: Problem, allowed: dict, state: Valuation) -> None:  # type: ignore[type-arg]
    for cell, value in zip(problem.state_layout.cells, state, strict=True):
        known = allowed[cell.symbol]
        if known and value not in known and not isinstance(cell.symbol.sort, BoolSort | EnumSort):
            known |= set(domain(cell.symbol.sort, problem.size_of))
        known.add(value)
