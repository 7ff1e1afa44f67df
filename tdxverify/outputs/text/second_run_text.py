"""What is otherwise in a second run, beside the first one as it is told: a few short texts for each state."""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.telling.story import SecondRun


def beside_texts(second: SecondRun, number: int) -> Iterator[str]:
    """Of the start, or of the step of that number: what the second run did by itself, and what differs now
    that did not before: `first run || second run: plain[Page0] = 0 || 1`."""
    beside = second.beside[number]
    if beside.is_left_out:
        yield "left out in the second run"
    if beside.chosen:
        yield f"in the second run {', '.join(beside.chosen)}"
    differences = second.new_differences(number)
    if differences:
        told = (f"{one.cell} = {one.first} || {one.second}" for one in differences)
        yield f"{runs_text(second)}: {', '.join(told)}"
    if again := second.equal_again(number):
        yield f"the same in both runs again: {', '.join(cell.text for cell in again)}"
    if number == 0 and not differences:
        yield "the second run starts in the same state"


def runs_text(second: SecondRun) -> str:
    """`first run || second run`, the head of two columns."""
    if second.without is None:
        return "first run || second run"
    return f"with || without the steps of {second.without}"
