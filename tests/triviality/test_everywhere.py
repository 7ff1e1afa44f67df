"""What is said of any number of elements is so of 1, 2, 3 and 4, and of a narrower `where`, too."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from tdxverify.budget import UNLIMITED
from tdxverify.evidence.verdict import Proved, Vacuous
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import TRUE
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import at
from tdxverify.semantics.successors import Semantics
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Holding
from tdxverify.triviality.judging import triviality
from tdxverify.triviality.subject import subject_of
from tests.texts import explicit
from tests.triviality.test_judging import found, questions

SWAPPED = """\
index A
state lit[A] : bool
init exists a : A: lit[a]
init exists a : A: not lit[a]
action swap(a : A, b : A) when a != b and lit[a] and not lit[b] and exists c : A: c != a and c != b {
  lit[a] := false
  lit[b] := true
}
property p never forall a : A: lit[a]
"""
HOMES = """\
index Page
index Cpu
const home[Cpu] : Page
state who[Page] : Cpu
init forall p : Page: home[who[p]] = p
action move(p : Page) { who[p] := any  when home[who[p]] = p }
property p never exists p, q : Page: p != q and who[p] = who[q]
"""


@pytest.mark.parametrize(
    ("model", "check", "wanted"),
    [
        (SWAPPED, "", "the proof is not trivial for A = 3"),
        (SWAPPED, " for A <= 3", "the proof is not trivial for A = 3"),
        (HOMES, "", "the proof is not trivial for Page = 2, Cpu = 3"),
        (HOMES, " for Page = 2", "the proof is not trivial for Page = 2, Cpu = 3"),
    ],
)
def test_what_stays_in_a_small_machine_only(model: str, check: str, wanted: str) -> None:
    (one,) = found(f"{model}check p{check}\n")
    assert not one.trivial and one.reason == wanted


def test_what_keeps_itself_is_not_told_in_a_circle() -> None:
    (one,) = found(
        "index Page  index Cpu  const home[Cpu] : Page  state who[Page, Cpu] : bool\n"
        "init forall p : Page: exists c : Cpu: who[p, c]\n"
        "init forall p : Page, c : Cpu: who[p, c] implies home[c] = p\n"
        "action move(p : Page, c : Cpu) when home[c] = p { who[p, c] := true }\n"
        "property np never exists p, q : Page, c : Cpu: p != q and who[p, c] and who[q, c]\n"
        "check np for Page = 2, Cpu = 2\n"
    )
    assert one.reason.endswith("only 'move' could change it, and not as long as it is as 'init' says")


MARKED = """\
index A
param m : bool
state bad : bool = false
state s[A] : bool = false
action f(a : A) when m { bad := true }
action g(a : A) { s[a] := true }
property p never bad
check p where not m
"""


@pytest.mark.parametrize(
    "more",
    [
        "",
        " and (forall a, b : A: a = b)",
        " and (exists a, b, c : A: a != b and b != c and a != c)",
        " and m",
    ],
)
def test_fewer_machines_make_no_proof_less_trivial(more: str) -> None:
    """Where there are any, whichever sizes these have."""
    (one,) = found(MARKED.replace("not m\n", f"not m{more}\n"))
    assert one.trivial is (None if more == " and m" else True)


def test_many_sizes_are_looked_at_together() -> None:
    (one,) = found(MARKED.replace("check p", "check p for A <= 12"))
    assert (
        one.reason
        == "'bad' is never true: only 'f' could make it so, and 'f' needs 'm', which 'where' excludes"
    )


@pytest.mark.parametrize(
    ("constant", "where", "who"),
    [
        ("const k : 0..3 = j", "j = 0", "'const k = j' and 'where' exclude"),
        ("const k : 0..3 = 0", "true", "'const k = 0' excludes"),
        ("const k : 0..3 = j assume j = 0", "true", "'assume' and 'const k = j' exclude"),
        ("const k : 0..3", "k = 0", "'where' excludes"),
    ],
)
def test_the_value_of_a_constant_excludes(constant: str, where: str, who: str) -> None:
    text = "param j : 0..3\n" + constant + "\nstate n : 0..3 = 0\naction up when n < k { n := n + 1 }\n"
    (one,) = found(f"{text}property p never n > 0\ncheck p where {where}\n")
    assert one.reason is not None and f"'up' needs 'n < k', which {who}" in one.reason


# --- generated models -----------------------------------------------------------------

COUNTED = {
    1: "(forall u, v : A: u = v)",
    2: "(exists u, v : A: u != v)",
    3: "(exists u, v, w : A: u != v and v != w and u != w)",
    4: "(exists t, u, v, w : A: t != u and t != v and t != w and u != v and v != w and u != w)",
}
GUARDS = (
    "k",
    "not k",
    "y",
    "not y",
    "s[a]",
    "not s[a]",
    "(exists b : A: b != a and s[b])",
    "h = a",
    "r = h",
    "x",
)
WRITES = ("x := true", "y := not y", "s[a] := true", "s[a] := false", "h := a", "x := y", "n := 2", "n := 0")
INITS = (
    "init exists b : A: s[b]", "init exists b : A: not s[b]", "init forall b : A: s[b] implies b = r", "init h = r",  # noqa: E501
    "init x implies not y", "init y implies k",
)  # fmt: skip
BAD = (
    "x",
    "y and x",
    "n = 2",
    "(forall b : A: s[b])",
    "(exists b : A: s[b] and b != r)",
    "h != r",
    "x and k",
)
WHERE = ("", " where not k", f" where {COUNTED[1]}", f" where {COUNTED[2]}", f" where not k and {COUNTED[3]}")


def _spec(seed: int) -> tuple[str, str]:
    """A model and its property, and the rest of a check: about any number of elements, or 1 to 3."""
    random = Random(seed)
    guards = (*GUARDS, *COUNTED.values(), *COUNTED.values())
    steps = []
    for number in range(random.randint(1, 4)):
        guard = " and ".join(random.sample(guards, random.randint(1, 2)))
        steps.append(f"action act{number}(a : A) when {guard} {{ {random.choice(WRITES)} }}\n")
    inits = "".join(f"{one}\n" for one in random.sample(INITS, random.randint(0, 2)))
    bad = " and ".join(random.sample(BAD, random.randint(1, 2)))
    claim = random.choice([f"never {bad}", f"never {bad}", "step h' = h", "step x implies x'"])
    head = (
        "index A\nparam k : bool\nconst r : A\nstate x : bool = false\nstate y : bool\nstate s[A] : bool\n"
        f"state h : A\nstate n : 0..2 = any {{ 0, 1 }}\n{inits}{''.join(steps)}property p {claim}\n"
    )
    return head, random.choice(WHERE)


@pytest.mark.parametrize("seed", range(120))
def test_what_goes_on_at_any_size_does_so_at_each(seed: int) -> None:
    text, where = _spec(seed)
    (asked,) = questions(f"{text}check p{where}\n")
    for size in (2, 1):
        small = Holding(subject_of(asked, {"A": size}), lambda: None)
        if small.has_start:
            wide = small.everywhere((), lambda: None)
            for larger in (1, 2, 3):
                _go_on(subject_of(asked, {"A": larger}).problem, wide)
            return


def _go_on(problem: Problem, wide: Holding) -> None:
    """Each fact holds in every reachable state, and only those steps break it that are said to, whatever else
    holds."""
    semantics = Semantics(problem)
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    could = {fact: {one.action.name for one in wide.blocked(fact)} for fact in wide.facts}
    holds = {fact: evaluator.formula(fact.formula) for fact in wide.facts if fact.formula != TRUE}
    places = {fact: _cells(problem, fact) for fact in wide.facts}

    def lost(fact: Fact, rigid: Valuation, before: Valuation, after: Valuation) -> bool:
        if fact.fixed:
            return any(before[place] != after[place] for place in places[fact])
        return holds[fact](rigid, before, ()) and not holds[fact](rigid, after, ())

    for rigid in semantics.rigid_valuations(UNLIMITED):
        waiting = list(semantics.initial_states(rigid, UNLIMITED))
        seen = set(waiting)
        while waiting:
            state = waiting.pop()
            assert all(formula(rigid, state, ()) for formula in holds.values())
            for _, later in semantics.successors(rigid, state, UNLIMITED):
                assert not any(lost(fact, rigid, state, later) for fact in wide.facts)
                if later not in seen:
                    seen.add(later)
                    waiting.append(later)
        for state in product(*(domain(c.symbol.sort, problem.size_of) for c in problem.state_layout.cells)):
            kept = [f for f in wide.facts if f not in holds or holds[f](rigid, state, ())]
            for step, later in semantics.successors(rigid, state, UNLIMITED):
                broken = [fact for fact in kept if lost(fact, rigid, state, later)]
                assert all(step.action in could[fact] for fact in broken)


def _cells(problem: Problem, fact: Fact) -> list[int]:
    return [at for at, cell in enumerate(problem.state_layout.cells) if cell.symbol in fact.symbols]


@pytest.mark.parametrize("seed", range(120))
def test_what_is_trivial_at_any_size_is_so_at_each_and_for_fewer_machines(seed: int) -> None:
    text, where = _spec(seed)
    (judged,) = found(f"{text}check p{where}\n")
    if not judged.trivial:
        return
    for size in (1, 2, 3, 4):
        (one,) = found(f"{text}check p for A = {size}{where}\n")
        assert one.trivial is not False
        if size < 4:
            (asked,) = questions(f"{text}check p for A = {size}{where}\n")
            assert isinstance(explicit(at(asked, {"A": size})), Proved | Vacuous)
    narrower = f"{where} and {COUNTED[1]}" if where else f" where {COUNTED[1]}"
    (one,) = found(f"{text}check p{narrower}\n")
    (alone,) = found(f"{text}check p for A = 1{narrower}\n")
    assert one.trivial or alone.trivial is None


def test_the_reason_of_one_size_says_so() -> None:
    """Only in a machine of one element can the one step break it, only in a larger one the other."""
    one, two = (
        f"action {name}(a : A) when k and {COUNTED[size]} {{ x := true }}\n"
        for name, size in (("single", 1), ("several", 2))
    )
    text = f"index A\nparam k : bool\nstate x : bool = false\n{one}{two}property p never x\n"
    ranged, general = found(f"{text}check p for A <= 2 where not k\ncheck p where not k\n")
    assert ranged.reason.startswith("for A = 2: 'x' is never true: only 'several' could")
    assert general.reason.startswith("'x' is never true: only 'single' and 'several' could")
    (asked,) = questions(f"{text}check p where not k\n")
    assert triviality(asked, UNLIMITED) == general
