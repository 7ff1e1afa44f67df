"""What `why` and the page say of other parameter values, by enumerating the model with each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.budget import Budget
from tdxverify.cli.why_instead import closest_lines, switch_lines
from tdxverify.inquiries.closest_run import ClosestRun, closest_run
from tdxverify.inquiries.prevention import Reach, Switch, switches
from tdxverify.logic.expr import TRUE, names_of
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import domain, show
from tdxverify.outputs.text.layout import plain
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.semantics.run import run
from tdxverify.semantics.steps import StepNames, declared_call
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling import surroundings
from tdxverify.telling.nearest import Divergence
from tdxverify.telling.story import Cut
from tdxverify.telling.surroundings import with_surroundings
from tests.inquiries.conftest import WriteSpec
from tests.thorough import Many

FLAGS = ("a", "b", "c", "d")
LITERALS = (*FLAGS, *(f"not {name}" for name in FLAGS), "p", "not p", "q", "not q", "m = one", "m != two")
LITERALS += ("r", "not r", "(p or r)", "k = one", "f[A0]", "exists x, y : A: x != y and f[x] and f[y]")
LITERALS = tuple(one.replace("f[A0]", "exists x : A: f[x]") for one in LITERALS)
ASSUMED = ("p or m = two", "p implies q", "r or q", "m = three implies r", "q implies k = one")
ASKED = ("p", "not p and q", "p or r", "q implies p", "m != three", "r iff q", "(p or k = one) and (q or r)")


def random_spec(seed: int) -> str:
    """Parameters and constants decide what starts how, what is possible, what is chosen, and what is bad."""
    random = Random(seed)
    starts = ("false", "false", "false", "p", "m = one")
    lines = ["enum M { one, two, three }  param p : bool  param q : bool  param m : M  param r : bool"]
    lines += ["index A  const f[A] : bool  const k : M", f"const g : bool = {random.choice(('p', 'not q'))}"]
    lines += [f"state {name} : bool = {random.choice(starts)}" for name in FLAGS]
    for number in range(random.randint(2, 5)):
        guard = " and ".join(_literal(random) for _ in range(random.randint(1, 2)))
        if random.random() < 0.4:
            guard = f"({guard} or {_literal(random)})"
        value = random.choice(("true", "false", "any", "g", *LITERALS))
        effect = f"{random.choice(FLAGS)} := {value}"
        if random.random() < 0.3:
            effect = f"if {_literal(random)} {{ {effect} }}"
        lines.append(f"action act{number} when {guard} {{ {effect} }}")
    lines += [f"assume {one}" for one in ASSUMED if random.random() < 0.15]
    target = random.choice(("never d", "never d", "never d and q", "reachable d"))
    where = f" where {random.choice(ASKED)}" if random.random() < 0.6 else ""
    return "\n".join([*lines, f"property safe {target}", f"check safe for A = 2{where}"]) + "\n"


def random_choosing_spec(seed: int) -> str:
    """Steps that choose between branches and values, which parameters allow or forbid."""
    random = Random(seed)
    lines = ["param p : bool  param q : bool  param r : bool"]
    lines += [f"state {name} : bool = false" for name in FLAGS]
    for number in range(random.randint(2, 4)):
        branches = [_branch(random) for _ in range(random.randint(1, 3))]
        chosen = f"either {' or '.join(branches)}" if len(branches) > 1 else branches[0].strip("{}")
        guard = random.choice(("not a", "a or b", "not b", "p or c", "true"))
        lines.append(f"action act{number} when {guard} {{ {chosen} }}")
    return "\n".join([*lines, "property safe never d", "check safe"]) + "\n"


def _branch(random: Random) -> str:
    effect = f"{random.choice(FLAGS)} := {random.choice(('true', 'true', 'any', 'p', 'not q', 'a or r'))}"
    condition = random.choice(("p", "q", "not r", "p or q", "a", "not b"))
    form = random.choice((effect, f"when {condition} {effect}", f"if {condition} {{ {effect} }}"))
    return f"{{ {form} }}"


def _literal(random: Random) -> str:
    return f"({random.choice(LITERALS)})"


def open_spec(seed: int) -> str:
    """The same with starts that parameters decide in part, by `init`."""
    random, text = Random(seed), random_spec(seed)
    for name in FLAGS[:3]:
        kept = text[text.index(f"state {name} ") :].splitlines()[0]
        fact = random.choice((f"{name} implies p", f"{name} iff q", f"p or {name}", f"{name} or not q", ""))
        if random.random() < 0.7:
            text = text.replace(kept, f"state {name} : bool" + (f" init {fact}" if fact else ""))
    return text


def asking_spec(seed: int) -> str:
    """The same with a check that ties parameters to one that nothing else reads."""
    random, text = Random(seed), random_spec(seed).partition(" where ")[0].rstrip()
    asked = random.choice(("w or not p", "w iff p", "w or m = one", "q implies w", "(r iff w) and (w or q)"))
    return f"param w : bool\n{text} where {asked}\n"


def traces(
    write_spec: WriteSpec, count: int, generated: Callable[[int], str] = random_spec
) -> Iterator[FoundTrace]:
    for seed in range(count):
        yield from find_traces(write_spec(generated(seed)), Options(), None, Silent())


class Machines:
    """All that the assumptions allow, one by one, as far as they differ in something that is read, if only by
    the check."""

    def __init__(self, found: FoundTrace) -> None:
        self.found = found
        asked = found.question
        free, read = replace(asked.check, where=TRUE, where_text=""), names_of(asked.check.where)
        semantics = Semantics(lower(asked.spec.model, free, found.problem.size_of, unsettled=read))
        self.all = list(semantics.rigid_valuations(Budget(max_states=100_000)))
        self._where = semantics.evaluator.formula(asked.check.where)
        self._names = [show_cell(cell) for cell in found.problem.rigid_layout.cells]
        self._shortest: dict[Valuation, int | None] = {}

    def shortest(self, rigid: Valuation) -> int | None:
        if rigid not in self._shortest:
            self._shortest[rigid] = shortest(self.found, rigid)
        return self._shortest[rigid]

    def asked(self, rigid: Valuation) -> bool:
        return bool(self._where(rigid, (), ()))

    def shown(self, name: str, value: str, also: Collection[str] = ()) -> list[Valuation]:
        """Those with the value, and what is shown, and what is called `also`, as in the trace."""
        assert self.found.story.reliance is not None
        kept = {*self.found.story.reliance.names(), *also} - self.found.story.fixed
        return [rigid for rigid in self.all if self._is_like(rigid, kept, name, value)]

    def like(self, name: str, value: str) -> list[Valuation]:
        """Those with the value and all else as in the trace that does not follow from it."""
        free = {cell for cell in self._names if cell not in self.found.story.fixed}
        return self.shown(name, value, self._read() & free)

    def is_like(self, rigid: Valuation, kept: Collection[str]) -> bool:
        pairs = zip(self._names, rigid, self.found.trace.rigid, strict=True)
        return all(mine == theirs for name, mine, theirs in pairs if name in kept)

    def _read(self) -> set[str]:
        return {cell for at, cell in enumerate(self._names) if len({rigid[at] for rigid in self.all}) > 1}

    def _is_like(self, rigid: Valuation, kept: Collection[str], name: str, value: str) -> bool:
        here = self.found.trace.rigid
        for place, cell in enumerate(self.found.problem.rigid_layout.cells):
            if self._names[place] == name:
                if (
                    show(cell.symbol.sort, rigid[place]) != value
                    or rigid[place] == self.found.trace.rigid[place]
                ):
                    return False
            elif self._names[place] in kept and rigid[place] != here[place]:
                return False
        return True


def shortest(found: FoundTrace, rigid: Valuation) -> int | None:
    """Steps to the nearest bad state with these parameters."""
    semantics = Semantics(found.problem)
    level = set(semantics.initial_states(rigid, Budget()))
    seen, number = set(level), 0
    while level:
        if any(semantics.is_bad(rigid, state) for state in level):
            return number
        level = {after for state in level for _, after in semantics.successors(rigid, state)} - seen
        seen |= level
        number += 1
    return None


def is_possible(found: FoundTrace, rigid: Valuation) -> bool:
    """The same steps from a start to a bad end, with these parameters: through the same states, or with the
    same choices from any start that has the values which the trace relies on."""
    semantics, trace = Semantics(found.problem), found.trace
    first = set(semantics.initial_states(rigid, Budget()))
    if any(_leads_on(found, semantics, rigid, state) for state in first):
        return True
    if trace.states[0] not in first:
        return False
    for number, step in enumerate(trace.steps):
        ways = {
            (declared_call(found.problem, taken), after)
            for taken, after in semantics.successors(rigid, trace.states[number])
        }
        if (declared_call(found.problem, step), trace.states[number + 1]) not in ways:
            return False
    return semantics.is_bad(rigid, trace.states[-1])


def agreeing(found: FoundTrace, semantics: Semantics, rigid: Valuation) -> set[Valuation]:
    """The starts with these parameters that have the values which the trace relies on."""
    return {s for s in semantics.initial_states(rigid, Budget()) if _is_relied_on(found, s)}


def possible_steps(semantics: Semantics, rigid: Valuation, first: Valuation, trace: Trace) -> int:
    """How many of the steps of the trace can be made from there, one after another."""
    numbers = range(len(trace) + 1)
    return max(n for n in numbers if isinstance(run(semantics, rigid, first, trace.steps[:n]), Trace))


def _is_relied_on(found: FoundTrace, first: Valuation) -> bool:
    assert found.story.reliance is not None
    relied = {cell.text for cell, _ in found.story.reliance.initial}
    cells = enumerate(found.problem.state_layout.cells)
    return all(first[at] == found.trace.states[0][at] for at, cell in cells if show_cell(cell) in relied)


def _leads_on(found: FoundTrace, semantics: Semantics, rigid: Valuation, first: Valuation) -> bool:
    if not _is_relied_on(found, first):
        return False
    end = run(semantics, rigid, first, found.trace.steps)
    return isinstance(end, Trace) and semantics.is_bad(rigid, end.states[-1])


def check_switch(machines: Machines, switch: Switch) -> None:
    """Every claim of `switch`, and that none says more."""
    found, named = machines.found, [name for name, _ in switch.also]
    shown = machines.shown(switch.name, switch.value, named)
    of_check = [rigid for rigid in shown if machines.asked(rigid)]
    about = {Reach.SHOWN: shown, Reach.CHECK: of_check, Reach.LIKE: machines.like(switch.name, switch.value)}
    meant = about[switch.reach]
    assert meant and switch.is_excluded == (not any(map(machines.asked, meant)))
    if switch.holds is not None:
        lengths = [length for rigid in meant if (length := machines.shortest(rigid)) is not None]
        assert switch.holds == (not lengths)
        assert switch.holds or switch.length == min(lengths)
    check_also(machines, switch)
    if switch.divergence is not None:
        where_so = machines.like(switch.name, switch.value) if switch.is_near else meant
        assert where_so and not any(is_possible(found, rigid) for rigid in where_so)
        for rigid in where_so:
            check_divergence(found, rigid, switch.divergence)


def check_divergence(found: FoundTrace, rigid: Valuation, told: Divergence) -> None:
    """The steps before are possible as they are told, choices and all, and this one is not, or leads where it
    is said to."""
    semantics, trace = Semantics(found.problem), found.trace
    starts = agreeing(found, semantics, rigid)
    assert bool(starts) == (told.number > 0)
    if told.begins_otherwise:
        lengths = [possible_steps(semantics, rigid, start, trace) for start in starts]
        assert trace.states[0] not in starts and max(lengths) == told.number - 1
        return
    assert told.number == 0 or trace.states[0] in starts
    for number in range(1, min(told.number, len(trace) + 1)):
        assert trace.states[number] in ends_as_told(found, rigid, number)
    if told.number > len(trace):
        assert not semantics.is_bad(rigid, trace.states[-1])
    elif told.number:
        ends = ends_as_told(found, rigid, told.number)
        assert trace.states[told.number] not in ends and told.is_possible == bool(ends)
        assert ends == {told.state} if told.state is not None else len(ends) != 1


def ends_as_told(found: FoundTrace, rigid: Valuation, number: int) -> set[Valuation]:
    """Where the step with that number leads with these parameters, as far as it is told what it does."""
    names, trace = StepNames(found.problem), found.trace
    before, step = trace.states[number - 1], trace.steps[number - 1]
    told = set(names.chosen(trace.rigid, before, step).texts())
    return {
        after
        for taken, after in Semantics(found.problem).successors(rigid, before)
        if declared_call(found.problem, taken) == declared_call(found.problem, step)
        and told <= set(names.chosen(rigid, before, taken).texts())
    }


def check_also(machines: Machines, switch: Switch) -> None:
    """What is named besides is needed; and where nothing has to be, nothing is."""
    named = [name for name, _ in switch.also]
    for left_out in named:
        fewer = machines.shown(switch.name, switch.value, [name for name in named if name != left_out])
        assert any(machines.shortest(rigid) is not None for rigid in fewer)
    if all(machines.shortest(rigid) is None for rigid in machines.shown(switch.name, switch.value)):
        assert switch.holds and switch.reach is Reach.SHOWN and not named


def check_cut(machines: Machines, cut: Cut, *, is_limited: bool) -> None:
    named = [name for name, _ in cut.also]
    shown = machines.shown(cut.parameter, cut.value, named)
    meant = machines.like(cut.parameter, cut.value) if cut.is_like else shown
    assert meant and not any(is_possible(machines.found, rigid) for rigid in meant)
    assert not cut.prevents or all(machines.shortest(rigid) is None for rigid in meant)
    assert cut.is_excluded == (not any(map(machines.asked, meant)))
    for left_out in () if is_limited else named:
        fewer = machines.shown(cut.parameter, cut.value, [name for name in named if name != left_out])
        assert cut.prevents and any(machines.shortest(rigid) is not None for rigid in fewer)


def test_switches_of_generated_models(write_spec: WriteSpec, some: Many) -> None:
    said: Counter[object] = Counter()
    for found in traces(write_spec, some(150)):
        machines = Machines(found)
        for switch in switches(found).switches:
            check_switch(machines, switch)
            said[switch.holds, switch.reach] += 1
            said["also"] += bool(switch.also)
            said["excluded"] += switch.is_excluded
    assert said[True, Reach.SHOWN] > some(20) and said[False, Reach.SHOWN] and said[False, Reach.LIKE], said
    assert said["also"] > some(10) and said["excluded"] > some(10) and said[False, Reach.CHECK], said


def test_what_only_the_check_reads_is_as_in_this_run_too(write_spec: WriteSpec, some: Many) -> None:
    """All else as in this run the check may exclude another value, though it allows it with other such
    parameters."""
    said: Counter[object] = Counter()
    for found in traces(write_spec, some(150), asking_spec):
        machines = Machines(found)
        for switch in switches(found).switches:
            check_switch(machines, switch)
            said[switch.reach, switch.is_excluded] += 1
        for cut in with_surroundings(found.question.spec.model, found.problem, found.trace, found.story).cuts:
            check_cut(machines, cut, is_limited=False)
            said["cut", cut.is_like, cut.is_excluded] += 1
    assert said[Reach.CHECK, False] > some(5) and said[Reach.SHOWN, True], said
    assert said["cut", True, True] and said["cut", False, False] > some(10), said


def test_switches_of_generated_models_that_choose(write_spec: WriteSpec, some: Many) -> None:
    said: Counter[object] = Counter()
    for found in traces(write_spec, some(150), random_choosing_spec):
        machines = Machines(found)
        for switch in switches(found).switches:
            check_switch(machines, switch)
            if switch.divergence is not None:
                said[switch.divergence.is_possible] += 1
        cuts = with_surroundings(found.question.spec.model, found.problem, found.trace, found.story).cuts
        for cut in cuts:
            check_cut(machines, cut, is_limited=False)
    assert said[True] > some(5) and said[False] > some(5), said


def test_a_value_that_prevents_it_is_named(write_spec: WriteSpec, some: Many) -> None:
    """Of every value that some machine may have with what is shown, something is said."""
    for found in traces(write_spec, some(60)):
        machines = Machines(found)
        told = {(switch.name, switch.value) for switch in switches(found).switches}
        matter, parameters = found.story.parameters_that_matter or (), ("p", "q", "m", "r")
        for cell in found.problem.rigid_layout.cells:
            name, sort = cell.symbol.name, cell.symbol.sort
            for value in (show(sort, one) for one in domain(sort, found.problem.size_of)):
                if name in parameters and name in matter and name not in found.story.fixed:
                    possible = any(machines.shown(name, value))
                    assert ((name, value) in told) == possible, (name, value)


@pytest.mark.parametrize("most", [surroundings.MOST_STATES, 4])
def test_cuts_of_generated_models(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch, most: int, some: Many
) -> None:
    """With few states less is said, and nothing else."""
    monkeypatch.setattr(surroundings, "MOST_STATES", most)
    said: Counter[object] = Counter()
    for found in traces(write_spec, some(150)):
        machines = Machines(found)
        for cut in with_surroundings(found.question.spec.model, found.problem, found.trace, found.story).cuts:
            check_cut(machines, cut, is_limited=most == 4)
            said[cut.prevents] += 1
            said["also"] += bool(cut.also)
            said["like"] += cut.is_like
    assert said[False] and ((said[True] > some(20) and said["also"] and said["like"]) or most == 4), said


def test_this_run_may_begin_otherwise_where_it_does_not_rely_on_that(write_spec: WriteSpec) -> None:
    """What is said not to be possible is not, from any start that agrees with what is relied on."""
    said: Counter[bool] = Counter()
    for found in traces(write_spec, 120, open_spec):
        machines = Machines(found)
        for cut in with_surroundings(found.question.spec.model, found.problem, found.trace, found.story).cuts:
            check_cut(machines, cut, is_limited=False)
            said[cut.prevents] += 1
    assert min(said[False], said[True]) > 10, said


def test_a_run_that_cannot_begin_exactly_like_this_may_begin_otherwise(
    write_spec: WriteSpec, some: Many
) -> None:
    """No run begins like this: only where none has what the trace relies on."""
    said: Counter[object] = Counter()
    for found in traces(write_spec, some(150), open_spec):
        machines = Machines(found)
        for switch in switches(found).switches:
            check_switch(machines, switch)
            told = switch.divergence
            said[None if told is None else (told.number == 0, told.begins_otherwise)] += 1
    assert said[True, False] and said[False, True], said


HIDDEN_START = """\
param a : bool
state mark : bool init {init}  state bad : bool = false
action fail when {read} {{ bad := true }}
property p never bad
check p expect refuted
"""


@pytest.mark.parametrize(
    ("init", "read", "told"),
    [
        ("mark iff a", "a", "step 1, fail, is not possible"),
        ("mark implies a", "mark", "no run begins with mark = true"),
    ],
)
def test_how_it_is_told_that_a_run_begins_otherwise(
    write_spec: WriteSpec, init: str, read: str, told: str
) -> None:
    """That mark starts otherwise does not keep a run from beginning, unless the run needs it."""
    (found,) = find_traces(write_spec(HIDDEN_START.format(init=init, read=read)), Options(), None, Silent())
    lines = plain(switch_lines(found, 10_000, Budget()))
    assert f"with a = false the property holds: {told}" in lines


def test_a_run_from_another_start_is_the_same_run(write_spec: WriteSpec) -> None:
    """y starts as a is, and nothing looks at it: with a = 2 the step is possible as well."""
    (found,) = find_traces(
        write_spec(
            "param a : 0..3 state x : bool state y : 0..3 state bad : bool = false init y = a "
            "init x iff a > 0 action f when x { bad := true } property p never bad check p"
        ),
        Options(),
        None,
        Silent(),
    )
    told = with_surroundings(found.question.spec.model, found.problem, found.trace, found.story)
    assert [(cut.value, cut.prevents) for cut in told.cuts] == [("0", True)]


@pytest.mark.parametrize("name", ["03-kexec", "08-configurations", "12-using-the-library"])
def test_switches_of_examples(name: str) -> None:
    path = Path(__file__).parents[2] / "examples" / f"{name}.tdx"
    for found in find_traces(path, Options(), None, Silent()):
        machines = Machines(found)
        for switch in switches(found).switches:
            check_switch(machines, switch)


HIDDEN = """\
{declared} : bool
state x : bool = false  state y : bool = false  state bad : bool = false
action first when not y {{ x := true }}
action second when not x {{ y := true }}
action third when x or (y and {read}) {{ bad := true }}
property safe never bad
check safe {sizes}
"""


@pytest.mark.parametrize(
    ("declared", "read", "sizes", "is_said"),
    [
        ("param a", "a", "", True),
        ("const a", "a", "", True),
        ("state a", "a", "", True),
        ("index A  state a[A]", "(exists i : A: a[i])", "for A = 2", True),
        ("param a", "not y", "", False),
        ("state a", "not y", "", False),
    ],
)
def test_the_closest_run_is_that_of_values_that_are_not_shown(
    write_spec: WriteSpec, declared: str, read: str, sizes: str, is_said: bool
) -> None:
    path = write_spec(HIDDEN.format(declared=declared, read=read, sizes=sizes))
    (found,) = find_traces(path, Options(), None, Silent())
    assert ("closest run that does not fail (all else as in this run, shown or not): " in closest(found)) == (
        is_said
    )


def closest(found: FoundTrace) -> str:
    return plain(closest_lines(found, 10_000, Budget()))


def test_closest_runs_of_generated_models(write_spec: WriteSpec) -> None:
    """Where nothing is said of it, they are the same on all machines with what is shown, from every start
    that the steps of the trace lead from to a bad state."""
    said: Counter[bool] = Counter()
    for found in traces(write_spec, 150):
        unqualified = "shown or not" not in closest(found)
        said[unqualified] += 1
        if unqualified and len(found.trace):
            assert found.story.reliance is not None
            mine = closest_run(found.problem, found.trace)
            machines = Machines(found)
            kept = {*found.story.reliance.names()} - found.story.fixed
            for rigid in machines.all:
                if machines.asked(rigid) and machines.is_like(rigid, kept):
                    check_closest(found, rigid, mine)
    assert said[True] > 10 and said[False] > 10, said


def check_closest(found: FoundTrace, rigid: Valuation, mine: ClosestRun) -> None:
    semantics = Semantics(found.problem)
    for start in semantics.initial_states(rigid, Budget()):
        again = run(semantics, rigid, start, found.trace.steps)
        if isinstance(again, Trace) and semantics.is_bad(rigid, again.states[-1]):
            theirs = closest_run(found.problem, again)
            assert (theirs.way, theirs.kept, theirs.steps) == (mine.way, mine.kept, mine.steps)


CHOOSING = """\
param skip : bool
state d : bool = true  state ready : bool = false  state bad : bool = false
action go when not ready {{ ready := true  {chosen} }}
action fail when ready and d {{ bad := true }}
property safe never bad
check safe expect refuted in 2
"""


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (
            "either { d := false } or { when skip }",
            "step 1, go, 2nd branch: when skip, is not possible",
        ),
        ("d := any  when skip or not d", "step 1, go(d := true), is not possible"),
        (
            "either { d := false } or { d := skip }",
            "after step 1, go, 2nd branch: d := skip, d = false",
        ),
    ],
)
def test_a_step_makes_the_choices_it_is_told_with(write_spec: WriteSpec, chosen: str, told: str) -> None:
    """Another branch is another step, even if it is the only one that is left."""
    (found,) = find_traces(write_spec(CHOOSING.format(chosen=chosen)), Options(), None, Silent())
    assert f"with skip = false the property holds: {told}" in plain(switch_lines(found, 10_000, Budget()))
