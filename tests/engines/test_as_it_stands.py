"""What is claimed is tried as it stands before anything is searched, and only where that is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from random import Random

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import anysize
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.logic.expr import conjunction, negation
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.claims import next_steps
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.smt.asker import Asker, GaveUp
from tdxverify.smt.inductive import UnsizedQuestions
from tests.generated import random_problem
from tests.texts import Silent, problem_of, require_accepted

FEW = Budget(max_states=20_000)

# Each is inductive as it stands. With the formulas of the certificate.
AT_ONCE: dict[str, tuple[str, tuple[str, ...]]] = {
    "some queue has a server that is up": (
        """
        index Server
        const spare[Server] : bool
        assume exists s : Server: spare[s]
        state up[Server] : bool = true
        action drop(s : Server) when exists t : Server: t != s and (spare[t] or not spare[s]) and up[t] {
          if spare[s] implies exists t : Server: t != s and spare[t] and up[t] { up[s] := false }
        }
        property p always exists s : Server: spare[s] and up[s]
        """,
        ("exists s : Server: spare[s] and up[s]",),
    ),
    "each page has a reader": (
        """
        index Page
        index Reader
        const home[Reader] : Page
        assume forall p : Page: exists r : Reader: home[r] = p
        state awake[Reader] : bool = true
        action sleep(r : Reader) when exists q : Reader: q != r and home[q] = home[r] and awake[q] {
          awake[r] := false
        }
        property p always forall p : Page: exists r : Reader: home[r] = p and awake[r]
        """,
        ("forall p : Page: exists r : Reader: home[r] = p and awake[r]",),
    ),
    "a long clock that all have seen": (
        """
        index Dev
        param most : 0..90
        state now : 0..100 = 0
        state seen[Dev] : 0..100 = 0
        state asleep : bool = false
        state listed[Dev] : bool = false
        action list(d : Dev) when not asleep { listed[d] := true  seen[d] := now }
        action doze { asleep := true }
        action tick when asleep and now < most {
          now := now + 1
          foreach d : Dev { if listed[d] { seen[d] := seen[d] + 1 } }
        }
        property p always now <= most and forall d : Dev: listed[d] implies seen[d] = now
        """,
        (
            "now <= most",
            "forall d : Dev: listed[d] implies seen[d] = now",
            "not range error",
        ),
    ),
    "two parts that need each other": (
        """
        index Line
        state open[Line] : bool = false
        state used[Line] : bool = false
        state log[Line] : bool = false
        action unlock(l : Line) { open[l] := true }
        action use(l : Line) when open[l] { used[l] := true }
        action note(l : Line) when used[l] { log[l] := true }
        property p always (forall l : Line: log[l] implies open[l])
          and (forall l : Line: used[l] implies open[l])
        """,
        (
            "forall l : Line: log[l] implies open[l]",
            "forall l : Line: used[l] implies open[l]",
        ),
    ),
    "what one part says already": (
        """
        index Line
        state a[Line] : bool = false
        state b[Line] : bool = false
        action go(l : Line) when not a[l] { b[l] := true }
        action stay(l : Line) { b[l] := false }
        property p always (forall l : Line: not a[l]) and forall l : Line: a[l] implies b[l]
        """,
        ("forall l : Line: not a[l]",),
    ),
    "the order of epochs": (
        """
        index Epoch ordered
        state now : Epoch = first(Epoch)
        state last : Epoch = first(Epoch)
        action advance(e : Epoch) when now < e { now := e }
        action sync { last := now }
        property p always last <= now
        """,
        ("last <= now",),
    ),
}

# Each looks like that, and is not.
NEAR_MISSES: dict[str, str] = {
    "the last server of its kind": """
        index Server
        const spare[Server] : bool
        assume exists s : Server: spare[s]
        state up[Server] : bool = true
        action drop(s : Server) when exists t : Server: t != s and up[t] { up[s] := false }
        property p always exists s : Server: spare[s] and up[s]
        """,
    "a reader that moves to another page": """
        index Page
        index Reader
        state home[Reader] : Page = any
        init forall p : Page: exists r : Reader: home[r] = p
        action move(r : Reader, p : Page) { home[r] := p }
        property p always forall p : Page: exists r : Reader: home[r] = p
        """,
    "a clock that leaves its range": """
        index Dev
        state now : 0..6 = 0
        state seen[Dev] : 0..5 = 0
        action tick { if now < 6 { now := now + 1 }  foreach d : Dev { seen[d] := seen[d] + 1 } }
        property p always forall d : Dev: seen[d] <= now
        """,
    "true, and in need of more": """
        index Line
        state open[Line] : bool = false
        state used[Line] : bool = false
        state log[Line] : bool = false
        action use(l : Line) when open[l] { used[l] := true }
        action note(l : Line) when used[l] { log[l] := true }
        property p never exists l : Line: log[l]
        """,
    "true of two elements, and false of three": """
        index Line
        state hit : bool = false
        action crowd(a, b, c : Line) when a != b and a != c and b != c { hit := true }
        property p never hit
        """,
    "no element to begin with": """
        index Line
        state a[Line] : bool = false
        init forall l, m : Line: l = m and a[l]
        action stay(l : Line) { a[l] := false }
        property p always forall l : Line: a[l] iff a[l]
        """,
}


def at_sizes(problem: Problem, largest: int) -> Iterator[Problem]:
    names = [name for name, _ in problem.sizes]
    for sizes in product(range(1, largest + 1), repeat=len(names)):
        yield problem.instance(zip(names, sizes, strict=True))


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often lemmas were searched for."""
    counted = Counter[str]()
    for module in (anysize, pdr):
        original = module.search

        def search(*given: object, original: object = original) -> object:
            counted["searches"] += 1
            return original(*given)  # type: ignore[operator]

        monkeypatch.setattr(module, "search", search)
    return counted


@pytest.mark.parametrize("name", AT_ONCE)
def test_at_every_size_without_a_search(name: str, searches: Counter[str]) -> None:
    text, formulas = AT_ONCE[name]
    problem = problem_of(f"{text}\ncheck p")
    found = anysize.decide(problem, Budget(), Silent())
    assert isinstance(found.verdict, Proved)
    assert isinstance(found.verdict.certificate, Invariant)
    assert found.verdict.certificate.any_size
    assert tuple(map(show_expression, found.verdict.certificate.formulas)) == formulas
    require_accepted(found.problem, found.verdict, Budget())
    assert not searches
    for small in at_sizes(problem, 4 if len(problem.sizes) == 1 else 3):
        truth = explicit.run(small, FEW, Silent())
        assert not isinstance(truth, Refuted), small.sizes


@pytest.mark.parametrize("name", AT_ONCE)
def test_at_stated_sizes_without_a_search(name: str, searches: Counter[str]) -> None:
    problem = problem_of(f"{AT_ONCE[name][0]}\ncheck p")
    for small in at_sizes(problem, 2):
        found = pdr.run(small, Budget(), Silent())
        starts = not isinstance(explicit.run(small, FEW, Silent()), Vacuous)
        assert isinstance(found, Proved if starts else Vacuous)
        require_accepted(small, found, Budget())
    assert not searches


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_only_looks_inductive_is_decided_as_ever(name: str) -> None:
    problem = problem_of(f"{NEAR_MISSES[name]}\ncheck p")
    found = anysize.decide(problem, Budget(), Silent())
    require_accepted(found.problem, found.verdict, Budget())
    truths = {small.sizes: explicit.run(small, FEW, Silent()) for small in at_sizes(problem, 3)}
    refuted = [len(truth.trace) for truth in truths.values() if isinstance(truth, Refuted)]
    if refuted:
        assert isinstance(found.verdict, Refuted)
        assert len(found.verdict.trace) == min(refuted)
    elif all(isinstance(truth, Vacuous) for truth in truths.values()):
        assert isinstance(found.verdict, Vacuous)
    else:
        assert isinstance(found.verdict, Proved)


def test_few_questions_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, so that it is the same on every machine."""
    asked = Counter[str]()
    original = Asker.ask

    def ask(asker: Asker, *given: object, **named: object) -> object:
        asked["questions"] += 1
        before = asker.spent
        answer = original(asker, *given, **named)  # type: ignore[arg-type]
        asked["steps"] += asker.spent - before
        return answer

    monkeypatch.setattr(Asker, "ask", ask)
    for text, _ in AT_ONCE.values():
        asked.clear()
        anysize.decide(problem_of(f"{text}\ncheck p"), Budget(), Silent())
        assert asked["questions"] < 40
        assert asked["steps"] < 500_000


def test_questions_that_are_not_answered_leave_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Z3 has no answer about every size at first, lemmas of instances are tried as well."""
    original = UnsizedQuestions._check
    left = [4]

    def check(questions: UnsizedQuestions, *given: object) -> object:
        left[0] -= 1
        return GaveUp("tired") if left[0] >= 0 else original(questions, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(UnsizedQuestions, "_check", check)
    problem = problem_of(f"{AT_ONCE['two parts that need each other'][0]}\ncheck p")
    found = anysize.decide(problem, Budget(), Silent())
    assert left[0] < 0
    assert isinstance(found.verdict, Proved)
    require_accepted(found.problem, found.verdict, Budget())


# --- and what the next step keeps -------------------------------------------------------

PARCELS = """
index Parcel
index Door
const fits[Parcel, Door] : bool
state ordered[Door] : bool = false
state sent[Parcel] : bool = false
state arrived[Parcel] : bool = false
action order(d : Door) { ordered[d] := true }
action send(k : Parcel, d : Door) when ordered[d] and fits[k, d] { sent[k] := true }
action arrive(k : Parcel) when sent[k] { arrived[k] := true }
property p always forall k : Parcel: arrived[k] implies exists d : Door: ordered[d] and fits[k, d]
check p
"""


def test_what_the_next_step_keeps_is_an_invariant_with_it() -> None:
    problem = problem_of(PARCELS)
    found = anysize.decide(problem, Budget(), Silent())
    assert isinstance(found.verdict, Proved)
    assert isinstance(found.verdict.certificate, Invariant)
    assert len(found.verdict.certificate.formulas) == 2
    require_accepted(found.problem, found.verdict, Budget())
    for small in at_sizes(problem, 3):
        assert not isinstance(explicit.run(small, FEW, Silent()), Refuted)


def test_next_steps_against_successors() -> None:
    told = Counter[bool]()
    for seed in range(60):
        problem = random_problem(seed)
        semantics = Semantics(problem)
        denied = negation(conjunction(*next_steps(problem)))
        is_left = Semantics(replace(problem, bad=denied)).is_bad
        for rigid in islice(semantics.rigid_valuations(Budget()), 3):
            ranges = [domain(c.symbol.sort, problem.size_of) for c in problem.state_layout.cells]
            for state in islice(product(*ranges), 40):
                if not semantics.is_bad(rigid, state):
                    after = (new for _, new in semantics.successors(rigid, state))
                    left = any(semantics.is_bad(rigid, new) for new in after)
                    assert is_left(rigid, state) == left, seed
                    told[left] += 1
    assert min(told.values()) > 50


# --- made up -------------------------------------------------------------------------


def made_up(seed: int) -> Problem:
    """Two sorts, a relation between them, and a claim with quantifiers of both kinds, which may be kept."""
    chance = Random(f"as it stands {seed}")
    relation = chance.choice(("r[a, b]", "(r[a, b] and big[b])", "(r[a, b] or not big[b])"))
    first, second = chance.choice((("forall", "exists"), ("exists", "forall"), ("forall", "forall")))
    claim = f"{first} a : A: {second} b : B: {relation}"
    others = {
        "exists": f"exists d : B: d != b and {relation.replace('b]', 'd]')}",
        "forall": f"forall d : B: {relation.replace('b]', 'd]')}",
    }
    guard = chance.choice((*others.values(), others[second], others[second], "mark[a]"))
    value = chance.choice(("false", "true", "mark[a]", "not r[a, b]"))
    more = chance.choice(("", " and now <= 3", " and (forall a : A: mark[a] implies now > 0)"))
    text = f"""
    index A
    index B
    const big[B] : bool
    state r[A, B] : bool = {chance.choice(("true", "false", "any"))}
    state mark[A] : bool = false
    state now : 0..3 = 0
    {chance.choice(("", f"init {claim}"))}
    action change(a : A, b : B) when {guard} {{ r[a, b] := {value} }}
    action tick(a : A) {chance.choice(("", *["when now < 3 "] * 4))}{{ mark[a] := true  now := now + 1 }}
    {chance.choice(("", "action set(a : A, b : B) { r[a, b] := true }"))}
    property p always ({claim}){more}
    check p
    """
    return problem_of(text)


def test_made_up_claims_against_enumeration(searches: Counter[str]) -> None:
    verdicts, at_once = Counter[type](), 0
    for seed in range(40):
        problem = made_up(seed)
        before = searches["searches"]
        found = anysize.decide(problem, Budget(bound=12), Silent())
        require_accepted(found.problem, found.verdict, Budget())
        verdicts[type(found.verdict)] += 1
        at_once += isinstance(found.verdict, Proved) and searches["searches"] == before
        smalls = list(at_sizes(problem, 2))
        truths = [explicit.run(small, FEW, Silent()) for small in smalls]
        lengths = [len(truth.trace) for truth in truths if isinstance(truth, Refuted)]
        if isinstance(found.verdict, Proved | Vacuous):
            assert not lengths, seed
        if isinstance(found.verdict, Refuted):
            assert found.verdict == explicit.run(found.problem, FEW, Silent()), seed
        if isinstance(found.verdict, Proved):
            same = replace(found.verdict.certificate, any_size=False)  # type: ignore[type-var]
            require_accepted(smalls[-1], Proved(same), Budget())
    assert at_once >= 5
    assert verdicts[Refuted] >= 8
