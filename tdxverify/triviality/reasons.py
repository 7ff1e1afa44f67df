"""Why a proof is trivial, in words: what never happens, which steps could make it so, what they lack, and why
that is never so either, up to what the check or the start says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tdxverify.logic.counting import counted
from tdxverify.questions.question import Question
from tdxverify.triviality.chains import Chains, Group
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Ground, Holding, Lack
from tdxverify.triviality.wording import Wording, is_place, is_said_by, listed, makes, named, one_of

MOST_SENTENCES = 3
MOST_GROUPS = 2  # of steps that lack the same
_AS_SAID = "as long as it is as 'init' says"
MOST_LINKS = 4  # from one step to another in one sentence


def reason(question: Question, holding: Holding, ground: Ground) -> str:
    """What `ground`, which excludes every bad state, is and rests on. Raises NotDecided."""
    words = Wording(question)
    if not ground.facts and not ground.assumed:
        return "it holds in every state, whether or not that is ever reached"
    bad = "a bad step" if holding.subject.of_steps else "a bad state"
    if not ground.facts:
        return f"{bad} needs {words.sought(ground)}, which {words.excluded_by(ground.assumed)}"
    story = _Story(words, holding, ground)
    only = len(ground.facts) == 1 and not ground.assumed
    return ". ".join(story.sentences([] if only else [f"{bad} needs {words.sought(ground)}"]))


class _Story:
    """What of a few facts is told, each at most once."""

    def __init__(self, words: Wording, holding: Holding, ground: Ground) -> None:
        self._words = words
        self._holding = holding
        self._chains = Chains(holding, ground.facts)
        self._told: set[Fact] = set()
        self._listed_before: set[Fact] = set()
        self._waiting = sorted(ground.facts, key=self._chains.cost)
        self._assumed = ground.assumed

    def sentences(self, said: list[str]) -> list[str]:
        """`said`, and what is to be told of the facts; what has the fewest reasons first."""
        if said and self._assumed:
            said[0] += f"; {self._words.ruled_out(self._assumed)}"
        while self._waiting and len(said) < MOST_SENTENCES:
            fact = self._waiting.pop(0)
            because = self._because(fact) if fact not in self._told else ""
            if because or fact not in self._told | self._listed_before:
                said.append(f"{self._words.fact(fact, again=fact in self._listed_before)}{because}")
        return said

    def _because(self, fact: Fact) -> str:
        if not self._chains.knows(fact):
            return ""
        self._told.add(fact)
        groups = self._chains.groups(fact)
        start = self._start(fact, "it ")
        start = f"{start}; " if start else ""
        if not groups:
            return f": {start}no step could change that"
        if len(groups) == 1:
            return f": {start}only {_named(groups)} could {makes(fact)}, {self._tail(groups[0], (fact,))}"
        shown = groups[:MOST_GROUPS]
        parts = [f"{named(group.actions)} {self._alone(group, (fact,))}" for group in shown]
        rest = sum(len(group.actions) for group in groups[MOST_GROUPS:])
        if rest:
            parts.append(f"{counted(rest, 'more step')} cannot either")
        return f": {start}only {_named(groups)} could {makes(fact)}: {'; '.join(parts)}"

    def _start(self, fact: Fact, it: str = "") -> str:
        """Who excludes that it is otherwise at the start, where the initial value alone does not."""
        found = self._holding.at_start(fact)
        return self._words.excluded_at_start(found.assumed, found.said, it) if found is not None else ""

    # --- what steps lack -----------------------------------------------------------

    def _tail(self, group: Group, path: tuple[Fact, ...]) -> str:
        """After the only steps that could: "and 't1' needs 'a', which 'where' excludes"."""
        if group.lack.of_step:
            return f"and {named(group.actions)} {self._alone(group, path)}"
        if _keeps_itself(group.lack, path[-1]):
            return f"and not {_AS_SAID}"
        return f"and only {self._with(group.lack)}{self._excluded(group.lack, path)}"

    def _alone(self, group: Group, path: tuple[Fact, ...]) -> str:
        """After the steps: "needs 'a', which 'where' excludes"."""
        one, lack = len(group.actions) == 1, group.lack
        if not lack.of_step and _keeps_itself(lack, path[-1]):
            return f"{'does' if one else 'do'} not {_AS_SAID}"
        if not lack.of_step:
            return f"{'does' if one else 'do'} so only {self._with(lack)}{self._excluded(lack, path)}"
        place = _resting_on(lack)
        if place is not None and is_place(place) and is_said_by(lack.needs, place):
            end = self._end(place, path, of_places=True)
            if end is not None:
                first = one_of(end.group.actions)
                return f"{'comes' if one else 'come'} only after {first}, {self._ended(end)}"
        return f"{'needs' if one else 'need'} {self._words.condition(lack.needs)}{self._excluded(lack, path)}"

    def _with(self, lack: Lack) -> str:
        if lack.needs is None:
            return f"with {self._words.sought(lack.ground)}"
        return f"if {self._words.condition(lack.needs)}"

    def _excluded(self, lack: Lack, path: tuple[Fact, ...]) -> str:
        """Why there is never what is lacking."""
        assumed, facts = lack.ground.assumed, lack.ground.facts
        if assumed:
            by = f", which {self._words.excluded_by(assumed)}"
            return f"{by} since {self._listed(facts)}" if facts else by
        fact = _resting_on(lack)
        if fact is not None and (lack.needs is None or is_said_by(lack.needs, fact)):
            return f", which {self._link(fact, path)}"
        if not facts or lack.needs is None:
            self._waiting += sorted(facts, key=self._chains.cost)
            return ", which is never so"
        if fact is not None and self._never_changes(fact):
            self._told.add(fact)
            same = "" if fact.fixed else ", and no step could change that"
            return f", but {self._words.fact(fact)}{same}"
        return f", but {self._listed(facts)}"

    def _never_changes(self, fact: Fact) -> bool:
        return self._chains.knows(fact) and not self._chains.groups(fact) and not self._start(fact)

    def _listed(self, facts: tuple[Fact, ...]) -> str:
        """Facts; something is told of them later, unless that nothing changes is all there is to tell."""
        told = [fact for fact in facts if fact.fixed and self._never_changes(fact)]
        self._told.update(told)
        self._waiting += sorted((fact for fact in facts if fact not in told), key=self._chains.cost)
        self._listed_before.update(facts)
        return listed([self._words.fact(fact) for fact in facts], "and")

    # --- from step to step ---------------------------------------------------------

    def _link(self, fact: Fact, path: tuple[Fact, ...]) -> str:
        """After "which": why what would break `fact` is never so."""
        if fact in self._told or not self._chains.knows(fact):
            return "is never so" if fact not in path else f"takes {self._one_before(fact)} first"
        groups, start = self._chains.groups(fact), self._start(fact)
        if not groups:
            self._told.add(fact)
            return f"{start or 'is not so at the start'}, and no step makes it so"
        if start or len(groups) > 1:
            self._waiting.append(fact)
            return "is never so"
        if len(path) < MOST_LINKS:
            self._told.add(fact)
            return f"only {named(groups[0].actions)} could make so, {self._tail(groups[0], (*path, fact))}"
        end = self._end(fact, path, of_places=False)
        return f"takes {one_of(end.group.actions)} first, {self._ended(end)}" if end else "is never so"

    def _one_before(self, fact: Fact) -> str:
        """Any of the steps that could break it would do."""
        return one_of([action for group in self._chains.groups(fact) for action in group.actions])

    def _end(self, fact: Fact, path: tuple[Fact, ...], *, of_places: bool) -> _End | None:
        """As far from `fact` as only one group of steps could break each fact, with what that rests on alone.

        `of_places`: only as long as these are places of one process.
        """
        found = None
        seen = list(path)
        while fact not in seen and fact not in self._told and self._chains.knows(fact):
            groups = self._chains.groups(fact)
            if len(groups) != 1 or self._start(fact):
                break
            seen.append(fact)
            found = _End(groups[0], tuple(seen))
            following = _resting_on(groups[0].lack)
            if following is None or (of_places and following.symbols != fact.symbols):
                break
            fact = following
        return found

    def _ended(self, end: _End) -> str:
        self._told |= set(end.path)
        return self._tail(end.group, end.path)


@dataclass(frozen=True, slots=True)
class _End:
    """The last steps on the way, and the facts up to there."""

    group: Group
    path: tuple[Fact, ...]


def _keeps_itself(lack: Lack, fact: Fact) -> bool:
    """Whether `fact`, that something never changes, goes on since an `init` says something of just that."""
    own = set(fact.symbols)
    facts = lack.ground.facts
    said = all(one.fixed and own.issuperset(one.symbols) for one in facts)
    return fact.fixed and said and bool(facts) and not lack.ground.assumed


def _resting_on(lack: Lack) -> Fact | None:
    """The only fact that excludes it, where no parameters are needed."""
    return lack.ground.facts[0] if len(lack.ground.facts) == 1 and not lack.ground.assumed else None


def _named(groups: Sequence[Group]) -> str:
    return named([action for group in groups for action in group.actions])
