"""Actions as Python source that computes successors of the packed state `s` into `t`.

Where the number of instances allows, parameters and quantifiers are unrolled, so that indices become
constants, guards become single mask tests and writes single mask-and-or expressions. Larger actions
keep loops. The part of a guard that no parameter occurs in is tested once, before all instances; a
quantified part without parameters that occurs behind them is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tdxverify.engines.explicit.translate import Place, Source, Translator, conditional, offset
from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Apply,
    Bound,
    Const,
    Expr,
    Quantified,
    Read,
    Symbol,
    conjunction,
    conjuncts,
    disjunction,
    substitute,
    transform,
    walk,
)
from tdxverify.logic.grounding import (
    constant,
    constant_indices,
    expand,
    expanded_size,
    instance_count,
    instances,
)
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, RangeSort, Sizes, Value, domain
from tdxverify.model.model import Action, Write
from tdxverify.semantics.successors import split_guard

_UNROLL_LIMIT = 20_000  # nodes of one action, all instances together
_INSTANCE_LIMIT = 500  # nodes of one expression inside a loop over parameters
_FOREACH_LIMIT = 16  # instances of a foreach up to which it is expanded inside a loop over parameters
BETWEEN_LOOKS = 4096  # values of parameters that are tried for one state before there is a look at the clock
_SHARED_SIZE = 8  # expanded nodes from which a repeated subexpression is computed once

FixedCells = dict[tuple[str, tuple[Value, ...]], Value]


@dataclass(frozen=True)
class Block:
    """Lines of one action, without indentation; they run only where `always` (source text) holds."""

    always: str | None
    lines: list[str]


@dataclass
class _Group:
    """Writes under one condition. `cells`: the last write to each cell at known index values, with the
    cell's shift (cells of one-element sorts have no bits and share their shift with a neighbour).
    `others` have to be located when the code runs."""

    condition: Expr
    cells: dict[tuple[str, tuple[Value, ...]], tuple[int, Write, Place]] = field(default_factory=dict)
    others: list[tuple[Write, Place]] = field(default_factory=list)
    symbols: set[Symbol] = field(default_factory=set)


def settle(expr: Expr, fixed: FixedCells) -> Expr:
    """`expr` with reads of `fixed` cells replaced by their values."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read):
            return None
        indices = constant_indices(node)
        value = None if indices is None else fixed.get((node.symbol.name, indices))
        return None if value is None else constant(value, node.symbol.sort)

    return transform(expr, visit) if fixed else expr


class Generator:
    """Source for actions; `leaf` are the lines that deal with a successor `t`.

    No name of a spec is in the source: what refuses a value out of range is given the position in
    `refusals` of the names of action and symbol.
    """

    def __init__(self, translator: Translator, sizes: Sizes, fixed: FixedCells, leaf: Sequence[str]) -> None:
        self._translator = translator
        self._sizes = sizes
        self._fixed = fixed
        self._leaf = list(leaf)
        self.refusals: list[tuple[str, str]] = []
        self._full = (1 << translator.packing.bits) - 1
        self._settled: dict[int, tuple[Expr, Expr]] = {}  # by identity: many parts are in several actions

    def block(self, action: Action) -> Block | None:
        """The code of `action`; None if its guard is false everywhere."""
        action = self._prepared(action)
        always, guard = split_guard(action)
        if FALSE in (always, guard):
            return None
        parts = [] if guard == TRUE else list(conjuncts(guard))
        shared, parts, writes = self._share(action, parts)
        unrolled = self._unrolls(action)
        lines = [f"{name} = {self._truth(self._small(e))}" for name, e in shared]
        lines += self._nest(action, list(action.parameters), parts, writes, unrolled=unrolled)
        condition = self._translator.condition(self._small(always))
        return Block(None if always == TRUE else condition.text, lines)

    def _prepared(self, action: Action) -> Action:
        """Fixed cells settled, and parameters that occur nowhere dropped: they only repeat successors."""
        guard = self._settle(action.guard)
        writes = tuple(map(self._settle_write, action.writes))
        writes = tuple(_without_overwritten(writes))
        exprs = (guard, *(part for write in writes for part in _exprs(write)))
        used = {node for expr in exprs for node in walk(expr) if isinstance(node, Bound)}
        parameters = tuple(parameter for parameter in action.parameters if parameter in used)
        return replace(action, parameters=parameters, guard=guard, writes=writes)

    def _settle_write(self, write: Write) -> Write:
        indices = tuple(map(self._settle, write.indices))
        condition, value = self._settle(write.condition), self._settle(write.value)
        return Write(write.symbol, write.binders, indices, condition, value)

    def _settle(self, expr: Expr) -> Expr:
        if isinstance(expr, Const | Bound):
            return expr
        known = self._settled.get(id(expr))
        if known is None:
            known = self._settled[id(expr)] = expr, settle(expr, self._fixed)
        return known[1]

    def _unrolls(self, action: Action) -> bool:
        size = expanded_size(action.guard, self._sizes)
        for write in action.writes:
            nodes = sum(expanded_size(part, self._sizes) for part in _exprs(write))
            size += nodes * instance_count(write.binders, self._sizes)
        return size * instance_count(action.parameters, self._sizes) <= _UNROLL_LIMIT

    def _small(self, expr: Expr) -> Expr:
        """`expr` expanded unless it is too large for that."""
        return expand(expr, self._sizes) if expanded_size(expr, self._sizes) <= _INSTANCE_LIMIT else expr

    # --- what does not depend on parameters -----------------------------------

    def _share(
        self, action: Action, parts: list[Expr]
    ) -> tuple[list[tuple[str, Expr]], list[Expr], list[Write]]:
        """Closed quantified subexpressions get a variable each: (their definitions, parts, writes)."""
        found: dict[Expr, Bound] = {}
        if instance_count(action.parameters, self._sizes) < 2:
            return [], parts, list(action.writes)

        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, Quantified) or not _is_closed(node):
                return None
            if expanded_size(node, self._sizes) < _SHARED_SIZE:
                return None
            if node not in found:
                found[node] = Bound(f"{action.name} shared {len(found)}", BOOL)
            return found[node]

        parts = [transform(part, visit) for part in parts]
        writes = [
            replace(w, condition=transform(w.condition, visit), value=transform(w.value, visit))
            for w in action.writes
        ]
        named: list[tuple[str, Expr]] = []
        for expr, variable in found.items():
            name = f"h{len(named)}"
            self._translator.names[variable] = name
            named.append((name, expr))
        return named, parts, writes

    # --- instances ------------------------------------------------------------

    def _nest(
        self,
        action: Action,
        parameters: list[Bound],
        parts: list[Expr],
        writes: list[Write],
        *,
        unrolled: bool,
    ) -> list[str]:
        """Choose the first of `parameters`, test what is decided by then, go on with the others."""
        rest = set(parameters)
        ready = [part for part in parts if not any(node in rest for node in walk(part))]
        later = [part for part in parts if part not in ready]
        if FALSE in ready:
            return []
        if not parameters:
            inner = self._fire(action, writes, unrolled=unrolled)
        elif unrolled:
            inner = self._unrolled(action, parameters, later, writes)
        else:
            inner = self._looped(action, parameters, later, writes)
        return self._tested(ready, inner, unrolled=unrolled)

    def _unrolled(
        self, action: Action, parameters: list[Bound], parts: list[Expr], writes: list[Write]
    ) -> list[str]:
        seen: set[tuple[str, ...]] = set()
        lines: list[str] = []
        for chosen in instances((parameters[0],), self._sizes):
            chosen_parts = [substitute(part, chosen) for part in parts]
            chosen_writes = [_substituted(write, chosen) for write in writes]
            block = self._nest(action, parameters[1:], chosen_parts, chosen_writes, unrolled=True)
            if tuple(block) not in seen:  # values that make no difference need no second try
                seen.add(tuple(block))
                lines += block
        return lines

    def _looped(
        self, action: Action, parameters: list[Bound], parts: list[Expr], writes: list[Write]
    ) -> list[str]:
        first = parameters[0]
        name = self._translator.names.setdefault(first, f"p{len(self._translator.names)}")
        values = domain(first.sort, self._sizes)
        inner = self._nest(action, parameters[1:], parts, writes, unrolled=False)
        if not inner:
            return []
        last = str(values.stop)
        matters = _matters(parameters, parts, writes)
        if matters != TRUE:
            chosen = self._translator.condition(self._small(matters))
            last = conditional(chosen, Source(last), Source(str(values.start + 1))).text
        loop = [f"for {name} in range({values.start}, {last}):", *_indented(inner)]
        following = instance_count(tuple(parameters[1:]), self._sizes)
        if following <= BETWEEN_LOOKS < following * len(values):
            loop.insert(0, "look()")
        return loop

    def _truth(self, expr: Expr) -> str:
        """1 or 0."""
        return conditional(self._translator.condition(expr), Source("1"), Source("0")).text

    def _tested(self, conditions: list[Expr], inner: list[str], *, unrolled: bool) -> list[str]:
        if not conditions or not inner:
            return inner
        shaped = tuple(expand(c, self._sizes) if unrolled else self._small(c) for c in conditions)
        test = shaped[0] if len(shaped) == 1 else Apply(Op.AND, shaped, BOOL)
        return [f"if {self._translator.condition(test).text}:", *_indented(inner)]

    # --- writes ---------------------------------------------------------------

    def _fire(self, action: Action, writes: list[Write], *, unrolled: bool) -> list[str]:
        """Compute `t` and hand it to the leaf; nothing where no write can have an effect."""
        groups = self._groups(writes, unrolled=unrolled)
        if not groups:
            return []  # the successor is the state itself
        lines: list[str] = []
        if groups[0].condition == TRUE and groups[0].cells:
            lines += self._assign(action, groups.pop(0), "s")
        elif len(groups) == 1 and groups[0].cells:
            lines += self._assign(action, groups[0], "s")
            return self._tested([groups[0].condition], [*lines, *self._leaf], unrolled=unrolled)
        else:
            lines.append("t = s")
        for group in groups:
            if group.cells:
                assigned = self._assign(action, group, "t")
                conditions = [] if group.condition == TRUE else [group.condition]
                lines += self._tested(conditions, assigned, unrolled=unrolled)
            for write, place in group.others:
                lines += self._located(action, write, place)
        return [*lines, *self._leaf]

    def _groups(self, writes: list[Write], *, unrolled: bool) -> list[_Group]:
        """Writes of cells at constant indices gathered by condition; the order of writes to one symbol
        is kept, and only that order can matter."""
        groups: list[_Group] = []
        for write in self._instances(writes, unrolled=unrolled):
            if write.condition == FALSE:
                continue
            place = self._translator.place(write.symbol)
            values = constant_indices(Read(write.symbol, write.indices))
            if values is None or write.binders:
                located = _Group(TRUE, others=[(write, place)], symbols={write.symbol})
                groups.append(located)
                continue
            group = _group_for(groups, write)
            group.cells[write.symbol.name, values] = (place.shift(values), write, place)
            group.symbols.add(write.symbol)
        return groups

    def _instances(self, writes: list[Write], *, unrolled: bool) -> list[Write]:
        """Writes with their binders expanded; outside unrolled actions only if there are few instances."""
        found: list[Write] = []
        for write in writes:
            if unrolled or instance_count(write.binders, self._sizes) <= _FOREACH_LIMIT:
                chosen = instances(write.binders, self._sizes)
                found += [replace(_substituted(write, values), binders=()) for values in chosen]
            else:
                found.append(write)
        if unrolled:
            found = [replace(w, condition=expand(w.condition, self._sizes)) for w in found]
        return found

    def _assign(self, action: Action, group: _Group, source: str) -> list[str]:
        """Lines that make `t` out of `source` by overwriting the group's cells."""
        lines: list[str] = []
        cleared = bits = 0
        terms: list[str] = []
        for number, (shift, write, place) in enumerate(group.cells.values()):
            cleared |= place.full << shift
            value = self._small(write.value)
            if isinstance(value, Const) and value.value in place.allowed:
                bits |= (value.value - place.low) << shift
                continue
            checked, text = self._checked(action, write, place, value, f"v{number}")
            lines += checked
            terms.append(f"({text}) << {shift}" if shift else f"({text})")
        kept = f"{source} & {self._full & ~cleared}"
        lines.append("t = " + " | ".join([kept, *([str(bits)] if bits else []), *terms]))
        return lines

    def _checked(
        self, action: Action, write: Write, place: Place, value: Expr, name: str
    ) -> tuple[list[str], str]:
        """Lines to run first, and the source of `value` less the place's low end. Where the interval
        of the value does not lie inside the range, the lines refuse a value that does not."""
        text = self._translator.value(value)
        lowered = offset(text, -place.low).text
        sort, allowed = value.sort, place.allowed
        if not isinstance(sort, RangeSort) or (sort.low >= allowed[0] and sort.high <= allowed[-1]):
            return [], lowered
        refusal = f"stray({len(self.refusals)}, {name})"
        self.refusals.append((action.name, write.symbol.name))
        lines = [
            f"{name} = {text.text}",
            f"if {name} < {allowed[0]} or {name} > {allowed[-1]}:",
            f" {refusal}",
        ]
        return lines, offset(Source(name), -place.low).text

    def _located(self, action: Action, write: Write, place: Place) -> list[str]:
        """Lines for a write whose cells are only known when the code runs."""
        translator = self._translator
        loops: list[tuple[str, range]] = []
        for binder in write.binders:
            name = translator.names.setdefault(binder, f"w{len(translator.names)}")
            loops.append((name, domain(binder.sort, self._sizes)))
        lines, text = self._checked(action, write, place, self._small(write.value), "v")
        lines.append(f"w = {translator.shift(place, write.indices).text}")
        lines.append(f"t = t & ~({place.full} << w) | ({text}) << w")
        if write.condition != TRUE:
            lines = self._tested([write.condition], lines, unrolled=False)
        for name, values in reversed(loops):
            lines = [f"for {name} in range({values.start}, {values.stop}):", *_indented(lines)]
        return lines


def _matters(parameters: Sequence[Bound], parts: Sequence[Expr], writes: Sequence[Write]) -> Expr:
    """Where the value of the first of `parameters` can make a difference, as far as that is easy to see.

    Only variables that have been chosen before occur in it. Elsewhere the least value stands for all.
    """
    open_ones = set(parameters)
    found: list[Expr] = []
    for part in parts:
        if not _mentions(part, {parameters[0]}):
            continue
        match part:
            case Apply(op=Op.IMPLIES, arguments=(condition, _)):
                found.append(_settled_part(condition, open_ones))
            case _:
                return TRUE
    for write in writes:
        if any(_mentions(part, {parameters[0]}) for part in _exprs(write)):
            found.append(_settled_part(write.condition, {*open_ones, *write.binders}))
    return disjunction(*found)


def _settled_part(condition: Expr, open_ones: set[Bound]) -> Expr:
    """The conjuncts without any of `open_ones`."""
    return conjunction(*(part for part in conjuncts(condition) if not _mentions(part, open_ones)))


def _mentions(expr: Expr, variables: set[Bound]) -> bool:
    return any(isinstance(node, Bound) and node in variables for node in walk(expr))


def _without_overwritten(writes: Sequence[Write]) -> list[Write]:
    """Leaves out writes after which the same cell is written under the same condition, or in any case."""
    kept: list[Write] = []
    later: set[tuple[Symbol, tuple[Expr, ...], Expr]] = set()
    for write in reversed(writes):
        place = write.symbol, write.indices
        if not write.binders:
            if (*place, write.condition) in later or (*place, TRUE) in later:
                continue
            later.add((*place, write.condition))
        kept.append(write)
    return kept[::-1]


def _exprs(write: Write) -> tuple[Expr, ...]:
    return (*write.indices, write.condition, write.value)


def _substituted(write: Write, chosen: dict[Bound, Expr]) -> Write:
    if not chosen:
        return write
    indices = tuple(substitute(index, chosen) for index in write.indices)
    condition, value = substitute(write.condition, chosen), substitute(write.value, chosen)
    return Write(write.symbol, write.binders, indices, condition, value)


def _group_for(groups: list[_Group], write: Write) -> _Group:
    """The latest group with the write's condition that no write to the same symbol stands behind."""
    for group in reversed(groups):
        if group.condition == write.condition and not group.others:
            return group
        if write.symbol in group.symbols:
            break
    groups.append(_Group(write.condition))
    return groups[-1]


def _is_closed(expr: Quantified) -> bool:
    """No variable occurs that is not bound inside."""
    variables = {node for node in walk(expr) if isinstance(node, Bound)}
    bound = {binder for node in walk(expr) if isinstance(node, Quantified) for binder in node.binders}
    return variables <= bound


def _indented(lines: Sequence[str]) -> list[str]:
    return [f" {line}" for line in lines]
