"""What formulas over few elements cannot follow: the verdict says what it is, and claims no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.engines import anysize, fragment
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.pdr import frames
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.logic.show import show_expression
from tests.texts import Silent, problem_of, require_accepted

DISTINCT = {
    count: " and ".join(f"l{a} != l{b}" for a in range(count) for b in range(a)) for count in (3, 5, 7)
}
NAMES = {count: ", ".join(f"l{number}" for number in range(count)) for count in DISTINCT}

OUTSIDE = {
    "parity": (
        """
        index Line
        state marked[Line] : bool = false
        state odd : bool = false
        action toggle(l : Line) { marked[l] := not marked[l]  odd := not odd }
        property p never odd and not exists l : Line: marked[l]
        """,
        "'odd' is turned over for elements of Line (toggle)",
    ),
    "a count that ends": (
        f"""
        index Line
        state marked[Line] : bool = false
        state n : 0..3 = 0
        action mark(l : Line) when not marked[l] {{ marked[l] := true  if n < 3 {{ n := n + 1 }} }}
        property p never n = 3 and not exists {NAMES[3]} : Line:
          {DISTINCT[3]} and marked[l0] and marked[l1] and marked[l2]
        """,
        "'n' counts elements of Line (mark)",
    ),
    "a count in words": (
        """
        index Line
        enum Count { zero, one, two }
        state marked[Line] : bool = false
        state n : Count = zero
        action mark(l : Line) when not marked[l] {
          marked[l] := true
          if n = zero { n := one } else if n = one { n := two } else { n := zero }
        }
        action clear(l : Line) when marked[l] {
          marked[l] := false
          if n = zero { n := two } else if n = one { n := zero } else { n := one }
        }
        property p never n = one and forall l : Line: not marked[l]
        """,
        "'n' moves on with elements of Line (mark)",
    ),
    "as many as": (
        """
        index Cpu
        index Line
        state busy[Cpu] : bool = false
        state taken[Line] : bool = false
        action take(c : Cpu, l : Line) when not busy[c] and not taken[l] { busy[c] := true  taken[l] := true }
        action give(c : Cpu, l : Line) when busy[c] and taken[l] { busy[c] := false  taken[l] := false }
        property p never (forall c : Cpu: not busy[c]) and exists l : Line: taken[l]
        """,
        "what they say of busy and taken does not",
    ),
    "a path": (
        """
        index Node
        const next[Node] : Node
        const goal : Node
        state first : Node
        state second : Node
        state seen : bool = any
        init first = second and (seen iff first = goal)
        action walk { first := next[first]  seen := seen or first = goal }
        action follow { second := next[second] }
        property p never next[first] = first and not seen and second = goal
        """,
        "'next' leads from Node to Node",
    ),
}


def outside(text: str) -> Unknown:
    found = anysize.run(problem_of(f"{text}\ncheck p"), Budget(), Silent())
    assert isinstance(found, Unknown), found
    assert found.why is Why.NO_GENERAL_PROOF
    assert found.clean_through is None
    return found


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_construct_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anysize, "LARGEST", 3)
    text, construct = OUTSIDE[name]
    detail = outside(text).detail
    assert "no invariant of a small instance holds for every size" in detail
    assert construct in detail


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_sizes_that_are_named_are_proved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each size up to three, counted state by state; no larger one is claimed."""
    monkeypatch.setattr(anysize, "LARGEST", 3)
    text, _ = OUTSIDE[name]
    assert "proved for 1, 2 and 3 elements of each sort" in outside(text).detail
    subject = problem_of(f"{text}\ncheck p")
    for size in (1, 2, 3):
        small = anysize.instance(subject, size)
        assert isinstance(explicit.run(small, Budget(), Silent()), Proved)


def test_sorts_are_listed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anysize, "LARGEST", 2)
    detail = outside(
        """
        index A
        index B
        state a[A] : bool = false
        state b[B] : bool = false
        state odd : bool = false
        action both(x : A, y : B) { a[x] := not a[x]  b[y] := not b[y]  odd := not odd }
        property p never odd and forall x : A: not a[x]
        """
    ).detail
    assert "'odd' is turned over for elements of A and B (both);" in detail
    assert "'a'" not in detail


def test_an_orbit_that_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anysize, "LARGEST", 3)
    monkeypatch.setattr(frames, "LARGEST_ORBIT", 5)
    detail = outside(OUTSIDE["parity"][0]).detail
    assert "a lemma about 3 elements of Line at once has up to 6 symmetric images" in detail
    assert "for 3 elements of each sort" in detail
    assert "proved for 1 and 2 elements of each sort" in detail


# --- formulas about more elements than there are in the usual instances ------------------


def crowd(count: int, bad: str = "never all_done") -> str:
    """`count` lines, all of which have to be marked before the flag goes up."""
    return f"""
    index Line
    init exists {NAMES[count]} : Line: {DISTINCT[count]}
    state marked[Line] : bool = false
    state all_done : bool = false
    action mark(l : Line) {{ marked[l] := true }}
    action finish when forall l : Line: marked[l] {{ all_done := true }}
    property p {bad}
    check p
    """


def test_as_many_elements_as_a_formula_speaks_of() -> None:
    """With four lines there is no run at all."""
    found = anysize.decide(problem_of(crowd(5)), Budget(), Silent())
    assert isinstance(found.verdict, Refuted)
    assert found.problem.sizes == (("Line", 5),)
    assert len(found.verdict.trace) == 6
    require_accepted(found.problem, found.verdict, Budget())


def test_proofs_about_crowds() -> None:
    subject = problem_of(crowd(5, "never all_done and exists l : Line: not marked[l]"))
    found = anysize.decide(subject, Budget(), Silent())
    assert isinstance(found.verdict, Proved)
    require_accepted(found.problem, found.verdict, Budget())


def test_crowds_that_are_too_large_are_named() -> None:
    detail = outside(crowd(7).replace("check p", "")).detail
    assert "there is no initial state for few elements of each sort" in detail
    assert "a formula speaks of 7 elements of Line at once" in detail
    assert "proved" not in detail


def test_how_many_elements_a_formula_speaks_of() -> None:
    text = """
    index Line
    index Cpu
    state marked[Line] : bool = false
    action three(a, b : Line) when exists c : Line: a != c and marked[c] { marked[b] := true }
    property p never exists c : Cpu: (forall l, m : Line: marked[l] or marked[m]) and exists d : Cpu: c != d
    check p
    """
    assert fragment.elements_spoken_of(problem_of(text)) == {"Line": 3, "Cpu": 2}


# --- inside after all ------------------------------------------------------------------


INSIDE = {
    "a count within its range": """
    index Line
    state marked[Line] : bool = false
    state n : 0..2 = 0
    action mark(l : Line) when not marked[l] and n < 2 { marked[l] := true  n := n + 1 }
    action clear(l : Line) when marked[l] { marked[l] := false  n := n - 1 }
    property p never n = 0 and exists l : Line: marked[l]
    """,
    "one of two sorts": """
    index Node
    index Msg
    index Key
    state holds[Node, Key] : bool = any
    state msg[Msg, Key] : bool = false
    init forall k : Key: exists n : Node: holds[n, k]
    action send(a : Node, m : Msg, k : Key) when holds[a, k] { holds[a, k] := false  msg[m, k] := true }
    action receive(b : Node, m : Msg, k : Key) when msg[m, k] { msg[m, k] := false  holds[b, k] := true }
    property p always forall k : Key: (exists n : Node: holds[n, k]) or (exists m : Msg: msg[m, k])
    """,
    "a count in words": """
    index Line
    enum Count { zero, one, many }
    state marked[Line] : bool = false
    state n : Count = zero
    action mark(l : Line) when not marked[l] {
      marked[l] := true
      if n = zero { n := one } else if n = one { n := many }
    }
    property p never n = many and not exists a, b : Line: a != b and marked[a] and marked[b]
    """,
    "a path": """
    index Node
    const next[Node] : Node
    state seen[Node] : bool = any
    state root : Node
    init forall n : Node: seen[n] iff n = root
    action go(n : Node) when seen[n] { seen[next[n]] := true }
    property p always forall n : Node:
      seen[n] implies n = root or exists m : Node: seen[m] and next[m] = n
    """,
    "a function to the same sort": """
    index Node
    const parent[Node] : Node
    state marked[Node] : bool = false
    state root : Node
    action mark(n : Node) when n = root or marked[parent[n]] { marked[n] := true }
    property p always forall n : Node: marked[n] and n != root implies marked[parent[n]]
    """,
}


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_inside(name: str) -> None:
    found = anysize.decide(problem_of(f"{INSIDE[name]}\ncheck p"), Budget(), Silent())
    assert isinstance(found.verdict, Proved)
    require_accepted(found.problem, found.verdict, Budget())
    for size in (1, 3):
        small = replace(found.problem, sizes=tuple((sort, size) for sort, _ in found.problem.sizes))
        certificate = found.verdict.certificate
        assert isinstance(certificate, Invariant)
        require_accepted(small, Proved(Invariant(certificate.formulas, any_size=False)), Budget())


def test_some_key_is_held_or_under_way() -> None:
    """Two sorts, all of whose elements are in the same situation, are read together."""
    found = anysize.run(problem_of(f"{INSIDE['one of two sorts']}\ncheck p"), Budget(), Silent())
    assert isinstance(found, Proved)
    assert isinstance(found.certificate, Invariant)
    (shown,) = map(show_expression, found.certificate.formulas)
    assert shown.count("forall") == 2
