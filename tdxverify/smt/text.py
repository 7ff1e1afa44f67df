"""Scripts in SMT-LIB text, each answered by a fresh Z3 that knows nothing but the text."""

from __future__ import annotations

import z3

from tdxverify.diagnostics import InternalError
from tdxverify.smt.solver import GaveUp

UNLIMITED = 4294967295  # Z3's own value for "no timeout"


def is_unsatisfiable(script: str, milliseconds: int | None) -> bool | GaveUp:
    """Whether the script's assertions contradict each other.

    Raises KeyboardInterrupt if Ctrl-C stopped Z3, InternalError if Z3 cannot read the script.
    """
    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("timeout", UNLIMITED if milliseconds is None else milliseconds)
    try:
        solver.from_string(script)
    except z3.Z3Exception as error:
        raise InternalError(
            "a script for Z3 is malformed", {"error": str(error), "script": script}
        ) from error
    answer = solver.check()
    if answer == z3.unknown:
        reason = solver.reason_unknown()
        if reason == "interrupted from keyboard":
            raise KeyboardInterrupt
        return GaveUp(reason)
    return bool(answer == z3.unsat)


def version() -> str:
    """Name and version of the solver, for records of who checked what."""
    return f"z3 {z3.get_version_string()}"
