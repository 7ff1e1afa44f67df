"""Does exactly one row of an access table answer every typed state, of whatever size?

States need not be reachable; only the spec's assumptions about parameters are taken for granted. Each
question (do these rows overlap, is there a gap, does a row apply at all) is answered for every size where
that is possible. Where it is not, all numbers of elements are tried up to one that is noted in the table,
and every verdict that rests on the table says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from tdxverify.budget import UNLIMITED, Budget, NotDecided, TooLarge
from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.model.model import AccessTable, TableRow
from tdxverify.wellformed.decided import Decided, content_of
from tdxverify.wellformed.enough import index_sorts_of, sizes_between
from tdxverify.wellformed.states import (
    THOROUGH,
    Effort,
    Example,
    find_state,
    first_of,
    free_variables,
    relevant,
)

MOST_TRIED = 4  # elements of a sort, where no number is known to be enough


@dataclass(frozen=True, slots=True)
class _Question:
    """Is there a state in which `formula` holds? `first` and `second` are rows that would overlap there;
    a single row should apply in one; without rows, the state would be a gap.
    """

    formula: Expr
    first: TableRow | None = None
    second: TableRow | None = None


def checked_table(
    table: AccessTable,
    assumptions: tuple[Expr, ...],
    diagnostics: DiagnosticCollector,
    budget: Budget = UNLIMITED,
    decided: Decided | None = None,
) -> AccessTable:
    """`table`, with what it could be checked for. Reports overlapping rows with different results (E501),
    states that no row covers (E502), rows that no state fits (E504), and tables that are too large (E505).

    `assumptions` are over rigid symbols. What is in `decided` is not asked again; what could be, is added.
    """
    assumption = relevant(assumptions, [row.condition for row in table.rows])
    content, known = content_of(table, assumption), set() if decided is None else decided
    if content in known:
        return table
    effort, earlier = Effort(budget=budget), len(diagnostics.diagnostics)
    try:
        checked = replace(table, checked_up_to=_Checking(table, assumption, diagnostics, effort).run())
        if checked == table and not effort.asked and len(diagnostics.diagnostics) == earlier:
            known.add(content)
        return checked
    except TooLarge:
        message = f"access '{table.name}' has too many cases to be checked for overlaps and gaps"
        diagnostics.report(Code.E505, message, table.span, hint="split it into smaller accesses")
        return table


class _Checking:
    def __init__(
        self, table: AccessTable, assumption: Expr, diagnostics: DiagnosticCollector, effort: Effort
    ) -> None:
        self._table = table
        self._assumption = assumption
        self._diagnostics = diagnostics
        self._effort = effort

    def run(self) -> tuple[tuple[str, int], ...]:
        """What the table could be checked for; empty where that is everything. Raises TooLarge."""
        open_ones: list[_Question] = []
        for question in self._questions():
            try:
                variables = self._variables(question)
                self._judge(question, find_state(question.formula, variables, self._effort))
            except NotDecided:
                open_ones.append(question)
        return self._tried(open_ones) if open_ones else ()

    def _variables(self, question: _Question) -> tuple[core.Bound, ...]:
        free = set(free_variables(question.formula))
        return tuple(p for p in self._table.parameters if p in free)

    def _questions(self) -> Iterator[_Question]:
        rows = self._table.rows
        for first, second in combinations(rows, 2):
            if (first.outcome, first.effects) != (
                second.outcome,
                second.effects,
            ) and second.guard != "otherwise":
                both = core.conjunction(first.condition, second.condition, self._assumption)
                yield _Question(both, first, second)
        none = core.negation(core.disjunction(*(row.condition for row in rows)))
        yield _Question(core.conjunction(none, self._assumption))
        # Assumptions do not count: those of an importing file may settle what a library leaves open.
        yield from (_Question(row.condition, row) for row in rows)

    def _tried(self, questions: list[_Question]) -> tuple[tuple[str, int], ...]:
        """Ask `questions` for small sizes; the largest number of elements up to which all were answered."""
        names = sorted({name for question in questions for name in index_sorts_of(question.formula)})
        effort, tried = Effort(THOROUGH), 0
        waiting = {id(question): question for question in questions}
        for most in range(1, MOST_TRIED + 1):
            for question in list(waiting.values()):
                own = index_sorts_of(question.formula)
                new = (
                    sizes
                    for sizes in sizes_between(dict.fromkeys(own, 1), dict.fromkeys(own, most))
                    if most in sizes.values() or not own
                )
                try:
                    found = first_of(new, question.formula, self._variables(question), effort)
                except TooLarge:
                    if tried:
                        return tuple((name, tried) for name in names)
                    raise
                if found is not None:
                    del waiting[id(question)]
                    self._judge(question, found)
            tried = most
        return tuple((name, tried) for name in names)

    def _judge(self, question: _Question, found: Example | None) -> None:
        if question.second is not None:
            if found is not None:
                self._overlap(question, found)
        elif question.first is None:
            if found is not None:
                self._gap(found)
        elif found is None:
            message = f"no state fits this row of access '{self._table.name}'"
            self._diagnostics.report(
                Code.E504, message, question.first.span, hint="remove it, or correct its condition"
            )

    def _overlap(self, question: _Question, found: Example) -> None:
        assert question.first is not None and question.second is not None
        state = self._words(found)
        message = (
            f"this row and an earlier one of '{self._table.name}' both apply, with different results: {state}"
        )
        note = Note("the other row", question.first.span)
        self._diagnostics.report(
            Code.E501, message, question.second.span, notes=(note,), hint="exclude one of the cases"
        )

    def _gap(self, found: Example) -> None:
        message = f"no row of access '{self._table.name}' covers the state {self._words(found)}"
        self._diagnostics.report(
            Code.E502, message, self._table.span, hint="add the missing row, or 'otherwise -> ...'"
        )

    def _words(self, found: Example) -> str:
        """`l = Line0, poison[Line0] = true`; "every state" where no value matters."""
        values = found.values(p for p in self._table.parameters if p in found.bound)
        counts = found.counts()
        if not values:
            return f"every state with {counts}" if counts else "every state"
        return f"{values}, with {counts}" if counts else values
