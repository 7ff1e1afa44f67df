"""`Model`: what a spec means, with index sorts still of no size.

Semantics. A state gives a value to every cell of every state symbol; rigid symbols have a value
that never changes during a run. In one step one action with one choice of its parameters fires
where its guard holds: all its writes are computed from the state *before* the step and applied in
order (a later write to the same cell wins); every other cell keeps its value.

The body of an action was executed symbolically to get there, so "statements run in order and later
ones see earlier effects" is already folded into guard and writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Implicit, Quantified, Read, Symbol
from tdxverify.logic.sorts import EnumSort, IndexSort, Sort
from tdxverify.model.compared import Comparison, Observer, Secret
from tdxverify.model.fair import Fairness
from tdxverify.source import Span
from tdxverify.syntax.ast import Expected, PropertyKind


@dataclass(frozen=True, slots=True)
class Write:
    """`symbol[indices] := value` wherever `condition` holds, for every value of `binders` (foreach).

    `condition`, `indices` and `value` read the state before the step; they may use the action's
    parameters and `binders`. Each binder occurs as one of `indices`, so cells written for
    different binder values differ.
    """

    symbol: Symbol
    binders: tuple[Bound, ...]
    indices: tuple[Expr, ...]
    condition: Expr
    value: Expr

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that decides what is written, and where."""
        return (self.condition, self.value, *self.indices)


@dataclass(frozen=True, slots=True)
class RangeTarget:
    """What a value is put into: a cell (`symbol` at `indices`), or a place in an expression (no symbol).

    `what` names it in a message, `verb` says how it has its range.
    """

    what: str
    sort: Sort
    symbol: Symbol | None = None
    indices: tuple[Expr, ...] = ()
    verb: str = "holds"


@dataclass(frozen=True, slots=True)
class RangeObligation:
    """Where `condition` holds, `value` must lie in the sort of `target`, for every value of `binders`.

    Only kept where intervals alone do not show it.
    """

    target: RangeTarget
    binders: tuple[Bound, ...]
    condition: Expr
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of one access table that decides when the action fires with `condition` true.

    `condition` is over the state before the step and the action's parameters (and `binders`,
    existentially: some element for which the row decided). `fault` is set when the row raises one;
    `actor` is who takes it. `handled` is true if a handler caught the fault.
    """

    access: str
    arguments: tuple[Expr, ...]
    row: int  # position in the table, from 0
    binders: tuple[Bound, ...]
    condition: Expr
    fault: str | None
    actor: str | None
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What a hidden parameter decides where `condition` holds of the state before the step, and only there:
    which of `branches` (of an `either`, as text) is taken, or what `any` assigns to `symbol` at `indices`.
    """

    parameter: Bound
    condition: Expr
    branches: tuple[str, ...] = ()
    symbol: Symbol | None = None
    indices: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Refinement:
    """What a file that imports a declaration has changed in it, as a part of a sentence ('only when busy',
    'in place of false'). `span`: where it says so."""

    text: str
    description: str | None
    citations: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Strengthening:
    """`condition`, over the parameters of the step `action`, is asked because of a refinement, `text`."""

    action: str
    condition: Expr
    text: str
    span: Span


class PassageKind(Enum):
    """What of a step's text a passage leads to."""

    IF = "if"
    ELSE_IF = "else if"
    ELSE = "else"
    EITHER = "either"
    WHILE = "while"
    HANDLER = "on"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text to which a step comes if `condition` holds of the state before it and its parameters
    (and `binders`, existentially: for some element). Means nothing to any engine.

    `told`: the condition as text (of an `else`: that of its `if`), the number of the branch of an `either`,
    or the outcome that is handled. `owner`: what it is a part of, if not of the step alone: "process 'p'",
    "row 2 of access 'load'". `span` is what to show, `inside` what the passage leads to.
    """

    kind: PassageKind
    told: str
    owner: str
    binders: tuple[Bound, ...]
    condition: Expr
    span: Span
    inside: Span


TemplatePart: TypeAlias = str | Bound | Symbol | IndexSort


@dataclass(frozen=True, slots=True)
class Template:
    """What a reproducer in the language `target` ("c", "sh") says for a step or an access.

    Lines are made of text and of what is put in: a parameter's value, a rigid symbol's value, or the size
    of an index sort. Means nothing to any engine.
    """

    target: str
    lines: tuple[tuple[TemplatePart, ...], ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of step. `name` is `donate`, or `kexec.jump` for a process step.

    `parameters` are all choices the environment makes: declared ones first, then those that come
    from `any` and `either` (`hidden` of them, at the end), which are unconstrained where the chosen
    branch does not use them. `actor_indices`: which of the actors of that name, a parameter or a member of an
    enum for each of their sorts.
    """

    name: str
    actor: str | None
    parameters: tuple[Bound, ...]
    hidden: int
    guard: Expr
    writes: tuple[Write, ...]
    obligations: tuple[RangeObligation, ...]
    decisions: tuple[Decision, ...]
    description: str | None
    citations: tuple[str, ...]
    span: Span
    templates: tuple[Template, ...] = ()
    choices: tuple[Choice, ...] = ()  # what the hidden parameters are, in the order of the text
    actor_indices: tuple[Expr, ...] = ()
    refinements: tuple[Refinement, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything that decides what the step does: its guard, and what its writes are made of."""
        return (self.guard, *(part for write in self.writes for part in write.expressions))


@dataclass(frozen=True, slots=True)
class InitialValue:
    """How one state symbol starts: each cell takes one of `choices` at `binders` (one per index).

    `choices` None means any value of the sort. Choices read rigid symbols and binders only.
    """

    symbol: Symbol
    binders: tuple[Bound, ...]
    choices: tuple[Expr, ...] | None


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """What is said about a symbol beside its sort; `origin` tells why it exists."""

    symbol: Symbol
    description: str | None
    citations: tuple[str, ...]
    origin: str  # "param" | "const" | "state" | "memory" | "process" | "fault" | "actor"
    span: Span
    refinements: tuple[Refinement, ...] = ()  # of its value


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it is printed: `guard` and `effects` are source text in canonical form."""

    guard: str  # "otherwise" for the last row
    outcome: str  # "ok", "ok(zeros)", "dropped", "fault #MC"
    fault: str | None  # the one that the outcome is
    effects: str
    citations: tuple[str, ...]
    condition: Expr  # over state, rigid symbols and the table's parameters; `otherwise` made explicit
    span: Span
    description: str | None = None
    refinements: tuple[Refinement, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessTable:
    """`checked_up_to`: empty where exactly one row answers every state of every size; else what that is known
    for, a number of elements for each index sort that matters.
    """

    name: str
    parameters: tuple[Bound, ...]
    rows: tuple[TableRow, ...]
    description: str | None
    citations: tuple[str, ...]
    span: Span
    templates: tuple[Template, ...] = ()
    checked_up_to: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A declaration that stops steps where `formula` holds, which may use `parameters` (of a process).

    `text`: as declared, "halt when crashed". `everything`: all steps are stopped, which is no deadlock.
    `obligations`: what must hold for the formula to have a value.
    """

    text: str
    formula: Expr
    parameters: tuple[Bound, ...]
    everything: bool
    description: str | None
    citations: tuple[str, ...]
    span: Span
    obligations: tuple[RangeObligation, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    name: str  # with the hash: "#MC"
    fixable: bool
    fatal: bool
    halts: bool
    kills: tuple[str, ...]
    must_not_reach: tuple[str, ...]
    description: str | None
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """`indices`: there is one for each of their elements."""

    name: str
    indices: tuple[Sort, ...]
    description: str | None
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """`formula` by kind: never/reachable: the state formula itself; always: what must hold;
    step: over unprimed and primed reads; takes/contained: over the implicit "took" symbols, as for
    never; eventually, leads_to: what is to happen, for every value of `binders` by itself, after `premise`;
    None of a deadlock (guards say it) and two runs (`compared`). Where one of `obligations` is violated (in a
    state, or a step), it has no value, a mistake in the spec. `claim` is the place, without annotations.
    """

    name: str
    kind: PropertyKind
    formula: Expr | None
    description: str | None
    citations: tuple[str, ...]
    span: Span
    claim: Span
    obligations: tuple[RangeObligation, ...] = ()
    binders: tuple[Bound, ...] = ()
    premise: Expr | None = None
    compared: Comparison | None = None


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Sizes `low..high` of one index sort, both included."""

    sort: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Config:
    """A named configuration: a condition over parameters and constants. `where_text` is canonical;
    `obligations` as in `Check`."""

    name: str
    where: Expr
    where_text: str
    description: str | None
    citations: tuple[str, ...]
    span: Span
    obligations: tuple[RangeObligation, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One `check` line for one property, in one configuration where it names some. `where` is all that it
    asks for, as if the condition of `config` were written out in it; `where_text` is the same as text,
    canonical, `where_parts` are what it joins by `and`; `besides` is what the check says itself.

    `obligations` are those of the `where` clause, over rigid symbols: violated, it counts as true, so that
    the mistake is found.
    """

    property: str
    sizes: tuple[SizeRange, ...]
    any_size: bool
    where: Expr
    where_text: str
    expected: Expected
    expected_length: int | None
    span: Span
    description: str | None = None
    obligations: tuple[RangeObligation, ...] = ()
    where_parts: tuple[str, ...] = ()
    config: Config | None = None
    besides: str = ""
    assuming: tuple[Fairness, ...] = ()

    def assuming_text(self) -> str:
        """`assuming fair serve, strongly fair take.lock`; nothing where nothing is assumed."""
        return f"assuming {', '.join(map(str, self.assuming))}" if self.assuming else ""


@dataclass(frozen=True, slots=True)
class Model:
    """`symbols` in declaration order, implicit ones (program counters, took, dead, halted) after the rest.

    `checks` are those of the root file only; everything else is the union of all imported modules.
    """

    name: str
    index_sorts: tuple[IndexSort, ...]
    enums: tuple[EnumSort, ...]
    symbols: tuple[SymbolInfo, ...]
    assumptions: tuple[Expr, ...]  # over rigid symbols
    initial: tuple[InitialValue, ...]  # one per state symbol, in the order of `symbols`
    constraints: tuple[Expr, ...]  # `init e`: over the initial state
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    checks: tuple[Check, ...]
    tables: tuple[AccessTable, ...]
    faults: tuple[Fault, ...]
    actors: tuple[Actor, ...]
    start_obligations: tuple[RangeObligation, ...] = ()  # of the start; violated, a mistake in the spec
    preludes: tuple[Template, ...] = ()  # of all modules, in the order in which they were read
    stops: tuple[Stop, ...] = ()  # the guards of `actions` ask them already
    configs: tuple[Config, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    fair_candidates: tuple[Fairness, ...] = ()  # what `fair` may be said of: actions, processes, actors
    strengthened: tuple[Strengthening, ...] = ()  # for lint: the guards of `actions` ask them already
    secrets: tuple[Secret, ...] = ()
    observers: tuple[Observer, ...] = ()
    start_passages: tuple[Passage, ...] = ()  # of processes; conditions over the initial state
    case: str | None = None  # which mistake the file is about, and how it was mended
    constants: tuple[tuple[Expr, str], ...] = ()  # those of `assumptions` that are written as `const a = e`

    @property
    def beginnings(self) -> Mapping[Expr, str]:
        """Those of `constraints` that are not written as an `init`: what stands before the first steps of a
        process decides where it begins. With the names of the processes."""
        open_ones = [
            one.symbol
            for one in self.initial
            if one.choices is None and one.symbol.implicit is Implicit.COUNTER
        ]
        added = self.constraints[len(self.constraints) - len(open_ones) :]
        return {formula: symbol.about[0] for formula, symbol in zip(added, open_ones, strict=True)}


def expressions_in(part: object) -> Iterator[Expr]:
    """Every expression in a part of a model, each as a whole.

    They are found by looking, not listed, so that what is added to a model cannot be forgotten here.
    """
    match part:
        case Const() | Bound() | Read() | Apply() | Quantified():
            yield part
        case tuple() | list():
            for one in part:
                yield from expressions_in(one)
        case Symbol() | Span() | str() | int() | None:
            return
        case _ if is_dataclass(part):
            for one in fields(part):
                yield from expressions_in(getattr(part, one.name))
