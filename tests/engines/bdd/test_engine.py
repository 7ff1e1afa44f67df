"""The engine `bdd`: what it proves with, how it ends, and that no answer depends on what is installed.

(Verdicts: see tests/conformance. Sets of states: see test_sets.py beside this.)
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable

import pytest

from tdxverify import processes
from tdxverify.budget import Budget, Why
from tdxverify.cli.engines import engine_lines
from tdxverify.diagnostics import Code, InternalError
from tdxverify.engines import base
from tdxverify.engines.bdd import backend, cover, search
from tdxverify.engines.bdd import engine as bdd
from tdxverify.engines.bdd.process import decide
from tdxverify.engines.registry import ENGINES, wrong_engine
from tdxverify.evidence.diagram import DecisionDiagram
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.expr import TRUE, Bound, arithmetic, conjunction, equal, less, negation, quantified
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tests.building import action, number, problem, read, start, state, write
from tests.generated import random_problem
from tests.problems import CASES, LARGE_CASES, Case, common_model
from tests.texts import Silent, explicit, problem_of, require_accepted
from tests.thorough import first

pytest.importorskip("dd")

SAFE, BROKEN = common_model(3, True, True), common_model(3, True, False)
PAGE = IndexSort("Page")
page = Bound("p", PAGE)


def silently(text: str, clean_through: int | None) -> None:
    """Nothing to do."""


@pytest.mark.parametrize("plain", [False, True], ids=["cudd", "plain"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_problems_with_and_without_cudd(case: Case, plain: bool) -> None:
    agrees(case.problem, search.search(case.problem, silently, plain=plain))


@pytest.mark.parametrize(
    "case", [c for c in LARGE_CASES if len(c.problem.actions) < 20], ids=lambda c: c.name
)
def test_large_problems(case: Case) -> None:
    verdict = search.search(case.problem, silently)
    assert isinstance(verdict, Refuted if case.expected == "refuted" else Proved)
    if isinstance(verdict, Refuted):
        assert len(verdict.trace) == case.length


RANGES = [range(start_, 600, 6) for start_ in range(6)]


@pytest.mark.parametrize("seeds", first(RANGES, 2), ids=lambda r: str(r[0]))
def test_generated_problems(seeds: range) -> None:
    for seed in seeds:
        subject = random_problem(seed)
        agrees(subject, search.search(subject, silently, plain=seed % 12 == 0))


def agrees(subject: Problem, verdict: Verdict) -> None:
    """With enumeration, to the trace and to the number of states."""
    truth = explicit(subject)
    if isinstance(truth, Proved):
        assert isinstance(verdict, Proved)
        assert verdict.states == truth.states
    else:
        assert verdict == truth


# --- evidence -----------------------------------------------------------------------------


def references(pages: int) -> Problem:
    """A count of mappings; nothing is freed while one is left."""
    mapped, freed = state("mapped", BOOL, PAGE), state("freed")
    count = state("count", RangeSort(0, pages))
    open_ = negation(read(freed))
    here = read(mapped, page)
    return problem(
        "references",
        (start(mapped, TRUE), start(count, number(pages)), start(freed, negation(TRUE))),
        (
            action(
                "map",
                conjunction(open_, negation(here), less(Op.LT, read(count), number(pages))),
                write(mapped, TRUE, page),
                write(count, arithmetic(Op.ADD, read(count), number(1))),
                parameters=(page,),
            ),
            action(
                "unmap",
                conjunction(open_, here, less(Op.LT, number(0), read(count))),
                write(mapped, negation(TRUE), page),
                write(count, arithmetic(Op.SUB, read(count), number(1))),
                parameters=(page,),
            ),
            action("free", conjunction(open_, equal(read(count), number(0))), write(freed, TRUE)),
            action("look", conjunction(read(freed), here), write(count, number(0)), parameters=(page,)),
        ),
        conjunction(read(freed), negation(equal(read(count), number(0)))),
        sizes=((PAGE, pages),),
    )


def test_short_proofs_are_formulas_and_long_ones_diagrams() -> None:
    short = bdd.run(SAFE, Budget(), Silent())
    assert isinstance(short, Proved) and isinstance(short.certificate, Invariant)
    assert not short.certificate.any_size
    assert len(short.certificate.formulas) <= cover.MOST_CLAUSES
    long = bdd.run(references(12), Budget(), Silent())
    assert isinstance(long, Proved) and isinstance(long.certificate, DecisionDiagram)
    assert long.states == 2**12 + 1
    for subject, verdict in ((SAFE, short), (references(12), long)):
        require_accepted(subject, verdict, Budget())


def test_a_wrong_step_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the search to overlook steps, its proof would be refused."""
    monkeypatch.setattr(search.Steps, "image", lambda steps, relation, states: steps.manager.false)
    verdict = search.search(BROKEN, silently)
    assert isinstance(verdict, Proved)
    with pytest.raises(InternalError, match="consecution"):
        require_accepted(BROKEN, verdict, Budget())


def test_the_same_every_time() -> None:
    for subject in (SAFE, references(12)):
        assert bdd.run(subject, Budget(), Silent()) == bdd.run(subject, Budget(), Silent())


# --- limits ---------------------------------------------------------------------------------


class Listener:
    def __init__(self, act: Callable[[str], None] = lambda text: None) -> None:
        self.heard: list[tuple[str, str]] = []
        self._act = act

    def progress(self, engine: str, text: str) -> None:
        self.heard.append((engine, text))
        self._act(text)


def test_progress() -> None:
    listener = Listener()
    verdict = bdd.run(BROKEN, Budget(), listener)
    assert isinstance(verdict, Refuted)
    assert {engine for engine, _ in listener.heard} == {"bdd"}
    depths = [text for _, text in listener.heard if text.startswith("depth")]
    assert [text.split(",")[0] for text in depths] == [f"depth {k}" for k in range(5)]


def permutations(pages: int) -> Problem:
    """Frames change hands: more than any diagram can hold, from the first state on."""
    frame, other = state("frame", RangeSort(0, pages - 1), PAGE), Bound("q", PAGE)
    swap = (write(frame, read(frame, other), page), write(frame, read(frame, page), other))
    same = conjunction(negation(equal(page, other)), equal(read(frame, page), read(frame, other)))
    return problem(
        "permutations",
        (start(frame),),
        (action("swap", negation(equal(page, other)), *swap, parameters=(page, other)),),
        quantified((page, other), same, universal=False),
        sizes=((PAGE, pages),),
        constraints=(quantified((page, other), negation(same), universal=True),),
    )


def long_way(steps: int) -> Problem:
    level = state("level", RangeSort(0, steps))
    onward = write(level, arithmetic(Op.ADD, read(level), number(1)))
    below = less(Op.LT, read(level), number(steps))
    return problem(
        "long way",
        (start(level, number(0)),),
        (action("on", below, onward),),
        equal(read(level), number(steps)),
    )


def test_the_bound_does_not_matter() -> None:
    verdict = bdd.run(long_way(150), Budget(bound=5), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 150


def test_out_of_time_in_the_middle_of_an_operation() -> None:
    verdict = bdd.run(permutations(14), Budget.of(1.5), Silent())
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.TIMEOUT
    assert bdd.run(SAFE, Budget(deadline=0.0), Silent()) == Unknown(Why.TIMEOUT, None)


def test_depths_known_to_be_clean_survive_a_time_out() -> None:
    heard: list[str] = []

    def remaining() -> float:
        return 0.0 if any(text.startswith("round 2") for text in heard) else 60.0

    verdict = decide(long_way(2000), remaining, heard.append)
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.TIMEOUT
    assert verdict.clean_through is not None and 2 <= verdict.clean_through < 2000


def test_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "MOST_BYTES", 24 << 20)
    heard: list[int | None] = []
    verdict = search.search(permutations(12), lambda text, clean: heard.append(clean))
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.STATE_SPACE
    assert verdict.clean_through == (heard[-1] if heard else None)


def test_out_of_memory_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "MOST_NODES", 500)
    verdict = search.search(permutations(5), silently, plain=True)
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.detail) == (Why.STATE_SPACE, "the diagrams have more than 500 nodes")


class Stop(Exception):
    """Stands for whatever an observer may raise."""


@pytest.mark.parametrize("error", [KeyboardInterrupt, Stop])
def test_an_interrupt_ends_the_other_process(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def starting(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(original(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    def interrupt(text: str) -> None:
        raise error

    monkeypatch.setattr(subprocess, "Popen", starting)
    with pytest.raises(error):
        bdd.run(SAFE, Budget(), Listener(interrupt))
    assert [one.poll() is not None for one in started] == [True]


def serving(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the other process run `code` instead."""
    original = subprocess.Popen

    def starting(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        return original([sys.executable, "-c", code], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", starting)


def test_a_process_that_is_killed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert bdd.run(SAFE, Budget(), Silent()) == Unknown(
        Why.STATE_SPACE, None, "the search was ended by signal 9"
    )


def test_an_interrupt_that_only_the_other_process_has_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    with pytest.raises(KeyboardInterrupt):
        bdd.run(SAFE, Budget(), Silent())


def test_a_process_that_fails_is_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, "raise SystemExit('out of luck')")
    with pytest.raises(InternalError, match="status 1") as caught:
        bdd.run(SAFE, Budget(), Silent())
    assert "out of luck" in caught.value.bundle["stderr"]


def test_a_bug_found_on_the_other_side_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = pickle.dumps(processes.Failed("it is odd", {"what": "everything"}))
    serving(monkeypatch, f"import sys; sys.stdout.buffer.write({failed!r})")
    with pytest.raises(InternalError, match="it is odd") as caught:
        bdd.run(SAFE, Budget(), Silent())
    assert caught.value.bundle == {"what": "everything"}


# --- where dd is not installed ------------------------------------------------------------------


@pytest.fixture
def no_dd(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (backend, base):
        monkeypatch.setattr(module, "find_spec", lambda name: None)


@pytest.mark.usefixtures("no_dd")
def test_without_dd_it_says_what_is_missing() -> None:
    verdict = bdd.run(SAFE, Budget(), Silent())
    assert verdict == Unknown(Why.UNSUPPORTED, None, "dd is not installed: pip install 'tdxverify[bdd]'")
    (diagnostic,) = wrong_engine("bdd")
    assert diagnostic.code is Code.E711
    assert diagnostic.hint == "pip install 'tdxverify[bdd]'"
    assert wrong_engine("pdr") == []
    shown = "".join(piece.text for one in engine_lines(200) for piece in one)
    assert "not installed: pip install 'tdxverify[bdd]'" in shown


def test_with_dd_nothing_is_missing() -> None:
    assert ENGINES["bdd"].is_installed
    assert wrong_engine("bdd") == []
    shown = "".join(piece.text for one in engine_lines(200) for piece in one)
    assert "decision diagram" in shown and "not installed" not in shown


@pytest.mark.usefixtures("no_dd")
def test_answers_do_not_depend_on_dd() -> None:
    """`auto` never asks this engine, so that a verdict is the same on every machine."""
    for subject in (SAFE, BROKEN):
        assert isinstance(ENGINES["auto"].run(subject, Budget(), Silent()), Proved | Refuted)


def test_auto_does_not_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> Verdict:
        raise AssertionError("auto asked the engine bdd")

    monkeypatch.setattr(bdd, "run", never)
    for subject in (SAFE, BROKEN, references(6)):
        assert not isinstance(ENGINES["auto"].run(subject, Budget(), Silent()), Vacuous)


# --- what specs say, through the whole front end ------------------------------------------------

SPECS: dict[str, tuple[str, dict[str, int]]] = {
    "reachable": (
        """
        index Line
        state seen[Line] : bool = false
        action see(l : Line) { seen[l] := true }
        property all_seen reachable forall l : Line: seen[l]
        check all_seen
        """,
        {"Line": 4},
    ),
    "never reachable": (
        """
        enum Phase { one, two, three }
        state phase : Phase = one
        action go when phase = one { phase := two }
        property third reachable phase = three
        check third
        """,
        {},
    ),
    "deadlock": (
        """
        state left : 0..3 = 3
        action take when left > 0 { left := left - 1 }
        property goes_on never deadlock
        check goes_on
        """,
        {},
    ),
    "no deadlock": (
        """
        state turn : bool
        action back when turn { turn := false }
        action forth when not turn { turn := true }
        property goes_on never deadlock
        check goes_on
        """,
        {},
    ),
    "range error": (
        """
        state level : 0..5 = 2
        state other : bool = false
        action up { level := level + 1 }
        action turn { other := not other }
        property harmless never false
        check harmless
        """,
        {},
    ),
    "step property": (
        """
        index Line
        state level[Line] : 0..3 = 0
        action up(l : Line) when level[l] < 3 { level[l] := level[l] + 1 }
        action drop(l : Line) when level[l] = 3 { level[l] := 0 }
        property grows step forall l : Line: level'[l] >= level[l]
        check grows
        """,
        {"Line": 2},
    ),
    "step property that holds": (
        """
        state level : 0..3 = any { 1, 2 }
        action up when level < 3 { level := level + 1 }
        property grows step level' >= level
        check grows
        """,
        {},
    ),
    "parameters left open": (
        """
        enum Kind { old, new, newest }
        param kind : Kind
        param limit : 0..6
        assume kind = old implies limit < 3
        state level : 0..6 = 0
        action up when level < limit { level := level + 1 }
        property low always level < 5 or kind = new
        check low where kind != new
        check low where kind = old
        """,
        {},
    ),
    "constants": (
        """
        index Line
        index Page
        const page_of[Line] : Page
        const first[l : Line] : bool = exists m : Line: page_of[m] = page_of[l]
        state mapped[Page] : bool = true
        state read[Line] : bool = false
        action unmap(p : Page) { mapped[p] := false }
        action read_it(l : Line) when first[l] { read[l] := not mapped[page_of[l]] }
        define twins(l, m : Line) = page_of[l] = page_of[m] and l != m
        property one_reader never exists l, m : Line: twins(l, m) and read[l] and read[m]
        check one_reader
        """,
        {"Line": 2, "Page": 2},
    ),
    "processes, choices, faults": (
        """
        index Line
        fault #MC "machine check" fatal
        actor host
        state poison[Line] : bool = false
        state tries : 0..2 = 0
        access look(l : Line) {
          poison[l] -> fault #MC
          otherwise -> ok
        }
        action spoil(l : Line) when tries = 2 { poison[l] := any }
        process walk by host {
          pick: either { one: { tries := 1 } } or { two: { tries := 2 } }
          sweep: foreach l : Line { look(l) }
        }
        property safe never host takes #MC
        check safe
        """,
        {"Line": 3},
    ),
    "arithmetic": (
        """
        state a : 0..12 = any { 3, 5 }
        state b : 0..6 = 1
        action go when a * b < 40 { a := (a * 5 + b) mod 13  b := a div 2 }
        property apart never a - b = 9 and b > 2
        check apart
        """,
        {},
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_what_specs_say(name: str) -> None:
    text, sizes = SPECS[name]
    for check_number in range(text.count("check ")):
        subject = problem_of(text, check_number, sizes)
        verdict = search.search(subject, silently)
        agrees(subject, verdict)
        require_accepted(subject, verdict, Budget())


def test_specs_have_both_answers() -> None:
    found = [type(explicit(problem_of(text, 0, sizes))) for text, sizes in SPECS.values()]
    assert found.count(Proved) >= 3 and found.count(Refuted) >= 5
