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
        lines.append(f"action act{number} when {guard} {{ {effect} }}")
    return "\n".join([*lines, "property safe never d", f"check safe {random.choice(('', 'where p'))}"]) + "\n"


def leads_to_bad(problem: Problem, actions: tuple[str, ...], renewing: set[str]) -> bool:
    """Whether some run takes exactly these actions, but for those that renew free values, and ends badly."""
    semantics, limits = Semantics(problem), Budget(max_states=100_000)
    for rigid in semantics.rigid_valuations(limits):
        here = set(semantics.initial_states(rigid, limits))
        for action in actions:
            here = _renewed(semantics, rigid, here, renewing)
            steps = (one for state in here for one in semantics.successors(rigid, state))
            here = {after for step, after in steps if step.action == action}
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
        assert leads_to_bad(problem, breach.actions, set(whole.freedom.renewing)), (switch, breach)
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
        assert check_sentences(core_of(asked, answered), loose(asked, 1))["alone"]


def test_of_two_reasons_neither_is_needed_alone(write_spec: WriteSpec) -> None:
    ((asked, answered),) = proofs_in(write_spec(EITHER))
    core = core_of(asked, answered)
    told = {e.text: (core.broken[e.switch].alone, e.switch in core.spare) for e in core.needed}
    assert told.pop("bad = false") == (True, False)
    assert told and set(told.values()) == {(False, True)}
