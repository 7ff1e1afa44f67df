"""What stands between the steps of a process costs no step: lengths count labels."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import SpecError
from tests.model.test_semantics import steps
from tests.texts import model_of

STATE = """
index Line
param early : bool
state n : 0..9 = 0
state a : bool = false
state b : bool = false
memory Line { done_with : bool = false }
"""


def way(items: str, property_: str = "never p at done", **sizes: int) -> list[str] | None:
    """The labels on a shortest way to the end of a process; None where it does not come there."""
    text = f"{STATE}process p {{ {items} }}\nproperty q {property_}\ncheck q"
    found = steps(text, 0, **sizes)
    return None if found is None else [name.removeprefix("p.") for name in found]


@pytest.mark.parametrize(
    ("items", "labels"),
    [
        ("", ""),
        ("a1: { } b1: { }", "a1 b1"),
        ("if early { a1: { } b1: { } } else { c1: { } }", "c1"),
        ("if a { a1: { } } else if b { b1: { } } else { c1: { } d1: { } }", "c1 d1"),
        ("if a { a1: { } }", ""),
        ("x1: { a := true } if a { a1: { } } else { }", "x1 a1"),
        ("x1: { a := true } if not a { a1: { } } b1: { }", "x1 b1"),
        ("while n < 2 { a1: { n := n + 1 } b1: { } } c1: { }", "a1 b1 a1 b1 c1"),
        ("while n > 2 { a1: { } } c1: { }", "c1"),
        ("a1: while n < 2 { n := n + 1 } c1: { }", "a1 a1 c1"),
        ("a1: while n > 2 { n := n + 1 } c1: { }", "c1"),
        ("a1: foreach l : Line { done_with[l] := true } c1: { }", "a1 a1 c1"),
        ("foreach l : Line { a1: { done_with[l] := true } b1: { } } c1: { }", "a1 b1 a1 b1 c1"),
        ("x: foreach l : Line { a1: { } b1: { } } c1: { }", "a1 b1 a1 b1 c1"),
        ("foreach l : Line { foreach m : Line { a1: { } } b1: { } }", "a1 a1 b1 a1 a1 b1"),
        ("foreach l : Line { a1: { n := n + 1 } if n < 2 { goto a1 } b1: { } }", "a1 a1 b1 a1 b1"),
        ("x: foreach l : Line { a1: { } if done_with[l] { goto x } goto done }", "a1"),
        ("x: foreach l : Line { a1: { } goto x }", "a1 a1"),
        ("either { a1: { } b1: { } } or { c1: { } }", "c1"),
        ("a1: { } either { when n = 1 b1: { } } or { c1: { } d1: { } }", "a1 c1 d1"),
        ("a1: { goto c1 } b1: { } c1: { }", "a1 c1"),
        ("a1: { n := n + 1 } while n < 3 { b1: { } goto a1 }", "a1 b1 a1 b1 a1"),
        ("if early { a1: { a := true } b1: when a { } } else { c1: as a1 }", "c1"),
        ("a1(k : 0..9): when k = 3 { n := k } if n = 3 { b1: { } }", "a1 b1"),
        (
            "a1(l : Line, k : 0..1): { done_with[l] := k = 1 } when exists m : Line: done_with[m] b1: { }",
            "a1 b1",
        ),
        ("foreach l : Line { a1(m : Line): when l != m { done_with[m] := true } }", "a1 a1"),
        ("a1(x, y : Line): when x != y { done_with[x] := true } c1: as a1", "a1 c1"),
    ],
)
def test_the_way_through_a_process(items: str, labels: str) -> None:
    assert way(items, Line=2) == labels.split()


@pytest.mark.parametrize(
    "items",
    [
        "a1: { } when n = 1",  # the step before waits for ever
        "a1: { } either { when n = 1 } or { when n = 2 }",
        "a1: when a { }",
        "a1: { } if n = 0 { goto a1 }",
        "while n = 0 { a1: { } }",
    ],
)
def test_a_process_that_does_not_come_to_its_end(items: str) -> None:
    assert way(items, Line=2) is None


def test_a_step_waits_only_where_every_way_on_is_blocked() -> None:
    items = "a1: { n := any { 0, 1, 2 } } either { when n = 1 b1: { } } or { when n = 2 c1: { } }"
    assert way(items, "never p at b1 and n != 1") is None
    assert way(items, "never n = 0 and (p at b1 or p at c1)") is None
    assert way(items, "never p at c1") == ["a1"]


def test_conditions_are_about_the_state_behind_the_step_before() -> None:
    assert way("a1: { n := 1 } if n = 1 { b1: { } } else { c1: { } }", "never p at c1") is None
    assert (
        way(
            "foreach l : Line { a1: { done_with[l] := true } if not done_with[l] { b1: { } } }",
            "never p at b1",
        )
        is None
    )


def test_a_while_that_is_a_step_asks_again() -> None:
    """Others may act between the question and the step."""
    text = f"""{STATE}
        action up when n = 1 {{ n := 5 }}
        process p {{ x: {{ n := 1 }} a1: while n < 2 {{ b := true }} }}
        property q never n = 5 and b
        check q
        property r never n = 5 and p at done and not b
        check r
        """
    assert steps(text, 0) == ["p.x", "p.a1", "up"]
    assert steps(text, 1) == ["p.x", "up", "p.a1"]


def test_a_fault_leaves_the_process_and_its_loop_where_they_were() -> None:
    text = """
        index Line
        actor k
        fault #F
        state bad[Line] : bool = true
        access f(l : Line) { bad[l] -> fault #F  otherwise -> ok }
        action mend(l : Line) { bad[l] := false }
        process p by k { foreach l : Line { a1: { f(l) } b1: { } } }
        property q never p at done
        check q
        property r never p at b1 and forall l : Line: bad[l]
        check r
        """
    assert (
        steps(text, 0, Line=2) == ["mend", "mend", "p.a1", "p.b1", "p.a1", "p.b1"]
        or len(steps(text, 0, Line=2) or []) == 6
    )
    assert steps(text, 1, Line=2) is None


def test_where_a_process_stands_at_the_start() -> None:
    """One instance per element, by what is true for it there."""
    text = """
        index Cpu
        state online[Cpu] : bool
        process p(c : Cpu) { if online[c] { a1: { } } else { either { b1: { } } or { c1: { } } } }
        property q never exists c : Cpu: p[c] at a1 and not online[c]
        check q
        property r never exists c : Cpu: (p[c] at b1 or p[c] at c1) and online[c]
        check r
        property s never (exists c : Cpu: p[c] at c1) and exists c : Cpu: p[c] at b1
        check s
        """
    assert steps(text, 0, Cpu=2) is None
    assert steps(text, 1, Cpu=2) is None
    assert steps(text, 2, Cpu=2) == []


@pytest.mark.parametrize(
    ("items", "code", "place"),
    [
        ("a1: { } n := 1 n := 2", "E121", "n := 1"),
        ("a1: { } if a { n := 1 } b1: { }", "E121", "n := 1"),
        ("a1: while a { while b { n := 1 } }", "E121", "while b { n := 1 }"),
        ("foreach l, m : Line { a1: { } }", "E121", "m : Line"),
        ("when a a1: { }", "E416", "when a"),
        ("while a { }", "E417", "while a { }"),
        ("a1: { } while a { if b { b1: { } } }", "E417", "while a { if b { b1: { } } }"),
        ("foreach l : Line { if a { a1: { } } b1: { } }", "E418", "if a { a1: { } }"),
        ("foreach l : Line { }", "E418", "foreach l : Line { }"),
        ("a1: { goto b1 } foreach l : Line { b1: { } }", "E414", "b1"),
        ('x: foreach l : Line { a1: { } } emit c "d"', "E111", 'emit c "d"'),
        ("a1: as b1", "E207", "b1"),
        ("x: while a { a1: { } } b1: as x", "E207", "x"),
        ("a1(k : 0..1, k : 0..1): { }", "E211", "k"),
        ("foreach l : Line { a1(l : Line): { } }", "E211", "l"),
        ("a1(k : Page): { }", "E203", "Page"),
        ("a1(n : 0..1): { }", "E212", "n"),
        ("a1(k): { }", "E111", "k"),
        ("a1(n + 1 : 0..1): { }", "E111", ":"),
        ("a1(n + 1, k : 0..1): { }", "E111", "n + 1"),
        ("a1: { } look(k : 0..1)", "E111", "k : 0..1"),
        ("a1(k : 0..1): while a { }", "E111", "while"),
        ("a1(k : 0..1): { n := k } when k = 1 b1: { }", "E201", "k"),
    ],
)
def test_mistakes(items: str, code: str, place: str) -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{STATE}process p {{ {items} }}")
    assert [(d.code.name, d.span.text if d.span else None) for d in caught.value.diagnostics] == [
        (code, place)
    ]


@pytest.mark.parametrize(
    ("items", "places"),
    [
        ("a1: { } while a { if b { } if n = 1 { } if a and b { } }", ["while a"]),
        ("while a { if b { a1: { } } if n = 1 { } if n = 2 { } either { } or { b1: { } } }", ["while a"]),
        (
            "while a { if b { a1: { } } either { } or { if n = 1 { b1: { } } } while b { c1: { } } }",
            ["while a"],
        ),
        ("a1: { } while a { while b { } b1: { } while n = 1 { } }", ["while b", "while n = 1"]),
        ("a1: { } x: while a { if b { b1: { } } else { goto x } c1: { } }", ["while a"]),
    ],
)
def test_a_round_without_a_step_is_told_once(items: str, places: list[str]) -> None:
    """Wherever the ways come into it: from before it, or from one of the steps that are in it."""
    with pytest.raises(SpecError) as caught:
        model_of(f"{STATE}process p {{ {items} }}")
    found = caught.value.diagnostics
    assert [d.code.name for d in found] == ["E417"] * len(places)
    told = [d.span.text.removeprefix("x: ") for d in found if d.span]
    assert [text[: len(place)] for text, place in zip(told, places, strict=True)] == places


def test_nobody_stands_at_what_is_no_step() -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{STATE}process p {{ x: if a {{ a1: {{ }} }} }} property q never p at x")
    assert [d.code.name for d in caught.value.diagnostics] == ["E207"]
