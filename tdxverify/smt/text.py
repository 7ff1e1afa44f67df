"""SMT-LIB text, answered by a fresh Z3 that knows nothing but the text.

One context, parser and solver per call. The questions of a script follow one another in it, each
taken back before the next: what costs most is reading the declarations, 20 ms for a large model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import z3

from tdxverify.smt.asker import Asker, GaveUp


class Unreadable(Exception):
    """Z3 could not read the text."""


def contradictions(
    prelude: str, questions: Iterable[str], milliseconds: Callable[[], int | None]
) -> Iterator[bool | GaveUp]:
    """For each question: whether its assertions and those of `prelude` contradict each other.

    What a question declares stays declared. `milliseconds` is asked before each. Raises Unreadable,
    and KeyboardInterrupt if Ctrl-C stopped Z3.
    """
    context = z3.Context()
    parser = z3.ParserContext(context)
    solver = z3.SimpleSolver(ctx=context)
    solver.add(_read(parser, prelude))
    asker = Asker(solver)
    for question in questions:
        solver.push()
        solver.add(_read(parser, question))
        found = asker.ask((), milliseconds())
        yield found if isinstance(found, GaveUp) else not found
        solver.pop()


def _read(parser: z3.ParserContext, text: str) -> z3.AstVector:
    try:
        return parser.from_string(text)
    except z3.Z3Exception as error:
        raise Unreadable(str(error)) from None


def version() -> str:
    """Name and version of the solver, for records of who checked what."""
    return f"z3 {z3.get_version_string()}"
