"""Which single parameter, set otherwise, would have prevented a trace: the question is asked again.

It is asked of every machine that has what is shown of the trace, whatever the rest is (`telling.otherwise`).
Where that does not prevent it, but the rest as it is in the trace does, it is found out what of the rest is
needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import STEPS_A_SECOND, UNLIMITED, Budget, Why
from tdxverify.engines.auto import is_small
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.expr import Expr
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Value, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.telling.nearest import Divergence
from tdxverify.telling.otherwise import MOST_NAMED, Machines, Otherwise, least

MOST_VALUES = 64  # other values tried of one parameter,
MOST_DECIDED_LARGE = 8  # where there are too many states to enumerate,
WORK_FOR_MORE = 20 * STEPS_A_SECOND  # and for all those beyond so many
WORK = 5 * STEPS_A_SECOND  # of solvers, for one question
MOST_STATES = 50_000  # counted for one of the first values of a parameter,
MOST_STATES_MORE = 5_000  # for one of the others,
MOST_STATES_BESIDES = 10_000  # and for one question about what else is needed
MOST_ASKED = 40  # of these questions, for one value
WORK_BESIDES = 10 * STEPS_A_SECOND  # for all of these


class Reach(Enum):
    """The machines that something is said of, all with the other value."""

    SHOWN = "all that have what is shown of the trace, and what is named besides"
    CHECK = "those of them that the check is about, of which there are some"
    LIKE = "the one that is like that of the trace in all else, shown or not"


@dataclass(frozen=True, slots=True)
class Switch:
    """The parameter `name` set to `value`, in the machines of `reach`; in none that the assumptions exclude.

    `also`: (name, value) of parameters and constants that have to be as in the trace besides what is shown;
    none can be spared, as far as that was found out. `is_excluded`: the check is about no such machine.

    `holds`: no bad state can be reached; None where that was not decided. Where it is False, `length` is that
    of the shortest trace there still is, if that is known. `divergence`: where the trace's own steps first go
    elsewhere in all of these machines, or, with `is_near`, in the one that is like that of the trace.
    """

    name: str
    value: str
    reach: Reach
    holds: bool | None
    also: tuple[tuple[str, str], ...] = ()
    is_excluded: bool = False
    length: int | None = None
    divergence: Divergence | None = None
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """`left_out`: (parameter, how many of its other values nothing was tried of)."""

    switches: tuple[Switch, ...]
    left_out: tuple[tuple[str, int], ...] = ()


def switches(found: FoundTrace, budget: Budget = UNLIMITED) -> Tried:
    """At most one for every other value of every parameter that the trace relies on, in the order of the
    values. Those are tried first with which the steps of the trace do not fail.

    Values that the model's assumptions exclude are left out.
    """
    otherwise = Otherwise(found.question.spec.model, found.problem, found.trace, found.story)
    switched: list[Switch] = []
    left_out: list[tuple[str, int]] = []
    for at, values in otherwise.others():
        tried = _of_values(found, otherwise, at, values, budget)
        switched += (switch for _, switch in sorted(tried.items()) if switch is not None)
        if len(tried) < len(values):
            name = show_cell(found.problem.rigid_layout.cells[at])
            left_out.append((name, len(values) - len(tried)))
    return Tried(tuple(switched), tuple(left_out))


def _of_values(
    found: FoundTrace, otherwise: Otherwise, at: int, values: Sequence[Value], budget: Budget
) -> dict[Value, Switch | None]:
    """What can be said of those that were tried."""
    tried: dict[Value, Switch | None] = {}
    most = MOST_VALUES if is_small(found.problem) else MOST_DECIDED_LARGE
    first, more = replace(budget, max_states=MOST_STATES), None
    for value in sorted(values, key=lambda one: otherwise.still_fails(at, one))[:most]:
        if len(tried) >= MOST_DECIDED_LARGE:
            more = more or replace(budget.working(WORK_FOR_MORE), max_states=MOST_STATES_MORE)
            if more.expired():
                break
        tried[value] = _Attempt(found, otherwise, at, value, more or first).switch()
    return tried


class _Attempt:
    """`value` instead of that of the trace at position `at`."""

    def __init__(
        self, found: FoundTrace, otherwise: Otherwise, at: int, value: Value, budget: Budget
    ) -> None:
        self._found = found
        self._otherwise = otherwise
        self._at = at
        self._value = value
        self._budget = budget
        self._known: dict[tuple[Expr, ...], Verdict] = {}
        self._left = MOST_ASKED
        self._like = otherwise.like(at, value)

    def _machines(self, also: Sequence[int]) -> Machines:
        return self._otherwise.machines(self._at, self._value, also)

    def _decided(self, machines: Machines) -> Verdict:
        """The same machines are asked about once."""
        key = machines.problem.assumptions
        if key not in self._known:
            self._known[key] = decided(machines.problem, self._budget.working(WORK))
        return self._known[key]

    def switch(self) -> Switch | None:
        """What can be said; None where there is no such machine, or nothing is known of any."""
        verdict = self._decided(self._like)
        match verdict:
            case Proved():
                return self._prevents()
            case Refuted(trace=trace) if not self._otherwise.are_excluded(self._like):
                return self._said(Reach.LIKE, self._like, holds=False, length=len(trace))
            case Unknown():
                return self._open()
            case _:
                return self._without_likeness()

    def _prevents(self) -> Switch:
        """Where it holds of the machine that is like that of the trace."""
        wide = self._machines(())
        if isinstance(self._decided(wide), Proved):
            return self._said(Reach.SHOWN, wide, holds=True)
        if self._otherwise.are_excluded(self._like):
            mine = self._of_check(wide)
            if mine is not None and mine.holds:
                return mine
        also = self._needed()
        if also is None:
            return self._said(Reach.LIKE, self._like, holds=True)
        return replace(
            self._said(Reach.SHOWN, self._machines(also), holds=True), also=self._otherwise.named(also)
        )

    def _without_likeness(self) -> Switch | None:
        """Where the check or the assumptions exclude the machine that is like that of the trace in all else,
        and in the first case it fails."""
        wide = self._machines(())
        verdict = self._decided(wide)
        if isinstance(verdict, Proved):
            return self._said(Reach.SHOWN, wide, holds=True)
        if isinstance(verdict, Vacuous):
            return None
        mine = self._of_check(wide)
        if mine is None and isinstance(verdict, Refuted) and self._otherwise.are_excluded(wide):
            return self._said(Reach.SHOWN, wide, holds=False, length=len(verdict.trace))
        return mine

    def _of_check(self, wide: Machines) -> Switch | None:
        """What is known of those machines that the check is about."""
        mine = self._otherwise.of_check(wide)
        match self._decided(mine):
            case Proved():
                return self._said(Reach.CHECK, mine, holds=True)
            case Refuted(trace=trace):
                return self._said(Reach.CHECK, mine, holds=False, length=len(trace))
            case _:
                return None

    def _open(self) -> Switch | None:
        """Where it was not decided of the machine that is like that of the trace."""
        some = self._otherwise.few(self._like)
        if not some:
            return None
        is_possible = self._otherwise.is_possible(some)
        if is_possible is None:
            return None
        if is_possible:
            return self._said(Reach.LIKE, self._like, holds=False, length=len(self._found.trace))
        return self._said(Reach.LIKE, self._like, holds=None)

    # --- what else is needed ------------------------------------------------------------

    def _needed(self) -> tuple[int, ...] | None:
        """Positions of what has to be as in the trace besides what is shown; None if they are many, or it was
        not found out."""
        most = min(MOST_STATES_BESIDES, self._budget.max_states)
        self._budget = replace(self._budget.working(WORK_BESIDES), max_states=most)
        also = least(self._otherwise.besides(self._at), self._is_enough)
        if len(also) > MOST_NAMED or not isinstance(self._decided(self._machines(also)), Proved):
            return None
        return also

    def _is_enough(self, also: tuple[int, ...]) -> bool:
        """False where that is not known."""
        if self._left == 0:
            return False
        self._left -= 1
        return isinstance(self._decided(self._machines(also)), Proved)

    # --- what is said -------------------------------------------------------------------

    def _said(
        self, reach: Reach, machines: Machines, *, holds: bool | None, length: int | None = None
    ) -> Switch:
        cell = self._found.problem.rigid_layout.cells[self._at]
        otherwise, differs = self._otherwise, bool(self._otherwise.asked)
        if reach is Reach.LIKE:
            differs = otherwise.is_like_alone(self._at, self._value)
        switch = Switch(
            show_cell(cell),
            show(cell.symbol.sort, self._value),
            reach if differs else Reach.SHOWN,
            holds,
            is_excluded=otherwise.are_excluded(machines),
            length=length,
        )
        return switch if holds is False else self._with_departure(switch, machines)

    def _with_departure(self, switch: Switch, machines: Machines) -> Switch:
        common = self._departure(machines)
        if common is not None or switch.reach is Reach.CHECK:
            return replace(switch, divergence=common)
        return replace(switch, divergence=self._departure(self._like), is_near=True)

    def _departure(self, machines: Machines) -> Divergence | None:
        """Where the trace goes elsewhere in all of them; None if that differs, or they are many."""
        return self._otherwise.departure(self._otherwise.few(machines) or ())


def decided(problem: Problem, budget: Budget) -> Verdict:
    """The certified verdict about `problem`: by enumeration where there are few states, else by pdr."""
    verdict: Verdict = Unknown(Why.STATE_SPACE, None)
    if is_small(problem):
        verdict = find("explicit", problem, budget, Silent()).verdict
    if isinstance(verdict, Unknown):
        verdict = find("pdr", problem, budget, Silent()).verdict
    return verdict
