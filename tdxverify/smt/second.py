"""The same SMT-LIB text, answered by cvc5: another program, by other people. Optional: `pip install cvc5`.

Only ever asked for a second opinion about a proof that Z3 has accepted.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.util import find_spec

from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable

PACKAGE = "cvc5"


def version() -> str | None:
    """Name and version of the solver; None where it is not installed."""
    if find_spec(PACKAGE) is None:
        return None
    try:
        return f"{PACKAGE} {package_version(PACKAGE)}"
    except PackageNotFoundError:
        return PACKAGE


def contradictions(script: str, milliseconds: int | None) -> list[bool | GaveUp]:
    """The answer to each `(check-sat)` of `script`: True for unsat. Requires: it is installed.

    `milliseconds` is for each question. Raises Unreadable.
    """
    import cvc5

    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("incremental", "true")
    solver.setOption("mbqi", "true")  # without it, quantifiers over enumerated sorts end in `unknown`
    if milliseconds is not None:
        solver.setOption("tlimit-per", str(milliseconds))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "certificate")
    symbols = parser.getSymbolManager()
    lines: list[str] = []
    try:
        while not (command := parser.nextCommand()).isNull():
            lines.extend(command.invoke(solver, symbols).splitlines())
    except RuntimeError as error:
        raise Unreadable(str(error)) from None
    return [_answer(line) for line in lines]


def _answer(line: str) -> bool | GaveUp:
    """`unknown (INCOMPLETE)` is an answer, too."""
    if line in ("sat", "unsat"):
        return line == "unsat"
    return GaveUp(line)
