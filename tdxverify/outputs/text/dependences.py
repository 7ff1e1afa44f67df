"""What a step needed of what came before it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.telling.story import Story


@dataclass(frozen=True, slots=True)
class Needed:
    """What a step needs of one maker: (`poison[Line0] = true`, ...). `producer` as in `Dependence`; where it
    is None all are constants, or all are parameters."""

    producer: int | None
    values: tuple[str, ...]
    is_constant: bool = False

    @property
    def maker(self) -> str:
        if self.producer is None:
            kind = "constant" if self.is_constant else "parameter"
            return f"a {kind}" if len(self.values) == 1 else f"{kind}s"
        return f"made by {self.step}" if self.step else "from the start"

    @property
    def step(self) -> str | None:
        """`step 2`; None for what no step made."""
        return f"step {self.producer}" if self.producer else None


def needs_by_maker(story: Story, consumer: int) -> tuple[Needed, ...]:
    """Of steps, latest first, of the start, of parameters and constants.

    A step may have looked at a parameter of which another value would have led to the same. If the trace does
    not rely on it, it is not needed.
    """
    found: dict[tuple[int | None, bool], list[str]] = {}
    for one in story.dependences:
        if one.consumer == consumer and (one.producer is not None or _is_relied_on(story, one.cell.text)):
            found.setdefault((one.producer, one.is_constant), []).append(f"{one.cell} = {one.value}")
    return tuple(Needed(producer, tuple(values), constant) for (producer, constant), values in found.items())


def _is_relied_on(story: Story, name: str) -> bool:
    """Whether the trace relies on that parameter or constant, or the file gives its value."""
    matter = story.parameters_that_matter
    return matter is None or name in matter or name in story.fixed


def idle_steps(story: Story) -> frozenset[int]:
    """Steps that nothing later needs, if that is known; the last one leads to the end by itself, and of those
    that are done again and again each may be what somebody who is fair has to do."""
    if not story.dependences:
        return frozenset()
    producers = {one.producer for one in story.dependences}
    before = len(story.steps) - 1 if story.loop is None else story.loop.begin
    return frozenset(s.number for s in story.steps[:before] if s.number not in producers)
