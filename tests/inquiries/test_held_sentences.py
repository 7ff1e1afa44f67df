"""What `why` says always holds, by going through every state and every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest

from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.cli.why_proof import FoundProof, explain_proof, found_proof
from tdxverify.inquiries.core_search import Case, Core
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.model.ranges import some_violated
from tdxverify.outputs.text.layout import plain
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step
from tdxverify.telling.invariants import MOST_VALUES, told_invariant
from tests.inquiries.conftest import WriteSpec
from tests.inquiries.test_core_search import asked_in, core_of, loose, proofs_in

CLAIMS = (
    "step n' >= n or m > 0",
    "step n' <= n + 1",
    "step n + m <= 4",
    "never n = 2 and m = 2",
    "never not p",
)
CLAIMS += ("always k <= 1", "never exists a, b : A: f[a] and not f[b]", "reachable p and n = 2 and m = 1")
LIMITS = Budget(max_states=100_000)
OURS = ("range error", "step violated")


def random_spec(seed: int) -> str:
    """Counters that guards keep in their ranges, flags of elements, and a property of states or of steps."""
    random = Random(seed)
    lines = ["index A  param p : bool  param k : 0..2  assume p or k > 0"]
    lines += [f"state n : 0..2 = {random.randint(0, 2)}  state m : 0..2 = 0  state f[A] : bool = false"]
    guards = ("n < 2", "m < 2", "n > 0", "m > 0", "p", "not p", "k = 1", "n <= m", "exists a : A: f[a]")
    effects = (
        "n := n + 1",
        "m := m + 1",
        "n := n - 1",
        "m := m - 1",
        "n := m",
        "m := k",
        "n := any { 0, m }",
    )
    for number in range(random.randint(1, 4)):
        guard = " and ".join(random.sample(guards, random.randint(1, 2)))
        lines.append(f"action act{number} when {guard} {{ {random.choice(effects)} }}")
    if random.random() < 0.5:
        lines.append("action mark(a : A) when n > 0 { f[a] := true }")
    claim = random.choice(CLAIMS)
    where = random.choice(("", " where p", " where not p", " where k < 2", " where p and k = 0"))
    sizes = random.choice(("", " for A = 1", " for A <= 2"))
    return "\n".join([*lines, f"property safe {claim}", f"check safe{sizes}{where}"]) + "\n"


def steps_of(problem: Problem) -> Iterator[tuple[Valuation, Valuation, Step | None, Valuation]]:
    """Every start, with no step; then every step from a state that can be reached."""
    semantics = Semantics(problem)
    for rigid in semantics.rigid_valuations(LIMITS):
        states = list(dict.fromkeys(semantics.initial_states(rigid, LIMITS)))
        seen = set(states)
        yield from ((rigid, state, None, state) for state in states)
        for state in states:  # grows
            for step, after in semantics.successors(rigid, state):
                yield rigid, state, step, after
                if after not in seen:
                    seen.add(after)
                    states.append(after)


def check_always(asked: Question, case: Case, needed: Problem, whole: Problem) -> Iterator[str]:
    """Every claim, of states that are reached by what is needed, and of the steps of the model."""
    found = told_invariant(asked.spec.model, asked.check, case.invariant.formulas)
    assert not any(word in text for text in found for word in OURS), found
    evaluator = Evaluator.of(needed.symbols, needed.size_of)
    for rigid, _, _, state in steps_of(needed):
        assert all(evaluator.evaluate(formula, rigid, state) for formula in found.values())
    for text in found:
        if text.startswith("every value fits: "):
            check_values(asked, whole, text)
            yield "values"
        elif text.startswith("every step on the way there keeps safe: step "):
            check_steps(asked, whole, text)
            yield "steps"
        else:
            yield "formula"
    if not found:
        check_every_state(needed)
        yield "nothing"


def check_values(asked: Question, whole: Problem, text: str) -> None:
    """No step that is made assigns a value that does not fit; all places are listed, as they are written."""
    model = asked.spec.model
    obligations = {action.name: action.obligations for action in model.actions}
    evaluator = Evaluator.of(whole.symbols, whole.size_of)
    parameters = {action.name: action.parameters for action in whole.actions}
    for rigid, state, step, _ in steps_of(whole):
        if step is not None:
            bound = dict(zip(parameters[step.action], step.arguments, strict=True))
            assert not evaluator.evaluate(some_violated(obligations[step.action]), rigid, state, bound)
    written = {one.span.text for some in obligations.values() for one in some}
    listed = sum(f"{one} stays within 0..2 (line " in text for one in written)
    assert listed == min(len(written), listed if "other value" in text else MOST_VALUES)


def check_steps(asked: Question, whole: Problem, text: str) -> None:
    (target,) = asked.spec.model.properties
    assert target.formula is not None and text.endswith(target.claim.text)
    evaluator = Evaluator.of(whole.symbols, whole.size_of)
    for rigid, state, step, after in steps_of(whole):
        assert step is None or evaluator.evaluate(target.formula, rigid, state, {}, after)


def check_every_state(problem: Problem) -> None:
    """That no state at all is bad, with the parameters that are allowed."""
    semantics = Semantics(problem)
    domains = [domain(cell.symbol.sort, problem.size_of) for cell in problem.state_layout.cells]
    for rigid in semantics.rigid_valuations(LIMITS):
        assert not any(semantics.is_bad(rigid, state) for state in product(*domains))


def cases_of(asked: Question, core: Core) -> Iterator[tuple[Case, Problem, Problem]]:
    """Each case with the model that has what is needed alone, and the whole one; at 2 elements of any."""
    kept = {element.switch for element in core.needed}
    for case in core.cases:
        size = 2 if case.invariant.any_size else case.relaxed.problem.size_of["A"]
        yield case, loose(asked, size).with_only(kept), at(asked, {"A": size})


def test_what_always_holds_of_generated_models(write_spec: WriteSpec) -> None:
    said: Counter[str] = Counter()
    for seed in range(90):
        for asked, answered in proofs_in(write_spec(random_spec(seed))):
            core = core_of(asked, answered)
            for case, needed, whole in cases_of(asked, core):
                said.update(check_always(asked, case, needed, whole))
    assert min(said["values"], said["steps"], said["formula"]) > 20 and said["nothing"] > 1, said


def told(write_spec: WriteSpec, text: str) -> str:
    ((asked, answered),) = proofs_in(write_spec(text))
    lines, is_told = explain_proof(FoundProof(asked, tuple(answered)), 10_000, everything=False)
    assert is_told
    return plain(lines).rstrip()


@pytest.mark.parametrize(
    ("claim", "ending"),
    [
        ("never p", "\nBy what is needed alone no state is bad, reachable or not."),
        ("reachable p", "\nBy what is needed alone no state is such a state, reachable or not."),
        ("step n' >= n", "\n        every step on the way there keeps safe: step n' >= n"),
        ("always n <= 1", "\n        n != 2"),
    ],
)
def test_every_list_says_something(write_spec: WriteSpec, claim: str, ending: str) -> None:
    spec = f"param p : bool  state n : 0..2 = 0  action up when n = 0 {{ n := 1 }}  property safe {claim}"
    text = told(write_spec, f"{spec}\ncheck safe where not p\n")
    assert text.endswith(ending), text
    assert ("Holds in every reachable state, by what is needed alone:" in text) != ("By what" in text)


RANGES = """\
enum Who {{ one, two }}
state n : 0..3 = 0  state who : Who or none = one  state last : Who = two
define next(i : 0..3) : 0..3 = i + 1
action up when n < 2 {{ n := next(n) // one more
}}
action keep when who != none and n {than} 1 {{ last := who }}
action forget when n = 3 {{ who := none }}
property safe {claim}
check safe
"""


def test_values_that_fit_are_told_in_the_words_of_the_spec(write_spec: WriteSpec) -> None:
    text = told(write_spec, RANGES.format(than="<", claim="always n <= 2"))
    values = "i + 1 stays within 0..3 (line 3), n := next(n) stays within 0..3 (line 4)"
    assert f"\n        every value fits: {values}" in text


def test_none_that_is_not_used_is_told_in_the_words_of_the_spec(write_spec: WriteSpec) -> None:
    spec = RANGES.replace("who != none and ", "").format(than="<", claim="always n <= 2")
    text = told(write_spec, spec)
    assert "last := who does not assign none (line 6)" in text


def test_what_is_not_the_same_at_all_sizes_says_at_which(write_spec: WriteSpec) -> None:
    """Of one element nothing has to be known."""
    spec = (
        "index A  state f[A] : bool = false  action set(a, b : A) when a = b and f[a] { f[a] := true }\n"
        "property safe never exists a, b : A: f[a] and not f[b]\ncheck safe for A <= 2\n"
    )
    text = told(write_spec, spec)
    assert "By what is needed alone no state is bad, reachable or not (for A = 1)." in text
    assert "Holds in every reachable state, by what is needed alone (for A = 2):\n        not exists" in text


def test_where_nothing_starts_that_is_said(write_spec: WriteSpec) -> None:
    """Only a start with two elements is possible, and the property holds for that reason alone at one."""
    spec = (
        "index A  state x : bool  init x and exists a, b : A: a != b\n"
        "action go { x := exists a, b : A: a != b }\nproperty safe always x\ncheck safe for A <= 2\n"
    )
    (asked,) = asked_in(write_spec(spec))
    decided = answer(asked, Budget(), Silent()).decided
    found = found_proof(asked, [(one.problem, one.verdict) for one in decided])
    assert found is not None
    text = plain(explain_proof(found, 10_000, everything=False)[0])
    assert "There is no initial state (for A = 1)." in text
    assert "Holds in every reachable state, by what is needed alone (for A = 2):" in text
