"""Whole specs, made from the grammar at random: every production of it, every statement in every context.

Decisions come from one seeded source. Sorts are right by construction; whether values stay in their ranges,
and whether the front end must refuse the spec, is left open now and then, and for the interpreter to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from tests.differential.declarations import Declarations
from tests.differential.refining import with_refinements
from tests.differential.vocabulary import Declared

OLD = 4000  # what these seeds mean was settled before there were these
SHORT = 10_000  # and in these, no more than two actors or parameters of a step stand behind one another,
# no elements have an order, and processes are not numbered
PLAIN = 20_000  # and in these, nothing is divided by what has a name, and many specs have no start
OF_STATES = 30_000  # and nothing is fair in these, or said of whole runs
REFINED = 40_000  # from here on some are libraries that the main file refines
NUMBERED = 50_000  # and there are actors for each number of a range
REFINED_ACTORS = 55_000  # from here on actors are among what it refines
OF_STATES_RICH = 60_000  # and what is promised is mostly not so at the start, and more is fair
POSSIBLE = 70_000  # and from here on it is said of some things that they stay possible
TWO_RUNS = 80_000  # and from here on two runs may be compared
CASES = 90_000  # and from here on modules are called cases

_CASE = re.compile(r"^(module (\w+))")


@dataclass(frozen=True)
class Spec:
    """`files`: name to text; `main.tdx` is the one that is checked. `plain`: nothing in it was meant to be
    wrong or to leave its range."""

    seed: int
    files: dict[str, str]
    plain: bool

    @property
    def text(self) -> str:
        return self.files["main.tdx"]


def generate(seed: int) -> Spec:
    """The spec of that seed, the same for ever."""
    random = Random(seed)
    kind = random.choice(["plain", "plain", "plain", "partial", "partial", "careless"])
    declared = Declared(random)
    declared.partial = {"plain": 0.0, "partial": 0.7, "careless": 0.3}[kind]
    declared.careless = 0.15 if kind == "careless" else 0.0
    declared.ordered = seed >= OLD and Random(f"{seed} ordered").random() < 0.6
    declared.long_lists = seed >= SHORT
    declared.lively = seed >= PLAIN
    declared.extra = Random(f"stops {seed}")
    declared.crowd = Random(f"actors {seed}")
    declared.order = Random(f"order {seed}")
    declared.numbered = seed >= PLAIN and declared.order.random() < 0.3
    declared.with_order = seed >= PLAIN and declared.order.random() < 0.5
    declared.runs = Random(f"runs {seed}")
    declared.of_runs = seed >= OF_STATES
    declared.rich = seed >= OF_STATES_RICH
    declared.ways = Random(f"possible {seed}")
    declared.of_possibilities = seed >= POSSIBLE
    declared.after_all = seed >= NUMBERED
    declared.of_numbers = seed >= NUMBERED and Random(f"numbers {seed}").random() < 0.75
    declared.pairs = Random(f"pairs {seed}")
    declared.of_two_runs = seed >= TWO_RUNS
    made = Declarations(declared)
    surroundings, rest = made.surroundings(), made.rest()
    surroundings = [made.with_stop(one) if one.startswith("actor ") else one for one in surroundings]
    files = _files(random, surroundings, rest)
    if seed >= CASES:
        files = {name: _CASE.sub(r'\1 case "that \2"', text) for name, text in files.items()}
    refining = Random(f"refinements {seed}")
    if seed >= REFINED and refining.random() < 0.4:
        files = with_refinements(files, refining, actors=seed >= REFINED_ACTORS)
        return Spec(seed, files, plain=False)  # rows that are exchanged may overlap
    return Spec(seed, files, plain=kind == "plain")


def _files(random: Random, surroundings: list[str], rest: list[str]) -> dict[str, str]:
    """In one file mostly; else what others speak of is imported from one or two."""
    head = random.choice(["", "module main\n", "module m1 // a comment\n"])
    choice = random.random()
    separate = random.choice(["\n", "\n\n", " /* between */\n"])
    if choice > 0.2:
        return {"main.tdx": head + separate.join(_shuffled(random, surroundings + rest)) + "\n"}
    imports, files = [], {}
    middle = random.randrange(len(surroundings) + 1)
    for number, part in enumerate((surroundings[:middle], surroundings[middle:])):
        name = random.choice([f"part{number}", f"deep{number}/inner", f"deep{number}/deeper/inner"])
        if part:
            files[f"{name}.tdx"] = separate.join(part) + "\n"
            imports.append(
                f'import "{name}.tdx"' if random.random() < 0.5 else f"import {name.replace('/', '.')}"
            )
    if imports and random.random() < 0.3:  # a file that does nothing but import
        module = random.choice(["", "module all\n"])
        files["all.tdx"] = module + "\n".join(imports) + "\n"
        imports = ["import all"]
    text = head + "\n".join(imports) + "\n" + separate.join(_shuffled(random, rest)) + "\n"
    return {**files, "main.tdx": text}


def _shuffled(random: Random, parts: list[str]) -> list[str]:
    """Declarations may come in any order."""
    if random.random() < 0.3:
        random.shuffle(parts)
    return parts
