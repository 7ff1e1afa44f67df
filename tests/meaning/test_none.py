"""`T or none`: none is no element, and using it as one is found, by every engine, with the shortest trace."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.engines.registry import ENGINES
from tdxverify.questions.options import Options
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.differential.reference.exploring import Reference
from tests.forked import fork_workers

INSTALLED = [name for name, info in ENGINES.items() if info.is_installed]
OWNER = """
index Page
index Td
state owner[Page] : Td or none = none
state ready[Td] : bool = false
state last : Td
define first_of(t : Td) : Td or none = t
define is_ready(t : Td) = ready[t]
access load(t : Td) { otherwise -> ok { ready[t] := true } }
action give(p : Page, t : Td) when owner[p] = none { owner[p] := t }
action take(p : Page) when owner[p] != none { owner[p] := none }
"""
ASKED = "\nproperty asked never false\ncheck asked for Page = 2, Td = 2\n"

USES = {
    "index": "ready[owner[p]] := true",
    "assigned": "last := owner[p]",
    "chosen": "last := any { owner[p], last }",
    "access": "load(owner[p])",
    "define": "if is_ready(owner[p]) { last := any }",
    "condition": "if ready[owner[p]] { last := any }",
    "waiting": "when not ready[owner[p]]  last := any",
}


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


def write(folder: Path, text: str) -> Path:
    path = folder / "none.tdx"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("engine", INSTALLED)
@pytest.mark.parametrize("use", USES)
def test_a_none_that_is_used_is_found(use: str, engine: str, tmp_path: Path) -> None:
    text = f"{OWNER}action use(p : Page) when exists q : Page: owner[q] != none {{ {USES[use]} }}{ASKED}"
    run = check([write(tmp_path, text)], Options(engine=engine, bound=6))
    (mistake,) = run.diagnostics
    assert mistake.code.name == "E511"
    assert mistake.message.endswith("none, which is no element of Td")
    assert mistake.hint == "ask before whether it is none: owner[p] != none"
    (found,) = run.answers
    assert found.outcome is Outcome.UNKNOWN and "none is used as a value (E511)" in found.reason
    assert found.told.story is not None and len(found.told.story.steps) == 2


@pytest.mark.parametrize("guarded", ["when owner[p] != none { {} }", "{ when owner[p] != none  {} }",
                                     "{ if owner[p] = none { } else { {} } }",
                                     "{ if owner[p] != none and true { {} } }"])  # fmt: skip
@pytest.mark.parametrize("use", USES)
def test_a_use_that_is_guarded_is_none(use: str, guarded: str, tmp_path: Path) -> None:
    text = f"{OWNER}action use(p : Page) {guarded.replace('{}', USES[use])}{ASKED}"
    run = check([write(tmp_path, f"{text}check asked")])
    assert run.diagnostics == ()
    assert [one.outcome for one in run.answers] == [Outcome.PROVED] * 2


@pytest.mark.parametrize(
    ("formula", "outcome"),
    [
        ("owner[p] != none and ready[owner[p]] and false", Outcome.PROVED),
        ("not (owner[p] = none or true or ready[owner[p]])", Outcome.PROVED),
        ("if owner[p] = none then false else is_ready(owner[p]) and false", Outcome.PROVED),
        ("exists t : Td: owner[p] = t and ready[t]", Outcome.PROVED),
        ("owner[p] in { none } and owner[p] != none", Outcome.PROVED),
        ("exists t : Td: (if owner[p] = t then none else owner[p]) = t", Outcome.PROVED),
        ("first_of(last) = none", Outcome.PROVED),
        ("none = (if ready[last] then last else first_of(last))", Outcome.PROVED),
        ("owner[p] != none and owner[p] = last", Outcome.REFUTED),
    ],
)
def test_conditions(formula: str, outcome: Outcome, tmp_path: Path) -> None:
    text = f"{OWNER}property asked never exists p : Page: {formula}\n"
    text += "check asked\ncheck asked for Page = 1, Td = 2"
    run = check([write(tmp_path, text)])
    assert run.diagnostics == ()
    assert [one.outcome for one in run.answers] == [outcome] * 2


def test_none_is_a_name_where_it_is_declared(tmp_path: Path) -> None:
    text = "enum Holder { none, guest }\nstate holder : Holder = none\naction give { holder := guest }\n"
    text += "action take when none != holder { holder := none }\nproperty p never holder = guest\ncheck p\n"
    (answer,) = check([write(tmp_path, text)]).answers
    assert answer.outcome is Outcome.REFUTED


@pytest.mark.parametrize("seed", range(25))
def test_generated_uses_against_trying_every_run(seed: int, tmp_path: Path) -> None:
    text = generated(Random(seed))
    path = write(tmp_path, text)
    module = parse(SourceFile("none.tdx", text))
    reference = Reference(module, {"Page": 2, "Td": 2})
    (asked,) = (one for one in module.declarations if type(one).__name__ == "CheckDecl")
    truth = reference.answer(asked, "asked")
    for engine in ("explicit", "pdr", "auto"):
        run = check([path], Options(engine=engine, bound=8))
        (found,) = run.answers
        wrong = [d.code.name for d in run.diagnostics]
        assert wrong in ([], ["E511"])
        said = "E510" if wrong else found.outcome.value
        assert str(truth).startswith(said) or f" or {said}" in str(truth), (engine, truth, text)


def generated(random: Random) -> str:
    """Owners of pages, used in some places with a guard and in others without."""
    guards = ["owner[p] != none", "owner[p] = owner[q] and p != q", "ready[last]", "true", "owner[q] != none"]
    uses = [*USES.values(), "owner[q] := owner[p]", "owner[p] := if ready[last] then none else last",
            "owner[p] := any", "owner[p] := any { none, last }"]  # fmt: skip
    lines = [OWNER]
    for number in range(random.choice([1, 2, 3])):
        body = random.choice(uses)
        if random.random() < 0.4:
            body = f"if {random.choice(guards)} {{ {body} }}"
        lines.append(f"action use{number}(p, q : Page) when {random.choice(guards)} {{ {body} }}")
    claims = ["owner[p] != none and ready[owner[p]] and owner[q] = none", "owner[p] = last and p != q"]
    claims.append("owner[p] = owner[q] and p != q and owner[p] != none")
    claim = random.choice(claims)
    return (
        "\n".join(lines)
        + f"\nproperty asked never exists p, q : Page: {claim}\ncheck asked for Page = 2, Td = 2\n"
    )
