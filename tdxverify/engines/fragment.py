"""Which constructs of a model formulas over few elements cannot follow, in words.

For people who have to decide which sizes to state; no verdict rests on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Expr, Quantified, Read, Role, Symbol
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BoolSort, IndexSort, RangeSort, bare, element_sort
from tdxverify.model.model import Action, Write
from tdxverify.questions.problems.problem import Problem

LARGEST = 4  # elements of each sort in the instances that are looked at anyway
MOST_SPOKEN_OF = 6  # elements of one sort, where a formula speaks of more than LARGEST at the same time


def spoken_of(problem: Problem) -> Iterator[Problem]:
    """The instance with as many elements as formulas speak of, if it is none of those looked at anyway."""
    wanted = elements_spoken_of(problem)
    if LARGEST < max(wanted.values(), default=0) <= MOST_SPOKEN_OF:
        yield problem.instance((name, max(2, wanted[name])) for name, _ in problem.sizes)


def elements_spoken_of(problem: Problem) -> Counter[str]:
    """Per index sort: of how many elements one formula speaks at the same time, at most.

    Those that are always the same (constants) count as spoken of by all formulas at once.
    """
    found: Counter[str] = Counter()
    closed = (problem.bad, *problem.constraints, *problem.assumptions)
    for expr in closed:
        found |= _nested(expr)
    for action in problem.actions:
        sorts = (element_sort(p.sort) for p in action.parameters)
        given = Counter(sort.name for sort in sorts if sort is not None)
        found |= given + _nested(action.guard)
    read = {node.symbol for expr in closed for node in core.walk(expr) if isinstance(node, Read)}
    fixed = (bare(one.sort) for one in read if one.role is Role.RIGID and not one.indices)
    return found | Counter(sort.name for sort in fixed if isinstance(sort, IndexSort))


def _nested(expr: Expr) -> Counter[str]:
    """The largest number of variables of each index sort that are in scope somewhere in `expr`."""
    inside: Counter[str] = Counter()
    for part in core.children(expr):
        inside |= _nested(part)
    if isinstance(expr, Quantified):
        sorts = (element_sort(b.sort) for b in expr.binders)
        inside += Counter(sort.name for sort in sorts if sort is not None)
    return inside


def counting(problem: Problem, names: frozenset[str]) -> list[str]:
    """How those of the symbols `names` change that tell how many elements something has happened to."""
    found: dict[str, None] = {}
    for action in problem.actions:
        for write in action.writes:
            sorts = _not_its_own(write, action)
            if write.symbol.name in names and sorts and _depends_on_itself(write, action):
                told = " and ".join(", ".join(sorts).rsplit(", ", 1))
                found[f"'{write.symbol.name}' {_change(write.symbol)} elements of {told} ({action.name})"] = (
                    None
                )
    return list(found)


def _change(symbol: Symbol) -> str:
    match symbol.sort:
        case BoolSort():
            return "is turned over for"
        case RangeSort():
            return "counts"
        case _:
            return "moves on with"


def _not_its_own(write: Write, action: Action) -> list[str]:
    """The sorts of those elements that `action` is about and the written cell is not."""
    others = [p for p in action.parameters if isinstance(p.sort, IndexSort) and p not in write.indices]
    indices = sum(isinstance(parameter.sort, IndexSort) for parameter in action.parameters)
    if len(others) < indices and not isinstance(write.symbol.sort, RangeSort):
        return []  # something that belongs to an element, and happens to it
    return list(dict.fromkeys(str(parameter.sort) for parameter in others))


def _depends_on_itself(write: Write, action: Action) -> bool:
    """Whether the new value is computed from the old one: neither kept nor replaced by a constant."""
    if _computes(write.value, write.symbol):
        return True
    steps = [
        other.value
        for other in action.writes
        if other.symbol == write.symbol and write.symbol.name in core.names_of(other.condition)
    ]
    return not isinstance(write.symbol.sort, RangeSort | BoolSort) and len(set(steps)) > 1


def _computes(value: Expr, symbol: Symbol) -> bool:
    match value:
        case Read():
            return False
        case Apply(op=Op.ITE, arguments=(condition, then, otherwise)):
            chosen = symbol.name in core.names_of(condition) and not isinstance(symbol.sort, RangeSort)
            return chosen or _computes(then, symbol) or _computes(otherwise, symbol)
        case _:
            return symbol.name in core.names_of(value)


def cycles(problem: Problem) -> list[str]:
    """Functions by which one gets from elements to others of the same sort: `next` from Node to Node."""
    ways = [
        (symbol.name, source.name, target.name)
        for symbol in problem.symbols
        if (target := element_sort(symbol.sort)) is not None
        for source in symbol.indices
        if isinstance(source, IndexSort)
    ]
    reached: dict[str, set[str]] = {}
    for _, source, _ in ways:
        found, waiting = set[str](), [source]
        while waiting:
            here = waiting.pop()
            new = {target for _, one, target in ways if one == here} - found
            found |= new
            waiting.extend(new)
        reached[source] = found
    return [
        f"'{name}' leads from {source} to {target}"
        for name, source, target in ways
        if source == target or source in reached.get(target, set())
    ]
