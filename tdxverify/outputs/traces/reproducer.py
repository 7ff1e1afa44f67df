"""A trace as a skeleton of a program that does the same to a machine: a kernel module or a shell script.

The comments tell each step; what is done comes from the templates of the spec. What has none is left to
whoever uses the skeleton. Templates are programs and written out as they are; everything else, whatever its
name or description says, stays inside its comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdxverify.answers.tracing import FoundTrace
from tdxverify.characters import visible
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import EMPTY, Line, indent, line, plain, wrap
from tdxverify.outputs.text.reliance_text import relied_on
from tdxverify.outputs.text.trace_text import (
    after,
    assignments,
    initial_lines,
    step_lines,
    violation_lines,
)
from tdxverify.telling.emission import Emission, Emitter
from tdxverify.telling.lassos import length_told
from tdxverify.telling.story import StoryStep, told_call

_WIDTH = 84  # of a comment's text
_MARGIN = "    "

_Comment: TypeAlias = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is told, and then done."""

    told: tuple[str, ...]
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """What any language writes down: `steps` with what each says while it runs."""

    head: _Part
    preludes: tuple[tuple[str, ...], ...]
    start: _Part
    steps: tuple[tuple[str, _Part], ...]
    end: _Part
    property: str


def c_text(found: FoundTrace) -> str:
    """A kernel module that does everything when it is loaded."""
    skeleton = _Narrator(found, "c", _c_comment).skeleton()
    body: list[str] = [*_c_comment(skeleton.start.told)]
    for saying, part in skeleton.steps:
        body += ["", *_c_comment(part.told), f'pr_info("{saying}\\n");', *part.done]
    body += ["", *_c_comment(skeleton.end.told), "return 0;"]
    lines = ["// SPDX-License-Identifier: GPL-2.0", *_c_comment(skeleton.head.told)]
    lines += ["#include <linux/module.h>"]
    for prelude in skeleton.preludes:
        lines += ["", *prelude]
    lines += ["", "static int __init reproducer_init(void)", "{"]
    lines += [f"\t{text}" if text else "" for text in body]
    lines += ["}", "", "static void __exit reproducer_exit(void)", "{", "}", ""]
    lines += ["module_init(reproducer_init);", "module_exit(reproducer_exit);", 'MODULE_LICENSE("GPL");']
    lines += [f'MODULE_DESCRIPTION("reproducer of {skeleton.property}");']
    return _finished(lines)


def sh_text(found: FoundTrace) -> str:
    """A shell script that stops where a command fails."""
    skeleton = _Narrator(found, "sh", _sh_comment).skeleton()
    lines = ["#!/bin/sh", *_sh_comment(skeleton.head.told), "set -eu"]
    for prelude in skeleton.preludes:
        lines += ["", *prelude]
    lines += ["", *_sh_comment(skeleton.start.told)]
    for saying, part in skeleton.steps:
        lines += ["", *_sh_comment(part.told), f"echo '{saying}'", *part.done]
    return _finished([*lines, "", *_sh_comment(skeleton.end.told)])


def _finished(lines: Iterable[str]) -> str:
    return "".join(f"{visible(text).rstrip()}\n" for text in lines)


# --- comments ---------------------------------------------------------------------------


def _c_comment(told: Sequence[str]) -> list[str]:
    """Nothing in it ends it."""
    safe = [text.replace("*/", "* /").replace("/*", "/ *") for text in told]
    if len(safe) == 1:
        return [f"/* {safe[0]} */"]
    return ["/*", *(f" * {text}" for text in safe), " */"]


def _sh_comment(told: Sequence[str]) -> list[str]:
    return [f"# {text}" for text in told]


# --- what is told -----------------------------------------------------------------------


class _Narrator:
    def __init__(self, found: FoundTrace, target: str, comment: _Comment) -> None:
        self._found = found
        self._emitter = Emitter(found.question.spec.model, found.problem, found.trace, target)
        self._comment = comment

    def skeleton(self) -> _Skeleton:
        steps = self._found.story.steps
        return _Skeleton(
            _Part(tuple(_texts(self._head()))),
            tuple(self._emitter.preludes()),
            _Part(tuple(_texts(self._start()))),
            tuple((_saying(step), self._with_loop(step)) for step in steps),
            _Part(tuple(_texts(self._end()))),
            self._found.question.property.name,
        )

    def _head(self) -> Iterator[Line]:
        found, asked, count = self._found, self._found.question, len(self._found.trace)
        steps, loop = counted(count, "step"), found.story.loop
        verdict = f"a run of {steps} that decides nothing"
        if loop is not None:
            verdict = f"refuted {length_told(loop.begin, count - loop.begin)}"
        elif found.ends_badly:
            verdict = f"refuted in {steps}" if found.story.violation else f"reached in {steps}"
        yield from _wrapped(f"Skeleton of a reproducer of {asked.property.name}: {verdict}.")
        sayings = (asked.property.description, asked.check.description)
        for saying in sayings:
            if saying is not None:
                yield from _wrapped(f'"{saying}"')
        yield EMPTY
        named = f", in {asked.check.config.name}" if asked.check.config else ""
        where = named + (f", where {asked.check.where_text}" if asked.check.where_text else "")
        assuming = f", {asked.check.assuming_text()}" if asked.check.assuming else ""
        yield from _wrapped(f"From {asked.spec.path}:{asked.check.span.line}{where}{assuming}")
        for values in self._values():
            yield from _wrapped(values)
        yield EMPTY
        yield line("What stands behind TODO is still to be written.")
        yield line("It is meant to do damage: use a machine that you can do without.")

    def _values(self) -> Iterator[str]:
        story = self._found.story
        sizes = assignments((sort, str(size)) for sort, size in story.sizes)
        given = ", ".join(item for _, items in relied_on(story) for item in items)
        values = "; ".join(text for text in (sizes, given) if text)
        if values:
            yield f"with {values}"

    def _start(self) -> Iterator[Line]:
        yield line("TODO: before the first step the machine must be in this state:")
        yield from indent(initial_lines(self._found.story, _WIDTH - 4, everything=False), _MARGIN)

    def _with_loop(self, step: StoryStep) -> _Part:
        """What the loop begins with is told to be its beginning."""
        told, loop = self._step(step), self._found.story.loop
        if loop is None or loop.begin != step.number - 1:
            return told
        return replace(told, told=("From here on, again and again:", *told.told))

    def _step(self, step: StoryStep) -> _Part:
        head, *rest = step_lines(step, _WIDTH - len(_MARGIN))
        told = _texts([(*line(f"Step {step.number}: "), *head), *indent([*rest, *_hardware(step)], _MARGIN)])
        done = self._emitter.step(step.number - 1)
        if not done:
            return _Part(tuple(told), tuple(self._comment(_texts(_wrapped(_to_do(step))))))
        return _Part(tuple(told), tuple(text for emission in done for text in self._call(step, emission)))

    def _call(self, step: StoryStep, emission: Emission) -> Iterable[str]:
        if emission.lines is not None:
            return emission.lines
        about = emission.description or step.description
        told = f"TODO: {emission.access}: {about}" if about else f"TODO: {emission.access}"
        return self._comment(_texts(_wrapped(told)))

    def _end(self) -> Iterator[Line]:
        violation, last = self._found.story.violation, self._found.story.steps[-1:]
        loop = self._found.story.loop
        if loop is not None and violation is not None:
            goes_on = "Here it stops" if loop.stops else f"It goes on as {after(loop)}, for ever"
            yield from _wrapped(f"{goes_on}, and this does not hold:")
            yield from indent(violation_lines(violation, _WIDTH - len(_MARGIN)), _MARGIN)
        elif not self._found.ends_badly:
            yield line("The run ends here.")
        elif violation is None:
            yield line(f"Expected here: {self._found.question.property.name} is reached.")
        else:
            taken = [f"{fault.actor} takes {fault.fault}, and " for step in last for fault in step.faults]
            yield from _wrapped(f"Expected here: {''.join(taken)}this does not hold:")
            yield from indent(violation_lines(violation, _WIDTH - len(_MARGIN)), _MARGIN)


def _saying(step: StoryStep) -> str:
    """Names and numbers of the spec only: nothing that has to be escaped."""
    return f"step {step.number}: {told_call(step)}"


def _hardware(step: StoryStep) -> Iterator[Line]:
    for fault in dict.fromkeys(fault.fault for fault in step.faults):
        yield line(f"({fault} is raised by the hardware)")


def _to_do(step: StoryStep) -> str:
    if step.actor is None:
        return (
            "TODO: nobody acts in this step: the hardware does it by itself, sooner or later. "
            "There is nothing to call; wait for it, or provoke it."
        )
    return f"TODO: {step.actor} has to do this: {step.description or step.action}"


def _wrapped(text: str) -> list[Line]:
    return wrap(line(" ".join(text.split())), _WIDTH, hanging=4)


def _texts(lines: Iterable[Line]) -> list[str]:
    """One text a line, whatever blanks and line ends stood in what was told."""
    return [text.rstrip() for text in plain(lines).split("\n")[:-1]]
