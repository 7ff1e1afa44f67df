"""What is true instead: true there, and wherever it is true the property is false, by trying every state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from random import Random

import pytest

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.kinds import kind_of
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.telling.deciding_part import Explanation
from tdxverify.telling.true_instead import Counted, Part, TrueInstead, true_instead
from tdxverify.wellformed import build_model
from tests.thorough import Many

DECLARED = "index A  index B  state f[A] : bool  state g[A, B] : bool  state n : 0..3  state x : bool\n"
SIZES = {"A": 3, "B": 2}


class Claim:
    """A claim about states, by itself."""

    def __init__(self, text: str) -> None:
        model = build_model((parse(SourceFile("claim.tdx", f"{DECLARED}property p {text}\n")),))
        (target,) = model.properties
        symbols = [info.symbol for info in model.symbols]
        required = kind_of(target).required(target)
        assert required is not None
        self.required = required
        self.evaluator = Evaluator.of(symbols, SIZES)
        self.layout = Layout.of(symbols, SIZES)
        self.domains = [domain(cell.symbol.sort, SIZES) for cell in self.layout.cells]

    def fails(self, state: Valuation) -> bool:
        return not self.evaluator.evaluate(self.required, (), state)

    def instead(self, state: Valuation) -> TrueInstead:
        return true_instead(Explanation(self.evaluator, (), state, state), self.required)

    def is_true(self, part: Part, state: Valuation, elements: Mapping[Bound, Value]) -> bool:
        if not isinstance(part, Counted):
            return bool(self.evaluator.evaluate(part, (), state, elements))
        each = product(*(domain(binder.sort, SIZES) for binder in part.binders))
        bound = ({**elements, **dict(zip(part.binders, values, strict=True))} for values in each)
        found = sum(bool(self.evaluator.evaluate(part.body, (), state, one)) for one in bound)
        return found == len(part.found)


def random_claim(random: Random, depth: int, names: tuple[str, ...] = ()) -> str:
    if depth == 0:
        atoms = ["x", "n = 2", "n < 1", "n >= 3", *(f"f[{name}]" for name in names)]
        return random.choice(atoms)

    def part() -> str:
        return f"({random_claim(random, depth - 1, names)})"

    name = f"a{len(names)}"
    inner = random_claim(random, depth - 1, (*names, name))
    forms = [f"not {part()}", f"{part()} and {part()}", f"{part()} or {part()}", f"{part()} iff {part()}"]
    forms += [f"{part()} implies {part()}", f"{random.choice(('forall', 'exists'))} {name} : A: {inner}"]
    body = random.choice((f"f[{name}]", f"f[{name}] and not x", f"exists b : B: g[{name}, b]", inner))
    compared = random.choice(("<= 1", "= 2", "!= 1", ">= 2", "< 3", "= 0", "in 1..2"))
    forms += [f"(count {name} : A: {body}) {compared}"] * 2
    forms += [f"(count {name} : A, b : B: g[{name}, b]) {compared}"]
    return random.choice(forms)


def test_what_is_told_of_generated_claims_against_every_state(some: Many) -> None:
    said: Counter[str] = Counter()
    for seed in range(some(250)):
        random = Random(seed)
        claim = Claim(f"{random.choice(('always', 'never'))} {random_claim(random, random.randint(1, 3))}")
        states = [tuple(random.choice(values) for values in claim.domains) for _ in range(400)]
        failing = [state for state in states if claim.fails(state)]
        for state in failing[:5]:
            found = claim.instead(state)
            assert all(claim.is_true(part, state, found.elements) for part in found.parts)
            for other in states:
                if all(claim.is_true(part, other, found.elements) for part in found.parts):
                    assert claim.fails(other), (claim.required, found.text(), state, other)
            said["count" if any(isinstance(part, Counted) for part in found.parts) else "other"] += 1
            said["elements"] += " for " in (found.text() or "")
    assert min(said.values()) > some(50), said


def told(claim: str, **values: object) -> str | None:
    """`f=(0, 2)`: the elements that have it; of the rest false or 0."""
    asked = Claim(claim)
    state = []
    for cell in asked.layout.cells:
        value = values.get(cell.symbol.name, ())
        given = value if isinstance(value, tuple) else None
        at = cell.indices if len(cell.indices) > 1 else cell.indices[0] if cell.indices else None
        state.append(int(at in given) if given is not None else int(str(value)))
    assert asked.fails(tuple(state))
    return asked.instead(tuple(state)).text()


@pytest.mark.parametrize(
    ("claim", "values", "text"),
    [
        ("never n = 3", {"n": 3}, "n = 3"),
        ("never n = 3 or x", {"n": 3}, "n = 3"),
        ("always n <= 2 and not x", {"n": 3}, "n > 2"),
        ("always x implies n > 1", {"x": 1}, "x and n <= 1"),
        ("always x iff n > 1", {"x": 1}, "x and n <= 1"),
        ("never forall a : A: f[a]", {"f": (0, 1, 2)}, "forall a : A: f[a]"),
        ("always forall a : A: f[a] implies x", {"f": (1,)}, "f[a] and not x for a = A1"),
        ("always (count a : A: f[a]) <= 1", {"f": (0, 2)}, "(count a : A: f[a]) = 2 (A0, A2)"),
        ("always (count a : A: f[a]) != 1", {"f": (1,)}, "(count a : A: f[a]) = 1 (A1)"),
        ("always (count a : A: f[a]) >= 2 or x", {}, "(count a : A: f[a]) = 0 and not x"),
        ("never (count a : A: f[a]) = 2 and n = 1", {"f": (0, 1), "n": 1},
         "(count a : A: f[a]) = 2 (A0, A1) and n = 1"),
        ("always forall b : B: (count a : A: g[a, b]) < 2", {"g": ((0, 1), (1, 1))},
         "(count a : A: g[a, b]) = 2 (A0, A1) for b = B1"),
        ("always (count a : A, b : B: g[a, b]) < 2", {"g": ((0, 1), (1, 0))},
         "(count a : A, b : B: g[a, b]) = 2 (A0 and B1, A1 and B0)"),
        ("always (count a : A, b : B: g[a, b]) < 2", {"g": tuple(product(range(3), range(2)))},
         "(count a : A, b : B: g[a, b]) = 6"),
        ("always forall a, b : A: f[a] and f[b] implies a = b", {"f": (0, 1)},
         "f[a] and f[b] and a != b for a = A0, b = A1"),
    ],
)  # fmt: skip
def test_how_it_is_told(claim: str, values: dict[str, object], text: str) -> None:
    assert told(claim, **values) == text
