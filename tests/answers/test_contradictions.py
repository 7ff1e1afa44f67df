"""Who is said to exclude every initial state does, and none of them can be spared."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.contradictions import contradicting
from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.budget import UNLIMITED
from tdxverify.evidence.verdict import Vacuous
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec
from tests.texts import explicit, model_of, problem_of

HEAD = "index Line\nparam a : bool\nparam b : 0..3\nstate x : bool = false\nstate y : 0..3\n"
CONSTANTS = "the values of constants"
TAIL = "property p never x\n"


def question(text: str, *parameters: tuple[str, str], engine: str = "auto") -> Question:
    spec = Spec(Path("sample.tdx"), model_of(text))
    (asked,) = every_check(spec, Options(parameters=parameters, engine=engine))
    return asked


@pytest.mark.parametrize("engine", ["auto", "explicit", "bmc", "pdr", "bdd"])
@pytest.mark.parametrize(
    ("said", "where", "parameters", "wanted"),
    [
        ("", "b < 0", (), "'where' can never hold"),
        ("assume a", "b < 0", (), "'where' can never hold"),
        ("", "not a", (("a", "true"),), "'where' and '--param' contradict one another"),
        ("assume a implies b > 1", "a and b = 0", (), "'assume' and 'where' contradict one another"),
        ("assume a and not a", "a", (), "'assume' can never hold"),
        ("assume a", "b = 1", (("a", "false"),), "'assume' and '--param' contradict one another"),
        ("init a", "not a", (), "'where' and what is said about the initial state contradict one another"),
        ("init x", "a", (), "no state satisfies what is said about the initial state"),
        (
            "const k : 0..3 = b assume k = 1",
            "b = 2",
            (),
            "'assume', the values of constants and 'where' contradict one another",
        ),
        ("const k : 0..3 = b", "k != b", (), "the values of constants and 'where' contradict one another"),
        (
            "const k : 0..3 = 1 assume k = 2",
            "a",
            (),
            "'assume' and the values of constants contradict one another",
        ),
        (
            "const k[Line] : bool = exists l : Line: not k[l]",
            "a",
            (),
            "the values of constants contradict one another",
        ),
        (
            "assume a implies b = 2 init b != 2",
            "a",
            (),
            "'assume', 'where' and what is said about the initial state contradict one another",
        ),
    ],
)
def test_who_contradicts(
    said: str, where: str, parameters: tuple[tuple[str, str], ...], wanted: str, engine: str
) -> None:
    text = f"{HEAD}{said}\n{TAIL}check p for Line = 2 where {where}\n"
    told = answer(question(text, *parameters, engine=engine), UNLIMITED, Silent()).answer
    assert told.reason == f"there is no initial state: {wanted}"


def test_for_any_size() -> None:
    told = answer(question(f"{HEAD}{TAIL}check p where a and not a\n"), UNLIMITED, Silent()).answer
    assert told.reason == "there is no initial state: 'where' can never hold"


@pytest.mark.parametrize("seed", range(100))
def test_against_trying_every_start(seed: int) -> None:
    random = Random(seed)
    on_parameters = ["a", "not a", "b < 1", "b = 2", "b > 2", "a implies b = 3", "a iff b = 1", "b < 0"]
    on_parameters += ["k = 1", "k != b", "k > 2 and a"]
    of_states = ["a", "y = b", "y > 2", "y < b", "not x", "x or a"]
    parts = {
        "'assume'": f"assume {random.choice(on_parameters)}\n",
        CONSTANTS: f"const k : 0..3 = {random.choice(('b', '1', 'if a then 2 else b'))}\n",
        "'where'": f"where {random.choice(on_parameters)}",
        "'--param'": f"b = {random.randrange(4)}",
        "what is said about the initial state": f"init {random.choice(of_states)}\n",
    }

    def starts(kept: list[str]) -> bool:
        """Whether there is an initial state with these parts alone."""
        assumed = parts["'assume'"] if "'assume'" in kept else ""
        assumed += parts[CONSTANTS] if CONSTANTS in kept else "const k : 0..3\n"
        init = parts["what is said about the initial state"]
        free = "what is said about the initial state" not in kept
        text = HEAD.replace(" = false", "") if free else HEAD + init
        conditions = [parts["'where'"][6:]] if "'where'" in kept else []
        conditions += [parts["'--param'"]] if "'--param'" in kept else []
        where = " and ".join(f"({one})" for one in conditions) or "true"
        return not isinstance(explicit(problem_of(f"{text}{assumed}{TAIL}check p where {where}\n")), Vacuous)

    if starts(list(parts)):
        return
    assumed, constants, where, option, init = parts.values()
    text = f"{HEAD}{assumed}{constants}{init}{TAIL}check p for Line = 2 {where}\n"
    asked = question(text, ("b", option[-1]))
    found = list(contradicting(asked, UNLIMITED))
    assert found and not starts(found)
    assert all(starts([other for other in found if other != one]) for one in found)
