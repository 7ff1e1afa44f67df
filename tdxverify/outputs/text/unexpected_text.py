"""Why an answer that nobody expected came out as it did, in sentences; reports put them under its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tdxverify.answers.answer import Answer
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import EMPTY, NO_BREAK, Line, Piece, Style, indent, line, wrap
from tdxverify.questions.kinds import KINDS
from tdxverify.telling.lassos import without_begin
from tdxverify.telling.unexpected import Obstacle, Part, Unexpected

_MOST_VALUES = 6
_MARGIN = " " * 8
_GIVEN = re.compile(r"\w\(\w+ = [^()]*\)")
_WITHOUT = "Without this, all else as it is,"
_WITHOUT_MORE = "Without this, and without all that the proof does not need,"


@dataclass(frozen=True, slots=True)
class Item:
    """A part of the model, and the sentences about it."""

    part: Part
    sentences: tuple[str, ...]

    @property
    def place(self) -> str:
        return "command line" if self.part.at is None else str(self.part.at)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`heading`, what follows it part by part, then `sentences`; `command`: what to type to see more."""

    heading: str
    items: tuple[Item, ...]
    sentences: tuple[str, ...]
    command: str | None

    def texts(self) -> Iterator[str]:
        """Everything, one paragraph after another."""
        if self.heading:
            yield self.heading
        for item in self.items:
            yield f"{item.part.kind} {item.part.text} ({item.place})"
            yield from item.sentences
        yield from self.sentences
        if self.command is not None:
            yield f"more: {self.command}"


def explanation(check: Answer) -> Explanation | None:
    """What is told of an answer that nobody expected; None where nothing is."""
    told = check.told.unexpected
    if told is None:
        return None
    at = f" {told.at}" if told.at else ""
    if told.obstacles:
        wanted = _wanted(check)
        items = tuple(Item(one.part, tuple(_about(one, wanted))) for one in told.obstacles)
        return Explanation(f"What is in the way{at}:", items, tuple(_rest(told, at)), told.command)
    if told.excluding:
        heading = f"There is no initial state, since these contradict one another{at}:"
        if len(told.excluding) == 1:
            heading = f"There is no initial state, since this can never hold{at}:"
        items = tuple(Item(part, ()) for part in told.excluding)
        return Explanation(heading, items, tuple(_rest(told, at)), told.command)
    return Explanation("", (), tuple(_rest(told, at)), told.command)


def unexpected_lines(check: Answer, width: int) -> list[Line]:
    """The section below the heading of the check."""
    told = explanation(check)
    if told is None:
        return []
    lines = wrap(line(f" {told.heading}"), width, hanging=1) if told.heading else []
    for item in told.items:
        body = wrap(line(item.part.text, Style.STRONG), width - 8, hanging=4)
        first: Line = (Piece(f" {item.part.kind}".ljust(8), Style.STRONG), *body[0])
        lines += [EMPTY, first, *indent(body[1:], _MARGIN), *indent([line(item.place, Style.GUIDE)], _MARGIN)]
        quoted = [] if item.part.description is None else [f'"{item.part.description}"']
        for sentence in (*quoted, *item.sentences):
            lines += indent(wrap(line(_in_one_piece(sentence)), width - 8, hanging=4), _MARGIN)
    lines += [EMPTY] if told.items else []
    for sentence in told.sentences:
        lines += wrap(line(f" {sentence}"), width, hanging=1)
    lines += [EMPTY] if told.sentences and told.command is not None else []
    if told.command is not None:  # in one piece, so that it can be copied
        lines.append((Piece(" more   ", Style.STRONG), Piece(told.command)))
    return lines


def _in_one_piece(sentence: str) -> str:
    """Lines are not broken within what a step is given."""
    return _GIVEN.sub(lambda found: found.group().replace(" ", NO_BREAK), sentence)


def _wanted(check: Answer) -> str:
    sought = check.asked.kind is not None and KINDS[check.asked.kind].is_sought
    return "it is reached" if sought else "the property fails"


def _about(one: Obstacle, wanted: str) -> Iterator[str]:
    """`wanted`: what nobody expected not to happen."""
    if one.never is not None:
        yield f"{one.never}."
    yield from (f"{told}." for told in one.writers)
    yield from _as_it_is(one)
    without = _WITHOUT if one.alone else _WITHOUT_MORE
    run, goes_on = without_begin(one.run)
    if run:
        count = counted(len(run), "step")
        yield f"{without} {wanted} in {count}{goes_on}: {', '.join(run)}."
    else:
        yield f"{without} {wanted} at the start{goes_on}."


def _as_it_is(one: Obstacle) -> Iterator[str]:
    """How far the model itself gets."""
    if one.before is None:
        yield "As it is, no run starts like that."
    elif one.stopped is not None:
        before, goes_on = without_begin(one.before)
        ending, chosen = _stopped(one, one.stopped), _chosen(one)
        if before:
            yield f"As it is{chosen}: {', '.join(before)}; then {ending}."
        elif goes_on:
            yield f"As it is{chosen}, {ending}."
        else:
            yield f"As it is{chosen}, {ending} at the start."


def _stopped(one: Obstacle, step: str) -> str:
    """What becomes of the step that would come next."""
    if not without_begin([step])[0]:
        return "nothing is asked for that is not so already"
    return f"{step} leads elsewhere" if one.possible else f"{step} is not possible"


def _chosen(one: Obstacle) -> str:
    """What makes it so that the check leaves open."""
    values = [f"{name} = {value}" for name, value in one.start]
    more = len(values) - _MOST_VALUES
    if more > 1:
        values = [*values[:_MOST_VALUES], f"values of {more} others"]
    *first, last = values or [""]
    told = f"{', '.join(first)} and {last}" if first else last
    return f", with {told}" if told else ""


def _rest(told: Unexpected, at: str) -> Iterator[str]:
    if told.start is not None:
        values = ", ".join(f"{name} = {value}" for name, value in told.start)
        yield f"There is an initial state{at}" + (f", with {values}." if values else ".")
    if told.remark is not None:
        yield told.remark
    if told.unassigned:
        yield f"No step ever assigns {' or '.join(told.unassigned)}, of which the property speaks."
    if told.idle:
        yield f"Steps that never happen{at}: {', '.join(told.idle)}."
