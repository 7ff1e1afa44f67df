"""Does exactly one row of an access table answer every typed state?

The check is exact and needs no solver: it splits on one state cell (or parameter) at a time and
evaluates what is known so far in three-valued logic, so that most combinations are never looked at.
States need not be reachable; only the spec's assumptions about parameters are taken for granted.

Index sorts get as many elements as the table can tell apart: one per term of that sort, plus one
per quantified variable of it.
"""

from __future__ import annotations

from itertools import combinations, product

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.model import expr as core
from tdxverify.model.expr import Apply, Bound, Expr, Op, Read
from tdxverify.model.layout import Cell
from tdxverify.model.model import AccessTable
from tdxverify.model.partial import Known, PartialEvaluator
from tdxverify.model.sorts import IndexSort, Value, domain, show

MOST_SPLITS = 200_000  # of one table; beyond it the table is refused as too large to check


class _TooLarge(Exception):
    """The table needs more than MOST_SPLITS case splits."""


class _Search:
    """Looks for states by case splits; the budget is shared by all questions about one table."""

    def __init__(self, table: AccessTable, assumption: Expr) -> None:
        self.parameters = table.parameters
        self.assumption = assumption
        self.known: Known = {}
        self.sizes = _sizes(table.parameters, (assumption, *(row.condition for row in table.rows)))
        self.evaluator = PartialEvaluator(self.known, self.sizes)
        self.splits = 0

    def example(self, *parts: Expr, assuming: bool = True) -> str | None:
        """A state, in words, in which all `parts` hold (and the assumptions, if `assuming`), or None."""
        formula = core.conjunction(*parts, self.assumption) if assuming else core.conjunction(*parts)
        for values in product(*(domain(p.sort, self.sizes) for p in self.parameters)):
            self.known.clear()
            bound = dict(zip(self.parameters, values, strict=True))
            if _is_canonical(self.parameters, values) and self._holds(formula, bound):
                return self._describe(bound)
        return None

    def _holds(self, formula: Expr, bound: dict[Bound, Value]) -> bool:
        self.splits += 1
        if self.splits > MOST_SPLITS:
            raise _TooLarge
        value = self.evaluator.value(formula, bound)
        if not isinstance(value, Cell):
            return bool(value)
        place = (value.symbol.name, value.indices)
        for choice in domain(value.symbol.sort, self.sizes):
            self.known[place] = choice
            if self._holds(formula, bound):
                return True
        del self.known[place]
        return False

    def _describe(self, bound: dict[Bound, Value]) -> str:
        parts = [f"{p.name.partition('$')[0]} = {show(p.sort, bound[p])}" for p in self.parameters]
        known = ((self.evaluator.cells[place], value) for place, value in self.known.items())
        cells = sorted((str(cell), show(cell.symbol.sort, value)) for cell, value in known)
        return ", ".join([*parts, *(f"{cell} = {value}" for cell, value in cells)]) or "every state"


def _is_canonical(parameters: tuple[Bound, ...], values: tuple[Value, ...]) -> bool:
    """Whether elements of each sort appear in the order 0, 1, 2, ...: the rest are renamings of these."""
    most: dict[str, int] = {}
    for parameter, value in zip(parameters, values, strict=True):
        if isinstance(parameter.sort, IndexSort):
            name = parameter.sort.name
            if value > most.get(name, -1) + 1:
                return False
            most[name] = max(most.get(name, -1), value)
    return True


def _sizes(parameters: tuple[Bound, ...], formulas: tuple[Expr, ...]) -> dict[str, int]:
    terms: dict[str, set[Expr]] = {}
    for node in (*parameters, *(n for f in formulas for n in core.walk(f))):
        if isinstance(node, (Read, Bound)) and isinstance(node.sort, IndexSort):
            terms.setdefault(node.sort.name, set()).add(node)
        if isinstance(node, Read):
            for sort in node.symbol.indices:
                if isinstance(sort, IndexSort):
                    terms.setdefault(sort.name, set())
    return {name: max(1, len(found)) for name, found in terms.items()}


def check_table(table: AccessTable, assumption: Expr, diagnostics: DiagnosticCollector) -> None:
    """Report overlapping rows with different results (E501), states that no row covers (E502), and
    rows that no state fits (E504). `assumption` is over rigid symbols.
    """
    search = _Search(table, _relevant(assumption, table))
    try:
        _overlaps(table, search, diagnostics)
        _gaps(table, search, diagnostics)
        _dead_rows(table, search, diagnostics)
    except _TooLarge:
        message = f"access '{table.name}' has too many cases to be checked for overlaps and gaps"
        diagnostics.report(Code.E505, message, table.span, hint="split it into smaller accesses")


def _relevant(assumption: Expr, table: AccessTable) -> Expr:
    """The part of `assumption` that has to do with the table: the rest is about other symbols.

    Leaving the rest out could only matter if it were contradictory by itself, and then no answer
    about the spec means anything.
    """
    parts = (
        assumption.arguments if isinstance(assumption, Apply) and assumption.op is Op.AND else (assumption,)
    )
    waiting = [(part, core.names_of(part)) for part in parts]
    names = set[str]().union(*(core.names_of(row.condition) for row in table.rows))
    kept: set[int] = set()
    while found := [n for n, (_, own) in enumerate(waiting) if n not in kept and not own.isdisjoint(names)]:
        kept.update(found)
        names.update(*(waiting[n][1] for n in found))
    return core.conjunction(*(part for n, (part, _) in enumerate(waiting) if n in kept))


def _overlaps(table: AccessTable, search: _Search, diagnostics: DiagnosticCollector) -> None:
    for first, second in combinations(table.rows, 2):
        if (first.outcome, first.effects) == (second.outcome, second.effects) or second.guard == "otherwise":
            continue
        example = search.example(first.condition, second.condition)
        if example is not None:
            message = (
                f"this row and an earlier one of '{table.name}' both apply, with different results: {example}"
            )
            note = Note("the other row", first.span)
            diagnostics.report(
                Code.E501, message, second.span, notes=(note,), hint="exclude one of the cases"
            )


def _gaps(table: AccessTable, search: _Search, diagnostics: DiagnosticCollector) -> None:
    example = search.example(core.negation(core.disjunction(*(row.condition for row in table.rows))))
    if example is not None:
        message = f"no row of access '{table.name}' covers the state {example}"
        diagnostics.report(Code.E502, message, table.span, hint="add the missing row, or 'otherwise -> ...'")


def _dead_rows(table: AccessTable, search: _Search, diagnostics: DiagnosticCollector) -> None:
    """Assumptions do not count: those of an importing file may settle what a library leaves open."""
    for row in table.rows:
        if search.example(row.condition, assuming=False) is None:
            message = f"no state fits this row of access '{table.name}'"
            diagnostics.report(Code.E504, message, row.span, hint="remove it, or correct its condition")
