"""`tdxverify graph`."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tdxverify.budget import LATE, Budget, LimitReached, held
from tdxverify.cli.outputs import deliver_text, destination, writes
from tdxverify.cli.selection import about_one_check, require_trace
from tdxverify.outputs.formats import FORMATS, Content, Document

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.questions.options import Options

WHAT = ("trace", "neighbourhood", "states", "dependencies")
_FORMATS = FORMATS[Document.GRAPH]
_MANY = 40  # states, from which on it helps to draw states that differ in names as one


@click.command()
@about_one_check
@click.option("--what", type=click.Choice(WHAT), default="trace", show_default=True, help="What is drawn.")
@writes(Document.GRAPH, None, "By default by the ending of --output, or dot.")
@click.option(
    "--symmetry/--no-symmetry",
    "symmetry",
    default=None,
    help="Draw states as one that differ only in the names of elements; by default where there are many.",
)
def command(
    file: Path,
    options: Options,
    at_line: int | None,
    what: str,
    form: str | None,
    output: Path | None,
    symmetry: bool | None,
) -> None:
    """Draw the trace of the first check of FILE that has one, or what is around it.

    Neighbourhood: with the states one wrong turn away. States: all that can be reached. Dependencies: which
    action reads and writes which variable. More than 500 nodes are drawn in groups, and the picture says so.
    SVG, PNG and HTML need nothing else to be installed, and are nicer where pygraphviz or Graphviz is.
    """
    chosen = _FORMATS[form or _by_ending(output)]
    if chosen.content is Content.BYTES and output is None and sys.stdout.isatty():
        raise click.UsageError("a PNG is no text: write it to a file with --output FILE.png")
    target = destination(output, [file])
    if symmetry is None and chosen.content is Content.DATA:
        symmetry = False
    budget = Budget.of(options.timeout)
    if what == "dependencies":
        graph = _dependencies(file)
    elif what == "states":
        graph = _states(file, options, at_line, symmetry, budget)
    else:
        graph = _trace(require_trace(file, options, at_line), what)
    with held(budget.extended(LATE)):
        picture = chosen.written(graph, lambda columns: [])
    deliver_text(picture, target)


def _by_ending(output: Path | None) -> str:
    """Raises UsageError where the ending is that of no format."""
    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    if ending and ending not in _FORMATS:
        known = ", ".join(f".{name}" for name in _FORMATS)
        raise click.UsageError(f"'.{ending}' is the ending of no format (those are {known}): add --format")
    return ending or "dot"


def _dependencies(file: Path) -> Any:
    from tdxverify.outputs.graphs.build import dependency_graph, say_refined
    from tdxverify.questions.specs import load_model

    model = load_model(file)
    return say_refined(dependency_graph(model), model)


def _trace(found: FoundTrace, what: str) -> Any:
    from tdxverify.outputs.graphs.build import neighbourhood_graph, say_refined, trace_graph

    draw = neighbourhood_graph if what == "neighbourhood" else trace_graph
    graph = draw(found.problem, found.trace, found.story.loop)
    return say_refined(graph, found.question.spec.model)


def _states(file: Path, options: Options, at_line: int | None, symmetry: bool | None, budget: Budget) -> Any:
    """With the parameter values of the trace; without a trace with the first that allow an initial state."""
    from tdxverify.answers.observers import Silent
    from tdxverify.answers.tracing import find_traces
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.outputs.graphs.build import MOST_STATES, quotient_graph, say_refined, state_graph
    from tdxverify.questions.question import in_file, smallest, without_start
    from tdxverify.semantics.successors import Semantics
    from tdxverify.semantics.walk import first_start

    found = next(find_traces(file, options, at_line, Silent()), None)
    asked = in_file(file, options, at_line)[0]
    problem = smallest(asked, {}) if found is None else found.problem
    semantics = Semantics(problem)
    limits = replace(budget, max_states=MOST_STATES)
    try:
        start = (found.trace.rigid, found.trace.states[0]) if found else first_start(semantics, limits)
        if start is None:
            raise without_start(asked, problem.size_of)
        starts = list(islice(semantics.initial_states(start[0], limits), MOST_STATES))
    except LimitReached as reached:
        raise SpecError([Diagnostic(Code.E602, f"the states cannot be listed: {reached.told}")]) from None
    trace, loop, rigid = (found.trace, found.story.loop, start[0]) if found else (None, None, start[0])
    whole = None if symmetry else state_graph(problem, rigid, starts, trace, budget=limits, loop=loop)
    if whole is not None and (symmetry is not None or len(whole) <= _MANY):
        return say_refined(whole, asked.spec.model)
    graph = quotient_graph(problem, rigid, starts, trace, whole, limits, loop)
    return say_refined(graph, asked.spec.model)
