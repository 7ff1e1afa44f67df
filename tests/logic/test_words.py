"""Formulas in words."""

from __future__ import annotations

import pytest

from tdxverify.logic.words import in_words
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model

SPEC = """\
module m
param erratum : bool
index Line  index Cpu  index Epoch ordered
state now : Epoch = first(Epoch)
enum Phase { run, next }
fault #MC fatal
actor host
const page_of[Line] : 0..3
state phase : Phase = run   state module_is : Phase = run   state left : 0..3 = 0
state dirty[Cpu, Line] : bool = false   state poison[Line] : bool = false
access read(l : Line) { poison[l] -> fault #MC  otherwise -> ok }
action load(l : Line) by host { read(l) }
process kexec by host { jump: { phase := next } }
"""


def words(formula: str) -> str:
    module = parse(SourceFile("a.tdx", f"{SPEC}property p always {formula}\n"))
    (prop,) = build_model((module,)).properties
    assert prop.formula is not None
    return in_words(prop.formula)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("now = first(Epoch)", "now is the first Epoch."),
        ("not exists l : Line: poison[l]", "There is no Line l such that poison holds for l."),
        (
            "not exists c : Cpu, l : Line: dirty[c, l] and phase = next",
            "There is no Cpu c and Line l such that dirty holds for c and l and phase is next.",
        ),
        ("forall l : Line: not poison[l]", "For every Line l: poison does not hold for l."),
        (
            "not forall l : Line: poison[l] implies erratum",
            "Not for every Line l: if poison holds for l, then erratum holds.",
        ),
        ("exists l : Line: page_of[l] = 2", "There is a Line l such that page_of l is 2."),
        ("phase != next", "phase is not next."),
        ("module_is = next", "module_is equals next."),
        ("module_is != next", "module_is differs from next."),
        ("left < 2", "left is less than 2."),
        ("left >= 2", "left is at least 2."),
        ("2 < left", "left is more than 2."),
        ("left <= 2", "left is at most 2."),
        ("not (left <= 2)", "left is more than 2."),
        ("erratum iff phase = next", "erratum holds exactly if phase is next."),
        ("not (erratum and phase = next)", "It never happens together that erratum holds and phase is next."),
        ("erratum or phase = next", "Either erratum holds or phase is next."),
        ("not (erratum or phase = next)", "erratum does not hold and phase is not next."),
        (
            "erratum and (phase = next or left = 1)",
            "erratum holds and (either phase is next or left is 1).",
        ),
        ("not (erratum implies phase = next)", "erratum holds, but phase is not next."),
        ("not kexec at jump", "kexec is not at jump."),
        ("kexec at jump", "kexec is at jump."),
        ("not host took #MC", "host never took #MC."),
        ("host is dead", "host is dead."),
        ("not host is dead", "host is not dead."),
    ],
)
def test_words(formula: str, said: str) -> None:
    assert words(formula) == said


def test_made_up_names_are_shortened() -> None:
    text = words("not exists any_line1, any_line2 : Line: poison[any_line1] and not poison[any_line2]")
    assert text == "There is no Line L1 and L2 such that poison holds for L1 and poison does not hold for L2."
