"""`tdxverify why`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tdxverify.answers.deciding import answer
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.partly import partly_checked
from tdxverify.answers.tracing import FoundTrace, told
from tdxverify.budget import UNLIMITED, Budget, LimitReached, held
from tdxverify.cli.selection import about_one_check
from tdxverify.cli.terminal import show, width
from tdxverify.cli.why_proof import FoundProof, explain_proof, found_proof, stored_answer
from tdxverify.diagnostics import SpecError
from tdxverify.evidence.verdict import Refuted, Vacuous
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.dependences import idle_steps, needs_by_maker
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, indent, line, wrap
from tdxverify.questions.question import Question, in_file

if TYPE_CHECKING:
    from tdxverify.inquiries.prevention import Switch
    from tdxverify.logic.layout import Valuation
    from tdxverify.questions.options import Options
    from tdxverify.semantics.trace import Step, Trace

_MARGIN = "        "


@click.command()
@about_one_check
@click.argument("named", required=False, metavar="[PROPERTY]")
@click.option(
    "--replay",
    type=click.Path(path_type=Path, readable=False),
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
    --timeout is for that as well. --line or --param chooses one of several checks of a property.
    """
    if named is not None:
        options = replace(options, properties=(*options.properties, named))
    columns = width(sys.stdout)
    if replay is not None:
        from tdxverify.cli.trace import replayed

        found: FoundTrace | FoundProof = replayed(file, options, at_line, replay)
    else:
        found = _answer_in(in_file(file, options, at_line))
    if isinstance(found, FoundTrace):
        budget = Budget.of(options.timeout)
        lines = why_lines(found, columns, budget)
        show(lines + other_ways(found, columns, budget) if everything else lines, sys.stdout)
        return ExitStatus.AS_EXPECTED
    lines, told = explain_proof(found, columns, everything=everything)
    show(lines, sys.stdout)
    return ExitStatus.AS_EXPECTED if told else ExitStatus.UNDECIDED


def _answer_in(questions: Sequence[Question]) -> FoundTrace | FoundProof:
    """The trace of the first check that has one, else the first proof. Raises SpecError; exits with 2."""
    proof: FoundProof | None = None
    vacuous = False
    for asked in questions:
        stored = stored_answer(asked)
        if stored is None:
            found = answer(asked, UNLIMITED, Silent())
            last = found.decided[-1] if found.decided else None
            if last is not None and isinstance(last.verdict, Refuted):
                return told(asked, last.problem, last.verdict.trace)
            if found.diagnostics:
                raise SpecError(found.diagnostics)
            stored = [(decided.problem, decided.verdict) for decided in found.decided]
        proof = proof or found_proof(asked, stored)
        vacuous = vacuous or any(isinstance(verdict, Vacuous) for _, verdict in stored)
    if proof is not None:
        return proof
    file = questions[0].spec.path
    message = f"no check of {file} that was asked for was answered: tdxverify check {file} says why"
    if vacuous:
        message = (
            f"there is no initial state, so there is nothing to explain: tdxverify check {file} says why"
        )
    show(wrap(line(message), width(sys.stderr)), sys.stderr)
    raise SystemExit(ExitStatus.UNDECIDED)


def why_lines(found: FoundTrace, columns: int, budget: Budget = UNLIMITED) -> list[Line]:
    """The whole explanation. A trace that does not end in a bad state has nothing to be explained."""
    lines = _head(found, columns)
    if not found.ends_badly:
        return [*lines, EMPTY, line("This run does not end in a bad state: there is nothing to explain.")]
    lines += [EMPTY, *_chain(found, columns), EMPTY, *_turn(found, columns, budget)]
    prevented = _switches(found, columns, budget)
    return [*lines, EMPTY, *prevented] if prevented else lines


def _head(found: FoundTrace, columns: int) -> list[Line]:
    count = len(found.trace)
    steps = "1 step" if count == 1 else f"{count} steps"
    asked = found.question
    title = f"{asked.property.name}: {steps}  ({asked.spec.path}:{asked.check.span.line})"
    lines = wrap(line(title, Style.STRONG), columns, hanging=4)
    if asked.property.description is not None:
        lines += indent(wrap(line(f'"{asked.property.description}"'), columns - 8, hanging=1), _MARGIN)
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
        head = [Piece(_called(found, step.number), Style.STRONG if matters else Style.FAINT)]
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
    for row in found.story.steps[number - 1].rows:
        cited = f" [{', '.join(row.citations)}]" if row.citations else ""
        told = f"{row.access}, row {row.row}: {row.guard} -> {row.outcome}{cited}"
        yield from indent(wrap(line(told, Style.GUIDE), columns - 8, hanging=4), _MARGIN)


def _needs(found: FoundTrace, consumer: int, columns: int) -> list[Line]:
    """`needs poison[Line0] = true, made by step 2`."""
    lines: list[Line] = []
    for need in needs_by_maker(found.story, consumer):
        look = Style.FAINT if need.producer == 0 else Style.STRONG
        pieces = (Piece(f"needs {', '.join(need.values)}, "), Piece(need.maker, look))
        lines += indent(wrap(pieces, columns - 8, hanging=6), _MARGIN)
    return lines


# --- what would be different ----------------------------------------------------------


def _turn(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """The last chance on the way."""
    from tdxverify.telling.nearest import nearest_turn

    try:
        with held(budget):
            turn = nearest_turn(found.problem, found.trace, budget)
    except LimitReached:
        return [line("closest run that does not fail: there was no time to look for it", Style.DOUBT)]
    if turn is None:
        return wrap(
            line("closest run that does not fail: none; every other step leads to a bad state too"), columns
        )
    kept = "from the start" if turn.kept == 0 else f"the same through step {turn.kept}"
    told = (
        f"closest run that does not fail: {kept}, then {_step_text(found, turn.step, found.trace, turn.kept)} "
        f"instead of {_called(found, turn.kept + 1)}"
    )
    changed = _difference(found, found.trace.states[turn.kept], turn.state)
    return wrap(line(f"{told} ({changed})" if changed else told), columns, hanging=4)


def _switches(found: FoundTrace, columns: int, budget: Budget) -> list[Line]:
    """Parameters that prevent it first, then those that do not help."""
    from tdxverify.inquiries.prevention import switches

    tried = switches(found, budget)
    sizes = stated_sizes(found.trace.sizes)
    at = f" ({sizes})" if sizes else ""
    lines: list[Line] = []
    for switch in sorted(tried, key=lambda one: one.holds is not True):
        lines += wrap(line(_switch_text(found, switch, at), _style(switch)), columns, hanging=4)
    return lines


def _style(switch: Switch) -> Style:
    return Style.GOOD if switch.holds else Style.DOUBT if switch.holds is None else Style.FAINT


def _switch_text(found: FoundTrace, switch: Switch, at: str) -> str:
    with_it = f"with {switch.name} = {switch.value}"
    if switch.holds is None:
        return f"{with_it} nothing could be decided{at}"
    if not switch.holds:
        steps = "1 step" if switch.length == 1 else f"{switch.length} steps"
        return f"{with_it} the property fails all the same, in {steps}{at}"
    text = f"{with_it} the property holds{at}"
    if switch.divergence is None:
        return text
    number, state = switch.divergence.number, switch.divergence.state
    if state is None:
        return f"{text}: step {number}, {_called(found, number)}, is not possible"
    changed = _difference(found, found.trace.states[number], state)
    return f"{text}: after step {number}, {_called(found, number)}, {changed}"


def other_ways(found: FoundTrace, columns: int, budget: Budget = UNLIMITED) -> list[Line]:
    """A line for each step of each, and whether there may be more."""
    from tdxverify.inquiries.causes import other_traces

    others = other_traces(found, budget)
    lines: list[Line] = []
    for number, trace in enumerate(others.traces, 2):
        count = "1 step" if len(trace) == 1 else f"{len(trace)} steps"
        lines += [EMPTY, line(f"way {number}, {count}:", Style.STRONG)]
        for position, step in enumerate(trace.steps, 1):
            lines += _labelled(str(position), [Piece(_step_text(found, step, trace, position - 1))], columns)
    sizes = stated_sizes(found.trace.sizes)
    at = f" ({sizes})" if sizes else ""
    if not others.complete:
        told = f"The search was not finished{at}: there may be other ways, by other sets of actions."
        return [*lines, EMPTY, *wrap(line(told, Style.DOUBT), columns)]
    told = f"No {'further' if lines else 'other'} set of actions leads there{at}."
    return [*lines, EMPTY, *wrap(line(told), columns)]


def _difference(found: FoundTrace, old: Valuation, new: Valuation) -> str:
    """The cells of `new` that differ, with their values there."""
    from tdxverify.logic.show import show_cell
    from tdxverify.logic.sorts import show as shown

    cells = found.problem.state_layout.cells
    changed = [
        f"{show_cell(cell)} = {shown(cell.symbol.sort, value)}"
        for cell, before, value in zip(cells, old, new, strict=True)
        if before != value
    ]
    return ", ".join(changed)


def _called(found: FoundTrace, number: int) -> str:
    return _step_text(found, found.trace.steps[number - 1], found.trace, number - 1)


def _step_text(found: FoundTrace, step: Step, trace: Trace, at: int) -> str:
    """`donate(l = Line0) by tdx_module`, taken in state `at` of `trace`."""
    from tdxverify.telling.steps import StepNames, with_actor

    called = StepNames(found.problem).called(trace.rigid, trace.states[at], step)
    return with_actor(called, found.problem.action_named[step.action].actor)


def _labelled(label: str, pieces: Sequence[Piece], columns: int) -> list[Line]:
    body = wrap(tuple(pieces), columns - 8, hanging=4)
    first: Line = (Piece(f" {label}".ljust(8), Style.STRONG), *body[0])
    return [first, *indent(body[1:], _MARGIN)]
