"""Several actors of one name: who acts, who takes a fault, who dies, and how it is told."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.logic.show import show_cell
from tdxverify.model.model import Model
from tdxverify.semantics.trace import Trace
from tdxverify.telling.narrate import narrate
from tests.differential.comparing import Effort, examine
from tests.texts import explicit, model_of, problem_of

GUESTS = """
index Td
actor host, guest[Td]
fault #MC fatal must not reach host
fault #PF
memory Td { poison : bool = false }
access read(t : Td) { poison[t] -> fault #MC  otherwise -> ok }
action clobber(t : Td) by host { poison[t] := true }
action run(t : Td) by guest[t] { read(t) }
"""


def verdict(text: str, number: int = 0, **sizes: int) -> Trace | None:
    """The shortest trace; None where it is proved."""
    found = explicit(problem_of(text, number, sizes))
    assert isinstance(found, Proved | Refuted)
    return found.trace if isinstance(found, Refuted) else None


def length(claim: str, spec: str = GUESTS, **sizes: int) -> int | None:
    trace = verdict(f"{spec}\nproperty p {claim}\ncheck p", **(sizes or {"Td": 2}))
    return None if trace is None else len(trace)


@pytest.mark.parametrize(
    ("claim", "steps"),
    [
        ("never guest takes #MC", 2),
        ("never anyone takes #MC", 2),
        ("never anyone took #MC", 2),
        ("never exists t : Td: guest[t] took #MC", 2),
        ("never forall t : Td: guest[t] took #MC", 4),
        ("never exists t : Td: guest[t] took #MC and not poison[t]", None),
        ("always forall t : Td: guest[t] is dead iff guest[t] took #MC", None),
        ("never exists t, u : Td: t != u and guest[t] is dead and guest[u] is dead", 4),
        ("contained #MC", None),
        ("never host takes #MC", None),
        ("never guest takes #PF", None),
    ],
)
def test_each_takes_faults_and_dies_by_itself(claim: str, steps: int | None) -> None:
    assert length(claim) == steps


def test_the_dead_do_nothing_and_the_others_go_on() -> None:
    spec = (
        GUESTS
        + "state runs[Td] : 0..2 = 0\n"
        + "action work(t : Td) by guest[t] when runs[t] < 2 { runs[t] := runs[t] + 1 }"
    )
    assert length("step forall t : Td: guest[t] is dead implies runs'[t] = runs[t]", spec) is None
    assert length("never exists t, u : Td: guest[t] is dead and runs[u] = 1", spec) == 3


def test_kills_and_must_not_reach_mean_all_of_them() -> None:
    spec = GUESTS.replace("fatal must not reach host", "kills guest must not reach guest")
    assert length("always forall t, u : Td: guest[t] is dead iff guest[u] is dead", spec) is None
    assert length("never exists t, u : Td: t != u and guest[t] is dead and guest[u] is dead", spec) == 2
    assert length("contained #MC", spec) == 2


def test_who_dies_of_a_fault_that_kills_others_and_is_fatal() -> None:
    spec = GUESTS.replace("fatal must", "fatal kills host must")
    assert length("always (exists t : Td: guest[t] is dead) iff host is dead", spec) is None
    assert length("never exists t, u : Td: t != u and guest[t] is dead and guest[u] is dead", spec) == 4


def test_handled_by_one_of_them() -> None:
    spec = GUESTS.replace("{ read(t) }", "{ read(t) on #MC { poison[t] := false } }")
    assert length("never exists t : Td: guest[t] is dead", spec) is None
    assert length("never guest takes #MC", spec) == 2


def test_all_elements_at_once() -> None:
    spec = GUESTS.replace("{ read(t) }", "{ foreach u : Td { read(u) on #MC { } } }")
    assert length("never exists t : Td: guest[t] took #MC and not poison[t]", spec) == 2


def test_processes() -> None:
    spec = GUESTS + "process boot(t : Td) by guest[t] { first: { }  second: { read(t) } }"
    assert length("never exists t : Td: guest[t] is dead and boot[t] at first", spec) == 2
    assert (
        length("step forall t : Td: guest[t] is dead implies (boot[t] at first iff boot[t] at first)", spec)
        is None
    )
    assert length("never exists t : Td: guest[t] is dead and boot[t] at done", spec) == 4


def test_members_of_an_enum_and_two_indices() -> None:
    spec = """
        index Cpu
        enum Kind { small, large }
        actor vm[Kind, Cpu], host
        fault #GP fatal
        access f { otherwise -> fault #GP }
        action one(c : Cpu) by vm[large, c] { f() }
        action other(k : Kind, c : Cpu, d : Cpu) by vm[k, d] when k = large and c != d { f() }
        """
    assert length("never exists c : Cpu: vm[small, c] took #GP", spec, Cpu=2) is None
    assert (
        length(
            "never exists c, d : Cpu: c != d and vm[large, c] is dead and vm[large, d] is dead", spec, Cpu=2
        )
        == 2
    )
    by_name = (
        spec.replace("vm[Kind, Cpu]", "vm[Kind]")
        .replace("vm[large, c]", "vm[large]")
        .replace("vm[k, d]", "vm[k]")
    )
    assert length("never vm[small] takes #GP", by_name, Cpu=2) is None
    assert length("never vm[large] takes #GP", by_name, Cpu=2) == 1


def test_stopped_one_by_one() -> None:
    spec = GUESTS.replace("actor host, guest[Td]", "actor host\nactor guest[t : Td] stopped when paused[t]")
    spec += "state paused[Td] : bool = false\naction pause(t : Td) by host { paused[t] := true }"
    assert length("never exists t, u : Td: paused[t] and guest[u] took #MC and u != t", spec) == 3
    assert (
        length(
            "step forall t : Td: paused[t] and poison[t] and not guest[t] took #MC implies poison'[t]", spec
        )
        is None
    )
    assert length("never exists t : Td: paused[t] and guest[t] is dead", spec) == 3


def test_outcomes_that_are_no_faults() -> None:
    spec = (
        GUESTS
        + "access look(t : Td) { poison[t] -> ok(zeros)  otherwise -> ok }\n"
        + "action see(t : Td) by guest[t] { look(t) }"
    )
    assert length("never exists t : Td: guest[t] took ok(zeros)", spec) == 2
    assert length("never exists t : Td: guest[t] took ok(zeros) and not poison[t]", spec) is None


def test_told_by_name_and_element() -> None:
    text = f"{GUESTS}\nproperty p never forall t : Td: guest[t] is dead\ncheck p"
    problem, model = problem_of(text, 0, {"Td": 2}), model_of(text)
    trace = verdict(text, Td=2)
    assert trace is not None
    story = narrate(model, problem, model.properties[0], trace)
    told = [(step.actor, [(fault.actor, fault.fault) for fault in step.faults]) for step in story.steps]
    assert told[2:] == [("guest[Td0]", [("guest[Td0]", "#MC")]), ("guest[Td1]", [("guest[Td1]", "#MC")])]
    assert [str(change.cell) for change in story.steps[3].other_changes()] == ["guest[Td1] is dead"]
    assert "guest[Td0] is dead" in map(show_cell, problem.state_layout.cells)


def test_a_mistake_in_the_sort_of_an_actor_is_told_once() -> None:
    with pytest.raises(SpecError) as caught:
        model_of(
            "actor guest[Td]\nfault #MC\nproperty p never guest took #MC\n"
            "property q never exists b : bool: guest[b] is dead"
        )
    assert [one.code.name for one in caught.value.diagnostics] == ["E203"]


# --- generated specs, against plain enumeration ---------------------------------------------


def _generated(random: Random) -> str:
    """A few steps by one of several guests, with faults that stop one, all, another or nobody."""
    sorts = random.choice([["Td"], ["Td"], ["Kind"], ["Td", "Kind"]])
    names = ["t", "u"][: len(sorts)]
    binders = ", ".join(f"{name} : {sort}" for name, sort in zip(names, sorts, strict=True))
    at = f"[{', '.join(names)}]"
    clause = random.choice(
        ["", "fatal", "fatal", "kills guest", "fatal kills host", "fatal kills guest", "fatal halts"]
    )
    reach = random.choice(["must not reach guest", "must not reach host", "must not reach host, guest"])
    handler = random.choice(["", "", f"on #MC {{ bad{at} := false }}"])
    by = random.choice([f"guest{at}", f"guest{at}", "host"])
    position = ", ".join(f"{name} : {sort}" for name, sort in zip(names, sorts, strict=True))
    stopped = random.choice(["", "", f" stopped when quiet{at}"])
    guard = random.choice(
        ["", f"when not guest{at} took #MC", f"when exists {binders.replace('t :', 'v :', 1)}: true"]
    )
    body = random.choice([f"read({', '.join(names)})", f"quiet{at} := true  read({', '.join(names)})"])
    steps = random.choice(
        [
            f"action run({binders}) by guest{at} {guard} {{ {body} {handler} }}",
            f"process run({binders}) by guest{at} "
            f"{{ a: {{ {body} {handler} }}  b: {{ quiet{at} := true }} }}",
        ]
    )
    claims = [
        "never guest takes #MC",
        "never anyone takes #MC",
        "contained #MC",
        f"never exists {binders}: guest{at} is dead and not guest{at} took #MC",
        f"always (forall {binders}: guest{at} is dead) or (forall {binders}: not guest{at} is dead)",
        f"never exists {binders}: guest{at} is dead and quiet{at}",
        f"step forall {binders}: guest{at} is dead and quiet{at} implies quiet'{at}",
        f"step forall {binders}: guest{at} is dead and not bad{at} implies not bad'{at}",
        "never deadlock",
        f"reachable (forall {binders}: guest{at} took #MC)",
    ]
    chosen = random.sample(claims, 3)
    properties = "\n".join(f"property p{n} {claim}\ncheck p{n}" for n, claim in enumerate(chosen))
    return f"""
        index Td
        enum Kind {{ small, large }}
        actor host
        actor guest[{position}]{stopped}
        fault #MC {clause} {reach}
        state bad[{", ".join(sorts)}] : bool = any
        state quiet[{", ".join(sorts)}] : bool = false
        access read({binders}) {{ bad{at} -> fault #MC  otherwise -> ok }}
        action clobber({binders}) by {by} {{ bad{at} := not bad{at} }}
        {steps}
        {properties}
        """


@pytest.mark.parametrize("seed", range(12))
def test_generated_specs_mean_what_enumeration_finds(seed: int, tmp_path: Path) -> None:
    text = _generated(Random(seed))
    found = examine({"main.tdx": text}, tmp_path, Effort(largest=2, store=seed % 4 == 0, plain=True))
    assert not found.faults, (text, found.faults)
    assert found.compared["explicit"], text


def test_a_model_knows_how_many_there_are() -> None:
    model: Model = model_of(GUESTS)
    assert [(actor.name, [str(sort) for sort in actor.indices]) for actor in model.actors] == [
        ("host", []),
        ("guest", ["Td"]),
    ]


NUMBERED = """
actor core[0..3]
fault #MC fatal
access touch() { otherwise -> fault #MC }
action run(i : 0..3) by core[i] { touch() }
"""


@pytest.mark.parametrize(
    ("claim", "steps"),
    [
        ("never core[2] is dead", 1),
        ("never core[2] took #MC", 1),
        ("never core[2] takes #MC", 1),
        ("never exists i : 1..2: core[i] is dead", 1),
        ("never exists i : 1..2: core[i] is dead and core[i + 1] is dead", 2),
        ("never forall i : 0..3: core[i] is dead", 4),
    ],
)
@pytest.mark.parametrize("number", ["0..3", "1..2"])
def test_numbered_actors_are_the_same_by_whatever_range_they_are_named(
    claim: str, steps: int, number: str
) -> None:
    expected = None if (steps, number) == (4, "1..2") else steps
    assert length(claim, NUMBERED.replace("run(i : 0..3)", f"run(i : {number})"), Td=1) == expected


def test_a_step_is_done_by_the_actor_of_a_number() -> None:
    spec = (
        NUMBERED.replace("run(i : 0..3) by core[i]", "run by core[2]")
        + "fair process p by core[0] { a: { } }\n"
    )
    assert length("never exists i : 0..3: i != 2 and core[i] is dead", spec, Td=1) is None
    assert length("never core[2] is dead", spec, Td=1) == 1
    assert length("eventually p at done", spec, Td=1) is None
    assert length("never core[-1] is dead", spec.replace("0..3", "-1..3").replace("[2]", "[-1]"), Td=1) == 1


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("action out by core[4] { }", "E309"),
        ("process out by core[-1] { a: { } }", "E309"),
        ("property p never core[5] is dead", "E309"),
        ("property p never core[4] takes #MC", "E309"),
        ("action out(i : 0..4) by core[i] { }", "E309"),
    ],
)
def test_a_number_of_no_actor_is_a_mistake(line: str, place: str) -> None:
    with pytest.raises(SpecError) as caught:
        model_of(f"{NUMBERED}\n{line}\n")
    assert [found.code.name for found in caught.value.diagnostics] == [place]
