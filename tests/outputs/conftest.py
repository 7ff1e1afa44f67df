"""Hand-made runs: what reports are tested on, independent of every engine."""

from __future__ import annotations

import dataclasses

import pytest

from tdxverify.answers.answer import Answer, Asked, Outcome
from tdxverify.syntax.ast import PropertyKind
from tdxverify.telling.story import Change, DecidedRow, FaultTaken, Location, Story, StoryStep, Violation
from tests.cells import cell
from tests.changed_answers import changed
from tests.cli.conftest import run_command

__all__ = ["run_command"]  # commands are run here as they are in the tests of the command line

STORY = Story(
    sizes=(("Line", 2),),
    parameters=(("erratum", "true"), ("reset_on_kexec", "false")),
    initial=(
        (cell("phase"), "running"),
        (cell("td_owned[Line0]"), "false"),
        (cell("td_owned[Line1]"), "false"),
        (cell("poison[Line0]"), "false"),
        (cell("poison[Line1]"), "false"),
        (cell("next_kernel took #MC"), "false"),
        (cell("kexec at"), "start"),
    ),
    steps=(
        StoryStep(
            1,
            "donate",
            (("l", "Line0"),),
            "tdx_module",
            "the module takes a line for a guest",
            ("F-TDX-07",),
            (),
            (),
            (Change(cell("td_owned[Line0]"), "false", "true"),),
        ),
        StoryStep(
            2,
            "stray_write",
            (("l", "Line0"),),
            "host_kernel",
            "a stray non-temporal store of the host kernel hits a line that belongs to the module",
            (),
            (
                DecidedRow(
                    "host_partial_write(Line0)",
                    1,
                    "td_owned[l] and erratum",
                    "ok",
                    ("F-TDX-31", "F-TDX-32"),
                    at=Location("spec/platform/tdx.tdx", 29),
                ),
            ),
            (),
            (Change(cell("poison[Line0]"), "false", "true"),),
        ),
        StoryStep(
            3,
            "kexec.start",
            (),
            "host_kernel",
            None,
            (),
            (),
            (),
            (Change(cell("phase"), "running", "handover"), Change(cell("kexec at"), "start", "jump")),
            at=Location("spec/host/kexec.tdx", 50),
        ),
        StoryStep(
            4,
            "kexec.jump",
            (),
            "host_kernel",
            None,
            (),
            (),
            (),
            (Change(cell("phase"), "handover", "next_kernel"), Change(cell("kexec at"), "jump", "done")),
        ),
        StoryStep(
            5,
            "boot_read",
            (("l", "Line0"),),
            "next_kernel",
            None,
            (),
            (
                DecidedRow(
                    "host_read(Line0)",
                    1,
                    "poison[l]",
                    "fault #MC",
                    (),
                    at=Location("spec/platform/tdx.tdx", 24),
                    is_fault=True,
                ),
            ),
            (FaultTaken("next_kernel", "#MC", False),),
            (Change(cell("next_kernel took #MC"), "false", "true"),),
        ),
    ),
    violation=Violation(
        "kexec_takes_no_mc",
        "the next kernel never takes a machine check",
        "never next_kernel takes #MC",
        "not next_kernel took #MC",
        (),
        instead="next_kernel took #MC",
        is_evident=True,
        cells=(cell("next_kernel took #MC"),),
    ),
)

PROVED = Answer(
    Asked(
        file="examples/02-erratum.tdx",
        line=40,
        property="kexec_takes_no_mc",
        description="the next kernel never takes a machine check",
        where="not erratum",
        sizes=(("Line", "2"), ("Cpu", "1..3")),
        any_size=False,
        expected="proved",
        expected_length=None,
        kind=PropertyKind.NEVER_TAKES,
        property_at=Location("spec/properties/kexec.tdx", 3),
    ),
    Outcome.PROVED,
    sizes=(("Line", "2"), ("Cpu", "1..3")),
    engine="k-induction",
    seconds=0.0312,
)

REFUTED = changed(
    PROVED,
    line=41,
    where="erratum and not reset_on_kexec",
    sizes=(("Line", "2"), ("Cpu", "1")),
    expected="refuted",
    expected_length=5,
    outcome=Outcome.REFUTED,
    length=5,
    parameters=STORY.parameters,
    engine="bmc",
    seconds=0.1,
    story=STORY,
)

WRONG = changed(REFUTED, line=42, expected="proved", expected_length=None)

UNKNOWN = changed(
    PROVED,
    line=43,
    where="",
    outcome=Outcome.UNKNOWN,
    engine="bmc",
    reason="the bound was reached",
    clean_through=12,
    seconds=123.4,
)

WITNESS = changed(
    PROVED,
    file="examples/03-other.tdx",
    line=7,
    property="some_line_can_be_poisoned",
    where="",
    length=2,
    kind=PropertyKind.REACHABLE,
    story=dataclasses.replace(STORY, steps=STORY.steps[:2], violation=None),
)


@pytest.fixture
def story() -> Story:
    return STORY


@pytest.fixture
def proved() -> Answer:
    return PROVED


@pytest.fixture
def refuted() -> Answer:
    return REFUTED


@pytest.fixture
def wrong() -> Answer:
    return WRONG


@pytest.fixture
def unknown() -> Answer:
    return UNKNOWN


@pytest.fixture
def witness() -> Answer:
    return WITNESS
