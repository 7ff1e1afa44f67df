"""What a step needed of what came before it, in words."""

from __future__ import annotations

from tdxverify.results.story import Story

FROM_THE_START = "from the start"


def needs_by_maker(story: Story, consumer: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`made by step 2` with (`poison[Line0] = true`, ...): steps, latest first, the start, parameters."""
    found: dict[str, list[str]] = {}
    for one in story.dependences:
        if one.consumer == consumer:
            found.setdefault(_maker(one.producer), []).append(f"{one.cell} = {one.value}")
    return tuple((maker, tuple(values)) for maker, values in found.items())


def idle_steps(story: Story) -> frozenset[int]:
    """Steps that nothing later needs, if that is known; the last one leads to the end by itself."""
    if not story.dependences:
        return frozenset()
    producers = {one.producer for one in story.dependences}
    return frozenset(s.number for s in story.steps[:-1] if s.number not in producers)


def _maker(producer: int | None) -> str:
    if producer is None:
        return "a parameter"
    return FROM_THE_START if producer == 0 else f"made by step {producer}"
