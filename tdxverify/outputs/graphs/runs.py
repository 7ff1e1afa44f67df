"""Runs as graphs where no problem is at hand, and what all graphs of runs have in common."""

from __future__ import annotations

import networkx as nx

from tdxverify.logic.show import show_call
from tdxverify.semantics.steps import with_actor
from tdxverify.semantics.trace import Trace
from tdxverify.telling.story import Loop, Story, told_call


def places_of(last: int, loop: Loop | None) -> list[int]:
    """For each state of a run of `last` steps the number of the node that it is: one that goes round ends in
    the state where its loop begins."""
    return [*range(last), last if loop is None else loop.begin]


def meaning_of(loop: Loop | None) -> dict[str, str]:
    if loop is None:
        return {}
    return {"meaning": "red and thick: here it stops" if loop.stops else "red and thick: the loop"}


def is_round(number: int, loop: Loop | None) -> bool:
    """Is the state of that number one in which the run is again and again, or for ever?"""
    return loop is not None and number >= loop.begin


def story_graph(story: Story) -> nx.MultiDiGraph:
    """The same chain, made of a story: no problem is needed to read it."""
    graph = nx.MultiDiGraph(name="" if story.violation is None else story.violation.property)
    values = dict(story.initial)
    places = places_of(len(story.steps), story.loop)
    last = max(places)
    graph.graph.update(meaning_of(story.loop))
    for number in range(last + 1):
        changes = story.steps[number - 1].changes if number else ()
        values.update((change.cell, change.after) for change in changes)
        kind = "path" if number else "initial"
        ends = number == last if story.loop is None else is_round(number, story.loop)
        kind = "bad" if ends and story.violation is not None else kind
        pairs = [(change.cell, change.after) for change in changes]
        pairs = pairs if number else [pair for pair in story.initial if pair[1] != "false"]
        label = "\n".join(f"{cell} = {value}" for cell, value in pairs)
        label = label or ("nothing changes" if number else "everything is false")
        cells = {f"cell:{cell}": value for cell, value in values.items()}
        graph.add_node(f"s{number}", label=label, kind=kind, depth=number, **cells)
    for step in story.steps:
        label = with_actor(told_call(step), step.actor, "\n")
        way = f"s{places[step.number - 1]}", f"s{places[step.number]}"
        graph.add_edge(*way, label=label, kind="path", action=step.action, actor=step.actor or "")
    return graph


def plain_graph(trace: Trace) -> nx.MultiDiGraph:
    """The chain of a trace whose problem is not at hand: values are the numbers that stand for them."""
    graph = nx.MultiDiGraph(name="trace")
    for number, state in enumerate(trace.states):
        kind = "path" if number else "initial"
        graph.add_node(f"s{number}", label=" ".join(map(str, state)), kind=kind, depth=number)
    for number, step in enumerate(trace.steps):
        label = show_call(step.action, map(str, step.arguments))
        graph.add_edge(f"s{number}", f"s{number + 1}", label=label, kind="path", action=step.action)
    return graph
