"""`tdxverify graph`."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import click

from tdxverify.budget import LATE, Budget, LimitReached, held
from tdxverify.cli.outputs import deliver_text, destination, writes
from tdxverify.cli.selection import Choice, about_one_check, require_trace
from tdxverify.outputs.formats import FORMATS, Content, Document

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
    choice: Choice,
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
    target = destination(output, [choice.file])
    if symmetry is None and chosen.content is Content.DATA:
        symmetry = False
    budget = Budget.of(choice.options.timeout)
    graph = _graph(choice, what, symmetry, budget)
    with held(budget.extended(LATE)):
        picture = chosen.written(graph, lambda columns: [])
    deliver_text(picture, target)


def _by_ending(output: Path | None) -> str:
    ending = "" if output is None else output.suffix.removeprefix(".")
    return ending if ending in _FORMATS else "dot"


def _graph(choice: Choice, what: str, symmetry: bool | None, budget: Budget) -> Any:
    from tdxverify.graphs import build

    if what == "dependencies":
        from tdxverify.checker import load_model

        return build.dependency_graph(load_model(choice.file))
    if what == "states":
        return _states(choice, symmetry, budget)
    found = require_trace(choice)
    if what == "neighbourhood":
        return build.neighbourhood_graph(found.problem, found.trace)
    return build.trace_graph(found.problem, found.trace)


def _states(choice: Choice, symmetry: bool | None, budget: Budget) -> Any:
    """With the parameter values of the trace; without a trace with the first that allow an initial state."""
    from tdxverify.checker import Silent, asked_in, find_traces
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.explore.successors import Semantics
    from tdxverify.explore.walk import first_start
    from tdxverify.graphs.build import MOST_STATES, quotient_graph, state_graph

    chosen = (choice.file, choice.options, choice.line)
    found = next(find_traces(*chosen, Silent()), None)
    asked = asked_in(*chosen)[0]
    problem = asked.problem({}) if found is None else found.problem
    semantics = Semantics(problem)
    limits = replace(budget, max_states=MOST_STATES)
    try:
        start = (found.trace.rigid, found.trace.states[0]) if found else first_start(semantics, limits)
        if start is None:
            raise asked.without_start()
        starts = list(islice(semantics.initial_states(start[0], limits), MOST_STATES))
    except LimitReached as reached:
        raise SpecError([Diagnostic(Code.E602, f"the states cannot be listed: {reached.told}")]) from None
    trace, rigid = (found.trace if found else None), start[0]
    whole = None if symmetry else state_graph(problem, rigid, starts, trace, budget=limits)
    if whole is not None and (symmetry is not None or len(whole) <= _MANY):
        return whole
    return quotient_graph(problem, rigid, starts, trace, whole, limits)
