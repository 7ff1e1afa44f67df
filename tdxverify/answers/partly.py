"""What an answer rests on that was not checked for every size: access tables that no method decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tdxverify.answers.answer import PartlyChecked
from tdxverify.answers.unknowns import deciding_names
from tdxverify.model.model import AccessTable, Model
from tdxverify.questions.problems.problem import Problem


def partly_checked(model: Model, problems: Iterable[Problem], *, any_size: bool) -> tuple[PartlyChecked, ...]:
    """The tables that may decide one of `problems` and were not checked for its sizes.

    `any_size`: the answer is about all sizes, and not about those of `problems`.
    """
    doubtful = [table for table in model.tables if table.checked_up_to]
    found: dict[str, PartlyChecked] = {}
    if doubtful:
        for problem in problems:
            used = _used(model, problem)
            for table in doubtful:
                if table.name in used and (any_size or _exceeds(problem.size_of, table)):
                    found[table.name] = PartlyChecked(table.name, table.checked_up_to)
    return tuple(found.values())


def _exceeds(sizes: Mapping[str, int], table: AccessTable) -> bool:
    return any(sizes[name] > most for name, most in table.checked_up_to)


def _used(model: Model, problem: Problem) -> set[str]:
    """The accesses of all steps that may have to do with a bad state."""
    names = deciding_names(model, problem)
    return {
        decision.access
        for action in problem.actions
        if action.decisions and any(write.symbol.name in names for write in action.writes)
        for decision in action.decisions
    }
