"""Expressions, sorts and declarations as SMT-LIB text.

Names are kept apart by their form, whatever a spec or a certificate calls its things: `$poison` is a
symbol, `3'$poison` the same behind the third action, `$Line` a sort, `?l` a bound variable, `?l 3` a
parameter of the third action, `!0` a place of a symbol, `Phase:running` a member, `Line#0` an element.
So a state called `xor` or `select` is not taken for what solvers know by that name, and no variable can
catch a symbol.

Where something may be an element or none, none is one more value of the sort in the script, `Line#none`, and
whatever speaks of elements leaves it out; likewise members of enums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tdxverify.diagnostics import InternalError
from tdxverify.evidence.item import Unusable
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role, Symbol
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.sorts import (
    BOOL,
    NONE,
    BoolSort,
    EnumSort,
    IndexSort,
    OptionalSort,
    RangeSort,
    Sort,
    domain,
)
from tdxverify.model.model import Action, Write
from tdxverify.questions.problems.problem import Problem

_UNSPEAKABLE = frozenset("|\\\n")  # what would end or continue a quoted name

Names = Mapping[Bound, str]  # how the variables in scope are called
State = Mapping[str, str]  # how symbols are called that are not called after themselves, quoted


class Writer:
    """Writes the parts of a script about one problem, and remembers what they need declared.

    Index sorts are uninterpreted (`any_size`) or enumerated, enums are datatypes, numbers integers.
    """

    logic = "ALL"

    def __init__(self, problem: Problem, *, any_size: bool) -> None:
        self.problem = problem
        self.any_size = any_size
        self._used: set[str] = set()  # names of symbols
        self._enums: dict[str, EnumSort] = {}

    def initial(self) -> Iterator[Expr]:
        """What holds in initial states, as expressions."""
        for start in self.problem.initial:
            choices = start.choices
            if choices is not None:
                options = core.disjunction(
                    *(core.equal(Read(start.symbol, start.binders), c) for c in choices)
                )
                yield core.quantified(start.binders, options, universal=True)
            else:
                yield from self.typing(start.symbol)
        yield from self.problem.constraints

    def typing(self, symbol: Symbol) -> Iterator[Expr]:
        """That all values of `symbol` are of its sort, where its sort in the script has others, too."""
        limits = self.limits(symbol.sort)
        binders = tuple(Bound(f"at {n}", sort) for n, sort in enumerate(symbol.indices))
        if limits is not None:
            low, high = limits
            # The sort of the read is the range itself, which would fold the comparison away.
            wide = RangeSort(low - 1, high + 1)
            read = Read(replace(symbol, sort=wide), binders)
            least, most = (Const(v, RangeSort(v, v)) for v in (low, high))
            bounds = core.conjunction(Apply(Op.LE, (least, read), BOOL), Apply(Op.LE, (read, most), BOOL))
            yield core.quantified(binders, bounds, universal=True)
        elif (sort := self._beside_none(symbol.sort)) is not None:
            read = Read(replace(symbol, sort=sort), binders)
            value = core.negation(Apply(Op.EQ, (read, core.none_of(sort)), BOOL))
            yield core.quantified(binders, value, universal=True)

    def _beside_none(self, sort: Sort) -> OptionalSort | None:
        """The sort that has `none` beside the values of `sort`, if that of the script has it."""
        if isinstance(sort, EnumSort | IndexSort) and sort.name in self.problem.with_none:
            return OptionalSort(sort)
        return None

    def limits(self, sort: Sort) -> tuple[int, int] | None:
        """The least and the largest value, if the sort in the script has others."""
        return (sort.low, sort.high) if isinstance(sort, RangeSort) else None

    # --- declarations --------------------------------------------------------------

    def declarations(self) -> list[str]:
        """All sorts and symbols that occur in what was written so far."""
        used = [symbol for symbol in self.problem.symbols if symbol.name in self._used]
        symbols = [self.declared(symbol, named(symbol.name)) for symbol in used]
        for symbol in used:
            if symbol.role is Role.RIGID:
                symbols.extend(f"(assert {self.text(fact)})" for fact in self.typing(symbol))
        return [*self._index_sorts(), *self._enum_sorts(), *symbols]

    def declared(self, symbol: Symbol, name: str) -> str:
        indices = " ".join(self.sort(s) for s in symbol.indices)
        return f"(declare-fun {name} ({indices}) {self.sort(symbol.sort)})"

    def _index_sorts(self) -> Iterator[str]:
        for name, size in self.problem.sizes:
            if self.any_size:
                yield f"(declare-sort {named(name)} 0)"
                yield from self._none_among(name)
                yield from self._order_of(name)
            else:
                elements = " ".join(f"({_element(name, number)})" for number in range(size))
                if name in self.problem.with_none:
                    elements += f" ({_element(name, NONE)})"
                yield f"(declare-datatypes (({named(name)} 0)) (({elements})))"

    def _none_among(self, name: str) -> Iterator[str]:
        """`none` among the values of an open sort, and that there is another one."""
        if name in self.problem.with_none:
            none, other = _element(name, NONE), quoted(f"{name}#some")
            yield from (f"(declare-const {value} {named(name)})" for value in (none, other))
            yield f"(assert (not (= {none} {other})))"

    def _order_of(self, name: str) -> Iterator[str]:
        """A relation "up to" on the elements of an open sort, which is a total order, and its first one."""
        if name not in self.problem.ordered_sorts:
            return
        sort, relation, first = IndexSort(name), _up_to(name), _element(name, 0)
        yield f"(declare-fun {relation} ({named(name)} {named(name)}) Bool)"
        yield f"(declare-const {first} {named(name)})"
        yield from (f"(assert {fact})" for fact in self.typed(first, sort))

        def all_of(count: int, fact: str) -> str:
            names = ("?a", "?b", "?c")[:count]
            typed = [one for each in names for one in self.typed(each, sort)]
            body = f"(=> {junction('and', typed)} {fact})" if typed else fact
            return f"(assert (forall ({self.signature((each, sort) for each in names)}) {body}))"

        yield all_of(1, f"({relation} ?a ?a)")
        yield all_of(1, f"({relation} {first} ?a)")
        yield all_of(2, f"(or ({relation} ?a ?b) ({relation} ?b ?a))")
        yield all_of(2, f"(=> (and ({relation} ?a ?b) ({relation} ?b ?a)) (= ?a ?b))")
        yield all_of(3, f"(=> (and ({relation} ?a ?b) ({relation} ?b ?c)) ({relation} ?a ?c))")

    def _enum_sorts(self) -> Iterator[str]:
        for sort in self._enums.values():
            members = " ".join(f"({self._member(sort, number)})" for number in range(len(sort.members)))
            if sort.name in self.problem.with_none:
                members += f" ({_none_member(sort)})"
            yield f"(declare-datatypes (({named(sort.name)} 0)) (({members})))"

    def sort(self, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "Bool"
            case RangeSort():
                return "Int"
            case IndexSort(name=name):
                return named(name)
            case EnumSort(name=name):
                if self._enums.setdefault(name, sort) != sort:
                    raise Unusable(f"there are two sorts of the name {name}")
                return named(name)
            case OptionalSort(base=base):
                return self.sort(base)

    def _member(self, sort: EnumSort, value: int) -> str:
        self.sort(sort)
        if not 0 <= value < len(sort.members):
            raise Unusable(f"{sort} has no member {value}")
        return quoted(f"{sort.name}:{sort.members[value]}")

    def signature(self, variables: Iterable[tuple[str, Sort]]) -> str:
        return " ".join(f"({name} {self.sort(sort)})" for name, sort in variables)

    # --- expressions -----------------------------------------------------------------

    def text(self, expr: Expr, names: Names | None = None, state: State | None = None) -> str:
        """`expr` with `names` for its free variables, about the state whose symbols are called `state`."""
        return self._text(expr, names or {}, state or {})

    def _text(self, expr: Expr, names: Names, state: State) -> str:
        match expr:
            case Const(value=value, sort=sort):
                return self._constant(value, sort)
            case Bound():
                if expr not in names:
                    raise Unusable(f"the variable {expr.name!r} is bound by nothing")
                return names[expr]
            case Read(symbol=symbol, indices=indices):
                name = state.get(symbol.name)
                if name is None:
                    self._used.add(symbol.name)
                    name = named(symbol.name)
                return applied(name, [self._text(index, names, state) for index in indices])
            case Apply(op=op, arguments=(operand,)) if op.row.kind is Kind.ELEMENT:
                return self._the(operand, self._text(operand, names, state))
            case Apply(op=op, arguments=arguments):
                parts = [self._text(part, names, state) for part in arguments]
                first = arguments[0].sort
                if op.row.kind is Kind.ORDER and isinstance(first, EnumSort | IndexSort):
                    return self._ordered(op, first, parts)
                return self._applied(op, parts)
            case Quantified():
                return self._quantified(expr, names, state)

    def _ordered(self, op: Op, sort: EnumSort | IndexSort, parts: Sequence[str]) -> str:
        """A comparison of two members or two elements, which have no order in the script."""
        if not (self.any_size and isinstance(sort, IndexSort)):
            return self._applied(op, [self._rank(sort, part) for part in parts])
        self._require_order(sort)
        left, right = parts
        relation = _up_to(sort.name)
        return applied(relation, parts) if op is Op.LE else f"(not {applied(relation, (right, left))})"

    def _rank(self, sort: EnumSort | IndexSort, text: str) -> str:
        """The place of a member or element in its order, as a number."""
        *others, last = domain(sort, self.problem.size_of)
        found = self.number(last)
        for value in reversed(others):
            found = f"(ite (= {text} {self._constant(value, sort)}) {self.number(value)} {found})"
        return found

    def _require_order(self, sort: IndexSort) -> None:
        """Raises Unusable: only a spec says that elements have an order, no certificate does."""
        if sort.name not in self.problem.ordered_sorts:
            raise Unusable(f"elements of {sort.name} have no order")

    def _the(self, operand: Expr, value: str) -> str:
        """`value` of `operand`, the first where that is none; of an open sort, which has no first, any."""
        if not isinstance(operand.sort, OptionalSort) or (
            self.any_size and isinstance(operand.sort.base, IndexSort)
        ):
            return value
        none, first = self._constant(NONE, operand.sort), self._constant(0, operand.sort.base)
        return f"(ite (= {value} {none}) {first} {value})"

    def _applied(self, op: Op, parts: Sequence[str]) -> str:
        return op.row.smt(*parts)

    def _constant(self, value: int, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "true" if value else "false"
            case RangeSort():
                return self.number(value)
            case EnumSort():
                return self._member(sort, value)
            case OptionalSort(base=EnumSort() as base) if value == NONE:
                self.sort(base)
                return _none_member(base)
            case OptionalSort(base=base) if value == NONE:
                return _element(base.name, NONE)
            case OptionalSort(base=base):
                return self._constant(value, base)
            case IndexSort(name=name):
                if self.any_size and value:
                    raise Unusable(f"a formula names an element of {name}, whose size is open")
                if self.any_size:
                    self._require_order(sort)
                return _element(name, value)

    def number(self, value: int) -> str:
        return str(value) if value >= 0 else f"(- {-value})"

    def _quantified(self, expr: Quantified, names: Names, state: State) -> str:
        word, joint = ("forall", "=>") if expr.universal else ("exists", "and")
        inner = dict(names)
        for binder in expr.binders:
            inner[binder] = _fresh(binder, inner)
        body = self._text(expr.body, inner, state)
        ranges = [fact for b in expr.binders for fact in self.typed(inner[b], b.sort)]
        if ranges:
            body = f"({joint} {junction('and', ranges)} {body})"
        return f"({word} ({self.signature((inner[b], b.sort) for b in expr.binders)}) {body})"

    def typed(self, name: str, sort: Sort) -> Iterator[str]:
        """That the value called `name` is one of `sort`, where that has to be said."""
        limits = self.limits(sort)
        if limits is not None:
            low, high = map(self.number, limits)
            yield f"(and {self._applied(Op.LE, (low, name))} {self._applied(Op.LE, (name, high))})"
        elif (beside := self._beside_none(sort)) is not None:
            yield f"(not (= {name} {self._constant(NONE, beside)}))"

    # --- steps -----------------------------------------------------------------------

    def parameters(self, action: Action, step: str) -> dict[Bound, str]:
        """How the parameters of `action` are called in the step of that name: `?l 3`."""
        names = {bound: quoted(f"?{bound.name} {step}") for bound in action.parameters}
        if len(set(names.values())) < len(action.parameters):
            raise InternalError(f"two parameters of {action.name} have one name")
        return names

    def after(
        self, symbol: Symbol, action: Action, arguments: Names, places: Names, before: str, state: State
    ) -> str:
        """`symbol` at `places` behind `action`: its writes in order, the last one on the outside.

        `before` is its value before, in the state whose symbols are called `state`.
        """
        names = {**arguments, **places}
        value = before
        for write in action.writes:
            if write.symbol.name == symbol.name:
                value = self._written(write, tuple(places), names, value, state)
        return value

    def _written(
        self, write: Write, places: tuple[Bound, ...], names: Names, before: str, state: State
    ) -> str:
        mapping: dict[Bound, Expr] = {}
        tests: list[str] = []
        for index, place in zip(write.indices, places, strict=True):
            if isinstance(index, Bound) and index in write.binders and index not in mapping:
                if index.sort != place.sort:
                    raise InternalError(f"a write to {write.symbol.name} is about {index.sort} only")
                mapping[index] = place
            else:
                target = self.text(core.substitute(index, mapping), names, state)
                tests.append(f"(= {target} {names[place]})")
        if set(mapping) != set(write.binders):
            raise InternalError(f"a write to {write.symbol.name} has a binder that is no index")
        tests.append(self.text(core.substitute(write.condition, mapping), names, state))
        value = self.text(core.substitute(write.value, mapping), names, state)
        return f"(ite {junction('and', tests)} {value} {before})"


@dataclass(frozen=True, slots=True)
class _Place(Bound):
    """A place of a symbol. Not equal to any variable of a problem, whatever that is called."""


def places_of(symbol: Symbol) -> dict[Bound, str]:
    """A variable for each index of `symbol`, and what it is called."""
    return {_Place(f"!{n}", sort): quoted(f"!{n}") for n, sort in enumerate(symbol.indices)}


def quoted(name: str) -> str:
    if not _UNSPEAKABLE.isdisjoint(name):
        raise InternalError(f"{name!r} cannot be a name")
    return f"|{name}|"


def named(name: str) -> str:
    """A sort or a symbol. Its prefix keeps it apart from what solvers know by themselves."""
    return quoted(f"${name}")


def _element(sort: str, value: int) -> str:
    return quoted(f"{sort}#{'none' if value == NONE else value}")


def _up_to(sort: str) -> str:
    return quoted(f"{sort}#up to")


def _none_member(sort: EnumSort) -> str:
    return quoted(f"{sort.name}:none")


def _fresh(binder: Bound, names: Names) -> str:
    """A name that nothing in scope has, so that no variable hides another."""
    taken = set(names.values())
    name = f"?{binder.name}"
    while quoted(name) in taken:
        name += "'"
    return quoted(name)


def junction(word: str, parts: Sequence[str]) -> str:
    """All `parts` (`and`) or one of them (`or`); solvers may insist on two operands."""
    if len(parts) < 2:
        return parts[0] if parts else str(word == "and").lower()
    return f"({word} {' '.join(parts)})"


def applied(head: str, parts: Sequence[str]) -> str:
    return f"({head} {' '.join(parts)})" if parts else head
