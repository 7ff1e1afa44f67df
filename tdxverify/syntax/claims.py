"""What a property can claim, and what a check can expect of it, as written."""

from __future__ import annotations

from enum import Enum


class Expected(Enum):
    PROVED = "proved"
    TRIVIAL = "proved trivially"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"


class Fair(Enum):
    """What is said of steps that are fair: one of them is taken again and again, if from some time on one is
    always possible (weakly), or if one is possible again and again (strongly)."""

    WEAK = "fair"
    STRONG = "strongly fair"


class Part(Enum):
    """What the words of a claim leave open."""

    CONDITION = "a condition about one state"
    PREMISE = "a condition about one state, from which on something is asked for"
    STEP_CONDITION = "a condition about the two states of a step"
    ACTOR = "an actor, or 'anyone'"
    FAULT = "a fault"
    OBSERVER = "an observer"
    BY_STEPS = "nothing, or 'even by steps'"
    REVEALED = "nothing, or 'more than' and what may be known"
    CHANGING = "an actor"
    CHANGED = "what is read"


class PropertyKind(Enum):
    """The kinds of claims: a name, the answer that comes with a trace, and the words.

    The grammar has the rule `NAME_claim` for each. What they mean is said in `questions.kinds`.
    """

    NEVER = "never", Expected.REFUTED, "never", Part.CONDITION
    ALWAYS = "always", Expected.REFUTED, "always", Part.CONDITION
    REACHABLE = "reachable", Expected.PROVED, "reachable", Part.CONDITION
    STEP = "step", Expected.REFUTED, "step", Part.STEP_CONDITION
    NEVER_TAKES = "takes", Expected.REFUTED, "never", Part.ACTOR, "takes", Part.FAULT
    NEVER_DEADLOCK = "deadlock", Expected.REFUTED, "never", "deadlock"
    CONTAINED = "contained", Expected.REFUTED, "contained", Part.FAULT
    EVENTUALLY = "eventually", Expected.REFUTED, "eventually", Part.CONDITION
    LEADS_TO = "leads_to", Expected.REFUTED, Part.PREMISE, "leads_to", Part.CONDITION
    POSSIBLE = "possible", Expected.REFUTED, "always", "possible", Part.CONDITION
    CANNOT_TELL = (
        "cannot_tell",
        Expected.REFUTED,
        Part.OBSERVER,
        "cannot",
        "tell",
        Part.BY_STEPS,
        Part.REVEALED,
    )
    CANNOT_CHANGE = "cannot_change", Expected.REFUTED, Part.CHANGING, "cannot", "change", Part.CHANGED

    _value_: str
    with_trace: Expected
    words: tuple[str | Part, ...]

    def __new__(cls, name: str, with_trace: Expected, *words: str | Part) -> PropertyKind:
        kind = object.__new__(cls)
        kind._value_ = name
        kind.with_trace = with_trace
        kind.words = words
        return kind

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is left open, in the order of the words."""
        return tuple(word for word in self.words if isinstance(word, Part))

    @property
    def of_runs(self) -> bool:
        """Whether the claim is about whole runs: that something happens in the end."""
        return self in (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO)

    @property
    def may_be_of_each(self) -> bool:
        """Whether `each p : Page:` may stand before it, which makes the claim of each of them by itself."""
        return self.of_runs or self is PropertyKind.POSSIBLE

    @property
    def of_two_runs(self) -> bool:
        """Whether the claim compares two runs."""
        return self in (PropertyKind.CANNOT_TELL, PropertyKind.CANNOT_CHANGE)

    @property
    def of_steps(self) -> bool:
        """Whether the claim is about steps, not about states."""
        return Part.STEP_CONDITION in self.parts
