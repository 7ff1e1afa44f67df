"""A trace told for people: everything already turned into text, nothing left to look up.

Built by `tdxverify.telling.narrate` with the evaluator; reports only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdxverify.logic.expr import Implicit
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_instance
from tdxverify.semantics.steps import NOTHING_CHOSEN, Chosen, call_text
from tdxverify.semantics.trace import Trace


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a spec, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ToldCell:
    """`poison[Line0]`: a cell of the variable `poison`, at these `elements`; `text` is how it is written.

    `implicit` and `about` are those of the variable where no declaration writes it down: `flush[Cpu0] at` is
    a cell of `flush at`, which is about the process `flush`.
    """

    text: str
    variable: str
    elements: tuple[str, ...] = ()
    implicit: Implicit | None = None
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def outcome_taken(self) -> tuple[str, str] | None:
        """`guest[Td0]` and `#MC`, of the cell that says whether it took that."""
        if self.implicit is not Implicit.TOOK:
            return None
        actor, outcome = self.about
        return show_instance(actor, self.elements), outcome


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that the step changed: `poison[Line0]`, `false`, `true`."""

    cell: ToldCell
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Refined:
    """What a file that imports a declaration has changed in it: 'only when not busy', 'in place of false'."""

    change: str
    at: Location
    description: str | None = None
    citations: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`refined here: only when not busy (update.tdx:7) "the update waits" [F-LNX-19]`."""
        said = [] if self.description is None else [f'"{self.description}"']
        said += [f"[{', '.join(self.citations)}]"] if self.citations else []
        return " ".join([f"refined here: {self.change} ({self.at})", *said])


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One row of an access table as it is written; `effects` is empty where it has none."""

    guard: str
    outcome: str
    effects: str
    citations: tuple[str, ...]
    description: str | None = None
    refined: tuple[Refined, ...] = ()


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """The row of an access table that decided: `host_read(Line0)`, row number from 1, guard, outcome.

    `table`: all rows of the table, empty where they are not known. `at`: where the row is written.
    `is_fault`: it raised one. `given`: (name, value) of parameters that decided it, where the trace is one
    whatever they are.
    """

    access: str
    row: int
    guard: str
    outcome: str
    citations: tuple[str, ...]
    description: str | None = None
    table: tuple[ToldRow, ...] = ()
    at: Location | None = None
    is_fault: bool = False
    given: tuple[tuple[str, str], ...] = ()
    refined: tuple[Refined, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultTaken:
    actor: str
    fault: str
    handled: bool


@dataclass(frozen=True, slots=True)
class StoryStep:
    """Step `number` (from 1). `parameters` are (name, shown value) of the declared ones, `chosen` what was
    chosen besides. `at`: where the action or the step of a process is written. `kept`: cells that it assigned
    the value that they happened to have since the start, and that something later needs. `is_idle`: its
    process went on, and nothing else changed, though the step can change something. `is_mistaken`: a value in
    it does not fit, which ends it, so that nothing else is told of it."""

    number: int
    action: str
    parameters: tuple[tuple[str, str], ...]
    actor: str | None
    description: str | None
    citations: tuple[str, ...]
    rows: tuple[DecidedRow, ...]
    faults: tuple[FaultTaken, ...]
    changes: tuple[Change, ...]
    at: Location | None = None
    kept: tuple[tuple[ToldCell, str], ...] = ()
    chosen: Chosen = NOTHING_CHOSEN
    is_idle: bool = False
    refined: tuple[Refined, ...] = ()
    is_mistaken: bool = False

    def other_changes(self) -> tuple[Change, ...]:
        """Without those that `faults` tell: that somebody has taken one."""
        told = [(fault.actor, fault.fault) for fault in self.faults]
        return tuple(change for change in self.changes if change.cell.outcome_taken not in told)


def as_mistaken(story: Story) -> Story:
    """`story`, whose last step is a mistake in the spec: what such a step does is not looked at."""
    *others, last = story.steps
    mistaken = replace(last, rows=(), faults=(), changes=(), kept=(), is_idle=False, is_mistaken=True)
    return replace(story, steps=(*others, mistaken))


def told_states(story: Story | None, trace: Trace) -> tuple[Valuation, ...]:
    """The states of `trace`, told by `story`; there is none behind a mistake: that before stands for it."""
    if story is None or not story.steps or not story.steps[-1].is_mistaken:
        return trace.states
    return (*trace.states[:-1], trace.states[-2])


def told_call(step: StoryStep) -> str:
    """What the step is called."""
    return call_text(step.action, step.parameters, step.chosen)


@dataclass(frozen=True, slots=True)
class Violation:
    """Why the last state is bad: the property as written, the false conjunct, and for which elements.

    `instead` is what is true there, with the elements for which: enough for the property to be false, or the
    only reason of a property without a formula. None where nothing but a value out of range is wrong.
    `is_evident`: the property as written says as much. `cells`: what the conjunct speaks of.
    """

    property: str
    description: str | None
    formula: str
    conjunct: str
    elements: tuple[tuple[str, str], ...]
    instead: str | None = None
    is_evident: bool = False
    cells: tuple[ToldCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependence:
    """Step `consumer` (the end: one more than the last step) needs `cell` to be `value`.

    `producer` is the step that made it so, 0 for the start, None where `cell` is a parameter or a constant.
    """

    consumer: int
    cell: ToldCell
    value: str
    producer: int | None
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """Another step that is possible in state `at` of the trace, to a state that the trace's step does not
    lead to. `leads_to`: the number of that state if it is one of the trace, else None."""

    at: int
    step: str
    actor: str | None
    changes: tuple[Change, ...]
    is_bad: bool
    leads_to: int | None


@dataclass(frozen=True, slots=True)
class Cut:
    """With `parameter` being `value`, and what is shown of the others as it is, this run is not one that ends
    badly, whatever the rest is: step `step` is the first that would not go as it does (the first or last,
    where the start or the end would not be).

    `prevents`: no other run reaches a bad state either; else that may be so or not. `also`: (name, value) of
    others that have to be as they are for that. `is_like`: it is said of machines alone in which all the rest
    is as in this run, too. `is_excluded`: the check is about none of these machines.
    """

    step: int
    parameter: str
    value: str
    prevents: bool
    also: tuple[tuple[str, str], ...] = ()
    is_like: bool = False
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Reliance:
    """On which parameters and constants, (name, value), a trace relies, beside the start.

    `needed`: with them the same steps are a run that ends as it does, for all values of the others that the
    assumptions, the check's `where` and `init` allow; without any of them that is not so. `perhaps`: kept
    beside them, since nobody knows better. With `asked`, to which `where` leaves no other value, and as long
    as `relations` hold, which are parts of `where`, it is so whatever else `where` says. `tied`: parameters
    that `relations` speak of.
    `others`: how many other parameters there are. `initial`: cells whose value at the start has to be as it
    is in the same way, `perhaps_initial` those of them that nobody knows better of. `accidental`: other cells
    that can start with another value, perhaps with other parameters, while all that is relied on is as it is
    and the check's `where` holds; of which that was found out. `is_certain`: that has been checked once
    more; where it has not, it is not known whether the others matter.
    """

    needed: tuple[tuple[str, str], ...]
    perhaps: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    others: int
    is_certain: bool
    relations: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    initial: tuple[tuple[ToldCell, str], ...] = ()
    perhaps_initial: tuple[ToldCell, ...] = ()
    accidental: tuple[ToldCell, ...] = ()

    def not_known(self) -> tuple[str, ...]:
        """Names of the parameters and cells that are listed though nobody knows whether they matter."""
        return (*(name for name, _ in self.perhaps), *(cell.text for cell in self.perhaps_initial))

    def names(self) -> tuple[str, ...]:
        """Of all parameters whose value is listed."""
        return tuple(name for name, _ in (*self.needed, *self.perhaps, *self.asked))


@dataclass(frozen=True, slots=True)
class Watched:
    """An expression that somebody asked for, and its value in each state; None where it has none there: a
    value does not fit, or none is used."""

    text: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What the spec says about a variable or parameter."""

    name: str
    description: str | None
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A run that goes on for ever as it did behind step `begin`; or, if it `stops`, stays there; `is_stuck`:
    since no step is possible there.

    `excluded_by`: actions, processes and actors none of which this loop is fair to; `excluded_strongly`:
    those to which it would not be if they were strongly fair.
    """

    begin: int
    stops: bool
    excluded_by: tuple[str, ...] = ()
    excluded_strongly: tuple[str, ...] = ()
    is_stuck: bool = False

    def told_stop(self) -> str:
        """Why nothing more happens; requires that it stops."""
        return "no step is possible any more" if self.is_stuck else "no step has to be taken any more"


@dataclass(frozen=True, slots=True)
class NoWay:
    """From the end of the run no step leads to a state in which `wanted` holds, for these `elements`.

    `always`: what holds there and in all states that can still come, enough for that; empty where that cannot
    be said. `states`: how many these are, with the end itself; None where they were not counted.
    """

    wanted: str
    elements: tuple[tuple[str, str], ...]
    always: tuple[str, ...] = ()
    states: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """`cell` has one value in the first run and another in the second."""

    cell: ToldCell
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What is otherwise in the second run at the start, or after a step: `differences` are all cells that
    differ then; `chosen` is what it has chosen by itself in the step, unless it left that out."""

    chosen: tuple[str, ...]
    differences: tuple[Difference, ...]
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class SecondRun:
    """A run beside that of the story, which takes the same steps, be it without those of the actor `without`.

    `beside`: for each state. `told`: what tells them apart in the end; if `is_seen`, a value.
    """

    who: str
    without: str | None
    beside: tuple[Beside, ...]
    told: str
    is_seen: bool

    def new_differences(self, number: int) -> tuple[Difference, ...]:
        """Those in the state of that number that were not there before, or had other values."""
        before = set() if number == 0 else {*self.beside[number - 1].differences}
        return tuple(one for one in self.beside[number].differences if one not in before)

    def equal_again(self, number: int) -> tuple[ToldCell, ...]:
        """Cells that differed before the state of that number, and do not in it."""
        now = {one.cell for one in self.beside[number].differences}
        before = () if number == 0 else self.beside[number - 1].differences
        return tuple(one.cell for one in before if one.cell not in now)


@dataclass(frozen=True, slots=True)
class Story:
    """`parameters`: every rigid cell and its value. `initial`: every state cell and its value at the start.

    `violation` is None for the witness of a `reachable` property. `fixed`: names of the rigid cells whose
    value the file gives. `reliance` is None where the trace does not end badly. `cells_that_matter`: those
    that it relies on as they are at the start, and those that decide what its steps do.
    `dependences` are those of a trace that ends in a bad state, latest consumer first; a step that is
    nobody's producer plays no part. `explained`: the variables and parameters about which the spec says
    something. `asides` and `cuts`: what is around the trace, where somebody asked for it;
    `watched` likewise. `loop`: where it goes on for ever; `second_run`: what it is compared with; `no_way`:
    what can never be reached from its end.
    `refined_values`: variables and constants that start with a value other than the one
    that their own file gives.
    """

    sizes: tuple[tuple[str, int], ...]
    parameters: tuple[tuple[str, str], ...]
    initial: tuple[tuple[ToldCell, str], ...]
    steps: tuple[StoryStep, ...]
    violation: Violation | None
    fixed: frozenset[str] = frozenset()
    reliance: Reliance | None = None
    cells_that_matter: tuple[ToldCell, ...] = ()
    dependences: tuple[Dependence, ...] = ()
    explained: tuple[Explained, ...] = ()
    asides: tuple[Aside, ...] = ()
    cuts: tuple[Cut, ...] = ()
    loop: Loop | None = None
    no_way: NoWay | None = None
    second_run: SecondRun | None = None
    watched: tuple[Watched, ...] = ()
    refined_values: tuple[tuple[str, Refined], ...] = ()

    @property
    def parameters_that_matter(self) -> tuple[str, ...] | None:
        """Names of those that the trace relies on, be it that they are tied to others; None if not known."""
        return None if self.reliance is None else (*self.reliance.names(), *self.reliance.tied)

    def open_parameters(self) -> tuple[tuple[str, str], ...]:
        """Parameters and constants whose value is not given in the file."""
        return tuple(pair for pair in self.parameters if pair[0] not in self.fixed)

    def decided_at(self) -> Location | None:
        """Where the rule is written that decided in the last step: the row that raised a fault, else the last
        row that applied, else the action. None where there is no step, or it is not known."""
        if not self.steps:
            return None
        last = self.steps[-1]
        faults = [row for row in last.rows if row.is_fault]
        rows = faults or last.rows
        return rows[-1].at if rows else last.at
