"""What statements and processes mean, observed through exhaustive enumeration."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.evidence.verdict import Proved, Refuted
from tests.texts import explicit, model_of, problem_of


def steps(text: str, number: int = 0, **sizes: int) -> list[str] | None:
    """Action names of the shortest trace; None where the property is proved."""
    verdict = explicit(problem_of(text, number, sizes))
    if isinstance(verdict, Proved):
        return None
    assert isinstance(verdict, Refuted)
    return [step.action for step in verdict.trace.steps]


def reachable(text: str, **sizes: int) -> int:
    verdict = explicit(problem_of(text, 0, sizes))
    assert isinstance(verdict, Proved)
    assert verdict.states is not None
    return verdict.states


def test_later_statements_see_earlier_effects() -> None:
    text = """
        state x : 0..9 = 1
        state y : 0..9 = 0
        action go when x = 1 { x := x + 1  y := x * 2  x := y }
        property p never x = 4 and y = 4
        check p expect refuted in 1
        """
    assert steps(text) == ["go"]


def test_reading_a_cell_written_through_another_index() -> None:
    text = """
        index Line
        memory Line { a : bool = false  b : bool = false }
        action go(l, m : Line) { a[l] := true  b[m] := a[m] }
        property p never exists l : Line: b[l]
        check p expect refuted in 1
        """
    assert steps(text) == ["go"]
    only_other = text.replace("action go(l, m : Line) {", "action go(l, m : Line) when l != m {")
    assert steps(only_other) == ["go", "go"]  # the second step reads what the first one wrote


def test_if_else_evaluates_its_condition_before_its_branches() -> None:
    text = """
        state x : bool = false
        state n : 0..3 = 0
        action go when n = 0 { if x { n := 1 } else { x := true  n := 2 } if x { n := n + 1 } }
        property p never n = 3 and x
        check p expect refuted in 1
        """
    assert steps(text) == ["go"]


def test_foreach_does_all_elements_at_once() -> None:
    text = """
        index Line
        memory Line { a : bool = true  b : bool = false }
        action go { foreach l : Line { if a[l] { b[l] := true } a[l] := false } }
        property p never (exists l : Line: b[l]) and (exists l : Line: not b[l])
        check p expect proved
        """
    assert reachable(text, Line=3) == 2


@pytest.mark.parametrize("indices", ["of[l], l", "l, of[l]"])
def test_a_cell_that_a_foreach_wrote_by_a_function_of_the_element_is_read_back(indices: str) -> None:
    first, second = ("Page", "Line") if indices.startswith("of") else ("Line", "Page")
    text = f"""
        index Line
        index Page
        const of[Line] : Page
        state x[{first}, {second}] : bool = false
        state seen : bool = false
        action go(l : Line, p : Page) {{
          foreach l2 : Line {{ x[{indices.replace("l", "l2")}] := true }}
          seen := x[{indices.replace("of[l]", "p")}]
        }}
        property p always seen implies exists l : Line: x[{indices}]
        property q reachable seen
        check p, q
        """
    assert steps(text, Line=2, Page=2) is None
    assert steps(text, 1, Line=2, Page=2) == ["go"]


def test_when_in_a_foreach_is_asked_of_every_element() -> None:
    text = """
        index Line
        state ready[Line] : bool = any { true, false }
        state x[Line] : bool = false
        state done : bool = false
        action go when not done { foreach l : Line { when ready[l]  x[l] := true } done := true }
        property p never done and exists l : Line: not ready[l] or not x[l]
        property q reachable done and forall l : Line: x[l]
        check p, q
        """
    assert steps(text, Line=2) is None
    assert steps(text, 1, Line=2) == ["go"]
    assert reachable(text, Line=2) == 5  # one step, from one of four starts


def test_foreach_with_a_common_cell() -> None:
    text = """
        index Line
        memory Line { a : bool }
        state any_a : bool = false
        action go { foreach l : Line { if a[l] { any_a := true } } }
        property p never any_a and forall l : Line: not a[l]
        check p expect proved
        property q reachable any_a
        check q expect proved in 1
        """
    assert steps(text) is None
    assert steps(text, 1) == ["go"]


def test_either_and_when_inside_a_branch() -> None:
    text = """
        state x : 0..3 = 0
        action go { either { when x = 0 x := 1 } or { when x = 1 x := 3 } }
        property p never x = 2
        check p expect proved
        property q never x = 3
        check q expect refuted in 2
        """
    assert steps(text) is None
    assert steps(text, 1) == ["go", "go"]


def test_any_with_choices() -> None:
    text = """
        enum Mode { off, active, broken }
        state m : Mode = off
        action go { m := any { off, active } }
        property p never m = broken
        check p expect proved
        property q reachable m = active
        check q expect proved in 1
        """
    assert reachable(text) == 2
    assert steps(text, 1) == ["go"]


FAULTS = """
    index Line
    actor host, other
    fault #MC "machine check" CLAUSES
    memory Line { poison : bool = true }
    state before : bool = false
    state after : bool = false
    access host_read(l : Line) {
      poison[l] -> fault #MC
      otherwise -> ok
    }
    action look(l : Line) by host { before := true  host_read(l) HANDLER after := true }
    action act by other { before := before }
    property no_after never after
    check no_after expect proved
    property no_fault never host takes #MC
    check no_fault expect refuted in 1
    property other_dies never other is dead
    check other_dies expect proved
    property host_dies never host is dead
    check host_dies expect proved
    """


def test_a_fault_ends_the_step_and_keeps_what_was_done() -> None:
    text = FAULTS.replace("CLAUSES", "").replace("HANDLER", "")
    assert steps(text) is None
    assert steps(text, 1) == ["look"]
    assert steps(text, 2) is None
    assert steps(text, 3) is None


def test_a_handler_catches_the_fault() -> None:
    text = FAULTS.replace("CLAUSES", "fatal").replace("HANDLER", "on #MC { poison[l] := false }")
    assert steps(text) == ["look"]
    assert steps(text, 1) == ["look"]
    assert steps(text, 3) is None


def test_a_fatal_fault_kills_the_actor_and_whom_it_names() -> None:
    text = FAULTS.replace("HANDLER", "")
    assert steps(text.replace("CLAUSES", "fatal"), 3) == ["look"]
    assert steps(text.replace("CLAUSES", "fatal"), 2) is None
    assert steps(text.replace("CLAUSES", "kills other"), 2) == ["look"]
    assert steps(text.replace("CLAUSES", "kills other"), 3) is None


def test_dead_actors_do_not_act() -> None:
    text = """
        actor host
        fault #MC fatal
        state n : 0..5 = 0
        access poke() { otherwise -> fault #MC }
        action die by host when n = 2 { poke() }
        action count by host when n < 5 { n := n + 1 }
        property p never n > 2 and host is dead
        check p expect proved
        property q never host is dead
        check q expect refuted in 3
        """
    assert steps(text) is None
    assert steps(text, 1) == ["count", "count", "die"]


PROCESS = """
    index Line
    memory Line { flushed : bool = false }
    state n : 0..7 = 0
    process p {
      start: when n < 2 { n := n + 1 }
      again: { if n < 2 { goto start } }
      loop: while n < 4 { n := n + 1 }
      sweep: foreach l : Line { flushed[l] := true }
      pick: either { left: { n := 5 } } or { right: { n := 6 } }
      last: { n := 7 }
    }
    property early never p at done and n != 7
    check early expect proved
    property not_all never (p at left or p at right) and exists l : Line: not flushed[l]
    check not_all expect proved
    property finish never p at done
    check finish expect refuted in 10
    property six never n = 6
    check six expect refuted
    """


def test_a_process_runs_through_its_labels() -> None:
    assert steps(PROCESS) is None
    assert steps(PROCESS, 1) is None
    assert steps(PROCESS, 2) == [
        "p.start", "p.again", "p.start", "p.again", "p.loop", "p.loop",
        "p.sweep", "p.sweep", "p.left", "p.last",
    ]  # fmt: skip
    assert steps(PROCESS, 3) is not None


def test_foreach_with_labelled_body_takes_one_element_at_a_time() -> None:
    text = """
        index Line
        memory Line { a : bool = false  b : bool = false }
        process p {
          each: foreach l : Line {
            one: { a[l] := true }
            two: { b[l] := true }
          }
          again: { goto each }
        }
        property alternating never exists l, m : Line: l != m and a[l] and a[m] and not b[l] and not b[m]
        check alternating expect proved
        property whole never p at again and exists l : Line: not (a[l] and b[l])
        check whole expect proved
        property second reachable p at again
        check second expect proved in 4
        """
    assert steps(text) is None
    assert steps(text, 1) is None
    assert steps(text, 2) == ["p.one", "p.two", "p.one", "p.two"]


def test_one_process_instance_per_element() -> None:
    text = """
        index Cpu
        state turns : 0..7 = 0
        process p(c : Cpu) {
          a: when turns < 7 { turns := turns + 1 }
          b: { }
        }
        property both never forall c : Cpu: p[c] at done
        check both expect refuted
        property more never turns > 2
        check more for Cpu = 2 expect proved
        """
    assert len(steps(text) or []) == 4
    assert steps(text, 1) is None
    assert steps(text, 1, Cpu=3) == ["p.a"] * 3


def test_a_fault_keeps_the_process_at_its_label() -> None:
    text = """
        actor host
        fault #PF fixable
        state mapped : bool = false
        access touch() {
          mapped    -> ok
          otherwise -> fault #PF
        }
        process p by host {
          a: { touch() }
        }
        action map_it { mapped := true }
        property finishes never p at done and not mapped
        check finishes expect proved
        property works reachable p at done and host took #PF
        check works expect proved in 3
        """
    assert steps(text) is None
    assert steps(text, 1) == ["p.a", "map_it", "p.a"]


def test_step_property() -> None:
    text = """
        index Line
        memory Line { poison : bool = false }
        action up(l : Line) { poison[l] := true }
        action down(l : Line) { poison[l] := false }
        property sticky step forall l : Line: poison[l] implies poison'[l]
        check sticky expect refuted in 2
        property one step forall l, m : Line: l != m implies poison[l] = poison'[l] or poison[m] = poison'[m]
        check one expect proved
        """
    assert steps(text) == ["up", "down"]
    assert steps(text, 1) is None


def test_deadlock() -> None:
    text = """
        state n : 0..3 = 0
        action up when n < 3 { n := n + 1 }
        property p never deadlock
        check p expect refuted in 3
        """
    assert steps(text) == ["up"] * 3


def test_out_of_range_assignment_is_noticed() -> None:
    text = """
        state n : 0..3 = 0
        action up { n := n + 1 }
        property p never n = 2 and n = 3
        check p expect proved
        """
    problem = problem_of(text)
    verdict = explicit(problem)
    assert isinstance(verdict, Refuted)
    assert problem.range_monitor is not None
    last = verdict.trace.states[-1]
    assert last[problem.state_layout.offset[problem.range_monitor]] == 1
    assert len(verdict.trace) == 4


def test_contained() -> None:
    text = """
        actor host, guest
        fault #MC must not reach host
        access hit() { otherwise -> fault #MC }
        state x : bool = false
        action a by guest { hit() }
        action b by host when x { hit() }
        property p contained #MC
        check p expect proved
        """
    assert steps(text) is None
    assert steps(text.replace("when x ", "")) == ["b"]


def test_constants_and_parameters_stay_open() -> None:
    text = """
        index Line
        index Page
        const page_of[Line] : Page
        param erratum : bool
        assume not erratum or exists l, m : Line: page_of[l] != page_of[m]
        memory Page { hit : bool = false }
        action touch(l : Line) { hit[page_of[l]] := true }
        property p never erratum and exists l : Line: hit[page_of[l]] and exists q : Page: not hit[q]
        check p expect refuted in 1
        check p where not erratum expect proved
        """
    assert steps(text) == ["touch"]
    assert steps(text, 1) is None


@pytest.mark.parametrize("size", [1, 2, 3])
def test_foreach_inside_an_access_row(size: int) -> None:
    text = """
        index Line
        memory Line { dirty : bool = true }
        access wbinvd() { otherwise -> ok { foreach l : Line { dirty[l] := false } } }
        action flush { wbinvd() }
        property clean reachable forall l : Line: not dirty[l]
        check clean expect proved in 1
        """
    assert steps(text, Line=size) == ["flush"]


def test_a_step_that_explodes_is_refused_instead_of_computed() -> None:
    swaps = "  ".join("p[x] := p[y] and q[x]  q[y] := p[x] or q[y]  p[y] := q[x] iff p[x]" for _ in range(40))
    text = f"""
        index Line
        memory Line {{ p : bool  q : bool }}
        action shuffle(x, y : Line) {{ {swaps} }}
        """
    with pytest.raises(SpecError) as caught:
        model_of(text)
    assert [d.code.name for d in caught.value.diagnostics] == ["E412"]
