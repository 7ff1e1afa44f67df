"""What a reader is told about evidence that lies in a file; found by those who know about proof files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.answers.answer import Answer

Place: TypeAlias = tuple[str, int, str]  # file, line and property of a check


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """`file` holds evidence for the same answer. `kinds` and `checked_by` are what it says about itself."""

    file: str
    kinds: tuple[str, ...]
    checked_by: tuple[str, ...]


StoredProofs: TypeAlias = Mapping[Place, StoredEvidence]


def place_of(check: Answer) -> Place:
    return check.asked.file, check.asked.line, check.asked.property
