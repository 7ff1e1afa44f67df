"""What stops steps: `halt when`, stopped actors, faults that halt, and conditions of processes."""

from __future__ import annotations

from random import Random

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.budget import UNLIMITED
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.logic.show import show_cell
from tdxverify.telling.narrate import narrate
from tdxverify.telling.range_errors import leaves_range
from tdxverify.telling.stopped import MOST_TOLD, stopped_here
from tests.texts import explicit, model_of, problem_of, steps_everywhere

FLAGS = ("a", "b", "c", "d")


def length(text: str, number: int = 0, **sizes: int) -> int | None:
    """Steps of the shortest trace; None where it is proved."""
    verdict = explicit(problem_of(text, number, sizes))
    assert isinstance(verdict, Proved | Refuted)
    return len(verdict.trace) if isinstance(verdict, Refuted) else None


def test_nothing_moves_where_a_halt_holds() -> None:
    text = """
        state crashed : bool = false
        state n : 0..3 = 0
        halt when crashed "the machine is down"
        halt when n = 2
        action crash { crashed := true }
        action up when n < 3 { n := n + 1 }
        process p { l: { n := 3 } }
        property late step not (crashed and n != n')
        property most never n = 3 and not p at done
        property both reachable crashed and n = 1
        check late
        check most
        check both expect proved
        """
    assert length(text, 0) is None
    assert length(text, 1) is None
    assert length(text, 2) == 2


def test_the_words_are_names_elsewhere() -> None:
    text = """
        state halt : bool = false
        state halts : bool = false
        state stopped : bool = false
        actor stopped stopped when stopped
        fault #halts halts
        halt when halt
        action halt by stopped when not halts { halt := true }
        process halts by stopped when halts { halt: { stopped := true }  stopped: { halt := true } }
        property p never halt and halts at halt
        check p
        """
    assert length(text) == 1


def test_an_actor_is_stopped_and_nobody_else() -> None:
    text = """
        actor one, two stopped when off
        actor other
        state off : bool = false
        state x : 0..3 = 0
        state y : bool = false
        action switch by other { off := not off }
        action up by one when x < 3 { x := x + 1 }
        process p by two { l: { x := 3 } }
        action see by other when off { y := true }
        property moved step not (off and x != x')
        property seen reachable y and x = 3
        check moved
        check seen
        """
    assert length(text, 0) is None
    assert length(text, 1) == 3


def test_every_step_of_a_process_waits_for_its_condition() -> None:
    text = """
        index Page
        state early : bool = false
        memory Page { frozen : bool = false  count : 0..3 = 0 }
        process convert(p : Page) when not frozen[p] {
          if early { early_one: { } }
          one: { count[p] := count[p] + 1 }
          foreach q : Page { two: when not early { count[p] := count[p] + 1 } }
        }
        action freeze(p : Page) { frozen[p] := true }
        property stays step not exists p : Page: frozen[p] and count[p] != count'[p]
        property all reachable forall p : Page: convert[p] at done and frozen[p]
        check stays
        check all
        """
    assert length(text, 0, Page=2) is None
    assert length(text.replace("when not frozen[p] {", "{"), 0, Page=2) == 2
    assert length(text, 1, Page=1) == 3
    assert length(text, 1, Page=2) == 8


FAULTS = """
    actor host, guest
    fault #MC {clauses}
    state poison : bool = false
    state seen : bool = false
    access read() {{ poison -> fault #MC  otherwise -> ok }}
    action hit {{ poison := true }}
    action load by {taker} {{ read() {handler} }}
    action look {{ if anyone took #MC {{ seen := true }} }}
    action later by guest when anyone took #MC {{ seen := true }}
    property p never seen
    property d never deadlock
    property q never host takes #MC
    check p
    check d
    check q
    """


@pytest.mark.parametrize(
    ("clauses", "taker", "handler", "seen"),
    [
        ("", "host", "", 3),
        ("halts", "host", "", None),
        ("halts", "guest", "", None),
        ("fatal halts kills guest must not reach host", "host", "", None),
        ("fatal kills guest", "host", "", 3),
        ("halts", "host", "on #MC { }", 3),
        ("halts kills guest", "guest", "on #MC { poison := false }", 3),
    ],
)
def test_a_fault_that_halts_is_the_last_that_happens_unless_it_is_handled(
    clauses: str, taker: str, handler: str, seen: int | None
) -> None:
    text = FAULTS.format(clauses=clauses, taker=taker, handler=handler)
    assert length(text, 0) == seen
    assert length(text, 1) is None
    assert length(text, 2) == (2 if taker == "host" else None)


def test_a_halted_machine_is_no_deadlock_and_a_stopped_actor_may_be() -> None:
    text = """
        actor a {stopped}
        state n : 0..2 = 0
        {halt}
        action up by a when n < 2 {{ n := n + 1 }}
        property d never deadlock
        check d
        """
    assert length(text.format(stopped="", halt="")) == 2
    assert length(text.format(stopped="", halt="halt when n = 2")) is None
    assert length(text.format(stopped="", halt="halt when n = 1")) is None
    assert length(text.format(stopped="stopped when n = 1", halt="")) == 1


def test_a_condition_without_a_value_is_a_mistake_wherever_it_is_asked() -> None:
    text = """
        define small(v : 0..1) = v = 1
        state n : 0..3 = 0
        actor a {stopped}
        {halt}
        action up by a when n < 3 {{ n := n + 1 }}
        process p by a {guard} {{ one: when n = 3 {{ }} two: {{ }} }}
        property q never n < 0
        check q
        """
    for where in ("halt", "stopped", "guard"):
        given = {"halt": "", "stopped": "", "guard": ""}
        given[where] = {"halt": "halt when small(n) and n > 9", "stopped": "stopped when small(n) and n > 9",
                        "guard": "when small(n) or n < 9"}[where]  # fmt: skip
        problem = problem_of(text.format(**given), 0, {})
        verdict = explicit(problem)
        assert isinstance(verdict, Refuted)
        assert leaves_range(problem, verdict.trace), where
        assert len(verdict.trace) == 3


# --- against the same written out in every guard -------------------------------------------------------


def _condition(random: Random) -> str:
    parts = [f"{random.choice(('', 'not '))}{random.choice(FLAGS)}" for _ in range(random.randint(1, 2))]
    return random.choice((" and ", " or ")).join(parts)


class Pair:
    """A spec with declarations that stop steps, and the same with all that written into guards."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.halts = [_condition(random) for _ in range(random.choice((0, 1, 1, 2)))]
        self.stopped = {name: _condition(random) for name in ("x", "y") if random.random() < 0.6}
        self.waits = _condition(random) if random.random() < 0.7 else None
        head = [f"state {name} : bool = {random.choice(('false', 'any'))}" for name in FLAGS]
        steps = [(f"act{n}", random.choice((None, "x", "y")), *self._step(random)) for n in range(4)]
        runner = random.choice((None, "x", "y"))
        inside = [(label, *self._step(random)) for label in ("l", "m")]
        step = f"step {_condition(random)} or a'"
        claim = random.choice((f"never {_condition(random)}", "never deadlock", step))
        tail = [f"property p {claim}", "check p"]
        short, long = list(head), [*head, "actor x, y"]
        for name in ("x", "y"):
            stop = f" stopped when {self.stopped[name]}" if name in self.stopped else ""
            short.append(f"actor {name}{stop}")
        short += [f"halt when {one}" for one in self.halts]
        for name, actor, guard, effect in steps:
            by = f" by {actor}" if actor else ""
            short.append(f"action {name}{by} when {guard} {{ {effect} }}")
            long.append(f"action {name}{by} when {self._allowed(actor)} and ({guard}) {{ {effect} }}")
        by = f" by {runner}" if runner else ""
        waits = f" when {self.waits}" if self.waits else ""
        labels = " ".join(f"{label}: when {guard} {{ {effect} }}" for label, guard, effect in inside)
        short.append(f"process run{by}{waits} {{ {labels} }}")
        allowed = f"{self._allowed(runner)} and ({self.waits or 'true'})"
        labels = " ".join(f"{label}: when {allowed} and ({g}) {{ {e} }}" for label, g, e in inside)
        long.append(f"process run{by} {{ {labels} }}")
        self.deadlock = claim == "never deadlock"
        self.short, self.long = "\n".join([*short, *tail]), "\n".join([*long, *tail])

    @staticmethod
    def _step(random: Random) -> tuple[str, str]:
        effect = f"{random.choice(FLAGS)} := {random.choice(('true', 'false', 'true', 'not a'))}"
        return _condition(random), effect

    def _allowed(self, actor: str | None) -> str:
        stops = [*self.halts, *([self.stopped[actor]] if actor in self.stopped else [])]
        return " and ".join(["true", *(f"not ({one})" for one in stops)])


def _true(condition: str, state: dict[str, int]) -> bool:
    return bool(eval(condition, {}, {name: bool(state[name]) for name in FLAGS}))


@pytest.mark.parametrize("seed", range(60))
def test_as_if_it_stood_in_every_guard(seed: int) -> None:
    pair = Pair(seed)
    short, long = problem_of(pair.short, 0, {}), problem_of(pair.long, 0, {})
    graph = steps_everywhere(short)
    assert graph == steps_everywhere(long)
    if not pair.deadlock:
        mine, other = explicit(short), explicit(long)
        assert type(mine) is type(other)
        if isinstance(mine, Refuted) and isinstance(other, Refuted):
            assert len(mine.trace) == len(other.trace)
    names = [show_cell(cell) for cell in short.state_layout.cells]
    states = [dict(zip(names, state, strict=True)) for state in graph]
    if pair.deadlock:
        bad = [state for state, steps in graph.items() if not steps]
        ended = [any(_true(one, dict(zip(names, state, strict=True))) for one in pair.halts) for state in bad]
        assert isinstance(explicit(short), Refuted) == (not all(ended))
    model = model_of(pair.short)
    for state, values in zip(graph, states, strict=True):
        told = stopped_here(model.stops, short, (), state)
        wanted = [f"halt when {one}" for one in pair.halts if _true(one, values)]
        wanted += [f"actor {n} stopped when {c}" for n, c in pair.stopped.items() if _true(c, values)]
        if pair.waits and not _true(pair.waits, values):
            wanted.append(f"process run when {pair.waits}")
        assert [text.rpartition(" (")[0] for text in told] == wanted or len(wanted) > MOST_TOLD


@pytest.mark.parametrize("seed", range(0, 60, 6))
@pytest.mark.parametrize("engine", ["bdd", "bmc", "pdr", "k-induction"])
def test_every_engine_reads_it_in_the_same_way(seed: int, engine: str) -> None:
    problem = problem_of(Pair(seed).short, 0, {})
    truth, found = explicit(problem), find(engine, problem, UNLIMITED, Silent()).verdict
    if isinstance(truth, Refuted):
        assert isinstance(found, Refuted)
        assert len(found.trace) == len(truth.trace)
    else:
        assert not isinstance(found, Refuted)


def test_many_that_stop_are_counted() -> None:
    text = (
        "index C\nstate x : bool = false\nprocess p(c : C) when x { l: { } }\nproperty q never x\ncheck q\n"
    )
    problem, model = problem_of(text, 0, {"C": 6}), model_of(text)
    told = stopped_here(model.stops, problem, (), next(iter(steps_everywhere(problem))))
    assert told[0].startswith("process p when x for c = C0 (")
    assert told[-1] == "and 3 more"


def test_a_deadlock_says_who_is_stopped() -> None:
    text = """
        actor a stopped when n = 1
        state n : 0..2 = 0
        action up by a when n < 2 { n := n + 1 }
        property d never deadlock
        check d
        """
    problem, model = problem_of(text), model_of(text)
    verdict = explicit(problem)
    assert isinstance(verdict, Refuted)
    violation = narrate(model, problem, model.properties[0], verdict.trace).violation
    assert violation is not None
    assert violation.conjunct == "no action is enabled"
    assert violation.instead == "no action is enabled; stopped by: actor a stopped when n = 1 (test.tdx:2)"
