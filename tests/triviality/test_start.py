"""Who is said to exclude something at the start does so, and nobody is blamed for what others do."""

from __future__ import annotations

import re
from random import Random

import pytest

from tdxverify.budget import UNLIMITED
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.triviality.judging import triviality
from tests.texts import explicit, problem_of
from tests.triviality.test_judging import questions

HEAD = "param a : bool\nparam b : 0..3\nstate x : bool\nstate y : 0..3\n"


@pytest.mark.parametrize(
    ("model", "where", "wanted"),
    [
        (
            "init x iff b = 2",
            "where b != 2",
            "'where' excludes it at the start since 'init' says 'x iff b = 2'",
        ),
        ("init not x and y = 0", "", "'init' excludes it at the start"),
        (
            "assume b < 2 init x implies b = 3",
            "where a",
            "'assume' excludes it at the start since 'init' says",
        ),
        (
            "init y = b init x implies y > 2",
            "where b = 0",
            "'where' excludes it at the start since 'init' says 'y = b' and 'x implies y > 2'",
        ),
        ("init x implies y > 2 init y < 2", "where b = 1", "'init' excludes it at the start;"),
        ("state z : bool = true init x iff not z", "", "'init' excludes it at the start;"),
    ],
)
def test_who_excludes_it(model: str, where: str, wanted: str) -> None:
    text = f"{HEAD}{model}\naction f {{ x := false }}\nproperty p never x\ncheck p {where}\n"
    (asked,) = questions(text)
    assert wanted in triviality(asked, UNLIMITED).reason


def _spec(random: Random) -> tuple[str, str]:
    """A model, and a condition of a check of it."""
    said = ["x implies a", "x iff b = 2", "y = b", "x implies y > 1", "not x", "y < 2", "x implies not z"]
    ruled = ["not a", "b = 0", "b < 2", "b != 2", "a and b = 1", "a or b > 1"]
    inits = "".join(f"init {one}\n" for one in random.sample(said, random.randint(1, 3)))
    assumed = f"assume {random.choice(ruled)}\n" if random.random() < 0.3 else ""
    value = random.choice(["", " = a", " = true", " = false"])
    text = f"{HEAD}{assumed}state z : bool{value}\n{inits}action f {{ x := false }}\nproperty p never x\n"
    return text, random.choice(ruled)


@pytest.mark.parametrize("seed", range(150))
def test_blame_against_trying_every_start(seed: int) -> None:
    """`init` excludes it in all machines of the file, or `where` is named as well."""
    text, where = _spec(Random(seed))
    (asked,) = questions(f"{text}check p where {where}\n")
    judged = triviality(asked, UNLIMITED)
    found = re.search(r"never true: (.*?) it at the start", judged.reason) if judged.trivial else None
    if found is None:
        return
    everywhere = explicit(problem_of(f"{text}check p\n"))
    if "'where'" in found[1]:
        assert isinstance(everywhere, Refuted)
    else:
        assert isinstance(everywhere, Proved) or "'assume'" in found[1]
    if found[1] == "'init' excludes":
        bare = re.sub("assume .*", "", text)
        assert not isinstance(explicit(problem_of(f"{bare}check p\n")), Refuted)


TIED = """\
param lim : 0..5
state n : 0..5
state m : 0..5
init n <= lim and m + n = 4
state bad : bool = false
action f when n >= 3 and m >= 1 { bad := true }
"""


@pytest.mark.parametrize("more", ["", "action g when lim > 3 { n := 0 }\n"])
def test_no_clause_is_said_twice(more: str) -> None:
    (asked,) = questions(f"{TIED}{more}property p never bad\ncheck p where lim < 3\n")
    reason = triviality(asked, UNLIMITED).reason
    assert reason.count("'init' says 'n <= lim and m + n = 4'") == 1
    assert reason.count("could change") == bool(more)


BEGINNING = """\
param lid : bool
index A
state x : bool = false
state y[A] : bool = false
process {name}(a : A) {{
  {head} {{ go: {{ x := true }} }} {tail}
  fin: when x {{ y[a] := false }}
}}
property p never x
property q never exists a : A: {name}[a] at done
check p, q where not lid
check q for A = 1 where not lid
"""
DECIDES = "'where' excludes at the start since that decides where 'up' begins"


@pytest.mark.parametrize(
    ("head", "tail"), [("if lid", "else { stay: { y[a] := true } }"), ("while lid", ""), ("if lid", "")]
)
def test_what_stands_before_the_first_step_is_not_called_init(head: str, tail: str) -> None:
    """No 'init' is in the file, and nobody else is blamed for where a process begins anyhow."""
    for asked in questions(BEGINNING.format(name="up", head=head, tail=tail)):
        reason = triviality(asked, UNLIMITED).reason
        assert "init" not in reason and "or not lid" not in reason
        assert f"'up.go' needs 'up[a] at go', which {DECIDES}" in reason
        assert "never at 'done' for any A: only 'up.fin'" in reason or "'x' is never true" in reason


def test_an_init_beside_it_is_named_as_well() -> None:
    text = BEGINNING.format(name="up", head="if go_on", tail="else { stay: { y[a] := true } }")
    text = text.replace("state x", "state go_on : bool  init go_on implies lid  state x")
    reason = triviality(questions(text)[0], UNLIMITED).reason
    assert "excludes at the start since 'init' says 'go_on implies lid' and that decides where 'up'" in reason
