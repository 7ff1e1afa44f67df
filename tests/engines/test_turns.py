"""What is claimed, and that what is fair stays possible, is tried for every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.engines.turns import turns
from tdxverify.logic.show import show_expression
from tdxverify.questions.options import Options
from tdxverify.questions.question import at, in_file

# For each package there is a CPU: no lemma of a small instance says that of every size.
SPEC = """
index Cpu
index Package
param all_may_go : bool
const package_of[Cpu] : Package
state online[Cpu] : bool = true
state done[Package] : bool = false
state over : bool = false
action off(c : Cpu) when online[c] and
  (all_may_go or over or exists d : Cpu: d != c and package_of[d] = package_of[c] and online[d])
  { online[c] := false }
action on(c : Cpu) when not online[c] { online[c] := true }
action work(p : Package) when exists c : Cpu: package_of[c] = p and online[c] { done[p] := true }
action finish when forall p : Package: done[p] { over := true }
assume forall p : Package: exists c : Cpu: package_of[c] = p
property has_cpu always forall p : Package: over or exists c : Cpu: package_of[c] = p and online[c]
property each_done each p : Package: eventually done[p]
property ends eventually over
"""


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("check has_cpu where not all_may_go", Outcome.PROVED),
        ("check has_cpu where all_may_go", Outcome.REFUTED),
        ("check ends where not all_may_go assuming fair work, finish", Outcome.PROVED),
        ("check ends where all_may_go assuming fair work, finish", Outcome.REFUTED),
        ("check ends where not all_may_go assuming fair finish", Outcome.REFUTED),
        ("check ends where not all_may_go assuming fair work", Outcome.REFUTED),
    ],
)
def test_for_every_element_there_is_another(tmp_path: Path, line: str, outcome: Outcome) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(f"{SPEC}{line}\n")
    (found,) = check([path]).answers
    assert found.outcome is outcome
    assert found.is_general or outcome is Outcome.REFUTED


def test_guesses_are_said_in_few_words(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(f"{SPEC}check each_done assuming fair work, off\ncheck has_cpu\n")
    promised, other = in_file(path, Options(), None)
    told = [show_expression(one) for one in turns(at(promised, {"Cpu": 2, "Package": 2}))]
    cpu = "package_of[c] = any_package and online[c]"
    assert told[0] == f"forall p, any_package : Package: done[p] or (exists c : Cpu: {cpu})"
    assert len(told) == 2 and "exists any_cpu" not in told[1]
    assert not list(turns(at(other, {"Cpu": 2, "Package": 2})))
