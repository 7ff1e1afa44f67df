"""What the start of a run has that another start may not have, and that decides what is said of the run."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.inquiries.shared_run import Shared
from tdxverify.inquiries.triggers import fires
from tdxverify.inquiries.ways import Pairs, chosen_so_far
from tdxverify.logic import expr as core
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question


def chosen(asked: Question, problem: Problem, shared: Shared, last: str | None = None) -> Pairs:
    """Values of parameters, constants and cells that `problem`, that of `asked`, can start with, as `shared`
    has them: from every start with all of them its steps are possible, and what comes next, the last of its
    actions or else `last`, is possible or not as it is there. What the check itself fixes is left out.
    """
    names = {*shared.actions} if last is None else {*shared.actions, last}
    actions = tuple(action for action in problem.actions if action.name in names)
    # All guards count, and where a step leads elsewhere also what it assigns to what the question is about.
    deciding = [fires(action) for action in actions]
    if shared.possible:
        deciding.append(problem.bad)
    part = replace(problem, actions=actions, bad=core.disjunction(*deciding))
    found = chosen_so_far(asked, part, shared.start)
    return (*found.values, *found.start)
