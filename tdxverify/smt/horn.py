"""A problem as constrained Horn clauses for Z3's Spacer, and its answer read back.

One relation, "reachable", over the bits of all cells whose value is not known anyway: as Bools, so
that an answer is a propositional formula, which core expressions can say. The step is the functional
one of `smt.system`: one rule for all actions.

    reachable(s) <- initial(s)
    reachable(t) <- reachable(s), the inputs choose a possible step, t = successor(s, inputs)
    query: reachable(s), bad(s)

Z3 sometimes crashes when a context is given back in which Spacer ran. So it runs in a process of its own,
which ends without giving anything back.

Komuravelli, Gurfinkel and Chaki, "SMT-based model checking for recursive programs", CAV 2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import z3

from tdxverify.budget import NotDecided
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Const, Expr, Read
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import BoolSort, domain
from tdxverify.processes import Died, Send, working
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import UNLIMITED, GaveUp
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Encoded, Term, width_of


@dataclass(frozen=True, slots=True)
class Reachable:
    """A bad state is reachable, says Spacer."""


@dataclass(frozen=True, slots=True)
class Closed:
    """None is, says Spacer, since this formula is an invariant."""

    invariant: Expr


Answer: TypeAlias = Reachable | Closed | GaveUp


def ask(problem: Problem, milliseconds: int | None) -> Answer:
    """Whether a bad state of `problem` is reachable. KeyboardInterrupt ends the other process too."""
    with working(__name__, "answered", (problem, milliseconds)) as worker:
        match worker.heard(None if milliseconds is None else milliseconds / 1000):
            case Reachable() | Closed() | GaveUp() as answer:
                return answer
            case Died(status=status):
                return GaveUp(f"Z3 ended with status {status}")
            case _:
                return GaveUp("timeout")


def answered(question: tuple[Problem, int | None], send: Send) -> None:
    """The other side of `ask`."""
    problem, milliseconds = question
    try:
        send(HornSystem(problem).solve(milliseconds))
    except NotDecided as error:
        send(GaveUp(f"its invariant cannot be read back: {error}"))
    except z3.Z3Exception as error:  # "invalid mkbv operator": there are terms it cannot turn into bits
        send(GaveUp(str(error)))


@dataclass(frozen=True, slots=True)
class _Bit:
    cell: Cell
    number: int


class HornSystem:
    """The clauses of one problem, in a context of their own."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._system = SymbolicSystem.of(problem)
        self._terms = self._system.terms
        before = self._system.before
        cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
        now = (*before.rigid, *before.state)
        later = (*before.rigid, *self._system.successor)
        open_ones = [n for n, value in enumerate(now) if not isinstance(value, int)]
        self._bits = [_Bit(cells[n], k) for n in open_ones for k in range(self._width(cells[n]))]
        context = self._terms.context
        boolean = z3.BoolSort(context)
        self._reachable = z3.Function("!reachable", *(boolean for _ in self._bits), boolean)
        self._found = z3.Function("!found", boolean)
        self._engine = z3.Fixedpoint(ctx=context)
        self._engine.set("engine", "spacer")
        self._engine.register_relation(self._reachable, self._found)
        self._here = [z3.Bool(f"!bit{number}", context) for number in range(len(self._bits))]
        there = [z3.Bool(f"!next{number}", context) for number in range(len(self._bits))]
        later_bits = [bit for n in open_ones for bit in self._bits_of(later[n], cells[n])]
        equations = [one == other for one, other in zip(there, later_bits, strict=True)]
        unknowns = [now[n] for n in open_ones]
        inputs = [item.value for item in self._system.inputs if not isinstance(item.value, int)]
        self._blasting = _Blasting([*unknowns, *inputs], self._here)
        typed = (before.assumptions(), before.typed())
        state = self._reachable(*self._here)
        self._rule(state, (*typed, before.initial()), ())
        self._rule(self._reachable(*there), (*typed, self._system.possible, *equations), (state,))
        self._rule(self._found(), (*typed, before.bad()), (state,))

    def solve(self, milliseconds: int | None) -> Answer:
        """Whether a bad state is reachable. Raises NotDecided."""
        self._engine.set("timeout", UNLIMITED if milliseconds is None else milliseconds)
        try:
            answer = self._engine.query(self._found())
        except z3.Z3Exception as error:
            return GaveUp(str(error))
        if answer == z3.sat:
            return Reachable()
        if answer == z3.unsat:
            return Closed(self._read(self._without_quantifiers(self._definition(self._engine.get_answer()))))
        return GaveUp(self._engine.reason_unknown())

    def _width(self, cell: Cell) -> int:
        sort = cell.symbol.sort
        return 1 if isinstance(sort, BoolSort) else width_of(sort, self._problem.size_of)

    def _bits_of(self, value: Encoded, cell: Cell) -> list[Term]:
        width = self._width(cell)
        if isinstance(cell.symbol.sort, BoolSort):
            return [self._terms.boolean(value)]
        vector = self._terms.vector(value, width)
        one = self._terms.vector(1, 1)
        return [z3.Extract(k, k, vector) == one for k in range(width)]

    def _rule(self, head: Term, facts: Iterable[Encoded], state: tuple[Term, ...]) -> None:
        parts = self._blasting.booleans(self._terms.boolean(self._terms.conjunction(facts)))
        clause = z3.Implies(self._terms.boolean(self._terms.conjunction((*state, *parts))), head)
        unknown = _unknowns(clause)
        self._engine.add_rule(z3.ForAll(unknown, clause) if unknown else clause)

    # --- reading back -----------------------------------------------------------------

    def _definition(self, answer: Term) -> Term:
        """What the answer says "reachable" is, over de Bruijn variables or no variables."""
        for part in answer.children() if z3.is_and(answer) else [answer]:
            body = part.body() if z3.is_quantifier(part) else part
            if self._is_reachable(body):
                return self._terms.true
            if z3.is_not(body) and self._is_reachable(body.arg(0)):
                return self._terms.false
            if z3.is_eq(body) and self._is_reachable(body.arg(0)):
                return z3.substitute_vars(body.arg(1), *self._variables(body.arg(0)))
        raise NotDecided(f"no definition in {str(answer)[:200]}")

    def _without_quantifiers(self, formula: Term) -> Term:
        """Rules that Spacer inlined come back with a quantifier over their other unknowns."""
        goal = z3.Goal(ctx=formula.ctx)
        goal.add(formula)
        parts = [part for subgoal in z3.Tactic("qe", ctx=formula.ctx)(goal) for part in subgoal]
        return self._terms.boolean(self._terms.conjunction(parts))

    def _is_reachable(self, term: Term) -> bool:
        return bool(z3.is_app(term) and term.decl().eq(self._reachable))

    def _variables(self, head: Term) -> list[Term]:
        """Names for the variables of a quantifier, by their number: those of the bits they stand for."""
        named: dict[int, Term] = {}
        for number, argument in enumerate(head.children()):
            if not z3.is_var(argument):
                raise NotDecided(f"an argument that is no variable: {argument}")
            named[z3.get_var_index(argument)] = self._here[number]
        return [named[index] for index in range(len(named))]

    def _read(self, formula: Term) -> Expr:
        names = {f"!bit{number}": self._says(bit) for number, bit in enumerate(self._bits)}
        known: dict[int, Expr] = {}
        pending = [formula]
        while pending:
            term = pending[-1]
            missing = [part for part in term.children() if part.get_id() not in known]
            if missing:
                pending += missing
                continue
            pending.pop()
            known[term.get_id()] = _combined(term, [known[part.get_id()] for part in term.children()], names)
        return known[formula.get_id()]

    def _says(self, bit: _Bit) -> Expr:
        """That the bit is set in the cell's value."""
        cell = bit.cell
        indices = tuple(constant(v, s) for v, s in zip(cell.indices, cell.symbol.indices, strict=True))
        read = Read(cell.symbol, indices)
        if isinstance(cell.symbol.sort, BoolSort):
            return read
        values = domain(cell.symbol.sort, self._problem.size_of)
        options = (core.equal(read, Const(v, cell.symbol.sort)) for v in values if v >> bit.number & 1)
        return core.disjunction(*options)


_PREFIXES = ("!bit", "!next", "!input")


class _Blasting:
    """Formulas over vectors as formulas over the bits of their unknowns.

    Spacer's answers are propositional only if its questions are. `bits` are those of the first unknowns.
    """

    def __init__(self, unknowns: list[Term], bits: list[Term]) -> None:
        context = bits[0].ctx if bits else None
        self._pairs: list[tuple[Term, Term]] = []
        given = iter(bits)
        for number, unknown in enumerate(unknowns):
            width = 1 if z3.is_bool(unknown) else unknown.size()
            own = [next(given, None) for _ in range(width)]
            named = [
                z3.Bool(f"!input{number}.{k}", unknown.ctx) if bit is None else bit
                for k, bit in enumerate(own)
            ]
            self._pairs.append((unknown, _vector(unknown, named)))
        self._tactic = z3.Then("simplify", "bit-blast", "simplify", ctx=context)

    def booleans(self, formula: Term) -> list[Term]:
        """Formulas over bits that together say the same."""
        goal = z3.Goal(ctx=formula.ctx)
        goal.add(z3.substitute(formula, *self._pairs))
        return [part for subgoal in self._tactic(goal) for part in subgoal]


def _vector(unknown: Term, bits: list[Term]) -> Term:
    """The value whose bits are `bits`, lowest first, of the sort of `unknown`."""
    if z3.is_bool(unknown):
        return bits[0]
    one, zero = z3.BitVecVal(1, 1, unknown.ctx), z3.BitVecVal(0, 1, unknown.ctx)
    parts = [z3.If(bit, one, zero) for bit in reversed(bits)]
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def _unknowns(formula: Term) -> list[Term]:
    """The Bool constants in `formula`, in order of occurrence."""
    found: dict[int, Term] = {}
    seen: set[int] = set()
    pending = [formula]
    while pending:
        term = pending.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        if term.num_args() == 0 and term.decl().name().startswith(_PREFIXES):
            found[term.get_id()] = term
        pending += reversed(term.children())
    return list(found.values())


def _combined(term: Term, parts: list[Expr], names: dict[str, Expr]) -> Expr:
    """The expression for a term whose arguments are `parts`."""
    if not z3.is_app(term):
        raise NotDecided(f"a quantifier in an answer: {str(term)[:200]}")
    if z3.is_const(term) and term.decl().name() in names:
        return names[term.decl().name()]
    match term.decl().kind():
        case z3.Z3_OP_TRUE:
            return core.TRUE
        case z3.Z3_OP_FALSE:
            return core.FALSE
        case z3.Z3_OP_AND:
            return core.conjunction(*parts)
        case z3.Z3_OP_OR:
            return core.disjunction(*parts)
        case z3.Z3_OP_NOT:
            return core.negation(parts[0])
        case z3.Z3_OP_IMPLIES:
            return core.implication(parts[0], parts[1])
        case z3.Z3_OP_EQ | z3.Z3_OP_IFF:
            return core.equal(parts[0], parts[1])
        case z3.Z3_OP_ITE:
            return core.conditional(parts[0], parts[1], parts[2])
        case _:
            raise NotDecided(f"'{term.decl().name()}' in an answer")
