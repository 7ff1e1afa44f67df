"""A run from whose end what is wanted is out of reach, told for people."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.model.model import Model
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.stopped import stopped_here
from tdxverify.telling.story import NoWay, Story


def with_no_way_told(story: Story, way: NoWay, model: Model, problem: Problem, trace: Trace) -> Story:
    """`story`, of `trace`, a run of `problem` that ends where `way` says."""
    violation = story.violation
    if violation is not None:
        chosen = ", ".join(f"{name} = {value}" for name, value in way.elements)
        told = f"'{way.wanted}' is out of reach from here"
        told += f", for {chosen}" if chosen else ""
        stopped = stopped_here(model.stops, problem, trace.rigid, trace.states[-1])
        why = "; ".join((told, *(f"stopped by: {one}" for one in stopped)))
        violation = replace(violation, conjunct=told, elements=way.elements, instead=why)
    return replace(story, violation=violation, no_way=way)
