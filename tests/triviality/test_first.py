"""What a reason says must come first is what nothing happens without."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import pytest

from tdxverify.budget import UNLIMITED
from tdxverify.evidence.verdict import Proved
from tdxverify.triviality.judging import triviality
from tests.texts import explicit, problem_of
from tests.triviality.test_judging import questions

LOOP = """\
param go : bool
state done_ : bool = false
state n : 0..2 = 2
process p {
  enter: when go { }
  while n > 0 { again: { done_ := true } less: { n := n - 1 } }
}
property z never done_
check z where not go
"""
STEPS = r"(?:'[\w.]+'(?:, | or one of | or | and )?)+"


def test_a_loop_is_entered_by_one_step_or_gone_round_by_the_other() -> None:
    (asked,) = questions(LOOP)
    reason = triviality(asked, UNLIMITED).reason
    assert reason.endswith("'p.again' needs 'p at again', which takes 'p.enter' or 'p.less' first")


class _Author:
    """Writes a spec of states that lead to one another, many of them from several."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def spec(self) -> str:
        choice, places = self._random.choice, [f"s{n}" for n in range(6)]
        lines = ["param go : bool", f"enum S {{ {', '.join(places)} }}", "state s : S = s0"]
        lines.append("state t : S = s0")
        lines.append("action enter when go { s := s1 }")
        for number in range(7):
            fault, read = choice("sst"), choice("ssst")
            before = choice(places[1:])
            lines.append(f"action a{number} when {read} = {before} {{ {fault} := {choice(places[1:])} }}")
        lines.append(f"property z never s = {choice(places[1:])}")
        return "\n".join([*lines, "check z where not go", ""])


@pytest.mark.parametrize("seed", range(120))
def test_without_the_steps_that_come_first_nothing_happens(seed: int) -> None:
    text = _Author(seed).spec()
    (asked,) = questions(text)
    judged = triviality(asked, UNLIMITED)
    if not judged.trivial:
        return
    claims = re.findall(rf"'([st] = s\d)', which takes ({STEPS}) first", judged.reason)
    for condition, steps in claims:
        named = re.findall(r"'([\w.]+)'", steps)
        wanted = text.split("property")[0] + f"property z never {condition}\ncheck z\n"
        problem = problem_of(wanted)
        for away in [[one] for one in named] if " and " in steps else [named]:
            left = tuple(action for action in problem.actions if action.name not in away)
            assert isinstance(explicit(replace(problem, actions=left)), Proved), (condition, steps)
