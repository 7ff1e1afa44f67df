"""A proof told for people: what the evidence is, what it takes for granted, and who accepted it.

Only certified evidence is told; what is said here about checking is what `tdxverify.certify` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.model.expr import TRUE, Expr, Implicit, names_of, symbols_of
from tdxverify.model.model import Check, Model
from tdxverify.model.show import show_expression
from tdxverify.model.words import in_words
from tdxverify.results.certificate import Certificate, ClosedSet, DecisionDiagram, Invariant, KInductive
from tdxverify.results.proof_story import ProofStory, Said
from tdxverify.results.run import ANY, told_sizes
from tdxverify.telling.narrate import explained
from tdxverify.ts.problem import Problem

_OBLIGATIONS = "it holds at the start, every step keeps it, and it excludes every bad state"


def narrate_proof(
    model: Model, check: Check, proofs: Sequence[tuple[Problem, Certificate]], engine: str
) -> ProofStory:
    """Requires: `proofs` is not empty; the certificates were accepted, each for its problem.

    The formulas are those of a single invariant; with several sizes there is one for each, and none is told.
    """
    formulas = _formulas(proofs[0][1]) if len(proofs) == 1 else ()
    assumed = [check.where, *model.assumptions]
    names = {name for formula in (*formulas, *assumed) for name in names_of(formula)}
    return ProofStory(
        method=_method(proofs, engine),
        formulas=tuple(_said(formula) for formula in formulas),
        where=None if check.where == TRUE else _said(check.where),
        assumptions=tuple(_said(formula) for formula in model.assumptions if formula != TRUE),
        explained=tuple(one for one in explained(model) if one.name in names),
        accepted=tuple(dict.fromkeys(_accepted(certificate) for _, certificate in proofs)),
    )


def _formulas(certificate: Certificate) -> tuple[Expr, ...]:
    return certificate.formulas if isinstance(certificate, Invariant) else ()


def _said(formula: Expr) -> Said:
    # Where an instance of a process stands, `boot[c] at start`, is said as it is: no name to be explained.
    places = {s.name for s in symbols_of(formula) if s.implicit is Implicit.COUNTER and s.indices}
    return Said(show_expression(formula), in_words(formula), frozenset(names_of(formula) - places))


def _method(proofs: Sequence[tuple[Problem, Certificate]], engine: str) -> str:
    told = list(dict.fromkeys(_kind(problem, certificate) for problem, certificate in proofs))
    sizes = "" if len(proofs) == 1 else f", for each of {len(proofs)} combinations of sizes"
    return f"{_joined(told)}{sizes}, found by the engine {engine}"


def _general(problem: Problem) -> str:
    """`any size`, or for which sizes where some are stated."""
    if not problem.limits:
        return "any size"
    stated = {
        one.sort: f"{one.low}" if one.low == one.high else f"{one.low}..{one.high}" for one in problem.limits
    }
    return told_sizes((sort, stated.get(sort, ANY)) for sort, _ in problem.sizes)


def _kind(problem: Problem, certificate: Certificate) -> str:
    match certificate:
        case Invariant(formulas=formulas, any_size=any_size):
            count = "1 formula" if len(formulas) == 1 else f"{len(formulas)} formulas"
            return f"an inductive invariant of {count}" + (
                f" that holds for {_general(problem)}" if any_size else ""
            )
        case KInductive(k=k, simple_path=simple_path):
            different = " over different states" if simple_path else ""
            return f"induction over {k} {'step' if k == 1 else 'steps'}{different}"
        case ClosedSet():
            return "all reachable states, listed one by one"
        case DecisionDiagram():
            nodes = "1 node" if len(certificate) == 1 else f"{len(certificate):,} nodes"
            return f"an inductive invariant as a decision diagram of {nodes}"


def _accepted(certificate: Certificate) -> str:
    match certificate:
        case Invariant() | DecisionDiagram():
            return f"A fresh Z3, given the invariant as SMT-LIB text, showed again that {_OBLIGATIONS}."
        case KInductive():
            return "A fresh Z3, with an encoding of its own, proved base case and induction step again."
        case ClosedSet():
            return (
                "The evaluator, without any solver, took every step from every listed state again: none "
                "leads out of the list, every initial state is in it, and no bad one."
            )


def _joined(texts: Iterable[str]) -> str:
    return ", and ".join(texts)
