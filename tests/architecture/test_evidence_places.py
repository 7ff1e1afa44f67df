"""A kind of evidence is a module and a row in the table; others name kinds only for reasons given here."""

from __future__ import annotations

from tdxverify.evidence.kinds import KINDS
from tests.architecture.test_layers import MODULES, PACKAGE, imports

OTHERS = {
    "makes it": {
        "engines/bdd/search.py",
        "engines/bdd/table.py",
        "engines/anysize.py",
        "engines/explicit/engine.py",
        "engines/kinduction.py",
        "engines/pdr/engine.py",
        "engines/spacer.py",
        "inquiries/reachability.py",
        "triviality/judging.py",
    },
    "asks which formulas an invariant needs": {"inquiries/proof_core.py", "inquiries/core_search.py"},
    "puts an invariant in the place of a set of states, and mends one": {"answers/stored/proving.py"},
    "a trace may end where a value leaves its range": {
        "answers/stored/judging.py",
        "answers/stored/answering.py",
    },
}


def test_who_names_kinds_of_evidence() -> None:
    homes = {kind.__module__ for kind in KINDS}
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(name.rpartition(".")[0] in homes for name in imports(path))
    }
    outside = {place for place in found if not place.startswith("evidence/")}
    assert outside == set[str]().union(*OTHERS.values())


def test_evidence_is_a_stranger_to_engines() -> None:
    wrong = [
        f"{path.name}: {name}"
        for path in (PACKAGE / "evidence").rglob("*.py")
        for name in imports(path)
        if name.startswith("tdxverify.engines")
    ]
    assert wrong == []
