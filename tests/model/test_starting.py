"""Initial values that read others: every engine starts where the plain reading of the reference does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.comparing import Effort, examine
from tests.texts import model_of

RUNS = {
    "in any order": """
        state last : 0..6 = sum
        define sum = middle + first
        state middle : 0..3 = first + 1
        state first : 0..3 = k
        param k : 0..1
        action go { first := any }
        property p always last = 2 * k + 1 or middle != k + 1
        property q never last = 3
        check p, q
        check q where k = 0
    """,
    "cells of others": """
        index Cpu
        state of[i : 0..2] : 0..2 = (i + 1) mod 3
        state mine[c : Cpu, i : 0..2] : bool = of[of[i]] = 2 and not home[c]
        const home[Cpu] : bool
        state none_yet : bool = forall c : Cpu: not mine[c, 0]
        action go(c : Cpu) { mine[c, 1] := none_yet }
        property p never exists c : Cpu: mine[c, 0] and none_yet
        property q always none_yet iff exists c : Cpu: home[c]
        check p, q
        check p, q for Cpu = 2
    """,
    "too large": """
        param k : 0..3
        state a : 0..3 = k
        state b : 0..3 = a + 1
        state c : 0..3 = b
        property p never c = 3
        check p
        check p where k < 3
        check p where k = 3
    """,
    "an index that does not fit": """
        state a : 0..3 = 3
        state seen[i : 0..2] : bool = i = 1
        state b : bool = seen[a]
        property p never b
        check p
    """,
}


@pytest.mark.parametrize("what", RUNS)
def test_all_engines_start_where_the_plain_reading_does(what: str, tmp_path: Path) -> None:
    found = examine({"main.tdx": RUNS[what]}, tmp_path, Effort(seconds=20.0))
    assert not found.refused
    assert not found.faults, found.faults
    assert found.compared["explicit"]


def test_what_is_read_is_put_in() -> None:
    read = model_of("state a[i : 0..2] : 0..3 = i  state b : 0..3 = a[1]  property p never b = 2  check p")
    written = model_of("state a[i : 0..2] : 0..3 = i  state b : 0..3 = 1  property p never b = 2  check p")
    assert [start.choices for start in read.initial][1:] == [start.choices for start in written.initial][1:]
