"""An inductive invariant as SMT-LIB text: three kinds of questions, each with the answer `unsat`.

    initiation    an initial state in which the invariant does not hold
    consecution   (one per action) a step from a state in which it holds into one in which it does not;
                  actions that write nothing the invariant mentions share a question
    safety        a bad state in which it holds

The text is written straight from the problem; it shares nothing with the encodings that engines
search with, and any SMT-LIB 2.6 solver with datatypes, integers and quantifiers can read it. Index
sorts are uninterpreted (every size at once) or, for a certificate of stated sizes, enumerated.
Enums are datatypes, bounded integers are integers whose range is part of what is proved inductive.
The same questions about stated sizes, in bits and without quantifiers: `bits.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from tdxverify.evidence.inductive import Inductive
from tdxverify.evidence.scripts.conjuncts import Conjunct, FormulaConjunct
from tdxverify.evidence.scripts.writer import State, Writer, junction, places_of, quoted
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Const, Read, Symbol
from tdxverify.logic.layout import values_of
from tdxverify.logic.show import show_call
from tdxverify.logic.sorts import Value, domain, show
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem

MOST_ONE_BY_ONE = 10_000  # nodes of a diagram, once for every choice of a step's parameters

_INVARIANT = "invariant!"

Goal: TypeAlias = Sequence[Conjunct]


@dataclass(frozen=True, slots=True)
class Obligation:
    """One question. `text` follows the script's prelude; no name is declared in two obligations."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be shown for one certificate. `prelude`: what all its questions have in common."""

    title: str
    logic: str
    prelude: str
    obligations: tuple[Obligation, ...]

    def alone(self, obligation: Obligation) -> str:
        """One question as a whole script, ending in `(check-sat)`."""
        head = f"; {self.title}\n; {obligation.name}: the answer must be unsat\n(set-logic {self.logic})\n"
        return f"{head}{self.prelude}{obligation.text}(check-sat)\n"

    def together(self) -> str:
        """All questions as one script, each taken back before the next."""
        asked = (f"(push 1)\n{o.text}(check-sat)\n(pop 1)\n" for o in self.obligations)
        head = f"; {self.title}: every answer must be unsat\n(set-logic {self.logic})\n"
        return f"{head}{self.prelude}{''.join(asked)}"


def script_for(problem: Problem, certificate: Inductive) -> Script:
    """Everything to be shown for `certificate`. Raises Unusable where it makes no sense for `problem`."""
    return written(Writer(problem, any_size=certificate.any_size), certificate)


def written(writer: Writer, certificate: Inductive) -> Script:
    """What is to be shown for an invariant, in the writer's words."""
    problem = writer.problem
    parts = certificate.conjuncts(problem)
    typing = (fact for symbol in problem.state_symbols for fact in writer.typing(symbol))
    goal = (*parts, *map(FormulaConjunct.of, typing))
    given = (*(problem.cardinalities if writer.any_size else ()), *problem.assumptions)
    facts = [f"(assert {writer.text(fact)})" for fact in given]
    facts.extend(_claimed(writer, goal, {}, ""))
    found = [asked("initiation", [*map(writer.text, writer.initial()), f"(not {_INVARIANT})"])]
    kinds = _one_by_one(problem) if _is_little(problem, certificate.weight) else _as_they_are(problem)
    steps = [
        _Step(writer, action, number, goal, arguments) for number, (action, arguments) in enumerate(kinds, 1)
    ]
    idle = list(dict.fromkeys(step.action.name for step in steps if step.is_idle))
    if idle:  # behind such a step the invariant is what it was before
        found.append(asked(f"consecution of {_listed(idle)}", [_INVARIANT, f"(not {_INVARIANT})"]))
    for step in steps:
        if not step.is_idle:
            found.append(Obligation(f"consecution of {step.name}", lines(step.lines())))
    found.append(asked("safety", [_INVARIANT, writer.text(problem.bad)]))
    prelude = lines([*writer.declarations(), *facts])
    return Script(title_of(problem), writer.logic, prelude, tuple(found))


def title_of(problem: Problem) -> str:
    """On one line, since it stands in a comment, which ends with the line."""
    return " ".join(problem.name.split())


def _claimed(writer: Writer, goal: Goal, state: State, mark: str) -> Iterator[str]:
    """Definitions, the last of which is that of the invariant, with `mark` behind its name."""
    texts: list[str] = []
    for part in goal:
        definitions, text = part.written(writer, state, mark)
        yield from definitions
        texts.append(text)
    yield defined(f"{_INVARIANT}{mark}", texts)


def _as_they_are(problem: Problem) -> Iterator[tuple[Action, None]]:
    return ((action, None) for action in problem.actions)


def _one_by_one(problem: Problem) -> Iterator[tuple[Action, tuple[Value, ...]]]:
    """Every action with every choice of its parameters."""
    for action in problem.actions:
        for arguments in values_of(action.parameters, problem.size_of):
            yield action, arguments


def _is_little(problem: Problem, weight: int | None) -> bool:
    """Whether steps are to be written down once for every choice of their parameters."""
    if weight is None:
        return False
    choices = (prod(len(domain(p.sort, problem.size_of)) for p in a.parameters) for a in problem.actions)
    return weight * sum(choices) <= MOST_ONE_BY_ONE


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 4 else f"{names[0]} and {counted(len(names) - 1, 'other')}"


def asked(name: str, facts: Iterable[str]) -> Obligation:
    """Whether all `facts` can hold together."""
    return Obligation(name, lines(f"(assert {fact})" for fact in facts))


def lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def defined(name: str, parts: Iterable[str]) -> str:
    """That all `parts` hold, one a line."""
    body = junction("and", [f"\n  {part}" for part in parts])
    return f"(define-fun {name} () Bool {body})"


class _Step:
    """One action, with these `arguments` or any, and what the symbols that it writes are behind it.

    Of the symbols that the goal does not mention nothing needs to be said.
    """

    def __init__(
        self, writer: Writer, action: Action, number: int, goal: Goal, arguments: tuple[Value, ...] | None
    ) -> None:
        self._writer = writer
        self.action = action
        self._arguments = arguments
        self._number = number
        self._goal = goal
        self._names = writer.parameters(action, str(number))
        mentioned = frozenset[str]().union(*(part.names for part in goal))
        changed = dict.fromkeys(w.symbol for w in action.writes if w.symbol.name in mentioned)
        self._later: State = {symbol.name: quoted(f"{number}'${symbol.name}") for symbol in changed}
        self._changed = tuple(changed)

    @property
    def name(self) -> str:
        if self._arguments is None:
            return self.action.name
        shown = (show(p.sort, v) for p, v in zip(self.action.parameters, self._arguments, strict=True))
        return show_call(self.action.name, shown)

    @property
    def is_idle(self) -> bool:
        """Whether the action writes nothing that the goal mentions."""
        return not self._changed

    def lines(self) -> Iterator[str]:
        """Questions whether the step, from a state with the invariant, can lead into one without it."""
        yield f"(assert {_INVARIANT})"
        for place, (bound, name) in enumerate(self._names.items()):
            if self._arguments is None:
                yield f"(declare-const {name} {self._writer.sort(bound.sort)})"
                yield from (f"(assert {fact})" for fact in self._writer.typed(name, bound.sort))
            else:
                value = self._writer.text(Const(self._arguments[place], bound.sort))
                yield f"(define-fun {name} () {self._writer.sort(bound.sort)} {value})"
        yield from (self._after(symbol) for symbol in self._changed)
        yield f"(assert {self._writer.text(self.action.guard, self._names)})"
        # What the step does not touch is part of the invariant before it.
        touched = [part for part in self._goal if not part.names.isdisjoint(self._later)]
        yield from _claimed(self._writer, touched, self._later, str(self._number))
        yield f"(assert (not {_INVARIANT}{self._number}))"

    def _after(self, symbol: Symbol) -> str:
        """The definition of `symbol` behind the action."""
        places = places_of(symbol)
        before = self._writer.text(Read(symbol, tuple(places)), places)
        value = self._writer.after(symbol, self.action, self._names, places, before, {})
        signature = self._writer.signature((name, place.sort) for place, name in places.items())
        name = self._later[symbol.name]
        return f"(define-fun {name} ({signature}) {self._writer.sort(symbol.sort)} {value})"
