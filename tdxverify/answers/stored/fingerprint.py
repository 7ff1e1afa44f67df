"""What a stored answer depends on, as one hash.

Hashed is the lowered problem, so nothing counts that elaboration takes away: comments, layout,
descriptions, citations, positions, defines, the other properties, the names of bound variables. Of
what remains only the *cone* counts: the symbols that the bad states (and the formulas of an
invariant) read, the symbols that decide how those change, and so on; all assumptions, and all
constraints on initial states, because they decide whether there is anything to prove at all.

A fingerprint says whether an answer is about the question as it is now. It is no evidence: whoever
forges one gains nothing, because the answer itself is checked against the whole problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role, Symbol
from tdxverify.logic.sorts import BoolSort, EnumSort, IndexSort, OptionalSort, RangeSort, Sort
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.problems.lower import assumed
from tdxverify.questions.problems.problem import Problem

VERSION = 1  # of what is hashed; a change makes every stored answer stale
_VARIABLE = re.compile(r"\$[0-9]+")

Numbers = Mapping[Bound, int]  # bound variables, counted from the outside


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an action as text: its guard, or a write. Variables are `$` and a number.

    `reads` are names of symbols, `uses` numbers of the action's parameters.
    """

    text: str
    reads: frozenset[str]
    uses: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Kind:
    """An action taken apart: its guard, and the symbols that it writes with how."""

    action: Action  # kept, so that its identity stays its own
    guard: _Part
    effects: tuple[tuple[str, _Part], ...]


class Fingerprints:
    """Computes fingerprints; remembers actions, which problems of one model share."""

    def __init__(self) -> None:
        self._kinds: dict[int, _Kind] = {}

    def of_proof(self, problem: Problem, mentioned: Iterable[str], *, any_size: bool) -> str:
        """For an invariant that mentions these symbols: neither names nor order of actions matter."""
        cone = self._cone(problem, mentioned)
        return _hash(["proof", *_sizes(problem, any_size=any_size), *self._lines(problem, cone, named=False)])

    def of_run(self, problem: Problem) -> str:
        """For a trace, which names actions and has sizes of its own."""
        cone = self._cone(problem, ())
        return _hash(["run", *self._lines(problem, cone, named=True)])

    def of_everything(self, problem: Problem, *, any_size: bool, named: bool = False) -> str:
        """For an answer that depends on all symbols, such as induction over paths of different states; where
        steps are `named`, on what they are called as well."""
        sizes = _sizes(problem, any_size=any_size)
        cone = frozenset(symbol.name for symbol in problem.symbols)
        # Steps that change nothing do matter to paths.
        guards = sorted(self._kind(action).guard.text for action in problem.actions)
        return _hash(["everything", *sizes, *guards, *self._lines(problem, cone, named=named)])

    # --- the cone ------------------------------------------------------------------

    def _cone(self, problem: Problem, mentioned: Iterable[str]) -> frozenset[str]:
        writers: dict[str, list[frozenset[str]]] = {}
        for kind in map(self._kind, problem.actions):
            for symbol, effect in kind.effects:
                writers.setdefault(symbol, []).append(kind.guard.reads | effect.reads)
        starts = {start.symbol.name: start for start in problem.initial}
        found: set[str] = set()
        waiting = [*core.names_of(problem.bad), *mentioned]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(other for reads in writers.get(name, ()) for other in reads)
                choices = starts[name].choices if name in starts else None
                waiting.extend(other for choice in choices or () for other in core.names_of(choice))
        return frozenset(found)

    def _kind(self, action: Action) -> _Kind:
        known = self._kinds.get(id(action))
        if known is None:
            numbers = _numbered({}, action.parameters)
            effects = ((write.symbol.name, _effect(write, numbers)) for write in action.writes)
            known = _Kind(action, _part([action.guard], numbers), tuple(effects))
            self._kinds[id(action)] = known
        return known

    # --- the text that is hashed ----------------------------------------------------

    def _lines(self, problem: Problem, cone: frozenset[str], *, named: bool) -> Iterator[str]:
        yield f"bad {_text(problem.bad, {})}"
        if problem.possible is not None:
            numbers = _numbered({}, problem.possible.binders)
            binders = _binders(problem.possible.binders, numbers)
            yield f"possible {binders} {_text(problem.possible.wanted, numbers)}"
        assumptions = _telling(problem, cone)
        yield from sorted(f"assume {_text(part, {})}" for part in assumptions)
        yield from sorted(f"constraint {_text(part, {})}" for part in problem.constraints)
        # Whether there is an initial state at all depends on what constraints speak of.
        started = cone.union(*map(core.names_of, problem.constraints))
        told = started.union(*map(core.names_of, assumptions))
        yield from sorted(_initial(start) for start in problem.initial if start.symbol.name in started)
        yield from sorted(_declared(symbol) for symbol in problem.symbols if symbol.name in told)
        yield from sorted({line for action in problem.actions for line in self._step(action, cone, named)})

    def _step(self, action: Action, cone: frozenset[str], named: bool) -> Iterator[str]:
        """The part of `action` that the cone is about, if there is one."""
        kind = self._kind(action)
        effects = [(symbol, effect) for symbol, effect in kind.effects if symbol in cone]
        if not effects:
            return
        used = kind.guard.uses.union(*(effect.uses for _, effect in effects))
        if named:  # traces give a value to every parameter
            used = frozenset(range(len(action.parameters)))
        parameters = " ".join(f"${n}:{_sort(action.parameters[n].sort)}" for n in sorted(used))
        told = "; ".join(f"{_name(symbol)} {effect.text}" for symbol, effect in effects)
        text = _renumbered(f"<{parameters}> when {kind.guard.text}: {told}")
        yield f"step {_name(action.name)} {text}" if named else f"step {text}"


def _effect(write: Write, outer: Numbers) -> _Part:
    numbers = _numbered(outer, write.binders)
    part = _part([*write.indices, write.condition, write.value], numbers)
    text = f"{_binders(write.binders, numbers)} {part.text}"
    return _Part(text, part.reads, part.uses.intersection(outer.values()))


def _part(exprs: Iterable[Expr], numbers: Numbers) -> _Part:
    texts: list[str] = []
    reads: set[str] = set()
    uses: set[int] = set()
    for expr in exprs:
        texts.append(_text(expr, numbers))
        reads.update(core.names_of(expr))
        uses.update(numbers[n] for n in core.walk(expr) if isinstance(n, Bound) and n in numbers)
    return _Part(f"[{' '.join(texts)}]", frozenset(reads), frozenset(uses))


def _renumbered(text: str) -> str:
    """Variables numbered in the order in which they occur, so that parameters left out leave no gap."""
    numbers: dict[str, str] = {}
    return _VARIABLE.sub(lambda found: numbers.setdefault(found[0], f"${len(numbers)}"), text)


def _telling(problem: Problem, cone: frozenset[str]) -> tuple[Expr, ...]:
    """The assumptions without those that lowering makes about symbols that decide nothing."""
    naming = Counter(name for part in problem.assumptions for name in core.names_of(part))
    read = cone.union(*map(core.names_of, problem.constraints))
    unread = (s for s in problem.rigid_symbols if s.name not in read and naming[s.name] == 1)
    return assumed(problem, unread)


def _sizes(problem: Problem, *, any_size: bool) -> list[str]:
    if any_size:
        return [f"limit {_name(one.sort)} {one.low}..{one.high}" for one in problem.limits]
    return [f"size {name} {size}" for name, size in problem.sizes]


def _hash(lines: Iterable[str]) -> str:
    text = "\n".join([f"tdxverify fingerprint {VERSION}", *lines])
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _initial(start: InitialValue) -> str:
    numbers = _numbered({}, start.binders)
    choices = (
        "any" if start.choices is None else " or ".join(sorted(_text(c, numbers) for c in start.choices))
    )
    return f"initially {_name(start.symbol.name)} {choices}"


def _declared(symbol: Symbol) -> str:
    role = "rigid" if symbol.role is Role.RIGID else "state"
    return f"{role} {_name(symbol.name)} [{' '.join(map(_sort, symbol.indices))}] {_sort(symbol.sort)}"


def _name(name: str) -> str:
    """Quoted: names may contain blanks, but no quotes."""
    return f'"{name}"'


def _sort(sort: Sort) -> str:
    match sort:
        case BoolSort():
            return "bool"
        case RangeSort(low=low, high=high):
            return f"{low}..{high}"
        case EnumSort(name=name, members=members):
            return f"{_name(name)}{{{' '.join(map(_name, members))}}}"
        case IndexSort(name=name):
            return _name(name)
        case OptionalSort(base=base):
            return f"{_sort(base)} or none"


def _binders(binders: Iterable[Bound], numbers: Numbers) -> str:
    return f"<{' '.join(f'${numbers[binder]}:{_sort(binder.sort)}' for binder in binders)}>"


def _numbered(outer: Numbers, binders: Iterable[Bound]) -> Numbers:
    inner = dict(outer)
    for binder in binders:
        inner[binder] = len(inner)
    return inner


def _text(expr: Expr, numbers: Numbers) -> str:
    match expr:
        case Const(value=value, sort=EnumSort(name=name, members=members)):
            return f"{_name(name)}.{_name(members[value])}"
        case Const(value=value, sort=sort):
            return f"{value}" if isinstance(sort, RangeSort) else f"{_sort(sort)}#{value}"
        case Bound():
            return f"${numbers[expr]}"
        case Read(symbol=symbol, indices=indices, primed=primed):
            prime = "'" if primed else ""
            return f"{_name(symbol.name)}{prime}[{' '.join(_text(i, numbers) for i in indices)}]"
        case Apply(op=op, arguments=arguments):
            return f"({op.value} {' '.join(_text(argument, numbers) for argument in arguments)})"
        case Quantified(universal=universal, binders=binders, body=body):
            word = "forall" if universal else "exists"
            inner = _numbered(numbers, binders)
            return f"({word} {_binders(binders, inner)} {_text(body, inner)})"
