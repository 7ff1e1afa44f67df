"""What a step needed of what came before it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.telling.story import Story


@dataclass(frozen=True, slots=True)
class Needed:
    """What a step needs of one maker: (`poison[Line0] = true`, ...). `producer` as in `Dependence`."""

    producer: int | None
    values: tuple[str, ...]

    @property
    def maker(self) -> str:
        if self.producer is None:
            return "a parameter"
        return f"made by {self.step}" if self.step else "from the start"

    @property
    def step(self) -> str | None:
        """`step 2`; None for what no step made."""
        return f"step {self.producer}" if self.producer else None


def needs_by_maker(story: Story, consumer: int) -> tuple[Needed, ...]:
    """Of steps, latest first, of the start, of parameters."""
    found: dict[int | None, list[str]] = {}
    for one in story.dependences:
        if one.consumer == consumer:
            found.setdefault(one.producer, []).append(f"{one.cell} = {one.value}")
    return tuple(Needed(producer, tuple(values)) for producer, values in found.items())


def idle_steps(story: Story) -> frozenset[int]:
    """Steps that nothing later needs, if that is known; the last one leads to the end by itself."""
    if not story.dependences:
        return frozenset()
    producers = {one.producer for one in story.dependences}
    return frozenset(s.number for s in story.steps[:-1] if s.number not in producers)
