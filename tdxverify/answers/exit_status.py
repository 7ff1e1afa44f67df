"""What every command ends with. Light to import: showing help needs it."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """As the README lists them."""

    AS_EXPECTED = 0
    NOT_EXPECTED = 1
    UNDECIDED = 2
    WRONG_INPUT = 3
    INTERNAL = 4
