"""The answer to one check: what was asked, what was found, how it is told, and what became of a stored one.

Plain values, already turned into text where people read them: outputs only lay them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tdxverify.logic.counting import counted
from tdxverify.logic.sizes_in_words import ANY, limited_sizes, told_sizes
from tdxverify.syntax.claims import Expected, PropertyKind
from tdxverify.telling.proof_story import ProofStory
from tdxverify.telling.refined_model import told_refined
from tdxverify.telling.story import Location, Refined, Story
from tdxverify.telling.unexpected import Unexpected


class Outcome(Enum):
    """The answer about a *property* (a verdict is about a Problem; for `reachable` they are opposites)."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"


class Trivial(Enum):
    """Whether a proof is one because of what never happens; see `triviality.judging`."""

    YES = "trivial"
    NO = "not trivial"
    OPEN = "not known to be trivial"


class Bearing(Enum):
    """What an answer has to do with a parameter that stands for something unknown; see the README."""

    ASSUMED = "assumed"
    ANY_VALUE = "any value"
    FOUND_WITH = "found with"


@dataclass(frozen=True, slots=True)
class UnknownUse:
    """The parameter `name` stands for the unknowns `identifiers` ("U-05"), and may bear on the answer.

    ASSUMED: the check asks about `values` only, not about `others`, and the answer is the same for each.
    ANY_VALUE: it asks about all, `values`, and the answer is the same for each. FOUND_WITH: the trace has the
    one in `values`, and there is a trace as well with those in `also`; of `others`, about which the check
    asks too, nothing is said.
    """

    identifiers: tuple[str, ...]
    name: str
    bearing: Bearing
    values: tuple[str, ...]
    others: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartlyChecked:
    """That exactly one row of `access` answers every state is known for up to so many elements only.

    `sizes`: index sorts with the numbers of elements.
    """

    access: str
    sizes: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        counts = " and ".join(f"{counted(most, 'element')} of {name}" for name, most in self.sizes)
        return f"access '{self.access}' was checked for up to {counts} only"


class Standing(Enum):
    """What became of a stored answer; the value is what people read."""

    # of proving
    UNCHANGED = "unchanged"
    SURVIVING = "surviving"
    REPAIRED = "repaired"
    NEW = "new"
    NOT_WRITTEN = "not written"
    # of rechecking
    HOLDS = "holds"
    MISSING = "missing"
    STALE = "stale"
    REFUSED = "refused"
    LEFT_OVER = "left over"
    # of both
    UNDECIDED = "undecided"

    @property
    def is_good(self) -> bool:
        """There is evidence, and it was accepted."""
        return self in _GOOD

    @property
    def is_lost(self) -> bool:
        """There is no answer that can be shown any more, or none was kept that could be shown later."""
        return not (self.is_good or self is Standing.UNDECIDED)


_GOOD = (Standing.UNCHANGED, Standing.SURVIVING, Standing.REPAIRED, Standing.NEW, Standing.HOLDS)


class Judgement(Enum):
    """An answer held against what the check expects."""

    AS_EXPECTED = "as expected"
    NOT_EXPECTED = "not as expected"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The one that a check names. `description` and `where` are what it says itself; `besides`: what the
    check, with the command line, asks for besides it. `number`: its place among those of the file."""

    name: str
    description: str | None = None
    where: str = ""
    besides: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """The check as it stands in its spec. `where`, with what its configuration and the command line add;
    `sizes`: (("Line", "2"),
    ("Cpu", "1..3"), ("Page", "any")); `any_size`: any number of each was asked about. `description` is that
    of the property, `about` what the check itself says. `line`: 0 for a stored answer whose check is gone,
    which expects nothing. `kind`: None where it is not known. `refined`: what files that import others have
    changed in the model. `case`: which mistake the file is about, where it is a case; `conditions`: what its
    `where` joins by `and`, with its configuration, without what the command line adds.
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
    kind: PropertyKind | None = None
    about: str | None = None
    property_at: Location | None = None  # where the property is written; `file`, `line` are the check's
    name: str = ""  # what tells it from all others of the file
    config: Configuration | None = None
    assuming: str = ""  # `assuming fair serve`: what is taken as fair for this check alone
    refined: tuple[Refined, ...] = ()
    case: str | None = None
    conditions: tuple[str, ...] = ()

    def place(self) -> str:
        """Where the check is written; the file alone where it is gone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def situation(self) -> str:
        """`in v5 where hot`, `where cold assuming fair serve`: in as few words as tell what it is about."""
        where = self.where if self.config is None else self.config.besides
        named = "" if self.config is None else f"in {self.config.name}"
        return " ".join(part for part in (named, f"where {where}" if where else "", self.assuming) if part)

    def narrowing(self) -> tuple[str, ...]:
        """What it is about in full: `in v5`, `where not flush and hot`, `assuming fair serve`."""
        named = "" if self.config is None else f"in {self.config.name}"
        where = f"where {self.where}" if self.where else ""
        return tuple(part for part in (named, where, self.assuming) if part)

    def told_refined(self) -> str | None:
        """`the model is refined in root.tdx:2, 3, 7`; None where it is not."""
        return told_refined(self.refined)

    def told_sizes(self) -> str:
        """`any size`, or `Line = 2, Cpu = 1..3`."""
        return "any size" if self.any_size else told_sizes(self.sizes)

    def expectation(self) -> str:
        """`proved`, `refuted in 5`."""
        return self.expected + ("" if self.expected_length is None else f" in {self.expected_length}")


@dataclass(frozen=True, slots=True)
class Told:
    """`story` of a trace, `proof`: what a proof rests on, `invariant`: its formulas as text. `parameters`:
    values in the trace. `unknowns`: what is not known and this answer has to do with; `partly_checked`: what
    may decide, and was not checked for these sizes. `unexpected`: why it is not the expected one, where that
    was asked.
    """

    story: Story | None = None
    proof: ProofStory | None = None
    invariant: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    unknowns: tuple[UnknownUse, ...] = ()
    partly_checked: tuple[PartlyChecked, ...] = ()
    unexpected: Unexpected | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the stored answer. `evidence`: what it rests on, in a few words. `second`: what the
    second solver is called if it has accepted it too.
    """

    standing: Standing
    evidence: str = ""
    second: str | None = None

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Everything that is known, by name: `standing`, `evidence`, `second`."""
        named = (("standing", self.standing.value), ("evidence", self.evidence), ("second", self.second))
        return tuple((name, fact) for name, fact in named if fact)


@dataclass(frozen=True, slots=True)
class Shortest:
    """Where no trace is shorter: at all `sizes` (as in `Asked`). `is_all`: those are all that the check asks
    about. `ended`: why not more of those that it states were searched, where it states any. `unsure`: why it
    is not known that no loop begins sooner, or is shorter, at the sizes of the trace; then nothing else is
    said.
    """

    sizes: tuple[tuple[str, str], ...]
    is_all: bool = False
    ended: str = ""
    unsure: str = ""

    def told(self) -> str:
        """`shortest for Line <= 3; other sizes may need fewer steps`; nothing where the trace's own sizes say
        as much, since the check asks about no others."""
        if self.unsure:
            return f"a loop may begin sooner, or be shorter ({self.unsure})"
        if self.is_all and not any(size == ANY or ".." in size for _, size in self.sizes):
            return ""
        general = all(size == ANY for _, size in self.sizes)
        known = "shortest at any size" if general else f"shortest for {limited_sizes(self.sizes)}"
        others = "other sizes may need fewer steps" + (f" ({self.ended})" if self.ended else "")
        return known if self.is_all else f"{known}; {others}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`sizes`: what it is about: those of the trace, or those asked for. `shortest`: for which sizes a trace
    that was searched for is. `engine` decided. `reason` explains unknown and vacuous. `clean_through` as in
    `Unknown`. `states`: exact number of reachable states where the explicit engine counted them.
    `is_given`: False where nobody got to answer, or no stored evidence holds: no such answer is the expected
    one. `kept`: None where no proof file was asked. `trivial`: None where it is no proof, or nobody asked;
    `reason` says why it is, or is not. `strict`: a trivial proof is as expected only where one is expected.
    `elsewhere`: of a trivial proof, under what other `where` the property is refuted or proved otherwise.
    """

    asked: Asked
    outcome: Outcome
    sizes: tuple[tuple[str, str], ...]
    length: int | None = None
    engine: str | None = None
    reason: str | None = None
    clean_through: int | None = None
    states: int | None = None
    seconds: float = field(default=0.0, compare=False)
    is_given: bool = True
    told: Told = Told()
    kept: Kept | None = None
    trivial: Trivial | None = None
    strict: bool = False
    elsewhere: str | None = None
    shortest: Shortest | None = None

    @property
    def as_expected(self) -> bool:
        """The outcome and, where the check states one, the length are those that the check expects."""
        outcome = Outcome.PROVED.value if self._expects_trivial else self.asked.expected
        same = self.outcome.value == outcome and self.asked.expected_length in (None, self.length)
        return self.is_given and same and self._as_trivial_as_expected

    @property
    def _expects_trivial(self) -> bool:
        return self.asked.expected == Expected.TRIVIAL.value

    @property
    def _as_trivial_as_expected(self) -> bool:
        """Where nobody has asked, any proof is."""
        if self._expects_trivial:
            return self.trivial in (None, Trivial.YES)
        return not (self.strict and self.trivial is Trivial.YES)

    @property
    def advice(self) -> str | None:
        """What to write if the answer is what is meant, where only `strict` makes it another one."""
        if self.as_expected or self.trivial is not Trivial.YES:
            return None
        return "If that is what is meant, write: expect proved trivially"

    @property
    def judgement(self) -> Judgement:
        """A stored answer that is lost is not the expected one."""
        if self.as_expected:
            return Judgement.AS_EXPECTED
        if self.outcome is Outcome.UNKNOWN and not self.is_lost:
            return Judgement.UNDECIDED
        if self.outcome is Outcome.PROVED and self._expects_trivial and self.trivial is Trivial.OPEN:
            return Judgement.UNDECIDED
        return Judgement.NOT_EXPECTED

    @property
    def is_lost(self) -> bool:
        """Is there no stored answer that can be shown, where there was one or ought to be? Of one that is
        not written `outcome` says what was found."""
        return self.kept is not None and self.kept.standing.is_lost

    @property
    def is_unanswered(self) -> bool:
        """Did nobody get to answer? That is not the answer that it is unknown."""
        return self.outcome is Outcome.UNKNOWN and not self.is_given and not self.is_lost

    @property
    def word(self) -> str:
        """The outcome; of a stored answer that is lost, what became of it."""
        return self.kept.standing.value if self.kept is not None and self.is_lost else self.outcome.value

    @property
    def is_general(self) -> bool:
        """Is it about any size? A trace never is."""
        return self.asked.any_size and self.length is None

    @property
    def told_shortest(self) -> str:
        """For which sizes its trace is the shortest, where that is to be said: without steps it always is."""
        return self.shortest.told() if self.shortest is not None and self.length else ""

    @property
    def leaves_sizes_out(self) -> bool:
        """Whether a shorter trace was not looked for at all the sizes that the check states."""
        if self.shortest is None or self.shortest.is_all or not self.length:
            return False
        return not any(size == ANY for _, size in self.asked.sizes)

    def places(self) -> tuple[tuple[str, Location], ...]:
        """Where to look besides the check itself: `property`, and `decided-by` for the rule that decided."""
        decided = None if self.told.story is None else self.told.story.decided_at()
        named = (("property", self.asked.property_at), ("decided-by", decided))
        return tuple((name, place) for name, place in named if place is not None)
