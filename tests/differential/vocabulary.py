"""What a generated spec has declared so far, and what an expression at some place of it may speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeAlias

BOOL = "bool"
Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Enum:
    name: str


@dataclass(frozen=True)
class Index:
    name: str


@dataclass(frozen=True)
class Optional:
    """`or none`."""

    base: Enum | Index


Sort: TypeAlias = str | Range | Enum | Index | Optional  # the only word is BOOL
Position: TypeAlias = Enum | Index | Range  # what there may be one of something for each of


def written(sort: Sort) -> str:
    """The sort as a type in the text."""
    match sort:
        case Enum(name=name) | Index(name=name):
            return name
        case Optional(base=base):
            return f"{base.name} or none"
        case (low, high):
            return f"{low}..{high}"
    return str(sort)


@dataclass(frozen=True)
class Symbol:
    """A parameter, constant or state variable."""

    name: str
    sort: Sort
    positions: tuple[Position, ...]
    rigid: bool


@dataclass(frozen=True)
class Define:
    name: str
    parameters: tuple[Sort, ...]
    result: Sort
    called_with_brackets: bool
    reads: frozenset[str]  # names of state variables; empty: may be used where only rigid things may
    implicit: bool  # reads where a process stands, or faults


@dataclass(frozen=True)
class Table:
    """An access."""

    name: str
    parameters: tuple[Sort, ...]
    faults: tuple[str, ...]
    outcomes: tuple[str, ...]  # that are no faults
    writes: frozenset[str]
    reads: frozenset[str]
    chooses: bool


@dataclass(frozen=True)
class Running:
    """A process: its labels, and the sorts of its parameters."""

    name: str
    parameters: tuple[Sort, ...]
    labels: tuple[str, ...]


# Names that mean something in one place, or in the languages that the engines write.
NAMES = (
    "ok",
    "dropped",
    "size",
    "unknown",
    "proved",
    "refuted",
    "vacuous",
    "fatal",
    "fixable",
    "kills",
    "must",
    "reach",
    "x",
    "n",
    "b",
    "phase",
    "poison",
    "range_error",
    "step_violated",
    "self",
    "lambda",
    "None",
    "True",
    "select",
    "store",
    "assert",
    "ite",
    "distinct",
    "let",
    "class",
    "def",
    "state_",
    "after",
    "rigid",
    "bound",
    "value",
    "values",
    "k",
    "Int",
    "Bool",
    "s0",
    "_",
    "__",
    "x_1",
    "print",
    "range",
    "set",
    "next",
    "old",
)


# Names with a meaning only where runs are spoken of, and one that might be taken for what a proof calls so.
OF_RUNS = ("fair", "leads_to", "assuming", "promised")


@dataclass
class Declared:
    """Grows while the spec is generated."""

    random: Random
    extra: Random = field(default_factory=Random)  # decides about what must not move all other decisions
    crowd: Random = field(default_factory=Random)  # decides in the same way about actors with an index
    order: Random = field(
        default_factory=Random
    )  # and about elements that have an order, and what is numbered
    runs: Random = field(default_factory=Random)  # and about what must happen in the end
    of_runs: bool = False  # whether that is said at all
    rich: bool = False  # and mostly of what changes, with all or nobody having a turn
    ways: Random = field(default_factory=Random)  # and about what can always be reached
    of_possibilities: bool = False  # whether that is said
    pairs: Random = field(default_factory=Random)  # and about what is compared of two runs
    of_two_runs: bool = False
    actions: list[str] = field(default_factory=list)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of enums
    indices: list[str] = field(default_factory=list)
    in_order: set[str] = field(default_factory=set)  # those of them whose elements have an order
    symbols: list[Symbol] = field(default_factory=list)
    defines: list[Define] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    processes: list[Running] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    of_actors: dict[str, tuple[Position, ...]] = field(default_factory=dict)  # where there are several
    faults: dict[str, bool] = field(default_factory=dict)  # name -> whether it must not reach somebody
    taken: set[str] = field(default_factory=set)
    partial: float = 0.0  # how often values may leave their range
    careless: float = 0.0  # how often what must be refused is written
    long_lists: bool = False  # three actors or parameters of a step may stand behind one another
    with_order: bool = False  # elements of index sorts may have an order
    after_all: bool = False  # what was only found missing after all other seeds had their meaning
    of_numbers: bool = False  # there may be an actor for each number
    numbered: bool = False  # processes may have an instance for each number, loops a round for each
    lively: bool = False  # conditions at the start can mostly be met, items stand in items, names divide
    free: set[str] = field(default_factory=set)  # symbols that start with more than one value
    ordered: bool = (
        False  # whether cells may be counted by numbers, as in `acc[0..2]`, and members compared by <
    )
    settled: set[str] = field(default_factory=set)  # state variables that start with one value
    asks_outcomes: bool = field(init=False)  # whether `took ok(zeros)` and the like may be written

    def __post_init__(self) -> None:
        self.asks_outcomes = self.random.random() < 0.3

    @contextmanager
    def apart(self, deciding: Random | None = None) -> Iterator[None]:
        """What is decided inside leaves the decisions behind it as they would be."""
        kept = self.random.getstate()
        self.random.seed((deciding or self.extra).random())
        yield
        self.random.setstate(kept)

    def fresh(self, stem: str) -> str:
        """A name that nothing has yet; now and then one that looks like something else."""
        name = self.random.choice(NAMES) if self.random.random() < 0.15 else stem
        if self.of_runs and self.runs.random() < 0.03:
            name = self.runs.choice(OF_RUNS)
        while name in self.taken:
            name = f"{stem}{self.random.randrange(100)}"
        self.taken.add(name)
        return name

    def fairness(self, often: float = 0.45) -> str:
        """Nothing, or what is said of steps that go on again and again, with a blank behind it."""
        if not self.of_runs or self.runs.random() > often:
            return ""
        return self.runs.choice(["fair ", "fair ", "strongly fair "])

    def own_member(self, sort: Position) -> str | None:
        """A member that no other enum has, chosen for an actor; None of other sorts."""
        own = self.members[sort.name] if isinstance(sort, Enum) else ()
        alone = [member for member in own if not self.shared(member)]
        return self.crowd.choice(alone) if alone else None

    def crowded(self, stem: str) -> str:
        """A name that nothing has yet, for an element of an actor."""
        number = 0
        while (name := f"{stem}{number}") in self.taken:
            number += 1
        self.taken.add(name)
        return name

    def shared(self, member: str) -> bool:
        return sum(member in members for members in self.members.values()) > 1


@dataclass(frozen=True)
class Place:
    """`bound`: variables in scope. `rigid`: only parameters and constants may be read. `own`: state variables
    that a foreach around writes, with the only indices at which they may be read (None: not at all)."""

    bound: Mapping[str, Sort] = field(default_factory=dict)
    rigid: bool = False
    primes: bool = False
    own: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    implicit: bool = True  # may ask where processes stand, who is dead, who took what
    in_define: bool = False
    starts: frozenset[str] = frozenset()  # state variables that may be read nevertheless: how they start
    only: frozenset[str] | None = None  # nothing but these symbols may be read

    def binding(self, more: Mapping[str, Sort]) -> Place:
        return replace(self, bound={**self.bound, **more})
