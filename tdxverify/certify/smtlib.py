"""An inductive invariant as SMT-LIB text: three kinds of questions, each with the answer `unsat`.

    initiation    an initial state in which the invariant does not hold
    consecution   (one per action) a step from a state in which it holds into one in which it does not;
                  actions that write nothing the invariant mentions share a question
    safety        a bad state in which it holds

The text is written straight from the problem; it shares nothing with the encodings that engines
search with, and any SMT-LIB 2.6 solver with datatypes, integers and quantifiers can read it. Index
sorts are uninterpreted (every size at once) or, for a certificate of stated sizes, enumerated.
Enums are datatypes, bounded integers are integers whose range is part of what is proved inductive.

Names are kept apart by their form, whatever a spec or a certificate calls its things: `$poison` is a
symbol, `$poison' 3` the same behind the third action, `$Line` a sort, `?l` a bound variable, `?l 3` a
parameter of the third action, `Phase:running` a member, `Line#0` an element. So a state called `xor` or
`select` is not taken for what solvers know by that name, and no variable can catch a symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdxverify.diagnostics import InternalError
from tdxverify.model import expr as core
from tdxverify.model.expr import Apply, Bound, Const, Expr, Op, Quantified, Read, Role, Symbol
from tdxverify.model.model import Action, Write
from tdxverify.model.sorts import BOOL, BoolSort, EnumSort, IndexSort, RangeSort, Sort
from tdxverify.results.certificate import Invariant
from tdxverify.ts.problem import Problem

_OPERATORS = {Op.NOT: "not", Op.AND: "and", Op.OR: "or", Op.IMPLIES: "=>", Op.EQ: "=", Op.LT: "<",
              Op.LE: "<=", Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.DIV: "div", Op.MOD: "mod",
              Op.ITE: "ite"}  # fmt: skip
_INVARIANT = "invariant!"
_UNSPEAKABLE = frozenset("|\\\n")  # what would end or continue a quoted name

Names = Mapping[Bound, str]  # how the variables in scope are called
Goal = Sequence[tuple[Expr, frozenset[str]]]  # formulas, each with the names of the symbols it mentions


@dataclass(frozen=True, slots=True)
class Obligation:
    """One question. `text` follows the script's prelude; no name is declared in two obligations."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be shown for one certificate. `prelude`: declarations, assumptions, the invariant."""

    title: str
    prelude: str
    obligations: tuple[Obligation, ...]

    def alone(self, obligation: Obligation) -> str:
        """One question as a whole script, ending in `(check-sat)`."""
        head = f"; {self.title}\n; {obligation.name}: the answer must be unsat\n(set-logic ALL)\n"
        return f"{head}{self.prelude}{obligation.text}(check-sat)\n"

    def together(self) -> str:
        """All questions as one script, each taken back before the next."""
        asked = (f"(push 1)\n{o.text}(check-sat)\n(pop 1)\n" for o in self.obligations)
        return f"; {self.title}: every answer must be unsat\n(set-logic ALL)\n{self.prelude}{''.join(asked)}"


def script_for(problem: Problem, certificate: Invariant) -> Script:
    """Everything to be shown for `certificate`. Raises InternalError where it is no certificate at all."""
    _require_formulas(problem, certificate.formulas)
    writer = _Writer(problem, any_size=certificate.any_size)
    goal = [(formula, _mentioned(formula)) for formula in (*certificate.formulas, *writer.ranges())]
    facts = [f"(assert {writer.text(fact)})" for fact in problem.assumptions]
    facts.append(_defined(_INVARIANT, (writer.text(formula) for formula, _ in goal)))
    found = [_obligation("initiation", [*writer.initial(), f"(not {_INVARIANT})"])]
    steps = [_Step(writer, action, number, goal) for number, action in enumerate(problem.actions, start=1)]
    idle = [step.name for step in steps if step.is_idle]
    if idle:  # behind such a step the invariant is what it was before
        found.append(_obligation(f"consecution of {_listed(idle)}", [_INVARIANT, f"(not {_INVARIANT})"]))
    for step in steps:
        if not step.is_idle:
            found.append(Obligation(f"consecution of {step.name}", _lines(step.lines())))
    found.append(_obligation("safety", [_INVARIANT, writer.text(problem.bad)]))
    title = " ".join(problem.name.split())  # it stands in a comment, which ends with the line
    return Script(title, _lines([*writer.declarations(), *facts]), tuple(found))


def _mentioned(formula: Expr) -> frozenset[str]:
    return frozenset(core.names_of(formula))


def _require_formulas(problem: Problem, formulas: Iterable[Expr]) -> None:
    """A certificate speaks of the problem's own symbols, in one state."""
    known = {symbol.name: symbol for symbol in problem.symbols}
    for formula in formulas:
        if formula.sort != BOOL:
            raise InternalError(f"a formula of the certificate is no formula: {formula.sort}")
        for node in core.walk(formula):
            if isinstance(node, Read) and (node.primed or known.get(node.symbol.name) != node.symbol):
                raise InternalError(
                    f"a formula of the certificate reads {node.symbol.name}, or the next state"
                )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 4 else f"{names[0]} and {len(names) - 1} others"


def _obligation(name: str, facts: Iterable[str]) -> Obligation:
    return Obligation(name, _lines(f"(assert {fact})" for fact in facts))


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _defined(name: str, parts: Iterable[str]) -> str:
    body = "".join(f"\n  {part}" for part in parts)
    return f"(define-fun {name} () Bool (and true{body}))"


def _quoted(name: str) -> str:
    if not _UNSPEAKABLE.isdisjoint(name):
        raise InternalError(f"{name!r} cannot be a name")
    return f"|{name}|"


def _number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


class _Writer:
    """Writes the parts of a script about one problem, and remembers what they need declared."""

    def __init__(self, problem: Problem, *, any_size: bool) -> None:
        self.problem = problem
        self.any_size = any_size
        self._used: set[str] = set()  # names of symbols
        self._enums: dict[str, EnumSort] = {}

    def initial(self) -> Iterator[str]:
        for start in self.problem.initial:
            choices = start.choices
            if choices is not None:
                options = core.disjunction(
                    *(core.equal(Read(start.symbol, start.binders), c) for c in choices)
                )
                yield self.text(core.quantified(start.binders, options, universal=True))
            elif isinstance(start.symbol.sort, RangeSort):
                yield self.text(_in_range(start.symbol))
        for constraint in self.problem.constraints:
            yield self.text(constraint)

    def ranges(self) -> tuple[Expr, ...]:
        """That every bounded integer of the state is in its range."""
        return tuple(_in_range(s) for s in self.problem.state_symbols if isinstance(s.sort, RangeSort))

    # --- declarations --------------------------------------------------------------

    def declarations(self) -> list[str]:
        """All sorts and symbols that occur in what was written so far."""
        used = [symbol for symbol in self.problem.symbols if symbol.name in self._used]
        symbols = [self._declared(symbol) for symbol in used]
        for symbol in used:
            if symbol.role is Role.RIGID and isinstance(symbol.sort, RangeSort):
                symbols.append(f"(assert {self.text(_in_range(symbol))})")
        return [*self._index_sorts(), *self._enum_sorts(), *symbols]

    def _declared(self, symbol: Symbol) -> str:
        indices = " ".join(self.sort(s) for s in symbol.indices)
        return f"(declare-fun {_named(symbol.name)} ({indices}) {self.sort(symbol.sort)})"

    def _index_sorts(self) -> Iterator[str]:
        for name, size in self.problem.sizes:
            if self.any_size:
                yield f"(declare-sort {_named(name)} 0)"
            else:
                elements = " ".join(f"({_element(name, number)})" for number in range(size))
                yield f"(declare-datatypes (({_named(name)} 0)) (({elements})))"

    def _enum_sorts(self) -> Iterator[str]:
        for sort in self._enums.values():
            members = " ".join(f"({self.member(sort, number)})" for number in range(len(sort.members)))
            yield f"(declare-datatypes (({_named(sort.name)} 0)) (({members})))"

    def sort(self, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "Bool"
            case RangeSort():
                return "Int"
            case IndexSort(name=name):
                return _named(name)
            case EnumSort(name=name):
                if self._enums.setdefault(name, sort) != sort:
                    raise InternalError(f"there are two sorts of the name {name}")
                return _named(name)

    def member(self, sort: EnumSort, value: int) -> str:
        self.sort(sort)
        if not 0 <= value < len(sort.members):
            raise InternalError(f"{sort} has no member {value}")
        return _quoted(f"{sort.name}:{sort.members[value]}")

    def signature(self, variables: Iterable[tuple[str, Sort]]) -> str:
        return " ".join(f"({name} {self.sort(sort)})" for name, sort in variables)

    # --- expressions -----------------------------------------------------------------

    def text(self, expr: Expr, names: Names | None = None, later: Mapping[str, str] | None = None) -> str:
        """`expr` with `names` for its free variables; `later`: what symbols are called behind a step."""
        return self._text(expr, names or {}, later or {})

    def _text(self, expr: Expr, names: Names, later: Mapping[str, str]) -> str:
        match expr:
            case Const(value=value, sort=sort):
                return self._constant(value, sort)
            case Bound(name=name):
                if expr not in names:
                    raise InternalError(f"the variable {name!r} is bound by nothing")
                return names[expr]
            case Read(symbol=symbol, indices=indices):
                self._used.add(symbol.name)
                name = _named(later.get(symbol.name, symbol.name))
                return _applied(name, [self._text(index, names, later) for index in indices])
            case Apply(op=op, arguments=arguments):
                return _applied(_OPERATORS[op], [self._text(part, names, later) for part in arguments])
            case Quantified():
                return self._quantified(expr, names, later)

    def _constant(self, value: int, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "true" if value else "false"
            case RangeSort():
                return _number(value)
            case EnumSort():
                return self.member(sort, value)
            case IndexSort(name=name):
                if self.any_size:
                    raise InternalError(f"a formula names an element of {name}, whose size is open")
                return _element(name, value)

    def _quantified(self, expr: Quantified, names: Names, later: Mapping[str, str]) -> str:
        word, joint = ("forall", "=>") if expr.universal else ("exists", "and")
        inner = {**names, **{binder: _fresh(binder, names) for binder in expr.binders}}
        body = self._text(expr.body, inner, later)
        ranges = [_between(inner[b], b.sort) for b in expr.binders if isinstance(b.sort, RangeSort)]
        if ranges:
            body = f"({joint} (and {' '.join(ranges)}) {body})"
        return f"({word} ({self.signature((inner[b], b.sort) for b in expr.binders)}) {body})"


class _Step:
    """One action: its parameters, and what the symbols that it writes are behind it.

    Of the symbols that the goal does not mention nothing needs to be said.
    """

    def __init__(self, writer: _Writer, action: Action, number: int, goal: Goal) -> None:
        self._writer = writer
        self._action = action
        self._number = number
        self._goal = goal
        self._names = {b: _quoted(f"?{b.name} {number}") for b in action.parameters}
        if len(set(self._names.values())) < len(action.parameters):
            raise InternalError(f"two parameters of {action.name} have one name")
        mentioned = frozenset[str]().union(*(names for _, names in goal))
        changed = dict.fromkeys(w.symbol for w in action.writes if w.symbol.name in mentioned)
        self._later = {symbol.name: f"{symbol.name}' {number}" for symbol in changed}
        self._changed = tuple(changed)

    @property
    def name(self) -> str:
        return self._action.name

    @property
    def is_idle(self) -> bool:
        """Whether the action writes nothing that the goal mentions."""
        return not self._changed

    def lines(self) -> Iterator[str]:
        """Questions whether the step, from a state with the invariant, can lead into one without it."""
        yield f"(assert {_INVARIANT})"
        for bound, name in self._names.items():
            yield f"(declare-const {name} {self._writer.sort(bound.sort)})"
            if isinstance(bound.sort, RangeSort):
                yield f"(assert {_between(name, bound.sort)})"
        yield from (self._after(symbol) for symbol in self._changed)
        yield f"(assert {self._writer.text(self._action.guard, self._names)})"
        # What the step does not touch is part of the invariant before it.
        touched = [formula for formula, names in self._goal if not names.isdisjoint(self._later)]
        name = f"{_INVARIANT}{self._number}"
        yield _defined(name, (self._writer.text(formula, later=self._later) for formula in touched))
        yield f"(assert (not {name}))"

    def _after(self, symbol: Symbol) -> str:
        """The definition of `symbol` behind the action: its writes in order, the last one on the outside."""
        places = tuple(Bound(f"place {n}", sort) for n, sort in enumerate(symbol.indices))
        called = {place: _quoted(f"?{place.name}") for place in places}
        value = self._writer.text(Read(symbol, places), called)
        for write in self._action.writes:
            if write.symbol.name == symbol.name:
                value = self._written(write, places, {**self._names, **called}, value)
        name = _named(self._later[symbol.name])
        signature = self._writer.signature((called[place], place.sort) for place in places)
        return f"(define-fun {name} ({signature}) {self._writer.sort(symbol.sort)} {value})"

    def _written(self, write: Write, places: tuple[Bound, ...], names: Names, before: str) -> str:
        mapping: dict[Bound, Expr] = {}
        tests: list[str] = []
        for index, place in zip(write.indices, places, strict=True):
            if isinstance(index, Bound) and index in write.binders and index not in mapping:
                mapping[index] = place
            else:
                target = self._writer.text(core.substitute(index, mapping), names)
                tests.append(f"(= {target} {names[place]})")
        if set(mapping) != set(write.binders):
            raise InternalError(f"a write to {write.symbol.name} has a binder that is no index")
        tests.append(self._writer.text(core.substitute(write.condition, mapping), names))
        value = self._writer.text(core.substitute(write.value, mapping), names)
        return f"(ite (and {' '.join(tests)}) {value} {before})"


def _named(name: str) -> str:
    """A sort or a symbol. Its prefix keeps it apart from what solvers know by themselves."""
    return _quoted(f"${name}")


def _element(sort: str, value: int) -> str:
    return _quoted(f"{sort}#{value}")


def _fresh(binder: Bound, names: Names) -> str:
    """A name that nothing in scope has, so that no variable hides another."""
    taken = set(names.values())
    name = f"?{binder.name}"
    while _quoted(name) in taken:
        name += "'"
    return _quoted(name)


def _applied(head: str, parts: Sequence[str]) -> str:
    return f"({head} {' '.join(parts)})" if parts else head


def _between(name: str, sort: RangeSort) -> str:
    return f"(and (<= {_number(sort.low)} {name}) (<= {name} {_number(sort.high)}))"


def _in_range(symbol: Symbol) -> Expr:
    assert isinstance(symbol.sort, RangeSort)
    binders = tuple(Bound(f"at {n}", sort) for n, sort in enumerate(symbol.indices))
    # The sort of the read is the range itself, which would fold the comparison away.
    wide = RangeSort(symbol.sort.low - 1, symbol.sort.high + 1)
    read = Read(Symbol(symbol.name, symbol.role, symbol.indices, wide), binders)
    low, high = (Const(v, RangeSort(v, v)) for v in (symbol.sort.low, symbol.sort.high))
    bounds = core.conjunction(Apply(Op.LE, (low, read), BOOL), Apply(Op.LE, (read, high), BOOL))
    return core.quantified(binders, bounds, universal=True)
