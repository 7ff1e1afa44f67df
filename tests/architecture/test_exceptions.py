"""Exceptions are for what callers tell apart: a wrong spec, a bug of ours, limits, what others do without."""

from __future__ import annotations

import builtins

from tests.architecture.modules import classes

KNOWN = {
    "budget.py: LimitReached",  # the time or another limit ended everything that it was for
    "budget.py: TooLarge",  # one part of the work is not done
    "budget.py: NotDecided",  # one question has no answer
    "diagnostics/diagnostic.py: SpecError",
    "diagnostics/diagnostic.py: InternalError",
    "answers/checking.py: Broken",  # an InternalError with what was found out before
    "files/reading.py: NotAFile",
    "smt/text.py: Unreadable",
    "engines/bdd/cover.py: _TooMany",  # not what the search on diagrams ends with
    "evidence/item.py: Unusable",
    "answers/stored/entries.py: OutOfDate",
    "answers/stored/file.py: _Damaged",
    "semantics/needed_run.py: Missing",  # comes out of compiled formulas, which know nothing of open cells
    "semantics/needed_run.py: NoSuchStart",  # the same
    "pytest_plugin.py: CheckFailed",
}


def test_exceptions() -> None:
    errors = {name for name in vars(builtins) if name.endswith(("Error", "Exception", "Interrupt"))}
    errors |= {name.split(": ")[1] for name in KNOWN}
    found = {name for name, node in classes() if errors & {getattr(base, "id", "") for base in node.bases}}
    assert found - KNOWN == set()
