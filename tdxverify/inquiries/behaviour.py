"""What never happens in a system: steps, decisions of access rows, faults, changes.

Every target is a formula over one state; `reachability` finds out about all of them at once. The sizes are
few elements of each sort, and the parameters are left open: what never happens then never happens for any
values of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.inquiries.passages import passages
from tdxverify.inquiries.reachability import Sight, Status
from tdxverify.inquiries.triggers import decides, fires, shortened, some
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.show import show_expression
from tdxverify.model.effects import value_after
from tdxverify.model.implicit import halting_fault, is_counter
from tdxverify.model.model import Action, Model, Stop, Write
from tdxverify.source import Span


@dataclass(frozen=True, slots=True)
class Target:
    """Something that ought to happen at some time: `formula` is closed, over one state.

    `subject` and `lacks` say that it does not: "step 'donate'", "can never be made", and `although` what is
    said behind the sizes; `not_yet` that it did not within some steps. `steps`: those that it is about.
    `at_start`: over an initial state; where it holds it happens, too. `inside`: the text that plays no part
    either if it never happens.
    """

    code: Code
    formula: Expr
    span: Span
    subject: str
    lacks: str
    not_yet: str
    hint: str
    steps: tuple[str, ...] = ()
    although: str = ""
    at_start: Expr | None = None
    inside: Span | None = None

    @property
    def key(self) -> tuple[Code, str, int, str]:
        """The same for the same declaration, from whichever root file it was reached."""
        return self.code, self.span.source.path, self.span.start, self.subject


def targets(model: Model, faults: Mapping[str, Span], assigning: Container[Span]) -> Iterator[Target]:
    """Everything declared in `model` that ought to happen; `faults` are those to be raised, and where they
    are declared. `assigning`: the places of steps that assign something themselves.

    A step that makes accesses and assigns nothing is about what they give, one whose accesses cannot fault
    about that they are made: it is not asked whether these change anything.
    """
    for action in model.actions:
        yield _fires(action)
        if not action.decisions or (action.span in assigning and _may_fault(model, action)):
            yield _changes(action)
    yield from _passages(model)
    yield from _waits(model)
    yield from _stops(model)
    yield from _strengthened(model)
    yield from _rows(model)
    yield from _faults(model, faults)


def _fires(action: Action) -> Target:
    hint = "is its condition ever true? does a process ever get there, and an actor live that long?"
    name = f"step '{action.name}'"
    return Target(
        Code.W101, fires(action), action.span, name, "can never be made", "was not made", hint, (action.name,)
    )


def _may_fault(model: Model, action: Action) -> bool:
    """Whether the step makes an access of which some row, whether or not it decides, has a fault."""
    faulting = {table.name for table in model.tables if any(row.fault for row in table.rows)}
    return any(decision.access in faulting for decision in action.decisions)


def _changes(action: Action) -> Target:
    """That some state changes, or a fault is raised."""
    written: dict[str, list[Write]] = {}
    for write in action.writes:
        written.setdefault(write.symbol.name, []).append(write)
    differs = core.disjunction(*(_differs(writes) for writes in written.values()))
    changed = some(action.parameters, core.conjunction(action.guard, differs))
    faults = [decides(action, decision) for decision in action.decisions if decision.fault is not None]
    name, hint = f"step '{action.name}'", "remove it, or let it do something"
    lacks, not_yet = "never changes anything", "changed nothing"
    if action.decisions:
        lacks, not_yet = (
            f"{lacks}, nor does an access in it fault",
            f"{not_yet}, nor did an access in it fault,",
        )
    formula = core.disjunction(changed, *faults)
    return Target(Code.W104, formula, action.span, name, lacks, not_yet, hint, (action.name,))


def _passages(model: Model) -> Iterator[Target]:
    for one in passages(model):
        lacks, not_yet = f"is never {one.verb}", f"was not {one.verb}"
        hint = "does anything ever make the step go there?"
        yield Target(
            Code.W117,
            one.formula,
            one.span,
            one.said,
            lacks,
            not_yet,
            hint,
            one.steps,
            at_start=one.at_start,
            inside=one.inside,
        )


def _waits(model: Model) -> Iterator[Target]:
    """That a process is where one step is the only one that it can make next: if it gets there, and the step
    is never made, it waits for ever."""
    next_ones: dict[tuple[Expr, ...], list[Action]] = {}
    for action in model.actions:
        here = tuple(p for p in core.conjuncts(action.guard) if any(map(is_counter, core.symbols_of(p))))
        next_ones.setdefault(here, []).append(action)
    for here, actions in next_ones.items():
        rest = [p for p in core.conjuncts(actions[0].guard) if p not in here]
        if here and len(actions) == 1 and rest:
            yield _waiting(model, actions[0], here, rest)


def _waiting(model: Model, action: Action, here: tuple[Expr, ...], rest: list[Expr]) -> Target:
    formula = some(action.parameters, core.conjunction(*here))
    stops = list(_declared_stops(model, action, rest))
    own = [part for part in rest if not any(part in parts for _, parts in stops)]
    condition = shortened(show_expression(core.conjunction(*own)))
    said = f"'{condition}' is never true then"
    hint = "does 'when' stand where 'if' is meant? does anything make the condition true?"
    if stops:
        told = [f"'{stop.text}' ({stop.span.source.path}:{stop.span.line}) stops it" for stop, _ in stops]
        false = [f"'{condition}' is false"] if own else []
        said = f"every time {' or '.join([*false, *told])}"
        hint = hint if own else "does anything ever let it go on?"
    name = f"step '{action.name}'"
    although = f", though its process gets there: {said}"
    return Target(Code.W116, formula, action.span, name, "is never made", "", hint, (action.name,), although)


def _declared_stops(
    model: Model, action: Action, rest: list[Expr]
) -> Iterator[tuple[Stop, tuple[Expr, ...]]]:
    """The declarations that conditions among `rest` of `action` come from, with these."""
    for stop in model.stops:
        alike = ([own for own in action.parameters if own.sort == one.sort] for one in stop.parameters)
        for chosen in product(*alike):
            mapping: dict[Bound, Expr] = dict(zip(stop.parameters, chosen, strict=True))
            parts = core.conjuncts(core.negation(core.substitute(stop.formula, mapping)))
            if all(part in rest for part in parts):
                yield stop, tuple(parts)
                break


def _stops(model: Model) -> Iterator[Target]:
    """That a condition under which steps are stopped is true at some time; of faults, W103 says as much."""
    for stop in model.stops:
        if not any(map(halting_fault, core.symbols_of(stop.formula))):
            formula = some(stop.parameters, stop.formula)
            name, hint = f"'{shortened(stop.text)}'", "does anything ever make the condition true?"
            if stop.text.startswith("process"):
                hint = "does anything ever make the condition false?"
            yield Target(Code.W119, formula, stop.span, name, "never stops anything", "stopped nothing", hint)


def _strengthened(model: Model) -> Iterator[Target]:
    """That what a refinement asks is false where the step could be made without it."""
    actions = {action.name: action for action in model.actions}
    for one in model.strengthened:
        action, added = actions[one.action], core.conjuncts(one.condition)
        guard = core.conjuncts(action.guard)
        rest = [part for part in guard if part not in added] if set(added) <= set(guard) else []
        formula = some(action.parameters, core.conjunction(*rest, core.negation(one.condition)))
        name, hint = (
            f"the refinement of step '{one.action}'",
            "is the step ever possible where this is false?",
        )
        lacks, not_yet = "never stops it", "has not stopped it"
        yield Target(Code.W122, formula, one.span, name, lacks, not_yet, hint, (one.action,))


def _differs(writes: list[Write]) -> Expr:
    """Some cell of the one symbol of `writes` has another value after them."""
    symbol = writes[0].symbol
    cell = tuple(Bound(f"changed cell {n}", sort) for n, sort in enumerate(symbol.indices))
    same = core.equal(core.Read(symbol, cell), value_after(writes, symbol, cell))
    return core.quantified(cell, core.negation(same), universal=False)


def _rows(model: Model) -> Iterator[Target]:
    """Rows of tables that some step uses."""
    deciding: dict[tuple[str, int], list[Expr]] = {}
    for action in model.actions:
        for decision in action.decisions:
            deciding.setdefault((decision.access, decision.row), []).append(decides(action, decision))
    performed = {access for access, _ in deciding}
    for table in model.tables:
        if table.name not in performed:
            continue
        for number, row in enumerate(table.rows):
            formula = core.disjunction(*deciding.get((table.name, number), []))
            name = f"row {number + 1} of access '{table.name}'"
            hint = "no step makes the access in a state that the row is about"
            yield Target(Code.W102, formula, row.span, name, "never decides", "did not decide", hint)


def _faults(model: Model, faults: Mapping[str, Span]) -> Iterator[Target]:
    for name, span in faults.items():
        raising = [
            decides(action, decision)
            for action in model.actions
            for decision in action.decisions
            if decision.fault == name
        ]
        formula = core.disjunction(*raising)
        hint = "an access row raises it with '-> fault'; does such a row ever decide?"
        yield Target(Code.W103, formula, span, f"fault {name}", "is never raised", "was not raised", hint)


def finding(target: Target, sight: Sight, sizes: str) -> Diagnostic | None:
    """What to say about `target`, looked for at `sizes`; None where it happens, or nothing is known."""
    where = f" {sizes}" if sizes else ""
    match sight:
        case Sight(status=Status.NEVER):
            message = f"{target.subject} {target.lacks}{where}{target.although}"
        case Sight(status=Status.UNSEEN, depth=int(depth)):
            within = f"within {counted(depth, 'step')}{where}"
            message = f"{target.subject} {target.not_yet} {within}; longer runs are open"
        case _:
            return None
    return Diagnostic(target.code, message, target.span, hint=target.hint)
