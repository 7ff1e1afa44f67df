"""Small random specs about elements that have an order."""

from __future__ import annotations

from random import Random

from tdxverify.questions.problems.problem import Problem
from tests.texts import problem_of

DECLARED = """
index Epoch ordered
index Cpu
state now : Epoch = first(Epoch)
state mark[Epoch] : bool = false
state seen[Cpu] : Epoch{start}
state last : Epoch or none = none
state busy : bool = false
"""
_ELEMENTS = ("now", "e", "seen[c]", "first(Epoch)")


class _Writing:
    def __init__(self, random: Random) -> None:
        self._random = random

    def element(self) -> str:
        return self._random.choice(_ELEMENTS)

    def literal(self) -> str:
        random = self._random
        left, right = random.sample(_ELEMENTS, 2)
        sign = random.choice(("<", "<=", ">", ">=", "=", "!=", "next after"))
        kind = random.randrange(8)
        if kind == 0:
            return f"{random.choice(('', 'not '))}mark[{self.element()}]"
        if kind == 1:
            return random.choice(("busy", "not busy", "last = none", f"last = {self.element()}"))
        if kind == 2:
            return f"(last != none and last {sign} {right})"
        if kind == 3:
            word = random.choice(("forall", "exists"))
            return f"({word} d : Epoch: d {sign} {right} {self._joint(word)} mark[d])"
        if kind == 4:
            return f"not ({left} {sign} {right})"
        return f"{left} {sign} {right}"

    def _joint(self, word: str) -> str:
        return "implies" if word == "forall" else "and"

    def condition(self, most: int) -> str:
        return " and ".join(self.literal() for _ in range(self._random.randint(1, most)))

    def effect(self) -> str:
        random = self._random
        return random.choice(
            (
                f"now := {self.element()}",
                f"mark[{self.element()}] := {random.choice(('true', 'false'))}",
                f"seen[c] := {self.element()}",
                f"last := {random.choice(('none', self.element()))}",
                f"busy := {random.choice(('true', 'false'))}",
                f"if {self.condition(1)} {{ now := {self.element()} }}",
                f"foreach d : Epoch {{ if d {random.choice(('<', '>=', '='))} now {{ mark[d] := true }} }}",
            )
        )


def ordered_spec(seed: int) -> str:
    """A spec with one property and a check of it at any size."""
    random = Random(seed)
    writing = _Writing(random)
    actions = [
        f"action a{n}(e : Epoch, c : Cpu) when {writing.condition(2)} "
        f"{{ {' '.join(writing.effect() for _ in range(random.randint(1, 2)))} }}"
        for n in range(random.randint(1, 3))
    ]
    start = random.choice((" = first(Epoch)", ""))
    asked = f"property p never exists e : Epoch, c : Cpu: {writing.condition(3)}"
    return "\n".join((DECLARED.format(start=start), *actions, asked, "check p"))


def ordered_problem(seed: int, epochs: int, cpus: int) -> Problem:
    """The question of `ordered_spec` at these sizes."""
    return problem_of(ordered_spec(seed), sizes={"Epoch": epochs, "Cpu": cpus})
