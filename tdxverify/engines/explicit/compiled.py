"""A problem as generated Python functions over packed states: the fast explorer.

The generated loops keep the visited check inline; for the problems at hand that and the mask tests
are nearly all that is left to do per transition. `System` is also what the slow `interpreted`
system looks like, which takes over for expressions too deep for Python's compiler.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit.generate import BETWEEN_LOOKS, Block, FixedCells, Generator, settle
from tdxverify.engines.explicit.translate import Translator, placeholders
from tdxverify.logic.expr import FALSE, Expr, children
from tdxverify.logic.grounding import expand, expanded_size, instance_count
from tdxverify.logic.packing import Packing
from tdxverify.questions.problems.problem import Problem

# states to expand, states known (extended), new states (appended to)
Expand: TypeAlias = Callable[[Sequence[int], set[int], list[int]], None]
# those of the given states that are bad
Select: TypeAlias = Callable[[Iterable[int]], list[int]]
# states, targets, found: collects the states with a step into the targets
Toward: TypeAlias = Callable[[Sequence[int], set[int], set[int]], None]
# states, their numbers, then for each step of theirs to one that has a number: from where, and to where
Connect: TypeAlias = Callable[[Sequence[int], Mapping[int, int], "array[int]", "array[int]"], None]
# states, found: appends all to which there is a step from one of them
Link: TypeAlias = Callable[[Sequence[int], list[int]], None]
Stray: TypeAlias = Callable[[int, int], None]

_LEAF = "<what is done with t>"  # a line of its own
_CHUNK_LINES = 3000  # of one generated function; Python's compiler slows down on larger ones
_DEEPEST = 60  # nesting beyond which Python's parser might refuse the parentheses
_MOST_BITS = 12_000  # of a packed state: Python reads and writes no numbers of more than 4,300 digits
_BATCH = 4096  # states, and
_BATCH_STEPS = 1 << 18  # values of parameters that are tried between two looks at the clock
_BAD_LIMIT = 20_000  # nodes up to which the bad states' formula is expanded


@dataclass(frozen=True, slots=True)
class System:
    """`expand` and what `toward` gives cover the actions between them; calling all of them is one whole step.

    Only where a bad state was found does anybody look backwards; `connect` is for who looks at all steps.
    """

    packing: Packing
    expand: tuple[Expand, ...]
    toward: Callable[[], tuple[Toward, ...]]
    bad: Select
    batch: int  # states that can be expanded between two looks at the clock
    connect: Callable[[], tuple[Connect, ...]]


def packing_of(problem: Problem) -> Packing:
    return Packing.of(problem.rigid_layout, problem.state_layout, problem.size_of)


def is_compilable(problem: Problem, *formulas: Expr) -> bool:
    """No expression, of `formulas` too, is nested too deeply, nor are there too many parameters for nested
    loops, and a state can be written down as one number.
    """
    if packing_of(problem).bits > _MOST_BITS:
        return False
    exprs: list[Expr] = [problem.bad, *formulas]
    for action in problem.actions:
        if len(action.parameters) + max((len(w.binders) for w in action.writes), default=0) > 15:
            return False
        exprs.append(action.guard)
        exprs += [part for w in action.writes for part in (w.condition, w.value, *w.indices)]
    return all(_depth(expr) <= _DEEPEST for expr in exprs)


def _depth(expr: Expr) -> int:
    return 1 + max((_depth(part) for part in children(expr)), default=0)


def compile_system(problem: Problem, fixed: FixedCells, look: Callable[[], None] = lambda: None) -> System:
    """Requires: `is_compilable`, and `fixed` cells have these values in every rigid valuation explored.

    `look` is called now and then where one state has very many steps, and may raise.
    """
    steps = _Assembly(problem, fixed, look)

    def toward() -> tuple[Toward, ...]:
        header, leaf = "toward(states, targets, found)", ["if t in targets:", " add(s)"]
        return steps.functions(header, ["add = found.add"], leaf)

    def connect() -> tuple[Connect, ...]:
        header = "connect(states, numbers, sources, targets)"
        opening = ["source = sources.append", "target = targets.append"]
        return steps.functions(header, opening, ["source(numbers[s])", "target(numbers[t])"])

    most = max((instance_count(a.parameters, problem.size_of) for a in problem.actions), default=1)
    return System(
        packing_of(problem),
        steps.functions(
            "expand(states, visited, fresh)",
            ["add = visited.add", "append = fresh.append"],
            ["if t not in visited:", " add(t)", " append(t)"],
        ),
        toward,
        compile_select(problem, problem.bad, fixed),
        max(1, min(_BATCH, _BATCH_STEPS // min(most, BETWEEN_LOOKS))),
        connect,
    )


def compile_links(
    problem: Problem, fixed: FixedCells, look: Callable[[], None] = lambda: None
) -> tuple[Link, ...]:
    """Functions that cover the actions between them. A step that writes nothing may be left out. Requires
    the same."""
    return _Assembly(problem, fixed, look).functions(
        "link(states, found)", ["append = found.append"], ["append(t)"]
    )


class _Assembly:
    """Blocks of actions put together into functions that loop over states. What these do with a successor is
    put in last, so that the same blocks serve all of them."""

    def __init__(self, problem: Problem, fixed: FixedCells, look: Callable[[], None]) -> None:
        self._translator = _translator(problem)
        generator = Generator(self._translator, problem.size_of, fixed, [_LEAF])
        blocks = [generator.block(action) for action in problem.actions]
        self._blocks = [block for block in blocks if block is not None and block.lines]
        self._names = {"stray": _refusing(generator.refusals), "look": look}

    def functions(self, header: str, opening: list[str], leaf: list[str]) -> tuple[Any, ...]:
        """Of the blocks, with `opening` in front of the loop, and `leaf` where there is a successor `t`."""
        return tuple(
            _execute([f"def {header}:", *_indented(opening), *_with_leaf(loop, leaf)], self._names)
            for loop in self._loops
        )

    @cached_property
    def _loops(self) -> list[list[str]]:
        return [_indented(self._loop(chunk)) for chunk in self._chunks()]

    def _chunks(self) -> list[list[Block]]:
        chunks: list[list[Block]] = []
        lines = _CHUNK_LINES
        for block in self._blocks:
            if lines + len(block.lines) > _CHUNK_LINES:
                chunks.append([])
                lines = 0
            chunks[-1].append(block)
            lines += len(block.lines)
        return chunks

    def _loop(self, chunk: list[Block]) -> list[str]:
        """Cells read in several blocks are extracted once per state, cells read several times in one
        block once in front of that block, others where they are read."""
        uses = [_uses(block) for block in chunk]
        blocks_using = Counter(name for counter in uses for name in counter)
        early = {name for name, count in blocks_using.items() if count > 1}
        early |= {name for block in chunk for name in placeholders(block.always or "") if name in early}
        lines = self._extractions(early)
        for block, counter in zip(chunk, uses, strict=True):
            local = {name for name, count in counter.items() if count > 1} - early
            outside = {name for name in local if name in placeholders(block.always or "")}
            lines += self._extractions(outside)
            body = self._extractions(local - outside)
            body += [self._translator.inline(line, early | local) for line in block.lines]
            if block.always is None:
                lines += body
            else:
                lines.append(f"if {self._translator.inline(block.always, early | local)}:")
                lines += _indented(body)
        return ["for s in states:", *_indented(lines)]

    def _extractions(self, names: set[str]) -> list[str]:
        return [f"{name} = {self._translator.extraction(name).text}" for name in sorted(names)]


def _with_leaf(lines: list[str], leaf: list[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith(_LEAF):
            indentation = line.removesuffix(_LEAF)
            yield from (f"{indentation}{one}" for one in leaf)
        else:
            yield line


def _uses(block: Block) -> Counter[str]:
    """How often each placeholder is read; once inside a loop counts as often."""
    counter: Counter[str] = Counter()
    weight = 2 if any("for " in line for line in block.lines) else 1
    for line in block.lines:
        for name in placeholders(line):
            counter[name] += weight
    counter.update(placeholders(block.always or ""))
    return counter


def _translator(problem: Problem) -> Translator:
    layouts = problem.rigid_layout, problem.state_layout
    return Translator(packing_of(problem), *layouts, problem.size_of)


def compile_select(problem: Problem, bad: Expr, fixed: FixedCells) -> Select:
    """Where the formula `bad` holds. Requires the same, of `problem` with these bad states."""
    translator = _translator(problem)
    bad = settle(bad, fixed)
    if expanded_size(bad, problem.size_of) <= _BAD_LIMIT:
        bad = expand(bad, problem.size_of)
    if bad == FALSE:
        return lambda states: []
    condition = translator.condition(bad).text
    counter = Counter(placeholders(condition))
    hoisted = {name for name, count in counter.items() if count > 1 or "for " in condition}
    lines = ["def bad(states):", " found = []", " for s in states:"]
    lines += [f"  {name} = {translator.extraction(name).text}" for name in sorted(hoisted)]
    lines += [f"  if {translator.inline(condition, hoisted)}:", "   found.append(s)", " return found"]
    select: Select = _execute(lines, {})
    return select


def _execute(lines: list[str], names: Mapping[str, Any]) -> Any:
    """The one function that `lines` define, which may use `names`."""
    namespace: dict[str, Any] = dict(names)
    exec(compile("\n".join(lines), "<generated by tdxverify.explore>", "exec"), namespace)
    (name,) = namespace.keys() - {*names, "__builtins__"}
    return namespace[name]


def _refusing(names: Sequence[tuple[str, str]]) -> Stray:
    """What is called with a position in `names`, of action and symbol, and a value out of range."""

    def stray(position: int, value: int) -> None:
        action, symbol = names[position]
        raise InternalError(f"{action} writes {value} to {symbol}, which is outside its range")

    return stray


def _indented(lines: list[str]) -> list[str]:
    return [f" {line}" for line in lines]
