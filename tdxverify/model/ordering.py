"""When the elements of an atomic `foreach` can be done in any order, and all at once.

One element e does W(e): in the state before it, some cells get new values. Written down for every element
from the state before the whole statement, and made in the order of the statements of the body, these writes
are the *closed form*. It is what every order of the elements gives if, for any two different elements e
and f (for several bound variables: two tuples that differ somewhere),

    no interference    in every typed state, everything that f does (conditions, cells and values of its
                       writes, `when`, ranges, rows that decide) is the same before and after W(e);
    agreement          in every typed state, a cell that both write gets the same value from the last write
                       of e to it as from the last write of f.

Take any order e1, ..., en. By induction on k, what ek does in the state that its predecessors leave is what
it would have done before all of them: each of them is another element, each step between starts in a typed
state, and none interferes. So the last element to write a cell gives it the value that its last write has
from the state before the statement, and by agreement every other element that writes the cell at all gives
it the same one, hence so does the last write to it in the closed form. A `when` of one element that is
false in the state before the statement is false at its turn, and the other way round.

Every typed state means just that, reachable or not and whatever stands before the statement. Nothing is
assumed but what the spec assumes about parameters and constants, which hold whenever the statement is done.

Most bodies need no solver: where each element has cells of its own, told apart by the element itself at one
place among the indices, and looks at no others, nobody interferes and nobody shares. What is not seen in
this way becomes an `OrderCondition`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, Bound, Expr, Read, Symbol
from tdxverify.logic.measure import Measure
from tdxverify.model.effects import after, reaching, value_after
from tdxverify.model.model import Decision, RangeObligation, Write
from tdxverify.source import Span

LARGEST = 2_000_000  # parts of all formulas about one body, beyond which they are not written down


@dataclass(frozen=True, slots=True)
class Element:
    """What the body of a `foreach` does for one element, over the state before it."""

    binders: tuple[Bound, ...]
    writes: tuple[Write, ...]
    guards: tuple[Expr, ...]
    obligations: tuple[RangeObligation, ...]
    decisions: tuple[Decision, ...]

    def terms(self) -> Iterator[Expr]:
        """Everything that decides what is done."""
        for write in self.writes:
            yield from write.expressions
        yield from self.guards
        for obligation in self.obligations:
            yield from (obligation.condition, obligation.value)
        for decision in self.decisions:
            yield from (decision.condition, *decision.arguments)


class Trouble(Enum):
    """Why an order would matter."""

    INTERFERENCE = "interference"
    DISAGREEMENT = "disagreement"


@dataclass(frozen=True, slots=True)
class Conflict:
    """`happens` must hold in no typed state, whatever its free variables are: then `one` and `other`, two
    different elements, do not commute.

    DISAGREEMENT: both write `symbol` at `cell`, the values are `values`. INTERFERENCE: what `other` does
    depends on what `one` does to `symbol`; `cell` and `values` are empty.
    """

    trouble: Trouble
    symbol: Symbol
    happens: Expr
    cell: tuple[Expr, ...] = ()
    values: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderCondition:
    """What has to be shown of the `foreach` at `span` before its closed form may be believed.

    `one` and `other` stand for the bound variables `binders`. `too_large`: a symbol that elements may touch
    in ways which it would take too large a formula to write down; there are no `conflicts` then.
    """

    span: Span
    binders: tuple[Bound, ...]
    one: tuple[Bound, ...]
    other: tuple[Bound, ...]
    conflicts: tuple[Conflict, ...]
    too_large: Symbol | None = None


def order_condition(element: Element, span: Span, fresh: Callable[[str], str]) -> OrderCondition | None:
    """What must be shown of the order of elements; None where the shape of the body shows it already.

    `fresh` gives a name that is not in use.
    """
    shape = _Shape(element)
    shared = {symbol for symbol in shape.written if not shape.agrees(symbol)}
    seen = {symbol for symbol in shape.written if not shape.unseen(symbol)}
    if not shared and not seen:
        return None
    if _parts(element, seen) > LARGEST:
        first = min(seen, key=lambda symbol: symbol.name)
        return OrderCondition(span, element.binders, (), (), (), too_large=first)
    copies = _Copy(element, fresh), _Copy(element, fresh)
    one, other = (copy.element for copy in copies)
    different = core.disjunction(
        *(core.negation(core.equal(a, b)) for a, b in zip(one.binders, other.binders, strict=True))
    )
    conflicts = []
    for symbol in sorted(shared, key=lambda s: s.name):
        cell = tuple(Bound(fresh("cell"), sort) for sort in symbol.indices)
        conflicts.append(_disagreement(one, other, symbol, cell, different))
    conflicts.extend(_interferences(one, other, seen, different))
    left = tuple(c for c in conflicts if c.happens != FALSE)
    if not left:
        return None
    return OrderCondition(span, element.binders, one.binders, other.binders, left)


# --- what the shape of the body shows ------------------------------------------------


class _Shape:
    """Where bound variables stand among the indices of what is written and read."""

    def __init__(self, element: Element) -> None:
        self._binders = element.binders
        self.written: dict[Symbol, list[Write]] = {}
        for write in element.writes:
            self.written.setdefault(write.symbol, []).append(write)
        self._read: dict[Symbol, list[tuple[Expr, ...]]] = {}
        for term in element.terms():
            for node in core.walk(term):
                if isinstance(node, Read) and node.symbol in self.written:
                    self._read.setdefault(node.symbol, []).append(node.indices)

    def unseen(self, symbol: Symbol) -> bool:
        """Whether no element looks at a cell of `symbol` that another element may write."""
        reads = self._read.get(symbol, [])
        writes = [write.indices for write in self.written[symbol]]
        return not reads or _told_apart([*writes, *reads]) >= set(self._binders)

    def agrees(self, symbol: Symbol) -> bool:
        """Whether elements that write the same cell of `symbol` write the same value.

        If nobody interferes, one expression has one value for both, unless it mentions a variable (of this
        `foreach`, or of one inside it) whose value the cell does not give away.
        """
        writes = self.written[symbol]
        apart = _told_apart([write.indices for write in writes])
        if apart >= set(self._binders):
            return True
        value = writes[0].value
        varying = {*self._binders, *(binder for write in writes for binder in write.binders)}
        free = {node for node in core.walk(value) if isinstance(node, Bound) and node in varying}
        return free <= apart and all(write.value == value for write in writes)


def _told_apart(places: Sequence[tuple[Expr, ...]]) -> set[Expr]:
    """The variables that stand at one and the same position of all index tuples."""
    columns = (set(column) for column in zip(*places, strict=True))
    return {index for column in columns if len(column) == 1 for index in column if isinstance(index, Bound)}


def _parts(element: Element, seen: set[Symbol]) -> int:
    """How large the formulas about interference will be: each look at `seen` may find each write to it."""
    measure = Measure()
    found: dict[Symbol, int] = {}
    for write in element.writes:
        size = sum(measure.size(term) for term in write.expressions)
        found[write.symbol] = found.get(write.symbol, 0) + size
    looks = (n.symbol for t in element.terms() for n in core.walk(t) if isinstance(n, Read))
    return sum(found[symbol] for symbol in looks if symbol in seen)


# --- what has to be asked --------------------------------------------------------------


class _Copy:
    """`element` again, for another value of its variables; nothing bound in it has an old name."""

    def __init__(self, element: Element, fresh: Callable[[str], str]) -> None:
        self._fresh = fresh
        named = {b: self._new(b) for b in element.binders}
        mapping: dict[Bound, Expr] = dict(named)
        self.element = Element(
            tuple(named.values()),
            tuple(self._write(write, mapping) for write in element.writes),
            tuple(self._term(guard, mapping) for guard in element.guards),
            tuple(self._obligation(one, mapping) for one in element.obligations),
            tuple(self._decision(one, mapping) for one in element.decisions),
        )

    def _new(self, bound: Bound) -> Bound:
        return Bound(self._fresh(bound.name), bound.sort)

    def _term(self, expr: Expr, mapping: dict[Bound, Expr]) -> Expr:
        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Bound):
                return mapping.get(node)
            if not isinstance(node, core.Quantified):
                return None
            new = {binder: self._new(binder) for binder in node.binders}
            body = self._term(node.body, {**mapping, **new})
            return core.quantified(tuple(new.values()), body, universal=node.universal)

        return core.transform(expr, visit)

    def _inner(
        self, binders: tuple[Bound, ...], mapping: dict[Bound, Expr]
    ) -> tuple[tuple[Bound, ...], dict[Bound, Expr]]:
        new = {binder: self._new(binder) for binder in binders}
        return tuple(new.values()), {**mapping, **new}

    def _write(self, write: Write, outer: dict[Bound, Expr]) -> Write:
        binders, mapping = self._inner(write.binders, outer)
        condition, value = self._term(write.condition, mapping), self._term(write.value, mapping)
        indices = tuple(self._term(index, mapping) for index in write.indices)
        return Write(write.symbol, binders, indices, condition, value)

    def _obligation(self, one: RangeObligation, outer: dict[Bound, Expr]) -> RangeObligation:
        binders, mapping = self._inner(one.binders, outer)
        condition, value = self._term(one.condition, mapping), self._term(one.value, mapping)
        return replace(one, binders=binders, condition=condition, value=value)

    def _decision(self, one: Decision, outer: dict[Bound, Expr]) -> Decision:
        binders, mapping = self._inner(one.binders, outer)
        arguments = tuple(self._term(argument, mapping) for argument in one.arguments)
        condition = self._term(one.condition, mapping)
        return replace(one, binders=binders, arguments=arguments, condition=condition)


def _disagreement(
    one: Element, other: Element, symbol: Symbol, cell: tuple[Bound, ...], different: Expr
) -> Conflict:
    """Both write `symbol` at `cell`, and their last writes to it have different values."""
    own = [[w for w in element.writes if w.symbol == symbol] for element in (one, other)]
    made = [core.disjunction(*(reaching(write, cell)[0] for write in writes)) for writes in own]
    values = tuple(value_after(writes, symbol, cell) for writes in own)
    happens = core.conjunction(different, *made, core.negation(core.equal(*values)))
    return Conflict(Trouble.DISAGREEMENT, symbol, happens, cell, values)


def _interferences(one: Element, other: Element, seen: set[Symbol], different: Expr) -> Iterator[Conflict]:
    """What `other` does is not the same after the writes of `one`."""
    writes = [write for write in one.writes if write.symbol in seen]

    def changed(condition: Expr, *rest: Expr) -> Iterator[Conflict]:
        """`condition`, or the rest where it holds."""
        terms = (condition, *rest)
        looked_at = {s for term in terms for s in core.symbols_of(term)}
        touched = [write.symbol for write in writes if write.symbol in looked_at]
        if not touched:
            return
        now, *later = (core.negation(core.equal(term, after(writes, term))) for term in terms)
        happens = core.disjunction(now, core.conjunction(condition, core.disjunction(*later)))
        yield Conflict(Trouble.INTERFERENCE, touched[0], core.conjunction(different, happens))

    for write in other.writes:
        yield from changed(write.condition, write.value, *write.indices)
    for guard in other.guards:
        yield from changed(guard)
    for obligation in other.obligations:
        yield from changed(obligation.condition, obligation.value)
    for decision in other.decisions:
        yield from changed(decision.condition, *decision.arguments)
