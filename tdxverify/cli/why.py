"""`tdxverify why`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.answers.answer import Answer
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.partly import partly_checked
from tdxverify.answers.tracing import FoundTrace, traced
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.cli.selection import about_one_check, ended_without
from tdxverify.cli.terminal import show, width
from tdxverify.cli.values import PATH
from tdxverify.cli.why_instead import closest_lines, step_called, step_texts, switch_lines
from tdxverify.cli.why_proof import FoundProof, as_answer, explain_proof, found_proof, stored_answer
from tdxverify.logic.counting import counted
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.dependences import idle_steps, needs_by_maker
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, indent, line, wrap
from tdxverify.outputs.text.reliance_text import found_with
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question, in_file
from tdxverify.semantics.successors import Semantics

if TYPE_CHECKING:
    from tdxverify.questions.options import Options

_MARGIN = "        "


@click.command()
@about_one_check
@click.argument("named", required=False, metavar="[PROPERTY]")
@click.option(
    "--replay",
    type=PATH,
    metavar="FILE",
    help="Explain this JSON trace, not one of a check.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also other ways to the same end, by other actions; of a proof, what it does not need.",
)
def command(
    file: Path,
    options: Options,
    at_line: int | None,
    named: str | None,
    replay: Path | None,
    everything: bool,
) -> int:
    """Explain the trace of the first check of FILE that has one, from its end backwards; else a proof.

    Of a trace: which step made what a later one needed, which steps play no part, how a run stays clear of
    the bad state, and which single parameter, set otherwise, prevents it: that is checked again at the same
    sizes.

    Of a proof: which conditions, rules and assumptions it needs, and what happens without each of them. A
    --timeout is for that as well. --line, --config or --param chooses one of several checks of a property.
    """
    if named is not None:
        options = replace(options, properties=(*options.properties, named))
    columns = width(sys.stdout)
    is_allowed = True
    if replay is not None:
        from tdxverify.cli.replaying import replayed

        again = replayed(file, options, at_line, replay)
        found: FoundTrace | FoundProof = again.found
        is_allowed = again.is_allowed
    else:
        found = _answer_in(in_file(file, options, at_line))
    if isinstance(found, FoundTrace):
        budget = Budget.of(options.timeout)
        lines = why_lines(found, columns, budget, is_allowed=is_allowed)
        show(lines + other_ways(found, columns, budget) if everything else lines, sys.stdout)
        return ExitStatus.AS_EXPECTED
    lines, told = explain_proof(found, columns, everything=everything)
    show(lines, sys.stdout)
    return ExitStatus.AS_EXPECTED if told else ExitStatus.UNDECIDED


def _answer_in(questions: Sequence[Question]) -> FoundTrace | FoundProof:
    """The trace of the first check that has one, else the first proof. Raises SpecError; exits with 2."""
    proof: FoundProof | None = None
    without: list[Answer] = []
    for asked in questions:
        stored = stored_answer(asked)
        if stored is None:
            found = traced(asked, Silent())
            if isinstance(found, FoundTrace):
                return found
            stored = [(decided.problem, decided.verdict) for decided in found.decided]
            without.append(found.answer)
        else:
            without.append(as_answer(asked, stored))
        proof = proof or found_proof(asked, stored)
    if proof is not None:
        return proof
    about = f"{counted(len(without), 'check')} of {questions[0].spec.path}"
    raise ended_without(f"nothing to explain in {about}: no trace and no proof was found", without)


def why_lines(
    found: FoundTrace, columns: int, budget: Budget = UNLIMITED, *, is_allowed: bool = True
) -> list[Line]:
    """The whole explanation. A trace that does not end in a bad state has nothing to be explained.

    `is_allowed`: by the check that it was found for.
    """
    lines = _head(found, columns, is_allowed=is_allowed)
    helping = _helping_lines(found, columns, budget)
    if helping is not None:
        return [*lines, EMPTY, *_chain(found, columns), EMPTY, *helping]
    if not found.ends_badly:
        return [*lines, EMPTY, *wrap(line(_not_bad(found)), columns)]
    lines += [EMPTY, *_chain(found, columns), EMPTY, *closest_lines(found, columns, budget)]
    prevented = switch_lines(found, columns, budget)
    return [*lines, EMPTY, *prevented] if prevented else lines


def _helping_lines(found: FoundTrace, columns: int, budget: Budget) -> list[Line] | None:
    """What would keep a run from what is wrong with it as a whole; None where it is its last state that is
    wrong."""
    from tdxverify.cli.why_loop import loop_lines, two_runs_lines
    from tdxverify.cli.why_trap import trap_lines

    if found.story.loop is not None:
        return loop_lines(found, columns, budget)
    if found.story.no_way is not None:
        return trap_lines(found, columns, budget)
    return None if found.story.second_run is None else two_runs_lines(found, columns, budget)


def _not_bad(found: FoundTrace) -> str:
    """Why there is nothing to explain."""
    if kind_of(found.question.property).possibility(found.question.property) is not None:
        return (
            "Whether what is wanted can still be reached from the end of this run is not looked into: of "
            "what stays possible, only the trace of a check is explained."
        )
    if kind_of(found.question.property).promise(found.question.property) is not None:
        told = "This property is broken by runs that go on for ever, and this one tells of no such loop"
        return f"{told}: there is nothing to explain."
    semantics = Semantics(found.problem)
    sought = kind_of(found.question.property).is_sought
    what = "a state that is to be reached" if sought else "a bad state"
    bad = (n for n, state in enumerate(found.trace.states) if semantics.is_bad(found.trace.rigid, state))
    first = next(bad, None)
    if first is None:
        return f"This run does not end in {what}: there is nothing to explain."
    place = "at its start" if first == 0 else f"after step {first}"
    return f"This run does not end in {what}: it is in one {place}, but goes on. Only an end is explained."


def _head(found: FoundTrace, columns: int, *, is_allowed: bool) -> list[Line]:
    count = len(found.trace)
    steps = counted(count, "step")
    asked = found.question
    place = f"{asked.spec.path}:{asked.check.span.line}" if is_allowed else f"{asked.spec.path}"
    place += f", in {asked.check.config.name}" if asked.check.config is not None else ""
    place += f", {asked.check.assuming_text()}" if asked.check.assuming and is_allowed else ""
    lines = wrap(line(f"{asked.property.name}: {steps}  ({place})", Style.STRONG), columns, hanging=4)
    if not is_allowed:
        told = "No check that was asked for is about a run with these parameters and sizes."
        lines += indent(wrap(line(told, Style.DOUBT), columns - 8), _MARGIN)
    if asked.property.description is not None:
        lines += indent(wrap(line(f'"{asked.property.description}"'), columns - 8, hanging=1), _MARGIN)
    for fact in found_with(found.story) if found.ends_badly else ():
        lines += indent(wrap(line(fact), columns - 8, hanging=2), _MARGIN)
    for one in partly_checked(asked.spec.model, [found.problem], any_size=False):
        lines += indent(wrap(line(str(one), Style.DOUBT), columns - 8, hanging=2), _MARGIN)
    return lines


# --- the causal chain --------------------------------------------------------------


def _chain(found: FoundTrace, columns: int) -> list[Line]:
    """The end, then every step from the last to the first, with what each needed and who made it."""
    idle = idle_steps(found.story)
    lines = _labelled("end", [Piece(_end(found), Style.BAD)], columns)
    lines += _needs(found, len(found.trace) + 1, columns)
    for step in reversed(found.story.steps):
        matters = step.number not in idle
        head = [Piece(step_called(found, step.number), Style.STRONG if matters else Style.FAINT)]
        if not matters:
            head.append(Piece("  plays no part", Style.FAINT))
        lines += [EMPTY, *_labelled(str(step.number), head, columns)]
        if matters:
            lines += _rows(found, step.number, columns)
            lines += _needs(found, step.number, columns)
    return lines


def _end(found: FoundTrace) -> str:
    from tdxverify.outputs.text.trace_text import violation_reason

    violation = found.story.violation
    if violation is None:
        return "reached"
    reason = violation_reason(violation)
    return f"{violation.formula}, broken" + (f" {reason}" if reason else "")


def _rows(found: FoundTrace, number: int, columns: int) -> Iterator[Line]:
    """What was changed in the step, and the rows that decided, with what was changed in them."""
    step = found.story.steps[number - 1]
    told = [str(one) for one in step.refined]
    for row in step.rows:
        cited = f" [{', '.join(row.citations)}]" if row.citations else ""
        told.append(f"{row.access}, row {row.row}: {row.guard} -> {row.outcome}{cited}")
        told += map(str, row.refined)
    for text in told:
        yield from indent(wrap(line(text, Style.GUIDE), columns - 8, hanging=4), _MARGIN)


def _needs(found: FoundTrace, consumer: int, columns: int) -> list[Line]:
    """`needs poison[Line0] = true, made by step 2`."""
    lines: list[Line] = []
    for need in needs_by_maker(found.story, consumer):
        look = Style.FAINT if need.producer == 0 else Style.STRONG
        pieces = (Piece(f"needs {', '.join(need.values)}, "), Piece(need.maker, look))
        lines += indent(wrap(pieces, columns - 8, hanging=6), _MARGIN)
    return lines


# --- other ways ----------------------------------------------------------------------


def other_ways(found: FoundTrace, columns: int, budget: Budget = UNLIMITED) -> list[Line]:
    """A line for each step of each, and whether there may be more."""
    from tdxverify.inquiries.causes import other_traces

    for is_so, told in (
        (found.story.loop, "Other runs that go on for ever are not looked for."),
        (found.story.no_way, "Other runs into a trap are not looked for."),
        (found.story.second_run, "Other runs that are told apart are not looked for."),
    ):
        if is_so is not None:
            return [EMPTY, line(told)]
    if not kind_of(found.question.property).has_other_causes:
        return [EMPTY, line("Other ways to a deadlock are not told apart by their actions.")]
    others = other_traces(found, budget)
    lines: list[Line] = []
    for number, trace in enumerate(others.traces, 2):
        count = counted(len(trace), "step")
        lines += [EMPTY, line(f"way {number}, {count}:", Style.STRONG)]
        for position, text in enumerate(step_texts(found, trace.rigid, trace.states[0], trace.steps), 1):
            lines += _labelled(str(position), [Piece(text)], columns)
    sizes = stated_sizes(found.trace.sizes)
    at = f" ({sizes})" if sizes else ""
    if not others.complete:
        told = f"The search was not finished{at}: there may be other ways, by other sets of actions."
        return [*lines, EMPTY, *wrap(line(told, Style.DOUBT), columns)]
    ways = "one of these ways" if lines else "this one"
    told = f"Every other run that leads there takes all the actions of {ways} as well{at}."
    return [*lines, EMPTY, *wrap(line(told), columns)]


def _labelled(label: str, pieces: Sequence[Piece], columns: int) -> list[Line]:
    body = wrap(tuple(pieces), columns - 8, hanging=4)
    first: Line = (Piece(f" {label}".ljust(8), Style.STRONG), *body[0])
    return [first, *indent(body[1:], _MARGIN)]
