"""How long and how far enumeration may go."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from tdxverify.results.verdict import Why


class LimitReached(Exception):
    """Enumeration gave up; `why` and `detail` say what the user reads."""

    def __init__(self, why: Why, detail: str) -> None:
        self.why = why
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Limits:
    """`deadline` is a value of `time.monotonic()` or None; `max_states` bounds (rigid, state) pairs."""

    deadline: float | None
    max_states: int

    def check_time(self) -> None:
        if self.deadline is not None and monotonic() >= self.deadline:
            raise LimitReached(Why.TIMEOUT, "")

    def check_count(self, count: int, what: str) -> None:
        if count > self.max_states:
            raise LimitReached(Why.STATE_SPACE, f"more than {self.max_states:,} {what}")
