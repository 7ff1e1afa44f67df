"""What lint says of configurations, against trying all values of their parameters."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inquiries.conftest import WriteSpec, codes, linted, said

MODEL = """\
param a : bool
param b : bool
param n : 0..3
assume {assumed}
state x : bool = false
action go when a and b and n > 0 {{ x := true }}
property p reachable x
"""
ATOMS = ("a", "not a", "b", "not b", "n > 1", "n = 2", "n < 2", "(a or n = 3)", "(b or not a)")
conditions = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3).map(" and ".join)


def values(condition: str, assumed: str) -> frozenset[tuple[bool, bool, int]]:
    """Those with which both hold."""
    text = f"({condition}) and ({assumed})".replace(" = ", " == ")
    return frozenset(
        (a, b, n)
        for a, b, n in product((False, True), (False, True), range(4))
        if eval(text, {}, {"a": a, "b": b, "n": n})
    )


@given(st.lists(conditions, min_size=1, max_size=4), st.sampled_from(("true", "a or b", "n > 0")))
@settings(max_examples=25, deadline=None)
def test_against_trying_all_values(written: list[str], assumed: str) -> None:
    told = assumed.replace("true", "True")
    wanted: list[tuple[str, str]] = []
    seen: dict[frozenset[tuple[bool, bool, int]], str] = {}
    for number, condition in enumerate(written):
        name, found = f"c{number}", values(condition, told)
        if not found:
            ending = " and what is assumed" if values(condition, "True") else ""
            message = f"no values of parameters and constants satisfy configuration '{name}'{ending}"
            wanted.append(("W120", message))
        elif found in seen:
            wanted.append(("W121", f"configuration '{name}' is the same as '{seen[found]}'"))
        else:
            seen[found] = name
    configs = "".join(f"config c{number} where {one}\n" for number, one in enumerate(written))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spec.tdx"
        path.write_text(MODEL.format(assumed=assumed) + configs, encoding="utf-8")
        run = linted(path)
    assert run.mistakes == ()
    assert [(code, text) for code, text, _ in said(run) if code in ("W120", "W121")] == wanted


def test_a_configuration_that_no_check_names(write_spec: WriteSpec) -> None:
    text = MODEL.format(assumed="true") + "config u where a\nconfig v where b\n"
    path = write_spec(text + "check p in u\n")
    assert said(linted(path)) == [("W107", "no check is about configuration 'v'", 9)]
    assert codes(linted(write_spec(text, "library.tdx"))) == []
    root = write_spec('import "library.tdx"\ncheck p in v\n', "root.tdx")
    assert codes(linted(root)) == []


def test_a_condition_on_constants_of_any_size(write_spec: WriteSpec) -> None:
    path = write_spec(
        """\
        index Line
        const hot[Line] : bool
        state x : bool = false
        action go(l : Line) when hot[l] { x := true }
        property p never x
        config none_hot where forall l : Line: not hot[l]
        config not_one  where not exists l : Line: hot[l]
        config odd      where (forall l : Line: hot[l]) and not exists l : Line: hot[l]
        check p in none_hot, not_one expect proved trivially
        check p in odd expect vacuous
        """
    )
    assert codes(linted(path)) == ["W121", "W120"]
