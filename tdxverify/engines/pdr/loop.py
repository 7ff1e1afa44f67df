"""IC3/PDR on a problem with sizes fixed: the algorithm as in the papers.

    while a bad state is in the last frame: block it, or find the way to it
    open a new frame, push lemmas; a frame without lemmas of its own is inductive

Bradley (VMCAI 2011); Eén, Mishchenko and Brayton (FMCAD 2011). Changed: lemmas come with their
orbits (see frames.py), literals admit sets of values (see generalize.py), and a counterexample is
handed to bounded search, which finds the shortest.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.engines.base import Observer
from tdxverify.engines.pdr.cubes import CellTable, Cube
from tdxverify.engines.pdr.frames import Frames
from tdxverify.engines.pdr.generalize import generalize
from tdxverify.engines.pdr.obligations import Obligations
from tdxverify.smt.frame_queries import RelativeInduction


@dataclass(frozen=True, slots=True)
class Inductive:
    """The lemmas (one cube per orbit) of an inductive frame that excludes every bad state."""

    lemmas: tuple[Cube, ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """There is a run of `length` steps into a bad state (not necessarily the shortest)."""

    length: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nothing was decided; no bad state is reachable within `clean_through` steps."""

    why: Why
    clean_through: int | None


def search(
    queries: RelativeInduction, table: CellTable, budget: Budget, observer: Observer
) -> Inductive | Counterexample | GivenUp:
    """Requires: there is an initial state, and no initial state is bad."""
    frames = Frames(table, queries)
    try:
        return _searched(frames, queries, budget, observer)
    except LimitReached as reached:
        return GivenUp(reached.why, frames.top - 1)


def _searched(
    frames: Frames, queries: RelativeInduction, budget: Budget, observer: Observer
) -> Inductive | Counterexample | GivenUp:
    while frames.top <= budget.bound:
        if budget.expired():
            return GivenUp(Why.TIMEOUT, frames.top - 1)
        observer.progress("pdr", f"frame {frames.top}")
        while (cube := queries.bad_state(frames.top)) is not None:
            found = _block(frames, queries, budget, cube)
            if found is not None:
                return found
        frames.extend()
        inductive = frames.propagate()
        if inductive is not None:
            return Inductive(tuple(frames.above(inductive + 1)))
    return GivenUp(Why.BOUND_REACHED, frames.top - 1)


def _block(
    frames: Frames, queries: RelativeInduction, budget: Budget, bad: Cube
) -> Counterexample | GivenUp | None:
    """Rule `bad` out of the last frame, and whatever leads to it out of the frames below."""
    obligations = Obligations()
    obligations.add(frames.top, 0, bad)
    while (obligation := obligations.pop()) is not None:
        if budget.expired():
            return GivenUp(Why.TIMEOUT, frames.top - 1)
        level, cube = obligation.level, obligation.cube
        if frames.blocks(cube, level):
            continue
        before = queries.predecessor(level - 1, cube)
        if before is None:
            lemma = generalize(queries, frames.table, level - 1, cube)
            while level < frames.top and queries.unreachable_core(level, lemma) is not None:
                level += 1
            frames.add(lemma, level)
            if level < frames.top:
                obligations.add(level + 1, obligation.distance, cube)
        elif level == 1 or queries.may_be_initial(before):
            return Counterexample(obligation.distance + 1)
        else:
            obligations.add(level - 1, obligation.distance + 1, before)
            obligations.add(level, obligation.distance, cube)
    return None
