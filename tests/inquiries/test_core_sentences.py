"""What `why` says of the parts of a proof, by enumerating the model with just those parts weakened."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tdxverify.budget import Budget
from tdxverify.inquiries.core_search import Core
from tdxverify.inquiries.switched_question import Relaxed
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tests.inquiries.conftest import WriteSpec
from tests.inquiries.test_core_search import EXAMPLES, core_of, holds, loose, proofs_in

EITHER = """\
state x : bool = false
state y : bool = false
state bad : bool = false
action boom when x and y { bad := true }
property safe never bad
check safe
"""

VARIABLES = ("a", "b", "c", "d")


def random_spec(seed: int) -> str:
    """Four flags, some actions that set them, a parameter, and one of the flags that is never to be set."""
    random = Random(seed)
    literals = [*VARIABLES, *(f"not {name}" for name in VARIABLES), "p", "not p"]
    lines = ["param p : bool"]
    lines += [f"state {name} : bool = {random.choice(('false', 'false', 'p'))}" for name in VARIABLES]
    for number in range(random.randint(1, 4)):
        guard = " and ".join(random.sample(literals, random.randint(1, 3)))
        effect = f"{random.choice(VARIABLES)} := {random.choice(('true', 'false', *literals))}"
        if random.random() < 0.3:
            effect = f"if {random.choice(literals)} {{ {effect} }}"
        if random.random() < 0.3:
            other = f"{random.choice(VARIABLES)} := {random.choice(('any', 'any { true, p }', 'false'))}"
            effect = f"either {{ {effect} }} or {{ {other} }}"
        lines.append(f"action act{number} when {guard} {{ {effect} }}")
    return "\n".join([*lines, "property safe never d", f"check safe {random.choice(('', 'where p'))}"]) + "\n"


def leads_to_bad(problem: Problem, run: tuple[str, ...], renewing: set[str]) -> bool:
    """Whether some run has exactly the steps that are called so, but for those that renew free values, and
    ends badly."""
    semantics, limits, names = Semantics(problem), Budget(max_states=100_000), StepNames(problem)
    for rigid in semantics.rigid_valuations(limits):
        here = set(semantics.initial_states(rigid, limits))
        for name in run:
            here = _renewed(semantics, rigid, here, renewing)
            steps = ((at, *one) for at in here for one in semantics.successors(rigid, at))
            here = {after for at, step, after in steps if names.listed(rigid, at, step) == name}
        here = _renewed(semantics, rigid, here, renewing)
        if any(semantics.is_bad(rigid, state) for state in here):
            return True
    return False


def _renewed(
    semantics: Semantics, rigid: Valuation, states: set[Valuation], renewing: set[str]
) -> set[Valuation]:
    found, waiting = set(states), list(states)
    while waiting:
        for step, after in semantics.successors(rigid, waiting.pop()):
            if step.action in renewing and after not in found:
                found.add(after)
                waiting.append(after)
    return found


def check_sentences(core: Core, whole: Relaxed) -> Counter[str]:
    """How many sentences of each kind there were. All are looked at."""
    said: Counter[str] = Counter()
    kept = {element.switch for element in core.needed}
    assert holds(whole.with_only(kept))
    for switch, breach in core.broken.items():
        on = set(whole.switches) if breach.alone else kept
        problem = whole.with_only(on - {switch})
        assert len(breach.run) == len(breach.actions)
        assert leads_to_bad(problem, breach.run, set(whole.freedom.renewing)), (switch, breach)
        said["alone" if breach.alone else "together"] += 1
    for switch in core.spare:
        assert switch in kept and not (switch in core.broken and core.broken[switch].alone)
        assert holds(whole.with_only(set(whole.switches) - {switch}))
        said["spare"] += 1
    return said


def test_sentences_about_generated_models(write_spec: WriteSpec) -> None:
    said: Counter[str] = Counter()
    for seed in range(60):
        for asked, answered in proofs_in(write_spec(random_spec(seed))):
            said += check_sentences(core_of(asked, answered), loose(asked, 1))
    assert min(said["alone"], said["together"], said["spare"]) > 5, said


@pytest.mark.parametrize("name", ["02-erratum", "03-kexec"])
def test_sentences_about_examples(name: str) -> None:
    for asked, answered in proofs_in(EXAMPLES / f"{name}.tdx"):
        assert check_sentences(core_of(asked, answered), loose(asked, 2))["alone"]


def test_of_two_reasons_neither_is_needed_alone(write_spec: WriteSpec) -> None:
    ((asked, answered),) = proofs_in(write_spec(EITHER))
    core = core_of(asked, answered)
    told = {e.text: (core.broken[e.switch].alone, e.switch in core.spare) for e in core.needed}
    assert told.pop("bad = false") == (True, False)
    assert told and set(told.values()) == {(False, True)}


CHOOSING = """\
index L
param p : bool
state x[L] : bool = false
state y : 0..2 = 0
state done : bool = false
action a(l : L) when y = 0 { either { y := 1 } or { x[l] := any  y := 2 } }
action idle { if done and p { either { } or { } } }
process q { one: { either { y := 2 } or { } }  two: { done := any { true, p } } }
property safe never y = 1 and done and p
check safe where not p
"""


def test_steps_are_called_as_in_traces(write_spec: WriteSpec) -> None:
    """With arguments, and what was chosen in the words of the model, not of the weakened one."""
    ((asked, answered),) = proofs_in(write_spec(CHOOSING))
    (breach,) = core_of(asked, answered).broken.values()
    assert breach.actions == ("a", "q.one", "q.two")
    assert breach.run[0] == "a(l = L0) (1st branch: y := 1)"
    assert breach.run[1:] == ("q.one (2nd branch: does nothing)", "q.two(done := true)")
