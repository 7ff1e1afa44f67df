"""What is said of the order of elements, at stated sizes: exactly what their numbers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.evidence.verdict import Proved, Refuted
from tests.differential.comparing import HAND_MADE, examine
from tests.texts import explicit, problem_of

HEAD = """
index Epoch ordered "described"
state now : Epoch = first(Epoch)
state other : Epoch or none = none
action go(e : Epoch) { now := e }
action take { other := now }
"""


def length(claim: str, size: int) -> int | None:
    """Steps to the first state that breaks it."""
    verdict = explicit(problem_of(f"{HEAD}property p {claim}\ncheck p", sizes={"Epoch": size}))
    assert isinstance(verdict, Proved | Refuted)
    return len(verdict.trace) if isinstance(verdict, Refuted) else None


@pytest.mark.parametrize(
    ("claim", "lengths"),
    [
        ("never now > first(Epoch)", (None, 1, 1)),
        ("never now < first(Epoch)", (None, None, None)),
        ("always first(Epoch) <= now", (None, None, None)),
        ("never now next after first(Epoch)", (None, 1, 1)),
        ("never now > first(Epoch) and not (now next after first(Epoch))", (None, None, 1)),
        ("never exists e : Epoch: e next after now", (None, 0, 0)),
        ("never forall e : Epoch: e <= now", (0, 1, 1)),
        ("never first(Epoch) next after now", (None, None, None)),
        ("never other != none and other < now", (None, 2, 2)),
        ("never other != none and now next after other", (None, 2, 2)),
        ("step now' <= now or now' next after now", (None, None, 1)),
        ("never (count e : Epoch: e < now) = 2", (None, None, 1)),
    ],
)
def test_orders(claim: str, lengths: tuple[int | None, ...]) -> None:
    assert tuple(length(claim, size) for size in (1, 2, 3)) == lengths


def test_what_may_be_none_has_no_order_where_it_is() -> None:
    assert length("never other < now", 2) == 0  # a mistake of the spec, from the start


def test_first_next_and_after_are_names_elsewhere() -> None:
    text = """
    index ordered ordered
    state first : bool = false
    state next : ordered = first(ordered)
    state after : ordered = first(ordered)
    define last(x : ordered) = x next after after and not first
    action ordered(x : ordered) when last(x) { next := x next := x after := next }
    property p never next next after after
    check p
    """
    assert isinstance(explicit(problem_of(text, sizes={"ordered": 3})), Proved)


def test_a_define_may_be_called_first() -> None:
    text = """
    index Epoch ordered
    state now : Epoch
    define first(e : Epoch) = e = now
    property p never not first(now)
    check p
    """
    assert isinstance(explicit(problem_of(text)), Proved)


@pytest.mark.parametrize(
    "rest",
    [
        "action tick(e : Epoch) when e next after now { now := e }\n"
        "action see(c : Cpu) { seen[c] := now }\n"
        "property p never exists c : Cpu: seen[c] != none and seen[c] > now\n"
        "property q never exists c, d : Cpu: seen[c] != none and seen[d] != none and seen[c] < seen[d]\n"
        "property r step now <= now' and not now' < now",
        "action jump(e : Epoch) when e >= now or e = first(Epoch) { now := e mark[e] := not mark[e] }\n"
        "action clear { foreach e : Epoch { if e < now { mark[e] := false } } }\n"
        "property p never exists e : Epoch: e > now and mark[e]\n"
        "property q reachable exists d, e : Epoch: d next after e and mark[d] and mark[e]\n"
        "property r never (count e : Epoch: e <= now) = 3",
        "const end : Epoch\nassume forall e : Epoch: e <= end\ninit now = end\n"
        "action back(e : Epoch) when now next after e { now := e }\n"
        "access look(c : Cpu) { seen[c] = none -> ok { seen[c] := now }  otherwise -> dropped }\n"
        "action see(c : Cpu) { look(c) }\n"
        "property p never exists c : Cpu: seen[c] != none and seen[c] < now\n"
        "property q reachable now = first(Epoch)\n"
        "property r never end < now",
    ],
)
def test_all_engines_agree_with_the_plain_reading(rest: str, tmp_path: Path) -> None:
    declared = (
        "index Epoch ordered\nindex Cpu\nstate now : Epoch = first(Epoch)\n"
        "state seen[Cpu] : Epoch or none = none\nstate mark[Epoch] : bool = false\n"
    ).replace(
        " = first(Epoch)\nstate seen", "\nstate seen" if "init" in rest else " = first(Epoch)\nstate seen"
    )
    text = f"{declared}{rest}\ncheck p, q, r\ncheck p, q, r for Cpu = 2\n"
    found = examine({"main.tdx": text}, tmp_path, HAND_MADE)
    assert not found.refused
    assert not found.faults, found.faults
    assert found.compared["explicit"] and found.compared["recheck"]
