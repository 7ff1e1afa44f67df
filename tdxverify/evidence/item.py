"""A piece of evidence as a proof file holds it: plain values, none of which is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

Content: TypeAlias = tuple[tuple[str, Json], ...]


class Unusable(Exception):
    """It is no evidence for this problem: malformed, or about something else.

    Raised where it is read or written out; whoever asks for a judgement gets `Refused`.
    """


@dataclass(frozen=True, slots=True)
class Item:
    """`sizes` None: for any size. `content`: what its `kind` needs.

    `checked_by`: who accepted it when it was written, with versions; for people, and not believed.
    """

    kind: str
    sizes: tuple[tuple[str, int], ...] | None
    fingerprint: str
    checked_by: tuple[str, ...]
    content: Content

    def part(self, name: str) -> Json:
        """A part of the content; raises Unusable where it is missing."""
        for key, value in self.content:
            if key == name:
                return value
        raise Unusable(f"the {self.kind} has no '{name}'")

    def listed(self, name: str, most: int) -> list[Json]:
        """A part that is a list of at most `most`. Raises Unusable."""
        data = self.part(name)
        if not isinstance(data, list) or len(data) > most:
            raise Unusable(f"a list of at most {most} is needed")
        return data
