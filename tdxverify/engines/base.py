"""What every engine is: a function from a problem, a budget and an observer to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

from tdxverify.budget import Budget
from tdxverify.evidence.verdict import Verdict
from tdxverify.questions.problems.problem import Problem


class Observer(Protocol):
    """Told how far an engine is. Engines never print."""

    def progress(self, engine: str, text: str) -> None: ...


class Engine(Protocol):
    """Requires a Problem from `ts.lower`. Ensures: Refuted traces are shortest; Unknown never hides a hole.

    KeyboardInterrupt may be raised out of an engine; nothing else may, except InternalError.
    """

    def __call__(self, problem: Problem, budget: Budget, observer: Observer) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A row of the engine table. `can_prove` and `can_refute` say which verdicts it may give,
    `any_size` whether its proofs can be for every number of elements at once, `needs` the package without
    which it cannot run, which the extra of the engine's name brings."""

    name: str
    run: Engine
    summary: str
    can_prove: bool
    can_refute: bool
    any_size: bool = False
    needs: str | None = None

    @property
    def is_installed(self) -> bool:
        return self.needs is None or find_spec(self.needs) is not None
