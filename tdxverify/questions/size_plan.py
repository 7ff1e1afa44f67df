"""Which sizes a check is about, in which order they are tried, and which are too many to try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.logic.expr import Expr, Quantified, children
from tdxverify.logic.sizes_in_words import ANY, told_sizes
from tdxverify.logic.sorts import Sizes, Sort, cardinality
from tdxverify.model.model import Action, Check, Model, SizeRange
from tdxverify.source import Span

DEFAULT_SIZE = 2
ANY_SIZE_LIMIT = 2  # sizes tried where a check asks for any size
CELL_LIMIT = 100_000
FORMULA_LIMIT = 2_000_000  # nodes of all formulas together, quantifiers written out
COMBINATION_LIMIT = 1_000
_UNCOUNTABLE = 10**18

Combination: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Sizing:
    """`ranges`: one entry per index sort of the model; of those that are `open` the check asks for every
    number of elements there is, and the range is for engines that need sizes.
    """

    ranges: tuple[SizeRange, ...]
    open: frozenset[str] = frozenset()

    @property
    def any_size(self) -> bool:
        """Whether the check asks for every size of every sort."""
        return bool(self.ranges) and all(r.sort in self.open for r in self.ranges)

    @property
    def limits(self) -> tuple[SizeRange, ...]:
        """The sizes that are stated, where others are open."""
        return tuple(r for r in self.ranges if r.sort not in self.open) if self.open else ()

    def combinations(self) -> list[Combination]:
        """Every combination of sizes, smallest total first."""
        return combinations_in(self.ranges)

    def largest_first(self) -> list[Sizes]:
        """The same, largest total first: what happens at all mostly happens there."""
        return [dict(sizes) for sizes in reversed(self.combinations())]

    def includes(self, sizes: Sizes) -> bool:
        """Whether the check is about these numbers of elements."""
        return all(r.sort in self.open or r.low <= sizes[r.sort] <= r.high for r in self.ranges)

    def shown(self) -> tuple[tuple[str, str], ...]:
        """What the check asks about: sort and `2`, `1..3` or `any`."""
        return tuple((sort, ANY if sort in self.open else size) for sort, size in self.tried())

    def told(self) -> str:
        """`for Line = 2, any number of Cpu`; `at any size`."""
        return "at any size" if self.any_size else f"for {told_sizes(self.shown())}"

    def tried(self) -> tuple[tuple[str, str], ...]:
        """What an engine that needs sizes looks at: sort and `2` or `1..3`."""
        return tuple((r.sort, str(r.low) if r.low == r.high else f"{r.low}..{r.high}") for r in self.ranges)


def combinations_in(ranges: Sequence[SizeRange]) -> list[Combination]:
    """Every combination of sizes in `ranges`, smallest total first."""
    choices = [range(r.low, r.high + 1) for r in ranges]
    ordered = sorted(product(*choices), key=lambda sizes: (sum(sizes), sizes))
    return [tuple(zip((r.sort for r in ranges), sizes, strict=True)) for sizes in ordered]


def sizing(model: Model, check: Check, overrides: Iterable[SizeRange]) -> Sizing:
    """The sizes that `check` is about: those that it or an override states, and of every other sort all."""
    stated = {r.sort: r for r in (*check.sizes, *overrides)}
    names = [sort.name for sort in model.index_sorts]
    ranges = tuple(stated.get(name, SizeRange(name, 1, ANY_SIZE_LIMIT)) for name in names)
    return Sizing(ranges, frozenset(names) - stated.keys())


def too_large(model: Model, asked: Sizing, span: Span | None, name: str | None = None) -> Diagnostic | None:
    """E602 where the largest combination, or the number of combinations, is beyond what is tried.

    `name`: the property that is asked for, which alone is written out; None: any may be.
    Computed before anything is built, so that no size can exhaust memory.
    """
    largest = {r.sort: r.high for r in asked.ranges}
    count = prod(r.high - r.low + 1 for r in asked.ranges)
    cells = _cells(model, largest)
    needs: str | None = None
    most = max((cells, *largest.values()))
    if most > CELL_LIMIT:
        needs = f"{_counted(most)} cells of state; the limit is {CELL_LIMIT:,}"
    elif count > COMBINATION_LIMIT:
        needs = f"{_counted(count)} combinations of sizes; the limit is {COMBINATION_LIMIT:,}"
    elif (nodes := _formula_nodes(model, largest, name)) > FORMULA_LIMIT:
        needs = f"formulas of {_counted(nodes)} terms once written out; the limit is {FORMULA_LIMIT:,}"
    if needs is None:
        return None
    stated = ", ".join(
        f"{sort} = {size if size < _UNCOUNTABLE else _counted(size)}" for sort, size in largest.items()
    )
    where = f"{stated} in model '{model.name}'" if stated else f"model '{model.name}'"
    hint = "behaviour that goes wrong at a large size nearly always goes wrong at size 2 or 3 already"
    return Diagnostic(Code.E602, f"{where} needs {needs}", span, hint=hint)


def _counted(number: int) -> str:
    """A number of any length, where its digits no longer matter."""
    return f"{number:,}" if number < _UNCOUNTABLE else "more than 10^18"


def _cells(model: Model, sizes: Sizes) -> int:
    return sum(_count(info.symbol.indices, sizes) for info in model.symbols)


def _count(sorts: Iterable[Sort], sizes: Sizes) -> int:
    return prod(cardinality(sort, sizes) for sort in sorts)


def _formula_nodes(model: Model, sizes: Sizes, name: str | None) -> int:
    """Nodes of all formulas with quantifiers and foreach written out over `sizes`; of properties the one of
    that name, if there is one."""
    known: dict[int, int] = {}
    roots: list[Expr] = [*model.assumptions, *model.constraints]
    roots.extend(p.formula for p in model.properties if p.formula is not None and name in (None, p.name))
    total = sum(_nodes(root, sizes, known) for root in roots)
    return total + sum(_action_nodes(action, sizes, known) for action in model.actions)


def _action_nodes(action: Action, sizes: Sizes, known: dict[int, int]) -> int:
    total = _nodes(action.guard, sizes, known)
    for write in action.writes:
        body = sum(_nodes(part, sizes, known) for part in write.expressions)
        total += body * _count((b.sort for b in write.binders), sizes)
    return total


def _nodes(expr: Expr, sizes: Sizes, known: dict[int, int]) -> int:
    """Shared subexpressions are counted as often as they occur but visited once; `known` is by identity."""
    count = known.get(id(expr))
    if count is None:
        count = 1 + sum(_nodes(part, sizes, known) for part in children(expr))
        if isinstance(expr, Quantified):
            count *= _count((b.sort for b in expr.binders), sizes)
        known[id(expr)] = count
    return count
