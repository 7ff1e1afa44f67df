"""The words of reasons: chains go to their cause, every link is so, and no name is made up."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tdxverify.budget import UNLIMITED
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.sorts import domain
from tdxverify.semantics.successors import Semantics
from tdxverify.triviality.chains import Chains
from tdxverify.triviality.grounds import Holding
from tdxverify.triviality.judging import triviality
from tdxverify.triviality.subject import subject_of
from tests.texts import explicit, problem_of
from tests.triviality.generated import Author
from tests.triviality.test_judging import found, questions

SEEDS = range(80)
CHAIN = """\
param allowed : bool
param late : bool
index Cpu
enum S { s0, s1, s2, s3, s4, s5, s6, s7 }
state s : S = s0
state r : S = s0
state x : bool = false
state y : bool = false
state open : bool = late
state kept : bool
state n : 0..3 = 0
state up[Cpu] : bool = false
state down : bool = false
state freed : bool = false
init not kept
action t1 when allowed { s := s1 }
action t2 when s = s1 { s := s2 }
action t3 when s = s2 { s := s3 }
action t4 when s = s3 { s := s4 }
action t5 when s = s4 { s := s5 }
action t6 when s = s5 { s := s6 }
action t7 when s = s6 { s := s7 }
action w { if y { x := true } }
action r1 when r = s1 { r := s2 }
action r2 when r = s2 { r := s1 }
action count when n = 3 { y := true }
action enter when open { r := s5 }
action keep when kept { r := s6 }
action both when s = s1 and allowed { down := true }
action other when y { down := true }
process boot(c : Cpu) {
  first: when allowed { }
  then_: { }
  last:  { up[c] := true }
}
process free {
  wait: when exists c : Cpu: up[c] { }
  go:   { freed := true }
}
"""
NEVER = "is never true: only"
BOOT = "comes only after 'boot.first', and 'boot.first' needs 'allowed', which 'where' excludes"
COUNT = (
    "only 'count' could make so, and 'count' needs 'n = 3', "
    "but 'n' has only values that it can start with, and no step could change that"
)


@pytest.mark.parametrize(
    ("bad", "wanted"),
    [
        (
            "s = s2",
            f"'s = s2' {NEVER} 't2' could make it so, and 't2' needs 's = s1', "
            "which only 't1' could make so, and 't1' needs 'allowed', which 'where' excludes",
        ),
        (
            "s = s7",
            f"'s = s7' {NEVER} 't7' could make it so, and 't7' needs 's = s6', "
            "which only 't6' could make so, and 't6' needs 's = s5', "
            "which only 't5' could make so, and 't5' needs 's = s4', "
            "which only 't4' could make so, and 't4' needs 's = s3', "
            "which takes 't1' first, and 't1' needs 'allowed', which 'where' excludes",
        ),
        ("x", f"'x' {NEVER} 'w' could make it so, and only if 'y', which {COUNT}"),
        (
            "r = s1",
            f"'r = s1' {NEVER} 'r2' could make it so, and 'r2' needs 'r = s2', "
            "which only 'r1' could make so, and 'r1' needs 'r = s1', which takes 'r2' first",
        ),
        (
            "r = s5",
            f"'r = s5' {NEVER} 'enter' could make it so, and 'enter' needs 'open', "
            "which 'where' excludes at the start, and no step makes it so",
        ),
        (
            "r = s6",
            f"'r = s6' {NEVER} 'keep' could make it so, and 'keep' needs 'kept', "
            "but 'init' says 'not kept', and 'kept' never changes",
        ),
        (
            "down",  # of 's = s1' and 'allowed' the second has less to be told
            f"'down' {NEVER} 'both' and 'other' could make it so: "
            f"'both' needs 'allowed', which 'where' excludes; 'other' needs 'y', which {COUNT}",
        ),
        (
            "up[Cpu0]".replace("[Cpu0]", "[c]"),
            f"'up' is never true for any Cpu: only 'boot.last' could make it so, and 'boot.last' {BOOT}",
        ),
        (
            "freed",
            f"'freed' {NEVER} 'free.go' could make it so, and 'free.go' comes only after 'free.wait', "
            "and 'free.wait' needs 'exists c : Cpu: up[c]', but 'up' is never true for any Cpu. "
            f"'up' is never true for any Cpu: only 'boot.last' could make it so, and 'boot.last' {BOOT}",
        ),
        ("allowed and y or late", "a bad state needs 'allowed' or 'late', which 'where' excludes"),
        (
            "late or r = s1",
            "a bad state needs 'late' or 'r = s1'; 'where' excludes 'late'. "
            f"'r = s1' {NEVER} 'r2' could make it so, and 'r2' needs 'r = s2', "
            "which only 'r1' could make so, and 'r1' needs 'r = s1', which takes 'r2' first",
        ),
    ],
)
def test_chains(bad: str, wanted: str) -> None:
    (one,) = found(
        f"{CHAIN}property p never exists c : Cpu: {bad}\n"
        "check p for Cpu = 2 where not allowed and not late expect proved trivially\n"
    )
    assert one.reason == wanted


def test_many_steps_are_not_all_listed() -> None:
    steps = "".join(f"action a{n} when off{n} {{ x := true }}\n" for n in range(6))
    flags = "".join(f"state off{n} : bool = false\n" for n in range(6))
    (one,) = found(f"state x : bool = false\n{flags}{steps}property p never x\ncheck p\n")
    nothing = "which is not so at the start, and no step makes it so"
    assert one.reason == (
        f"'x' {NEVER} 'a0', 'a1', 'a2' and 3 more steps could make it so: "
        f"'a0' needs 'off0', {nothing}; 'a1' needs 'off1', {nothing}; 4 more steps cannot either"
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_names_are_those_of_the_spec(seed: int) -> None:
    text, reason = told(seed)
    for quoted in re.findall(r"'([^']*)'", reason.replace("'where'", "").replace("'init'", "")):
        assert set(re.findall(r"[A-Za-z_]\w*", quoted)) <= set(re.findall(r"[A-Za-z_]\w*", text))


def told(seed: int) -> tuple[str, str]:
    """A spec, and the reason why the proof of its check is trivial, if it is."""
    author = Author(seed)
    text = f"{author.model()}property p never {author.bad()}\ncheck p for Line = 2 {author.where()}\n"
    (asked,) = questions(text)
    judged = triviality(asked, UNLIMITED)
    return text, judged.reason if judged.trivial else ""


@pytest.mark.parametrize("seed", SEEDS)
def test_every_link_against_trying_every_state(seed: int) -> None:
    """What steps need is never so, and no others than those that are named break what never happens."""
    text, reason = told(seed)
    head, where = text.split("property ")[0], text.split("Line = 2 ")[1]
    for action, condition in re.findall(r"'(act\d)' needs '([^']*)'", reason):
        asked = f"{head}property p never exists x : Line: {condition}\ncheck p for Line = 2 {where}"
        assert isinstance(explicit(problem_of(asked)), Proved), (action, condition)
    (asked,) = questions(text)
    subject = subject_of(asked, {"Line": 2})
    holding = Holding(subject, lambda: None)
    ground = holding.excludes_bad()
    if ground is None or subject.of_steps:
        return
    chains = Chains(holding, ground.facts)
    problem = subject.problem
    semantics = Semantics(problem)
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    facts = [fact for fact in ground.facts if not fact.fixed and chains.knows(fact)]
    could = {fact: {a.name for g in chains.groups(fact) for a in g.actions} for fact in facts}
    holds = {fact: evaluator.formula(fact.formula) for fact in facts}
    rigids = product(*(domain(cell.symbol.sort, problem.size_of) for cell in problem.rigid_layout.cells))
    for rigid in rigids:
        for state in product(*(domain(c.symbol.sort, problem.size_of) for c in problem.state_layout.cells)):
            before = [fact for fact in facts if holds[fact](rigid, state, ())]
            for step, later in semantics.successors(rigid, state, UNLIMITED) if before else ():
                for fact in before:
                    assert holds[fact](rigid, later, ()) or step.action in could[fact]
