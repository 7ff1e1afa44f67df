"""The second of two runs that are compared, as a part of the document of a run."""

from __future__ import annotations

import msgspec

from tdxverify.telling.story import SecondRun


class BesideDocument(msgspec.Struct, frozen=True):
    """What is otherwise in the second run: what it `chose` by itself in the step, which it may have
    `left_out`, and the cells that `differ` after it, [value in the first run, value in the second]."""

    chose: tuple[str, ...]
    left_out: bool
    differ: dict[str, tuple[str, str]]


class SecondRunDocument(msgspec.Struct, frozen=True):
    """The run that `trace` is compared with: what is otherwise in it at the start and after each step, and
    what tells the two apart in the end. `without`: an actor whose steps it leaves out."""

    without: str | None
    states: tuple[BesideDocument, ...]
    told: str


def second_run(second: SecondRun) -> SecondRunDocument:
    """`second` as it stands in the document of a run."""
    states = (
        BesideDocument(
            one.chosen,
            one.is_left_out,
            {difference.cell.text: (difference.first, difference.second) for difference in one.differences},
        )
        for one in second.beside
    )
    return SecondRunDocument(second.without, tuple(states), second.told)
