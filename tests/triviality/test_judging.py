"""What is a trivial proof: the same for claims that say the same, and what the definition says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers import trivially
from tdxverify.answers.answer import Trivial
from tdxverify.answers.checking import check
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Expr, negation, quantified
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec
from tdxverify.semantics.successors import Semantics
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Blocked, Ground, Holding
from tdxverify.triviality.judging import Triviality, triviality
from tdxverify.triviality.subject import subject_of
from tests.texts import explicit, model_of, problem_of
from tests.thorough import first
from tests.triviality.generated import Author, is_trivial

SEEDS = range(60)


def questions(text: str) -> tuple[Question, ...]:
    return every_check(Spec(Path("sample.tdx"), model_of(text)), Options())


def found(text: str) -> list[Triviality]:
    return [triviality(asked, Budget()) for asked in questions(text)]


FLAG_OR_FAULT = """\
param flush : bool
state flushed : bool = false
state failed : bool = false
actor kernel
fault #DF fixable
access df_flush() { otherwise -> fault #DF }
action flush_it when flush and not failed { failed := true }
action other { flushed := not flushed }
action flush_access by kernel when flush { df_flush() }
"""
CLAIMS = [
    "never failed",
    "never failed and flushed",
    "always failed implies flushed",
    "never kernel takes #DF",
    "step not failed'",
    "step failed' implies failed",
    "always not failed or flushed",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_in_other_words(claim: str) -> None:
    step = "flush_access" if "takes" in claim else "flush_it"
    (one,) = found(f"{FLAG_OR_FAULT}property p {claim}\ncheck p where not flush\n")
    assert one.trivial
    assert f"only '{step}' could" in one.reason
    assert one.reason.endswith(f"'{step}' needs 'flush', which 'where' excludes")


def test_parameters_alone_can_exclude_it() -> None:
    text = (
        "param key : bool\nstate n : bool = false\nstate k : bool = false\n"
        "action add when not n { n := true }\naction enable when key and not k { k := true }\n"
        "property one never key and n and not k\nproperty two always key and n implies k\n"
        "check one, two where not key\n"
    )
    said = "a bad state needs 'key', which 'where' excludes"
    assert found(text) == [Triviality(True, said)] * 2


def test_what_nothing_ever_sets() -> None:
    text = (
        "index Page\nmemory Page { used : bool = false  hw : bool = false  bad : bool = false }\n"
        "action alloc(p : Page) when not used[p] { used[p] := true  if hw[p] { bad[p] := true } }\n"
        "action free(p : Page) when used[p] { used[p] := false }\n"
        "property p never exists p : Page: bad[p]\ncheck p\n"
    )
    said = (
        "'bad' is never true for any Page: only 'alloc' could make it so, and only if 'hw[p]', "
        "which is not so at the start, and no step makes it so"
    )
    assert found(text) == [Triviality(True, said)]


@pytest.mark.parametrize(
    ("claim", "trivial"),
    [
        ("never a and b", False),  # they go together
        ("never a and c", True),
        ("never n > 1", False),  # a number that changes
        ("step b implies b'", False),  # what changes, but never back
        ("step c = c'", True),
        ("always b or not b", True),
        ("never deadlock", True),
    ],
)
def test_what_depends_on_changing_variables_is_not(claim: str, trivial: bool) -> None:
    text = (
        "state a : bool = false\nstate b : bool = false\nstate c : bool = false\nstate n : 0..3 = 0\n"
        "action one when not b { a := true }\naction two when not a { b := true }\n"
        "action count when n < 1 { n := n + 1 }\naction wait { }\n"
        f"property p {claim}\ncheck p\n"
    )
    assert [one.trivial for one in found(text)] == [trivial]


def test_a_step_that_a_size_makes_possible() -> None:
    text = (
        "index Cpu\nstate s : bool = false\nstate t : bool = false\n"
        "action go(c, d : Cpu) when c != d { s := true }\naction fail when s { t := true }\n"
        "action stop when t { s := false  t := true }\nproperty p never t and s and not t\n"
        "property r never s\ncheck p\ncheck r for Cpu = 1\n"
    )
    assert [one.trivial for one in found(text)] == [True, True]


def test_without_time_nothing_is_known() -> None:
    (asked,) = questions(f"{FLAG_OR_FAULT}property p never failed\ncheck p where not flush\n")
    assert triviality(asked, Budget(deadline=0.0)).trivial is None


@pytest.mark.parametrize("seed", first(SEEDS, 30))
def test_equal_claims_have_one_answer_and_it_is_that_of_the_definition(seed: int) -> None:
    author = Author(seed)
    model, bad, where = author.model(), author.bad(), author.where()
    claims = author.claims(bad)
    lines = [f"property p{number} {claim}\n" for number, claim in enumerate(claims)]
    checks = [f"check p{number} for Line = 2 {where}\n" for number in range(len(claims))]
    text = "".join([model, *lines, *checks])
    answers = {one.trivial for one in found(text)}
    assert answers == {is_trivial(problem_of(text))}


@pytest.mark.parametrize("seed", first(SEEDS, 30))
def test_what_the_reason_says_is_so_in_every_reachable_state(seed: int) -> None:
    author = Author(seed)
    text = f"{author.model()}property p never {author.bad()}\ncheck p for Line = 2 {author.where()}\n"
    (asked,) = questions(text)
    subject = subject_of(asked, {"Line": 2})
    holding = Holding(subject, lambda: None)
    ground = holding.excludes_bad()
    if ground is None:
        return
    assert isinstance(explicit(problem_of(text)), Proved)
    for fact, blocked in support(holding, ground).items():
        wrong = [] if fact.fixed else [negation(fact.formula)]
        lacks = [(one.action, lack) for one in blocked for lack in one.lacks if lack.needs]
        wrong += [quantified(action.parameters, lack.needs, universal=False) for action, lack in lacks]
        for formula in wrong:
            assert not reached(subject.problem, formula)


def support(holding: Holding, ground: Ground) -> dict[Fact, tuple[Blocked, ...]]:
    """The facts of `ground`, and those that they rest on, each with the steps that would break it."""
    found: dict[Fact, tuple[Blocked, ...]] = {}
    waiting = list(ground.facts)
    while waiting:
        fact = waiting.pop(0)
        if fact not in found:
            found[fact] = holding.blocked(fact)
            waiting.extend(more for one in found[fact] for lack in one.lacks for more in lack.ground.facts)
    return found


def reached(problem: Problem, formula: Expr) -> bool:
    """Whether a reachable state satisfies `formula`."""
    semantics = Semantics(problem)
    holds = Evaluator.of(problem.symbols, problem.size_of).formula(formula)
    for rigid in semantics.rigid_valuations(UNLIMITED):
        waiting = list(semantics.initial_states(rigid, UNLIMITED))
        seen = set(waiting)
        while waiting:
            state = waiting.pop()
            if holds(rigid, state, ()):
                return True
            new = {later for _, later in semantics.successors(rigid, state, UNLIMITED)} - seen
            seen |= new
            waiting.extend(new)
    return False


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_what_two_elements_cannot_break_is_not_said_of_any_number(count: int) -> None:
    """So many elements that are marked would be bad: so no number of them holds in every state."""
    names = [f"e{number}" for number in range(count)]
    apart = [f"{one} != {other}" for at, one in enumerate(names) for other in names[:at]]
    marked = " and ".join([*apart, *(f"x[{name}]" for name in names)])
    (one,) = found(
        "index A  param p : bool  state x[A] : bool = false\n"
        "action mark(a : A) when p { x[a] := true }\n"
        f"property q never exists {', '.join(names)} : A: {marked}\ncheck q where not p\n"
    )
    assert one.trivial
    assert "in every state" not in one.reason and "'mark' needs 'p'" in one.reason


TWO = """\
index A  param p : bool  state x[A] : bool = false  state y[A] : bool = false
action first(a : A) when p { x[a] := true }
action second(a : A) when x[a] { y[a] := true }
action third(a : A) when not y[a] { x[a] := x[a] and not p }
property q never exists a : A: y[a] and x[a]
check q where not p
check q for A = 2 where not p
"""


def test_a_plain_check_asks_of_every_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its certificate speaks of; where it is not found out, nothing is said."""
    path = tmp_path / "spec.tdx"
    path.write_text(TWO)
    assert [one.trivial for one in check([path]).answers] == [Trivial.YES, Trivial.YES]
    monkeypatch.setattr(trivially, "WORK", 0)
    assert [one.trivial for one in check([path]).answers] == [None, None]


@pytest.mark.parametrize("sort", ["Line", "Mode"])
@pytest.mark.parametrize("size", ["", " for Line = 2"])
def test_what_is_only_ever_none(sort: str, size: str) -> None:
    """Of elements, which are not told apart, it is said that a cell has the value it began with."""
    text = f"index Line enum Mode {{ idle, busy }} state last : {sort} or none = none "
    text += f"action f {{ last := none }} property p never last != none check p{size}"
    assert [one.trivial for one in found(text)] == [True]
