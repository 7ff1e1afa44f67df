"""What every kind of evidence is, and what may become of it when it is checked.

To add a kind: a module with a subclass of `Evidence`, and a row in `kinds`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from tdxverify.budget import Budget
from tdxverify.evidence.item import Content, Item
from tdxverify.logic.expr import Expr
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.inductive import Script


@dataclass(frozen=True, slots=True)
class Accepted:
    """It holds."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It does not hold. `bundle`: what it takes to see that again, by names of files."""

    reason: str
    bundle: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither accepted nor refused: there was no time, or a solver gave up."""

    reason: str


Judgement: TypeAlias = Accepted | Refused | Undecided


class Claim(Enum):
    """What evidence shows about a problem."""

    NO_BAD_STATE = "no bad state is reachable"
    BAD_STATE = "a bad state is reachable"
    NO_INITIAL_STATE = "there is no initial state"


class Scope(Enum):
    """What of a problem evidence depends on; what else changes does not make it stale."""

    RUN = "the steps, by name, that may lead to a bad state"
    CONE = "what the bad states and the formulas depend on"
    EVERYTHING = "all symbols"
    NAMED_STEPS = "all symbols, and the steps by name"


class Evidence(ABC):
    """Something that shows a `claim` about a problem, to be checked by code that did not find it.

    `kind`: what it is called where it is stored; `parts`: what is stored of it.
    `may_be_general`: some of it is about any size.
    `by_evaluator`: no solver takes part in checking it.
    `accepted`: who accepts it and what they were asked, in a sentence.
    """

    __slots__ = ()

    kind: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()
    claim: ClassVar[Claim] = Claim.NO_BAD_STATE
    may_be_general: ClassVar[bool] = False
    scope: ClassVar[Scope] = Scope.EVERYTHING
    by_evaluator: ClassVar[bool] = False
    accepted: ClassVar[str] = ""

    @property
    def any_size(self) -> bool:
        """Whether it is about every number of elements of the index sorts that the problem leaves open."""
        return False

    @property
    def without_solver(self) -> bool:
        """Whether no solver takes part in checking this one."""
        return self.by_evaluator

    @property
    def formulas(self) -> tuple[Expr, ...]:
        """What it says of every reachable state, where it can be read; else nothing."""
        return ()

    @property
    def length(self) -> int | None:
        """How many steps it takes, if it is a run."""
        return None

    @abstractmethod
    def check(self, problem: Problem, limits: Budget) -> Judgement:
        """Whether it holds for `problem`; LimitReached may be raised."""

    def script(self, problem: Problem) -> Script | None:
        """What has to be shown, for other solvers; None where solvers have no part in it.

        Raises TooLarge, and Unusable where it is no evidence for `problem` at all.
        """
        return None

    @abstractmethod
    def stored(self, problem: Problem) -> Content:
        """What is kept of it in a file."""

    @classmethod
    @abstractmethod
    def read(cls, problem: Problem, item: Item) -> Evidence:
        """The evidence that `item` stores for `problem`. Raises Unusable."""

    @classmethod
    def mentioned(cls, item: Item) -> set[str]:
        """The names of the symbols that the stored formulas read, if there are any. Raises Unusable."""
        return set()

    @classmethod
    def readable(cls, item: Item) -> tuple[str, ...]:
        """What people read of `item`, a line each, as it is stored: nothing is checked. Raises Unusable."""
        return ()

    @property
    def reached(self) -> Iterable[tuple[Valuation, Valuation]] | None:
        """All that can be reached, parameters and state, where it lists that and has it at hand."""
        return None

    @abstractmethod
    def described(self) -> str:
        """For a list: `invariant of 3 formulas`, `trace of 5 steps`."""

    @abstractmethod
    def told(self, problem: Problem) -> str:
        """How the claim is shown, for a proof that is told: `induction over 2 steps`."""


def refused(problem: Problem, evidence: Evidence, reason: str, text: str | None = None) -> Refused:
    """With a bundle; `text` is an SMT-LIB script that is answered otherwise than it has to be."""
    bundle = [("problem", repr(problem)), ("evidence", repr(evidence))]
    if text is not None:
        bundle.append(("obligation.smt2", text))
    return Refused(f"{evidence.kind} of {problem.name} refused: {reason}", tuple(bundle))
