"""What may be true of promises and fairness, for an engine to try: guesses, none of which is believed."""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.sorts import IndexSort, Sort
from tdxverify.model.fair import Fairness, FairPart
from tdxverify.questions.problems.looping import enabled
from tdxverify.questions.problems.problem import Problem


def turns(problem: Problem) -> Iterator[Expr]:
    """Of what is promised, if anything is: as long as it is not so, what is fair is possible."""
    origin = problem.origin
    if origin is None:
        return
    for fair in origin.fairness:
        names = {one: Bound(_named(one.sort, number), one.sort) for number, one in enumerate(fair.binders)}
        possible = _possible(origin.problem, fair, names)
        body = core.disjunction(origin.promise.kept, possible)
        yield core.quantified((*origin.promise.binders, *names.values()), body, universal=True)


def _named(sort: Sort, number: int) -> str:
    called = sort.name.lower() if isinstance(sort, IndexSort) else "number"
    return f"any_{called}" + (str(number) if number else "")


def _possible(problem: Problem, fair: Fairness, names: dict[Bound, Bound]) -> Expr:
    """As `enabled`, with `names` in the place of binders: in as few quantifiers as say it."""
    parts = [_of_part(problem, part, names) for part in fair.parts]
    if all(part is not None for part in parts):
        return core.disjunction(*(part for part in parts if part is not None))
    return core.substitute(enabled(problem, fair), dict[Bound, Expr](names))


def _of_part(problem: Problem, part: FairPart, names: dict[Bound, Bound]) -> Expr | None:
    """Of a part that says of binders only which parameters they are."""
    action = problem.action_named[part.action]
    given: dict[Bound, Expr] = {}
    for equation in core.conjuncts(part.condition):
        same = next((p for p in action.parameters for b in names if equation == core.equal(b, p)), None)
        if same is None or same in given:
            return None
        given[same] = next(names[b] for b in names if equation == core.equal(b, same))
    left = tuple(one for one in action.parameters if one not in given)
    return core.quantified(left, core.substitute(action.guard, given), universal=False)
