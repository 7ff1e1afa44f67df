"""The same SMT-LIB text, answered by other programs, by other people: bitwuzla and cvc5.

Optional: `pip install 'tdxverify[second]'`. Only ever asked for a second opinion about a proof that Z3
has accepted. What is written in bits is for bitwuzla, which knows neither quantifiers over open sorts
nor integers; everything else, and where bitwuzla is missing all of it, is for cvc5.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.util import find_spec

from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable

BITWUZLA, CVC5 = "bitwuzla", "cvc5"
BITS = "QF_UFBV"  # the logic that is for bitwuzla
ANY_LOGIC = "ALL"

Answer = bool | GaveUp


def solver_for(logic: str) -> str | None:
    """The installed solver that scripts in `logic` are for; None if there is none."""
    wanted = (BITWUZLA, CVC5) if logic == BITS else (CVC5,)
    return next((package for package in wanted if find_spec(package) is not None), None)


def version(package: str) -> str:
    """Name and version of an installed solver, for records of who checked what."""
    try:
        return f"{package} {package_version(package)}"
    except PackageNotFoundError:
        return package


def contradictions(
    package: str, logic: str, prelude: str, questions: Sequence[str], milliseconds: int | None
) -> list[Answer]:
    """For each question: whether its assertions and those of `prelude` contradict each other.

    Requires: `package` is installed. `milliseconds` is for each question. Raises Unreadable.
    """
    ask = _by_bitwuzla if package == BITWUZLA else _by_cvc5
    return ask(logic, prelude, questions, milliseconds)


def _by_bitwuzla(
    logic: str, prelude: str, questions: Sequence[str], milliseconds: int | None
) -> list[Answer]:
    import bitwuzla

    options = bitwuzla.Options()
    if milliseconds is not None:
        options.set(bitwuzla.Option.TIME_LIMIT_PER, max(1, milliseconds))
    parser = bitwuzla.Parser(bitwuzla.TermManager(), options)
    answers: list[Answer] = []
    try:
        parser.parse(f"(set-logic {logic})\n{prelude}", True, False)
        solver = parser.bitwuzla()
        for question in questions:
            solver.push()
            parser.parse(f"{question}\n", True, False)  # it refuses to read nothing
            answers.append(_answer(str(solver.check_sat())))
            solver.pop()
    except bitwuzla.BitwuzlaException as error:
        raise Unreadable(str(error)) from None
    return answers


def _by_cvc5(logic: str, prelude: str, questions: Sequence[str], milliseconds: int | None) -> list[Answer]:
    import cvc5

    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("incremental", "true")
    solver.setOption("mbqi", "true")  # without it, quantifiers over enumerated sorts end in `unknown`
    if milliseconds is not None:
        solver.setOption("tlimit-per", str(milliseconds))
    parser = cvc5.InputParser(solver)
    asked = "".join(f"(push 1)\n{question}(check-sat)\n(pop 1)\n" for question in questions)
    script = f"(set-logic {logic})\n{prelude}{asked}"
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "certificate")
    symbols = parser.getSymbolManager()
    lines: list[str] = []
    try:
        while not (command := parser.nextCommand()).isNull():
            lines.extend(command.invoke(solver, symbols).splitlines())
    except RuntimeError as error:
        raise Unreadable(str(error)) from None
    return [_answer(line) for line in lines]


def _answer(line: str) -> Answer:
    """`unknown (INCOMPLETE)` is an answer, too."""
    if line in ("sat", "unsat"):
        return line == "unsat"
    return GaveUp(line)
