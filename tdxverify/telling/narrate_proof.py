"""A proof told for people: what the evidence is, what it takes for granted, and who accepted it.

Only certified evidence is told; what is said here about checking is what each kind of evidence does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.evidence.base import Evidence
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import TRUE, Expr, Implicit, names_of, symbols_of
from tdxverify.logic.show import show_expression
from tdxverify.logic.words import in_words
from tdxverify.model.model import Check, Model
from tdxverify.questions.problems.problem import Problem
from tdxverify.telling.invariants import told_invariant
from tdxverify.telling.narrate import explained
from tdxverify.telling.proof_story import ProofStory, Said


def narrate_proof(
    model: Model, check: Check, proofs: Sequence[tuple[Problem, Evidence]], engine: str | None
) -> ProofStory:
    """Requires: `proofs` is not empty; the certificates were accepted, each for its problem. `engine`: that
    found them, None where that is not known.

    The formulas are those of a single invariant; with several sizes there is one for each, and none is told.
    """
    found = proofs[0][1].formulas if len(proofs) == 1 else ()
    formulas = told_invariant(model, check, found)
    assumed = [check.where, *model.assumptions]
    names = {name for formula in (*formulas.values(), *assumed) for name in names_of(formula)}
    return ProofStory(
        method=_method(proofs, engine),
        formulas=tuple(_always(text, formula) for text, formula in formulas.items()),
        where=None if check.where == TRUE else _said(check.where),
        assumptions=tuple(_said(formula) for formula in model.assumptions if formula != TRUE),
        explained=tuple(one for one in explained(model) if one.name in names),
        accepted=tuple(dict.fromkeys(certificate.accepted for _, certificate in proofs)),
    )


def _always(text: str, formula: Expr) -> Said:
    said = _said(formula)
    if text == said.symbols:
        return said
    words = text.partition(":")[0]
    return Said(text, f"{words[0].upper()}{words[1:]}.", said.names)


def _said(formula: Expr) -> Said:
    # Where an instance of a process stands, `boot[c] at start`, is said as it is: no name to be explained.
    places = {s.name for s in symbols_of(formula) if s.implicit is Implicit.COUNTER and s.indices}
    return Said(show_expression(formula), in_words(formula), frozenset(names_of(formula) - places))


def _method(proofs: Sequence[tuple[Problem, Evidence]], engine: str | None) -> str:
    told = list(dict.fromkeys(certificate.told(problem) for problem, certificate in proofs))
    sizes = "" if len(proofs) == 1 else f", for each of {counted(len(proofs), 'combination')} of sizes"
    found = "" if engine is None else f", found by the engine {engine}"
    return f"{_joined(told)}{sizes}{found}"


def _joined(texts: Iterable[str]) -> str:
    return ", and ".join(texts)
