"""What a fingerprint depends on, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.stored.fingerprint import Fingerprints
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.specs import load_model
from tests.problems import CASES

SPEC = """\
module sample
index Line
param erratum : bool
param speed : 0..3
state phase : bool = false
state noise : bool = false
state seen : 0..3 = 0
memory Line { poison : bool = false  colour : bool = false }
init phase implies poison_free
define poison_free = forall l : Line: not poison[l]
action stray(l : Line) when erratum { poison[l] := true }
action clear(l : Line) when phase { poison[l] := false  colour[l] := true }
action hum when speed > 0 { noise := not noise }
action go { phase := true }
property clean never exists l : Line: poison[l]
property quiet never noise
check clean where not erratum expect proved
"""


def asked(text: str, folder: Path, size: int = 2) -> Problem:
    path = folder / "sample.tdx"
    path.write_text(text, encoding="utf-8")
    model = load_model(path)
    check = next(check for check in model.checks if check.property == "clean")
    return lower(model, check, {sort.name: size for sort in model.index_sorts})


def of_proof(problem: Problem) -> str:
    return Fingerprints().of_proof(problem, ("phase",), any_size=True)


def of_run(problem: Problem) -> str:
    return Fingerprints().of_run(problem)


SAME = {
    "a comment": ("index Line", "index Line // a line"),
    "a description and a citation": ("action go {", 'action go "it goes" cite X-1 {'),
    "a template": ("{ poison[l] := true }", '{ poison[l] := true } emit c "hit({l}, {erratum}, {Line});"'),
    "a prelude": ("property quiet", 'prelude c "int lines = {Line};"\nproperty quiet'),
    "blanks": ("  colour", "\n\n     colour"),
    "another property": ("property quiet never noise", "property quiet always true"),
    "one property more": ("property quiet", "property loud never not noise\nproperty quiet"),
    "a state that plays no part": ("state noise", "state whistle : bool\nstate noise"),
    "a parameter that plays no part": ("param speed", "param colour_blind : bool\nparam speed"),
    "a step that plays no part": ("action hum", "action whistle { noise := false }\naction hum"),
    "a step that plays no part, changed": ("speed > 0", "speed > 1"),
    "another write of a step": ("colour[l] := true", "colour[l] := false"),
    "the name of a parameter of a step": ("stray(l", "stray(k", "{ poison[l] := true", "{ poison[k] := true"),
    "the name of a bound variable": ("never exists l : Line: poison[l]", "never exists k : Line: poison[k]"),
    "a define written out": ("implies poison_free", "implies (forall l : Line: not poison[l])"),
    "another index sort": ("index Line", "index Line\nindex Cpu"),
    "a sort that nothing has": ("index Line", "index Line\nenum Colour { red, green }"),
    "another check": ("check clean", "check quiet expect refuted\ncheck clean"),
    "what is expected": ("expect proved", "expect refuted"),
}  # fmt: skip

OTHER = {
    "the guard of a step": ("when erratum {", "when not erratum {"),
    "what a step writes": ("poison[l] := true", "poison[l] := false"),
    "which cell a step writes": ("stray(l :", "stray(l, m :", "poison[l] := true", "poison[m] := l = m"),
    "an initial value": ("poison : bool = false", "poison : bool"),
    "a constraint on the start": ("init phase implies poison_free", "init not phase"),
    "an assumption": ("param speed : 0..3", "param speed : 0..3\nassume not erratum"),
    "the `where`": ("where not erratum", "where erratum"),
    "the property": ("never exists l : Line: poison[l]", "never forall l : Line: poison[l]"),
    "a step more": ("action go", "action infect(l : Line) { poison[l] := phase }\naction go"),
    "a guard further away": ("action go {", "action go when not phase {"),
    "the sort of a symbol": ("state phase : bool = false", "state phase : bool = true"),
}  # fmt: skip


def changed(replacements: tuple[str, ...]) -> str:
    text = SPEC
    for old, new in zip(replacements[::2], replacements[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_matter_leaves_it_alone(name: str, tmp_path: Path) -> None:
    before, after = asked(SPEC, tmp_path), asked(changed(SAME[name]), tmp_path)
    assert of_proof(before) == of_proof(after)
    assert of_run(before) == of_run(after)


@pytest.mark.parametrize("name", OTHER)
def test_what_matters_changes_it(name: str, tmp_path: Path) -> None:
    before, after = asked(SPEC, tmp_path), asked(changed(OTHER[name]), tmp_path)
    assert of_proof(before) != of_proof(after)
    assert of_run(before) != of_run(after)


@pytest.mark.parametrize("said", ["assume speed > 0", "init speed > 0"])
def test_what_contradicts_something_counts(tmp_path: Path, said: str) -> None:
    """Lowering says the same of parameters that nothing reads."""
    before, after = (
        asked(changed(("param speed : 0..3", f"param speed : 0..3\n{said}\n{more}")), tmp_path)
        for more in ("", "assume speed = 0")
    )
    assert of_proof(before) != of_proof(after)
    assert of_run(before) != of_run(after)


def test_proofs_do_not_care_about_names_and_order_of_steps(tmp_path: Path) -> None:
    before = asked(SPEC, tmp_path)
    after = asked(changed(("action stray", "action hit", "action go { phase := true }\n", "")) .replace(
        "action hit", "action move { phase := true }\naction hit"), tmp_path)  # fmt: skip
    assert of_proof(before) == of_proof(after)
    assert of_run(before) != of_run(after)  # a trace names them


def test_formulas_count_with_what_they_mention(tmp_path: Path) -> None:
    before, after = asked(SPEC, tmp_path), asked(changed(("noise := not noise", "noise := true")), tmp_path)
    prints = Fingerprints()
    assert prints.of_proof(before, (), any_size=True) == prints.of_proof(after, (), any_size=True)
    assert prints.of_proof(before, ("noise",), any_size=True) != prints.of_proof(
        after, ("noise",), any_size=True
    )


def test_choices_of_a_step_matter_to_traces_alone(tmp_path: Path) -> None:
    """A trace gives a value to every choice."""
    before, after = asked(SPEC, tmp_path), asked(changed(("colour[l] := true", "colour[l] := any")), tmp_path)
    assert of_proof(before) == of_proof(after)
    assert of_run(before) != of_run(after)


def test_sizes_count_where_they_are_stated(tmp_path: Path) -> None:
    two, three = asked(SPEC, tmp_path, 2), asked(SPEC, tmp_path, 3)
    prints = Fingerprints()
    assert prints.of_proof(two, (), any_size=True) == prints.of_proof(three, (), any_size=True)
    assert prints.of_proof(two, (), any_size=False) != prints.of_proof(three, (), any_size=False)
    assert prints.of_everything(two, any_size=False) != prints.of_everything(three, any_size=False)
    assert prints.of_everything(two, any_size=True) == prints.of_everything(three, any_size=True)


def test_what_was_seen_before_does_not_matter() -> None:
    """One object for many problems gives what an object for each does."""
    together = Fingerprints()
    assert [together.of_run(c.problem) for c in CASES] == [Fingerprints().of_run(c.problem) for c in CASES]
    assert len({together.of_everything(c.problem, any_size=False) for c in CASES}) == len(CASES)
