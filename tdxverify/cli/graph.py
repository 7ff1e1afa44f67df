"""`tdxverify graph`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tdxverify.cli.selection import about_one_check, deliver, options_of, require_trace

if TYPE_CHECKING:
    from tdxverify.checker import Options

WHAT = ("trace", "neighbourhood", "states", "dependencies")
FORMATS = ("svg", "html", "dot", "mermaid", "graphml", "json")


@click.command()
@about_one_check
@click.option("--what", type=click.Choice(WHAT), default="trace", show_default=True, help="What is drawn.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="By default by the ending of --output, or dot."
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the picture there.")
def command(
    file: Path,
    properties: tuple[str, ...],
    line: int | None,
    parameters: tuple[str, ...],
    sizes: tuple[str, ...],
    timeout: float | None,
    what: str,
    form: str | None,
    output: Path | None,
) -> None:
    """Draw the trace of the first check of FILE that has one, or what is around it.

    Neighbourhood: with the states one wrong turn away. States: all that can be reached. Dependencies: which
    action reads and writes which variable. What is too large to be drawn is drawn in groups. SVG and HTML
    need nothing else to be installed, and are nicer where pygraphviz or Graphviz is.
    """
    from tdxverify.cli.arguments import require_writable

    options = options_of(properties, parameters, sizes, timeout)
    if output is not None:
        require_writable(output)
    graph = _graph(file, options, line, what)
    deliver(_document(graph, form or _by_ending(output)), output)


def _by_ending(output: Path | None) -> str:
    ending = "" if output is None else output.suffix.removeprefix(".")
    return ending if ending in FORMATS else "dot"


def _graph(file: Path, options: Options, line: int | None, what: str) -> Any:
    from tdxverify.graphs import build

    if what == "dependencies":
        from tdxverify.checker import load_model

        return build.dependency_graph(load_model(file))
    if what == "states":
        return _states(file, options, line)
    found = require_trace(file, options, line)
    if what == "neighbourhood":
        return build.neighbourhood_graph(found.problem, found.trace)
    return build.trace_graph(found.problem, found.trace)


def _states(file: Path, options: Options, line: int | None) -> Any:
    """With the parameter values of the trace; without a trace with the first ones that the check allows."""
    from tdxverify.checker import Silent, asked_in, find_traces
    from tdxverify.diagnostics import Code, Diagnostic, SpecError
    from tdxverify.explore.limits import LimitReached, Limits
    from tdxverify.explore.successors import Semantics
    from tdxverify.graphs.build import MOST_STATES, state_graph

    found = next(find_traces(file, options, line, Silent()), None)
    problem = asked_in(file, options, line)[0].problem({}) if found is None else found.problem
    semantics = Semantics(problem)
    limits = Limits(None, MOST_STATES)
    try:
        rigid = found.trace.rigid if found else next(semantics.rigid_valuations(limits), None)
        initial = () if rigid is None else semantics.initial_states(rigid, limits)
        starts = [state for state, _ in zip(initial, range(MOST_STATES), strict=False)]
    except LimitReached as reached:
        raise SpecError([Diagnostic(Code.E602, f"the states cannot be listed: {reached.detail}")]) from None
    return state_graph(problem, rigid or (), starts, found.trace if found else None)


def _document(graph: Any, form: str) -> str:
    from tdxverify.graphs import pictures, texts
    from tdxverify.graphs.collapse import collapsed

    match form:
        case "svg":
            return pictures.svg_text(graph)
        case "html":
            return pictures.html_text(graph)
        case "mermaid":
            return texts.mermaid_text(collapsed(graph))
        case "graphml":
            return texts.graphml_text(graph)
        case "json":
            return texts.json_text(graph)
        case _:
            return texts.dot_text(collapsed(graph))
