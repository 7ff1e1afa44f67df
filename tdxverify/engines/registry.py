"""The table of engines. Importing it loads none of them: each row imports its engine when it runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tdxverify.budget import Budget
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.diagnostics.collector import no_such
from tdxverify.engines import auto
from tdxverify.engines.auto import Decision, GeneralDecision
from tdxverify.engines.base import Engine, EngineInfo, Observer
from tdxverify.evidence.verdict import Refuted, Verdict
from tdxverify.questions.problems.problem import Problem


def _pdr(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines.pdr import engine

    return engine.run(problem, budget, observer)


def _any_size(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines import anysize

    return anysize.run_at(problem, budget, observer)


def _spacer(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines import spacer

    return spacer.run(problem, budget, observer)


def _explicit(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines.explicit import engine as explicit

    return explicit.run(problem, budget, observer)


def _bdd(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines.bdd import engine as bdd

    return bdd.run(problem, budget, observer)


def _bounded_search(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines import bmc

    return bmc.run(problem, budget, observer)


def _k_induction(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    from tdxverify.engines import kinduction

    return kinduction.run(problem, budget, observer)


def _in_rounds(name: str, run: Engine) -> Engine:
    """`run`, the engine `name`, where something is to stay possible: asked several times, each time something
    that it knows."""

    def asked(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        if problem.possible is None:
            return run(problem, budget, observer)
        from tdxverify.engines import possible

        def decided(one: Problem, limits: Budget, watching: Observer) -> Decision:
            return Decision(name, run(one, limits, watching))

        return possible.decide(problem, budget, observer, decided).verdict

    return asked


_ROWS = (
    EngineInfo(
        "auto",
        auto.run,
        "few states by explicit, else any-size or pdr, k-induction and explicit in turn",
        can_prove=True,
        can_refute=True,
        any_size=True,
    ),
    EngineInfo(
        "bmc",
        _in_rounds("bmc", _bounded_search),
        "bounded search for a shortest trace, depth by depth; knows no proofs",
        can_prove=False,
        can_refute=True,
    ),
    EngineInfo(
        "k-induction",
        _in_rounds("k-induction", _k_induction),
        "bounded search, and induction over paths of k different states",
        can_prove=True,
        can_refute=True,
    ),
    EngineInfo(
        "pdr",
        _in_rounds("pdr", _pdr),
        "IC3/PDR with symmetry: an inductive invariant, or a shortest trace",
        can_prove=True,
        can_refute=True,
    ),
    EngineInfo(
        "any-size",
        _in_rounds("any-size", _any_size),
        "invariants of small instances, read back with quantifiers and proved for every size",
        can_prove=True,
        can_refute=True,
        any_size=True,
    ),
    EngineInfo(
        "spacer",
        _in_rounds("spacer", _spacer),
        "Z3's own PDR; its invariants and traces are certified like any other",
        can_prove=True,
        can_refute=True,
    ),
    EngineInfo(
        "explicit",
        _explicit,
        "enumerates every reachable state; exact, for small instances",
        can_prove=True,
        can_refute=True,
    ),
    EngineInfo(
        "bdd",
        _in_rounds("bdd", _bdd),
        "all reachable states at once, as a decision diagram: for counting, parity, long runs",
        can_prove=True,
        can_refute=True,
        needs="dd",
    ),
)

ENGINES: dict[str, EngineInfo] = {row.name: row for row in _ROWS}


def wrong_engine(name: str) -> list[Diagnostic]:
    """Why the engine `name` cannot be had: E701 or E711."""
    if name not in ENGINES:
        return [no_such(Code.E701, "engine", name, ENGINES)]
    if ENGINES[name].is_installed:
        return []
    message = f"the engine '{name}' needs the package {ENGINES[name].needs}, which is not installed"
    return [Diagnostic(Code.E711, message, hint=f"pip install 'tdxverify[{name}]'")]


def decide(name: str, problem: Problem, budget: Budget, observer: Observer) -> Decision:
    """Run the engine `name`, which must be one of `ENGINES`; for `auto`, say which engine decided."""
    if name == auto.NAME:
        found = auto.decide(problem, budget, observer)
    else:
        found = Decision(name, ENGINES[name].run(problem, budget, observer))
    return replace(found, verdict=_soonest(name, found, problem, budget, observer))


def _soonest(
    name: str, found: Decision | GeneralDecision, problem: Problem, budget: Budget, observer: Observer
) -> Verdict:
    """The verdict, with the trace whose loop begins soonest where one does: enumeration has that already."""
    if found.engine == "explicit" or problem.origin is None or not isinstance(found.verdict, Refuted):
        return found.verdict
    from tdxverify.engines.stems import soonest

    searching = found.engine if name != auto.NAME or ENGINES[found.engine].can_prove else "pdr"

    def search(limited: Problem, within: Budget) -> Verdict:
        return ENGINES[searching].run(limited, within, observer)

    return soonest(problem, found.verdict, search, budget)


def decide_any_size(name: str, problem: Problem, budget: Budget, observer: Observer) -> GeneralDecision:
    """The same for every size at once. Requires: the engine's row says `any_size`."""
    if problem.possible is not None:
        from tdxverify.engines import possible

        return possible.decide_any_size(problem, budget, observer, partial(decide_any_size, name))
    if name == auto.NAME:
        general = auto.decide_any_size(problem, budget, observer)
    else:
        from tdxverify.engines import anysize

        found = anysize.decide(problem, budget, observer)
        general = GeneralDecision(name, found.verdict, found.problem, found.clean)
    return replace(general, verdict=_soonest(name, general, general.problem, budget, observer))
