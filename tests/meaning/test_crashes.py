"""Inputs that once ended in a crash, each with what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.questions.options import Options

TELLING = """\
actor a, b
fault #F fatal
state x : bool = false
access f(p : bool) {{ otherwise -> ok {{ x := true }} }}
access unused {{ {read} -> dropped  otherwise -> ok }}
action go by b {{ f({read}) }}
property q never x
check q expect refuted in 1
"""


def checked(folder: Path, text: str, options: Options | None = None) -> tuple[list[str], Outcome, int | None]:
    spec = folder / "test.tdx"
    spec.write_text(text, encoding="utf-8")
    found = check([spec], options)
    return [one.code.name for one in found.diagnostics], found.answers[0].outcome, found.answers[0].length


@pytest.mark.parametrize("read", ["a is dead", "a took #F", "anyone took #F", "not b is dead"])
def test_what_is_read_only_to_tell_a_step(read: str, tmp_path: Path) -> None:
    assert checked(tmp_path, TELLING.format(read=read)) == ([], Outcome.REFUTED, 1)


def test_names_of_generated_code(tmp_path: Path) -> None:
    text = (
        "param k : 0..3\nstate c9 : 0..3 = 0\naction c99 { c9 := c9 + k }\n"
        "property r1 never c9 = 3\ncheck r1 where k = 3\n"
    )
    assert checked(tmp_path, text, Options(engine="explicit"))[1:] == (Outcome.REFUTED, 1)


def test_an_enum_of_many_members(tmp_path: Path) -> None:
    members = ", ".join(f"m{n}" for n in range(100_001))
    text = f"enum E {{ {members} }}\nstate y[E] : bool = false\nproperty p never y[m1]\ncheck p\n"
    assert checked(tmp_path, text)[0] == ["E602"]
