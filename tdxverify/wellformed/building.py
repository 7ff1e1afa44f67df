"""From modules to a model that may be believed."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.diagnostics import SpecError
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.model.build import elaborate
from tdxverify.model.model import Model
from tdxverify.syntax import ast
from tdxverify.wellformed.decided import Decided
from tdxverify.wellformed.orders import check_order
from tdxverify.wellformed.refined_places import with_refinements
from tdxverify.wellformed.tables import checked_table


def build_model(
    modules: tuple[ast.Module, ...], budget: Budget = UNLIMITED, decided: Decided | None = None
) -> Model:
    """The meaning of `modules`, the last of which is the root file. Raises SpecError, LimitReached.

    No `foreach` of a single step depends on the order of its elements, and exactly one row of each access
    table answers every state. A table that could only be looked at for some sizes says so, and where its rows
    overlap at others, the first of them decides. `decided` is shared by programs that are built together.
    A mistake in what another file has refined names the refinement.
    """
    try:
        return _built(modules, budget, decided)
    except SpecError as error:
        raise SpecError(with_refinements(one, modules) for one in error.diagnostics) from None


def _built(modules: tuple[ast.Module, ...], budget: Budget, decided: Decided | None) -> Model:
    draft = elaborate(modules)
    assumptions, diagnostics = draft.model.assumptions, DiagnosticCollector()
    tables = tuple(
        checked_table(table, assumptions, diagnostics, budget, decided) for table in draft.model.tables
    )
    doubtful = frozenset(table.name for table in tables if table.checked_up_to)
    if doubtful:
        draft = elaborate(modules, doubtful)
    for condition in draft.orders:
        check_order(condition, assumptions, diagnostics, budget)
    diagnostics.raise_if_any()
    return replace(draft.model, tables=tables) if tables != draft.model.tables else draft.model
