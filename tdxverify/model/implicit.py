"""Symbols that no declaration writes down: program counters, faults taken, who and what they stopped."""

from __future__ import annotations

from tdxverify.logic.expr import Implicit, Role, Symbol
from tdxverify.logic.sorts import BOOL, EnumSort, Sort

DONE = "done"  # where a process stands behind its last step


def took_symbol(actor: str, outcome: str, indices: tuple[Sort, ...] = ()) -> Symbol:
    """Sticky: an access of the actor has had that outcome, `#MC` or `ok(zeros)`, at some time before."""
    return Symbol(f"{actor} took {outcome}", Role.STATE, indices, BOOL, Implicit.TOOK, (actor, outcome))


def outcome_taken(symbol: Symbol) -> tuple[str, str] | None:
    """Actor and outcome if `symbol` is one made by `took_symbol`."""
    match symbol.implicit, symbol.about:
        case Implicit.TOOK, (actor, outcome):
            return actor, outcome
    return None


def dead_symbol(actor: str, indices: tuple[Sort, ...] = ()) -> Symbol:
    """Sticky: a fault has stopped the actor."""
    return Symbol(f"{actor} is dead", Role.STATE, indices, BOOL, Implicit.DEAD, (actor,))


def halted_symbol(fault: str) -> Symbol:
    """Sticky: the fault has stopped everything."""
    return Symbol(f"{fault} halted everything", Role.STATE, (), BOOL, Implicit.HALTED, (fault,))


STOPPED = (Implicit.DEAD, Implicit.HALTED)  # what an unhandled fault writes, and guards ask


def halting_fault(symbol: Symbol) -> str | None:
    """The fault if `symbol` is one made by `halted_symbol`."""
    return symbol.about[0] if symbol.implicit is Implicit.HALTED else None


def counter_symbol(process: str, parameters: tuple[Sort, ...], labels: tuple[str, ...]) -> Symbol:
    """Where each instance of a process stands: one of its labels, or done."""
    sort = EnumSort(f"{process}.label", (*labels, DONE))
    return Symbol(f"{process} at", Role.STATE, parameters, sort, Implicit.COUNTER, (process,))


def is_counter(symbol: Symbol) -> bool:
    """Whether it says where a process stands, or how far in a loop."""
    return symbol.implicit in (Implicit.COUNTER, Implicit.PROGRESS)


def progress_symbol(process: str, label: str, indices: tuple[Sort, ...], *, nested: bool) -> Symbol:
    """Which elements an interruptible foreach has done; `nested` where its body has labels of its own."""
    members = ("todo", "current", "done") if nested else ("todo", "done")
    sort = EnumSort(f"{process}.{label}.progress", members)
    about = (process, label)
    return Symbol(f"{process}.{label} progress", Role.STATE, indices, sort, Implicit.PROGRESS, about)
