"""An atomic `foreach` is accepted exactly if the order of its elements cannot matter."""

from __future__ import annotations

from random import Random
from textwrap import dedent

import pytest

from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.model.build import elaborate
from tdxverify.model.ordering import OrderCondition, Trouble
from tdxverify.questions.problems.lower import lower
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.texts import model_of
from tests.wellformed.bodies import FRAME, Comparison, random_body

DECLARED = """
index L
index C
enum E { red, green }
param split : bool
const home[L] : C
state a[L] : bool
state b[L] : bool
state d[L, L] : bool
state g[C, L] : bool
state h[E] : bool
state flag : bool
state n : 0..3
state j : L
state k : L
fault #F
actor host
access read(x : L) { a[x] -> fault #F  otherwise -> ok { b[x] := false } }
"""


def spec(body: str) -> str:
    return f"{DECLARED}action act(x, y : L) by host {{ {body} }}"


def open_conditions(text: str) -> tuple[OrderCondition, ...]:
    """What the shape of the bodies does not show."""
    return elaborate((parse(SourceFile("test.tdx", dedent(text))),)).orders


def refusal(text: str) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        model_of(text)
    (only,) = caught.value.diagnostics
    return only


OBVIOUS = {
    "own cell": "foreach l : L { a[l] := b[l] and flag }",
    "own cell, read and written again": "foreach l : L { a[l] := not a[l]  if a[l] { a[l] := flag } }",
    "own row": "foreach l : L { d[l, k] := true  d[l, j] := false }",
    "own column, read": "foreach l : L { if d[j, l] { d[k, l] := false } }",
    "two binders": "foreach l, m : L { d[l, m] := d[l, m] and a[l] }",
    "two binders, the other way round": "foreach l, m : L { d[m, l] := a[l] }",
    "one common value": "foreach l : L { if a[l] { flag := true } }",
    "one common value, twice": "foreach l : L { if a[l] { flag := true }  if b[l] { flag := true } }",
    "one value for each row": "foreach l, m : L { if d[l, m] { a[l] := b[l] } }",
    "swapped, the same value": "foreach l, m : L { d[l, m] := true  d[m, l] := true }",
    "diagonal": "foreach l : L { d[l, l] := not d[l, l] }",
    "enum": "foreach c : E { h[c] := not h[c] }",
    "range": "foreach i : 0..3 { if n = i { flag := true } }",
    "different sorts": "foreach c : C, l : L { if home[l] = c { g[c, l] := a[l] } }",
    "nested": "foreach l : L { foreach m : L { d[l, m] := a[m] } }",
    "nested, two sorts": "foreach c : C { foreach l : L { if home[l] = c { g[c, l] := false } } }",
    "when": "foreach l : L { when a[l]  b[l] := true }",
    "access": "foreach l : L { read(l) on #F { b[l] := true } }",
    "branches": "foreach l : L { if a[l] { b[l] := false } else { b[l] := true  a[l] := true } }",
    "writes what is there": "foreach l : L { a[l] := a[k] }",
    "a parameter decides": "foreach l : L { if split { flag := true } else { flag := false } }",
    "every element but one": "foreach l : L { if l != k { a[l] := a[k] } }",
    "the same choice for each": "foreach l : L { if flag { n := 1 } else { n := 2 } }",
    "rows that cannot both apply": "foreach l : L { if j = k { d[l, k] := true  d[j, l] := true } }",
}
SOLVED = {
    "the same element writes last": "foreach l : L { d[l, k] := true  d[k, l] := true  d[k, k] := flag }",
    "reads a row that is not written": "foreach l : L { if l != k and d[k, l] { d[l, k] := true } }",
    "monotone": "foreach l : L { if exists m : L: a[m] { a[l] := true } }",
    "only where it is so already": "foreach l : L { if a[k] { a[l] := a[l] }  flag := flag }",
    "swapped where it cannot matter": "foreach l, m : L { if l = m { d[l, m] := true  d[m, l] := false } }",
}
REFUSED = {
    "swapped": ("foreach l, m : L { d[l, m] := true  d[m, l] := false }", "d"),
    "row and column": ("foreach l : L { d[l, k] := true  d[j, l] := false }", "d"),
    "reads another element": ("foreach l : L { a[l] := not a[k] }", "a"),
    "asks about all": ("foreach l : L { if forall m : L: not a[m] { a[l] := true } }", "a"),
    "two values": ("foreach l : L { if a[l] { flag := true } else { flag := false } }", "flag"),
    "counts": ("foreach l : L { n := (n + 1) mod 4 }", "n"),
    "an element reads the index": ("foreach l : L { if l = k { k := j } }", "k"),
    "nested reads the outer": ("foreach l : L { foreach m : L { d[m, l] := d[l, m] } }", "d"),
    "nested swap": ("foreach l : L { foreach m : L { d[l, m] := true  d[m, l] := false } }", "d"),
    "inner": ("foreach l : L { foreach m : L { if b[l] { a[m] := true } else { a[m] := flag } } }", "a"),
    "range of numbers": ("foreach i : 0..1 { if i = 0 { flag := true } else { flag := false } }", "flag"),
    "enum by name": ("foreach c : E { h[c] := not h[red] }", "h"),
    "when reads what is written": ("foreach l : L { when not a[k]  a[l] := true }", "a"),
    "a row reads what is written": ("foreach l : L { read(k) on #F { a[l] := false } }", "a"),
    "a value that may not fit": ("foreach l : L { if a[l] { n := n + 1 } }", "n"),
}  # fmt: skip


@pytest.mark.parametrize("body", OBVIOUS.values(), ids=OBVIOUS)
def test_the_shape_shows_it(body: str) -> None:
    assert open_conditions(spec(body)) == ()
    model_of(spec(body))


@pytest.mark.parametrize("body", SOLVED.values(), ids=SOLVED)
def test_more_is_decided(body: str) -> None:
    assert open_conditions(spec(body))
    model_of(spec(body))


@pytest.mark.parametrize(("body", "name"), REFUSED.values(), ids=REFUSED)
def test_order_matters(body: str, name: str) -> None:
    found = refusal(spec(body))
    assert found.code.name == "E401"
    assert f"for '{name}' " in found.message
    (note,) = found.notes
    assert note.message.startswith("for example: ")


def test_disagreement_is_shown() -> None:
    found = refusal(spec(REFUSED["row and column"][0]))
    assert found.message.endswith("but for 'd' two elements write one cell with different values")
    (note,) = found.notes
    assert note.message == (
        "for example: d[L0, L1] becomes true with l = L0, and false with l = L1, where j = L0, k = L1"
    )


def test_interference_is_shown() -> None:
    found = refusal(spec("foreach l : L { if flag and a[k] { a[l] := false } }"))
    assert found.message.endswith("but for 'a' one element reads what another one writes")
    (note,) = found.notes
    assert note.message == (
        "for example: what is done with l = L1 depends on whether l = L0 was done before, "
        "where a[L0] = true, flag = true, k = L0"
    )


SAME_IN_EVERY_ORDER = {
    "sum": ("s := (s + c[x]) mod 3", "E401", "the value that 's' gets may depend on 'x', not itself"),
    "maximum": ("if c[x] > s { s := c[x] }", "E401", "the value that 's' gets may depend on 'x', not itself"),
    "one to one": ("t[f[x]] := true", "E411", "which cell of 't' is written may depend on 'x', not itself"),
    "own values": (
        "foreach y : A { b[x] := b[x] b[y] := b[y] }",
        "E401",
        "the value that 'b' gets may depend",
    ),
    "toggle": ("n := not n", "E401", "for 'n' one element reads what another one writes"),
    "limit": (
        "if b[x] and s < 2 { s := s + 1 }",
        "E401",
        "for 's' one element reads what another one writes",
    ),
}


@pytest.mark.parametrize(("body", "code", "told"), SAME_IN_EVERY_ORDER.values(), ids=SAME_IN_EVERY_ORDER)
def test_what_is_refused_though_its_order_is_free_is_not_said_to_depend_on_it(
    body: str, code: str, told: str
) -> None:
    found = refusal(
        "index A index B const f[A] : B assume forall x, y : A: f[x] = f[y] implies x = y\n"
        "const c[A] : 0..2 state s : 0..2 = 0 state n : bool state b[A] : bool state t[B] : bool\n"
        f"action act {{ foreach x : A {{ {body} }} }}"
    )
    assert found.code.name == code
    assert f"but {told}" in found.message
    assert "last" not in found.message
    by_shape = "may depend" in told
    assert [note.message.startswith("for example: ") for note in found.notes] == [not by_shape]
    if by_shape:
        (note,) = found.notes
        assert note.message.endswith("whether or not their order matters")


def test_assumptions_about_parameters_count() -> None:
    body = "foreach l : L { if split and a[l] { flag := true } else { flag := false } }"
    assert refusal(spec(body)).code.name == "E401"
    model_of(f"{spec(body)} assume not split")


def test_a_foreach_in_a_row_and_in_a_handler() -> None:
    row = "foreach m : L { if a[last] { a[m] := m = x } }"
    text = "index L state a[L] : bool state last : L actor host fault #F\n"
    assert refusal(text + f"access f(x : L) {{ otherwise -> ok {{ {row} }} }}").code.name == "E401"
    handler = row.replace("m = x", "false")
    taken = "access f(x : L) { a[x] -> fault #F  otherwise -> ok }"
    act = f"action act(x : L) by host {{ f(x) on #F {{ {handler} }} }}"
    assert refusal(f"{text} {taken} {act}").code.name == "E401"


def test_a_foreach_is_looked_at_once_however_often_its_row_is_used() -> None:
    text = f"{DECLARED} access f(x : L) {{ otherwise -> ok {{ {SOLVED['monotone']} }} }}"
    steps = "action one(x : L) by host { f(x) } action two(x : L) by host { f(x) f(x) }"
    assert len(open_conditions(f"{text} {steps}")) == 2  # once where nobody acts, once with the host


def test_a_body_about_which_too_much_would_have_to_be_asked() -> None:
    many = " ".join(["if d[j, l] { d[l, k] := not d[k, l] }"] * 6)
    text = spec(f"foreach l : L {{ {many} }}")
    assert refusal(text).code.name == "E415"
    assert refusal(text).message.endswith("cannot be decided: the question is too large")


def test_the_order_is_free_at_a_label() -> None:
    body = "if forall m : L: not a[m] { a[l] := true }"
    model_of(f"{DECLARED} process p by host {{ each: foreach l : L {{ {body} }} }}")


def test_what_nobody_looks_at_is_not_asked_about() -> None:
    (found,) = open_conditions(spec("foreach l : L { if a[k] { a[l] := false } else { flag := true } }"))
    assert {(one.trouble, one.symbol.name) for one in found.conflicts} == {(Trouble.INTERFERENCE, "a")}


def test_accepted_bodies_come_out_the_same_in_every_order() -> None:
    random = Random(20_240_601)
    accepted = 0
    for _ in range(120):
        text = FRAME.replace("BODY", random_body(random))
        try:
            model = model_of(text)
        except SpecError as error:
            assert {one.code.name for one in error.diagnostics} <= {"E401", "E411"}, text
            continue
        accepted += 1
        for size in (2, 3):
            compared = Comparison(text, lower(model, model.checks[0], {"L": size}))
            for _ in range(3):
                state = compared.random_state(random)
                at_once = compared.at_once(state)
                assert all(after == at_once for after in compared.one_by_one(state, random)), text
    assert 40 <= accepted <= 80
