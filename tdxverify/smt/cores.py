"""Which of some switches a contradiction needs: SMT-LIB questions with switches, answered with cores.

The text is read once. Every question has a literal of its own, so one solver serves all of them and keeps
what it learned; a switch that is not said to be on may be either way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import z3

from tdxverify.smt.asker import Asker, Limit


class SwitchedQuestions:
    """`questions` (assertions, each to be contradictory together with `prelude`) under switches.

    `switches` are the names of bool constants that `prelude` declares. No name is declared twice.
    `mentioned`: which of them each question, or what `prelude` asserts, may depend on.
    """

    def __init__(self, prelude: str, questions: Sequence[str], switches: Sequence[str], limit: Limit) -> None:
        context = z3.Context()
        parser = z3.ParserContext(context)
        self._limit = limit
        self._solver = z3.SimpleSolver(ctx=context)
        self._asker = Asker(self._solver)
        self._solver.add(parser.from_string(prelude))
        self._switches = {name: z3.Bool(name, context) for name in switches}
        self._asked = [z3.Bool(f"!asked {n}", context) for n in range(len(questions))]
        everywhere = _mentioned(switches, prelude)
        self.mentioned: tuple[frozenset[str], ...] = tuple(
            everywhere | _mentioned(switches, text) for text in questions
        )
        for literal, text in zip(self._asked, questions, strict=True):
            for fact in parser.from_string(text):
                self._solver.add(z3.Implies(literal, fact))

    def __len__(self) -> int:
        return len(self._asked)

    def needed(self, question: int, on: Collection[str]) -> frozenset[str] | None:
        """Those of `on` because of which `question` is contradictory; None if it is not, or not known."""
        literals = {self._switches[name]: name for name in sorted(on)}
        others = [z3.Not(one) for n, one in enumerate(self._asked) if n != question]
        if self._asker.ask([self._asked[question], *others, *literals], self._limit()) is not False:
            return None
        return frozenset(literals[one] for one in self._solver.unsat_core() if one in literals)


def _mentioned(switches: Sequence[str], text: str) -> frozenset[str]:
    """The switches that `text` speaks of other than to declare them."""
    return frozenset(name for name in switches if text.count(f"|{name}|") > text.count(f"-fun |{name}|"))
