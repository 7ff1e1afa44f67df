"""What a story tells about the states around its trace, checked with the evaluator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.checking import check
from tdxverify.answers.tracing import FoundTrace
from tdxverify.questions.options import Options
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.surroundings import with_surroundings
from tests.traces import trace_of

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(params=["02-erratum.tdx", "03-kexec.tdx", "04-missing-flush.tdx", "05-interleaving.tdx"])
def found(request: pytest.FixtureRequest) -> FoundTrace:
    return trace_of(request.param)


def test_asides_are_exactly_the_other_states_one_step_away(found: FoundTrace) -> None:
    story = with_surroundings(found.question.spec.model, found.problem, found.trace, found.story)
    semantics = Semantics(found.problem)
    states = found.trace.states
    for number, state in enumerate(states):
        following = {states[number + 1]} if number + 1 < len(states) else set()
        others = {after for _, after in semantics.successors(found.trace.rigid, state)} - {state} - following
        asides = [aside for aside in story.asides if aside.at == number]
        assert len(asides) == len(others)
        bad = sum(semantics.is_bad(found.trace.rigid, other) for other in others)
        assert sum(aside.is_bad for aside in asides) == bad
        back = sorted(states.index(other) for other in others if other in states)
        assert sorted(a.leads_to for a in asides if a.leads_to is not None) == back
        assert all(aside.changes for aside in asides)


def test_the_erratum_is_what_would_have_cut_the_trace() -> None:
    found = trace_of("02-erratum.tdx")
    story = with_surroundings(found.question.spec.model, found.problem, found.trace, found.story)
    (cut,) = story.cuts
    assert (cut.step, cut.parameter, cut.value, cut.prevents) == (1, "erratum", "false", True)


def test_the_where_clause_hides_no_mitigation() -> None:
    """A check that is asked `where erratum` still says that without it things would go otherwise."""
    story = check([EXAMPLES / "02-erratum.tdx"], Options(surroundings=True)).answers[1].told.story
    assert story is not None and [cut.parameter for cut in story.cuts] == ["erratum"]


def test_nobody_pays_who_did_not_ask() -> None:
    (first, *_) = check([EXAMPLES / "02-erratum.tdx"]).answers
    assert first.told.story is not None and first.told.story.asides == () and first.told.story.cuts == ()


def test_the_mitigation_of_kexec_is_named() -> None:
    found = trace_of("03-kexec.tdx")
    story = with_surroundings(found.question.spec.model, found.problem, found.trace, found.story)
    assert ("reset_on_kexec", "true") in [(cut.parameter, cut.value) for cut in story.cuts]
