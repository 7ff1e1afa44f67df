"""What a whole run found: one `CheckRun` per check, and the exit status that follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

from tdxverify.diagnostics import Diagnostic
from tdxverify.results.proof_story import ProofStory
from tdxverify.results.story import Location, Story
from tdxverify.syntax.ast import PropertyKind

ANY = "any"  # as which a size is shown that is left open


class Outcome(Enum):
    """The answer about a *property* (a verdict is about a Problem; for `reachable` they are opposites)."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"


class ExitStatus(IntEnum):
    AS_EXPECTED = 0
    NOT_EXPECTED = 1
    UNDECIDED = 2
    WRONG_INPUT = 3
    INTERNAL = 4


class Bearing(Enum):
    """What an answer has to do with a parameter that stands for something unknown; see the README."""

    ASSUMED = "assumed"
    ANY_VALUE = "any value"
    FOUND_WITH = "found with"


@dataclass(frozen=True, slots=True)
class UnknownUse:
    """The parameter `name` stands for the unknowns `identifiers` ("U-05"), and may bear on the answer.

    ASSUMED: the check asks about `values` only, not about `others`. ANY_VALUE: it asks about all, `values`,
    and the answer is the same for each. FOUND_WITH: the trace has the one in `values`, and there is a trace
    as well with those in `also`; of `others` nothing is said.
    """

    identifiers: tuple[str, ...]
    name: str
    bearing: Bearing
    values: tuple[str, ...]
    others: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def told_sizes(sizes: Iterable[tuple[str, str]]) -> str:
    """`Line = 2, Cpu = 1..3, any number of Page`: what is stated, then what is open."""
    pairs = list(sizes)
    stated = [f"{sort} = {size}" for sort, size in pairs if size != ANY]
    return ", ".join([*stated, *(f"any number of {sort}" for sort, size in pairs if size == ANY)])


@dataclass(frozen=True, slots=True)
class PartlyChecked:
    """That exactly one row of `access` answers every state is known for up to so many elements only.

    `sizes`: index sorts with the numbers of elements.
    """

    access: str
    sizes: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        counts = " and ".join(
            f"{most} element{'s' if most > 1 else ''} of {name}" for name, most in self.sizes
        )
        return f"access '{self.access}' was checked for up to {counts} only"


@dataclass(frozen=True, slots=True)
class CheckRun:
    """`sizes`: what the verdict is about, e.g. (("Line", "2"), ("Cpu", "1..3"), ("Page", "any")); `any_size`:
    any number of each was asked about. `parameters`: values in the trace. `engine` decided. `reason` explains
    unknown and vacuous, and says of a trace where other sizes may need fewer steps. `clean_through` as in
    `Unknown`. `states`: exact number of reachable states where the
    explicit engine counted them. `kind`: what sort of property it is, None where the check was never lowered.
    """

    file: str
    line: int
    property: str
    description: str | None
    where: str
    sizes: tuple[tuple[str, str], ...]
    any_size: bool
    expected: str
    expected_length: int | None
    outcome: Outcome
    as_expected: bool
    length: int | None
    parameters: tuple[tuple[str, str], ...]
    engine: str | None
    reason: str | None
    clean_through: int | None
    states: int | None
    seconds: float
    story: Story | None
    kind: PropertyKind | None = None
    about: str | None = None  # what the check line itself says it is about
    invariant: tuple[str, ...] = ()  # the formulas of the proof's inductive invariant, as text
    proof: ProofStory | None = None  # what a proof rests on
    property_at: Location | None = None  # where the property is written; `file`, `line` are the check's
    unknowns: tuple[UnknownUse, ...] = ()  # what is not known and this answer has to do with
    partly_checked: tuple[PartlyChecked, ...] = ()  # what may decide, and was not checked for these sizes


def places_of(check: CheckRun) -> tuple[tuple[str, Location], ...]:
    """Where to look besides the check itself: `property`, and `decided-by` for the rule that decided."""
    decided = None if check.story is None else check.story.decided_at()
    named = (("property", check.property_at), ("decided-by", decided))
    return tuple((name, place) for name, place in named if place is not None)


@dataclass(frozen=True, slots=True)
class Run:
    """`diagnostics`: mistakes in specs; other specs were still checked. `interrupted`: by Ctrl-C."""

    checks: tuple[CheckRun, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    interrupted: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        """3 before 1 before 2 before 0: see the table in the README."""
        if self.diagnostics:
            return ExitStatus.WRONG_INPUT
        wrong = [c for c in self.checks if not c.as_expected]
        if any(c.outcome is not Outcome.UNKNOWN for c in wrong):
            return ExitStatus.NOT_EXPECTED
        if wrong or self.interrupted:
            return ExitStatus.UNDECIDED
        return ExitStatus.AS_EXPECTED
