"""How a story says why its last state is bad."""

from __future__ import annotations

import dataclasses

import pytest

from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.trace_text import story_lines
from tdxverify.telling.story import Change, FaultTaken, Story, StoryStep, Violation
from tests.cells import cell


def ending(story: Story, violation: Violation) -> list[str]:
    told = plain(story_lines(dataclasses.replace(story, violation=violation), 80, everything=False))
    return [row.strip() for row in told[told.index(" broken ") + len(" broken ") :].splitlines()]


@pytest.mark.parametrize(
    ("violation", "told"),
    [
        (Violation("p", None, "never x", "not x", (), "x", is_evident=True), ["never x"]),
        (Violation("p", None, "contained #MC", "not a took #MC", (), "a took #MC"), ["because a took #MC"]),
        (
            Violation("p", None, "never x", "not poison[l]", (("l", "Line1"),), "poison[l] for l = Line1"),
            ["because poison[l] for l = Line1"],
        ),
        (Violation("p", None, "always x", "a <= 3", ()), ["because this is false: a <= 3"]),
    ],
)
def test_ending(story: Story, violation: Violation, told: list[str]) -> None:
    assert ending(story, violation) == list(dict.fromkeys([violation.formula, *told]))


def told_step(story: Story, step: StoryStep) -> str:
    return plain(story_lines(dataclasses.replace(story, steps=(step,), violation=None), 80, everything=False))


def test_handled_and_unhandled_faults_differ(story: Story) -> None:
    taken = FaultTaken("host_kernel", "#PF", handled=False)
    step = dataclasses.replace(story.steps[4], faults=(taken,), changes=())
    assert "host_kernel takes #PF, and the rest of the step is not done" in told_step(story, step)
    handled = dataclasses.replace(step, faults=(dataclasses.replace(taken, handled=True),))
    assert "host_kernel takes #PF and handles it" in told_step(story, handled)


def test_step_that_changes_nothing_says_so(story: Story) -> None:
    assert "nothing changes" in told_step(story, dataclasses.replace(story.steps[0], changes=()))


def test_a_start_of_which_nothing_is_to_be_said(story: Story) -> None:
    """Nobody has taken a fault at the start: that goes without saying, but is a state."""
    took = cell("next_kernel took #MC")
    step = dataclasses.replace(story.steps[4], changes=(Change(took, "false", "true"),))
    silent = dataclasses.replace(
        story, initial=((took, "false"),), steps=(step,), violation=None, cells_that_matter=()
    )
    assert "(nothing has happened yet)" in plain(story_lines(silent, 80, everything=False))


def test_position_of_an_indexed_process(story: Story) -> None:
    moved = dataclasses.replace(
        story,
        initial=tuple((cell(f"flush[Cpu{k}] at"), "start") for k in range(2)),
        steps=(
            dataclasses.replace(story.steps[2], changes=(Change(cell("flush[Cpu0] at"), "start", "done"),)),
        ),
        violation=None,
    )
    told = plain(story_lines(moved, 80, everything=False))
    assert " start  flush[Cpu0] at start\n        (1 other cell does not change in this run)\n" in told
    assert "flush[Cpu0] at: start -> done" in told
