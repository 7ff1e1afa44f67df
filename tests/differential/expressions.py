"""Random expressions of a wanted sort."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.differential.numbered import Numbered
from tests.differential.vocabulary import (
    BOOL,
    Declared,
    Define,
    Enum,
    Index,
    Optional,
    Place,
    Range,
    Sort,
    Symbol,
    written,
)
from tests.differential.writing import (
    CONJUNCTION,
    DISJUNCTION,
    EQUIVALENCE,
    FACTOR,
    NEGATION,
    PRODUCT,
    RELATION,
    SUM,
    Text,
    arithmetic,
    chain,
    closed,
    comparison,
    implication,
    negation,
)


class Expressions:
    """Makes expressions over what `declared` has at the time."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.random: Random = declared.random
        self.numbered = Numbered(declared)
        self._count = 0
        self._calls = 0

    # --- by sort ---------------------------------------------------------------------------

    def of(self, sort: Sort, place: Place, depth: int = 2) -> Text | None:
        """An expression of that sort; None where nothing has it. Numbers may be out of the range."""
        match sort:
            case Enum():
                return self.enum(sort, place, depth)
            case Index():
                return self.element(sort, place, depth)
            case Optional():
                return self.optional(sort, place, depth)
            case (_, _):
                return self.number(place, depth)
        return self.truth(place, depth)

    def fitting(self, sort: Sort, place: Place, depth: int = 2) -> Text | None:
        """The same for a place with a range: a value that fits, or, sometimes, one that may not."""
        if not isinstance(sort, tuple):
            return self.of(sort, place, depth)
        low, high = sort
        loose = self.random.random() < self.declared.partial
        for _ in range(8):
            one = self.number(place, depth)
            if (low <= one.low and one.high <= high) or (loose and one.low <= high and low <= one.high):
                return one
        return self._clamped(sort, place, depth)

    def _clamped(self, sort: Range, place: Place, depth: int) -> Text:
        """A number squeezed into the range, or a constant of it."""
        low, high = sort
        one = self.number(place, min(depth, 1))
        width = high - low + 1
        if self.random.random() < 0.5 and width > 1:
            inner = arithmetic(one, "mod", Text(str(width)), PRODUCT, self.random)
            if low == 0:
                return inner.between(0, width - 1)
            sign, amount = ("+", low) if low > 0 else ("-", -low)
            return arithmetic(inner, sign, Text(str(amount)), SUM, self.random).between(low, high)
        return self._literal(self.random.randint(low, high))

    def _literal(self, value: int) -> Text:
        if value < 0:
            return Text(f"-{-value}", FACTOR, low=value, high=value)
        return Text(str(value), low=value, high=value)

    # --- truths ------------------------------------------------------------------------------

    def truth(self, place: Place, depth: int = 2) -> Text:
        random = self.random
        if depth <= 0 or random.random() < 0.25:
            return self._atom(place, depth)
        kind = random.choice(
            [
                "and",
                "or",
                "implies",
                "iff",
                "not",
                "forall",
                "exists",
                "count",
                "if",
                "compare",
                "compare",
                "atom",
                "none",
            ]
        )
        match kind:
            case "and" | "or" | "iff":
                level = {"and": CONJUNCTION, "or": DISJUNCTION, "iff": EQUIVALENCE}[kind]
                parts = [self.truth(place, depth - 1) for _ in range(random.choice([2, 2, 3]))]
                return chain(kind, level, parts, random)
            case "implies":
                return implication(self.truth(place, depth - 1), self.truth(place, depth - 1), random)
            case "not":
                return negation(self.truth(place, depth - 1), random)
            case "forall" | "exists":
                return self._quantified(kind, place, depth)
            case "count":
                return self._counted(place, depth)
            case "if":
                return self._if(self.truth(place, depth - 1), self.truth(place, depth - 1), place, depth)
            case "compare":
                return self._compared(place, depth) or self._atom(place, depth)
            case "none":
                return self._guarded(place, depth) or self._atom(place, depth)
        return self._atom(place, depth)

    def _if(self, then: Text, otherwise: Text, place: Place, depth: int) -> Text:
        condition = self.truth(place, depth - 1)
        text = f"if {condition.text} then {then.text} else {otherwise.text}"
        low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
        return Text(text, NEGATION, is_open=True, low=low, high=high)

    def bindable(self) -> list[Sort]:
        """Sorts that a quantifier may run over, small ones."""
        found: list[Sort] = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        return [*found, *found, BOOL, (0, 1), (-1, 1), (2, 2), *self.numbered.ranges()]

    def optional_sorts(self) -> list[Sort]:
        enums = [Enum(name) for name, members in self.declared.members.items() if "none" not in members]
        return [*map(Optional, map(Index, self.declared.indices)), *map(Optional, enums)]

    def given(self) -> list[Sort]:
        """Sorts of parameters that arguments are put into."""
        return [*self.bindable(), *self.optional_sorts()]

    def name(self) -> str:
        self._count += 1
        stem = self.random.choice("uvwij")
        return self.declared.fresh(f"{stem}{self._count}")

    def binders(self, sorts: list[Sort]) -> tuple[str, dict[str, Sort]]:
        """Text of a list of binders, names of equal sorts sometimes together."""
        bound = {self.name(): sort for sort in sorts}
        groups: list[tuple[list[str], Sort]] = []
        for name, sort in bound.items():
            if groups and groups[-1][1] == sort and self.random.random() < 0.6:
                groups[-1][0].append(name)
            else:
                groups.append(([name], sort))
        return ", ".join(f"{', '.join(names)} : {written(sort)}" for names, sort in groups), bound

    def _quantified(self, word: str, place: Place, depth: int) -> Text:
        sorts = [
            self.random.choice(self.bindable()) for _ in range(self.random.choice([1, 1, 1, 1, 2, 2, 3]))
        ]
        if len(sorts) == 2 and self.random.random() < 0.5:
            sorts[1] = sorts[0]
        text, bound = self.binders(sorts)
        body = self.truth(place.binding(bound), depth - 1)
        return Text(f"{word} {text} : {body.text}", NEGATION, is_open=True)

    def _counted(self, place: Place, depth: int) -> Text:
        random = self.random
        text, bound = self.binders(
            [random.choice(self.bindable()) for _ in range(random.choice([1, 1, 1, 2]))]
        )
        count = f"count {text}: {self.truth(place.binding(bound), depth - 1).text}"
        most = 3 if len(bound) == 1 else 1
        number = random.randint(0, most)
        kind = random.choice(["left", "left", "right", "range", "set"])
        if kind == "range":
            return Text(f"({count}) in {random.randint(-1, number)}..{number}", RELATION)
        if kind == "set":
            return Text(f"({count}) in {{ {number}, {random.randint(0, most)} }}", RELATION)
        sign = random.choice(["=", "!=", "<", "<=", ">", ">="])
        if kind == "left":
            return Text(f"({count}) {sign} {number}", RELATION)
        return Text(f"{number} {sign} {count}", NEGATION, is_open=True)

    def _compared(self, place: Place, depth: int) -> Text | None:
        random = self.random
        if random.random() < 0.5:
            left = self.number(place, depth - 1)
            if random.random() < 0.2:
                low = random.randint(-2, 2)
                bounds = f"{low}..{low + random.randint(0, 2)}"
                return Text(f"{closed(left, SUM, random)} in {bounds}", RELATION)
            if random.random() < 0.2:
                choices = [self.number(place, depth - 1).text for _ in range(random.choice([1, 2, 3]))]
                return Text(f"{closed(left, SUM, random)} in {{ {', '.join(choices)} }}", RELATION)
            sign = random.choice(["=", "!=", "<", "<=", ">", ">="])
            return comparison(left, sign, self.number(place, depth - 1), random)
        sorts: list[Sort] = [*map(Enum, self.declared.members), *map(Index, self.declared.indices), BOOL]
        sort = random.choice(sorts)
        first, second = self.of(sort, place, depth - 1), self.of(sort, place, depth - 1)
        if random.random() < 0.4:
            return self._compared_with_none(place, depth) or self._compared_with_none(place, 0)
        if first is None or second is None:
            return None
        if isinstance(sort, Enum) and random.random() < 0.4:
            return Text(f"{closed(first, SUM, random)} in {{ {second.text} }}", RELATION)
        if isinstance(sort, Index) and sort.name in self.declared.in_order:
            sign = self.declared.order.choice(["<", "<=", ">", ">=", "next after", "next after", "=", "!="])
            return comparison(first, sign, second, random)
        if isinstance(sort, Enum) and self.declared.ordered and random.random() < 0.5:
            return comparison(first, random.choice(["<", "<=", ">", ">="]), second, random)
        return comparison(first, random.choice(["=", "!="]), second, random)

    def _compared_with_none(self, place: Place, depth: int) -> Text | None:
        """What may be none, compared with `none`, an element, or another such."""
        sorts = self.optional_sorts()
        sort = self.random.choice(sorts) if sorts else BOOL
        if not isinstance(sort, Optional):
            return None
        first = self._read(sort, place, depth) or self._called(sort, place, depth)
        other = self.random.choice(
            [Text("none"), self.of(sort, place, depth - 1), self.of(sort.base, place, 0)]
        )
        if first is None or other is None:
            return None
        if self.random.random() < 0.15:
            return Text(f"{closed(first, SUM, self.random)} in {{ {other.text}, none }}", RELATION)
        sides = (first, other) if self.random.random() < 0.8 else (other, first)
        return comparison(sides[0], self.random.choice(["=", "!="]), sides[1], self.random)

    def _guarded(self, place: Place, depth: int) -> Text | None:
        """`x != none and y[x]`, and the like."""
        random = self.random
        sorts = [s.base for s in self.optional_sorts() if isinstance(s, Optional)]
        cells = [
            s for s in self.readable(place) if s.sort == BOOL and set(s.positions) & set(sorts)
            and s.name not in place.own
        ]  # fmt: skip
        if not cells:
            return None
        symbol = random.choice(cells)
        base = next(position for position in symbol.positions if position in sorts)
        known = self._read(Optional(base), place, depth)
        others = [self.of(position, place, 0) for position in symbol.positions if position != base]
        if known is None or not all(others):
            return None
        left = iter(other.text for other in others if other is not None)
        indices = ", ".join(known.text if p == base else next(left) for p in symbol.positions)
        read = Text(f"{symbol.name}[{indices}]")
        match random.choice(["and", "and", "or", "implies"]):
            case "and":
                return chain("and", CONJUNCTION, [Text(f"{known.text} != none", RELATION), read], random)
            case "or":
                return chain("or", DISJUNCTION, [Text(f"{known.text} = none", RELATION), read], random)
        return implication(Text(f"{known.text} != none", RELATION), read, random)

    def _atom(self, place: Place, depth: int) -> Text:
        options: list[Callable[[], Text | None]] = [
            lambda: self._read(BOOL, place, depth),
            lambda: self._read(BOOL, place, depth),
            lambda: self._called(BOOL, place, depth),
            lambda: self._implicit(place, depth),
            lambda: self._compared(place, 0),
        ]
        options += [lambda: self._next(place, depth)] if self.declared.after_all else []
        self.random.shuffle(options)
        for option in options if self.random.random() < 0.95 else ():
            found = option()
            if found is not None:
                return found
        return Text(self.random.choice(["true", "false"]))

    def _next(self, place: Place, depth: int) -> Text | None:
        """Whether one element comes next after another, where any have an order."""
        sorts = [Index(name) for name in self.declared.indices if name in self.declared.in_order]
        if not sorts:
            return None
        sort = self.random.choice(sorts)
        first, second = self.element(sort, place, depth - 1), self.element(sort, place, depth - 1)
        if first is None or second is None:
            return None
        return comparison(first, "next after", second, self.random)

    def deciding(self, place: Place) -> Text:
        """Something that is true in some states and false in others, as far as that is easily told."""
        options: list[Text] = []
        for sort in (BOOL, (0, 0), *map(Enum, self.declared.members), *self.optional_sorts()):
            read = self._read(sort, place, 1)
            if read is None:
                continue
            if sort == BOOL:
                options.append(read)
            elif isinstance(sort, tuple) and read.high > read.low:
                value = self._literal(self.random.randint(read.low, read.high))
                options.append(comparison(read, "=", value, self.random))
            elif isinstance(sort, Enum) and len(self.declared.members[sort.name]) > 1:
                options.append(comparison(read, "=", self._member(sort), self.random))
            elif isinstance(sort, Optional):
                options.append(comparison(read, "!=", Text("none"), self.random))
        return self.random.choice(options) if options else self.truth(place, 1)

    def acting(self, actor: str | None, bound: dict[str, Sort]) -> tuple[str, str]:
        """What stands behind a step that `actor` does, and the parameters to add for that, to `bound` too."""
        if actor is None:
            return "", ""
        extra, indices, more = self.declared.crowd, list[str](), list[str]()
        for sort in self.declared.of_actors.get(actor, ()):
            if isinstance(sort, tuple):
                index, parameter = self.numbered.acting(sort, bound)
                indices.append(index)
                more += [parameter] if parameter else []
                continue
            names = [name for name, of in bound.items() if of == sort]
            member = self.declared.own_member(sort)
            if member is not None and extra.random() < 0.2:
                indices.append(member)
            elif names and extra.random() < 0.8:
                indices.append(extra.choice(names))
            else:
                indices.append(self.declared.crowded("g"))
                bound[indices[-1]] = sort
                more.append(f"{indices[-1]} : {sort.name}")
        return f" by {actor}[{', '.join(indices)}]" if indices else f" by {actor}", ", ".join(more)

    def _of_actor(self, actor: str, claim: str, place: Place) -> str:
        """`claim` of the actor; of one or all of them where nothing in scope says which."""
        sorts = self.declared.of_actors.get(actor, ())
        if not sorts:
            return f"{actor} {claim}"
        extra, indices, binders = self.declared.crowd, list[str](), list[str]()
        for sort in sorts:
            names = [name for name, of in place.bound.items() if of == sort]
            number = self.fitting(sort, place, 0) if isinstance(sort, tuple) else None
            if number is not None and extra.random() < 0.4:
                indices.append(number.text)
            elif names and extra.random() < 0.7:
                indices.append(extra.choice(names))
            elif isinstance(sort, tuple):
                name = self.declared.crowded("g")
                index, over = self.numbered.shifted(name, sort)
                indices.append(index)
                binders.append(f"{name} : {written(over)}")
            else:
                indices.append(self.declared.crowded("g"))
                binders.append(f"{indices[-1]} : {sort.name}")
        told = f"{actor}[{', '.join(indices)}] {claim}"
        word = extra.choice(["exists", "exists", "forall"])
        return f"({word} {', '.join(binders)}: {told})" if binders else told

    def _implicit(self, place: Place, depth: int) -> Text | None:
        if place.rigid or not place.implicit:
            return None
        declared, random = self.declared, self.random
        options = []
        if declared.actors:
            options.append(self._of_actor(random.choice(declared.actors), "is dead", place))
            if declared.faults:
                fault = random.choice(list(declared.faults))
                taker = self._of_actor(random.choice(declared.actors), f"took {fault}", place)
                options += [taker, f"anyone took {fault}"]
            outcomes = [outcome for table in declared.tables for outcome in table.outcomes]
            if declared.asks_outcomes and outcomes:
                taker = random.choice([*declared.actors, "anyone"])
                options.append(self._of_actor(taker, f"took {random.choice(outcomes)}", place))
        for process in declared.processes:
            label = random.choice([*process.labels, "done"])
            indices = [self.fitting(sort, place, 0) for sort in process.parameters]
            good = [one.text for one in indices if one is not None]
            if len(good) == len(indices):
                shown = f"[{', '.join(good)}]" if good else ""
                options += [f"{process.name}{shown} at {label}"] * 2
        return Text(random.choice(options)) if options else None

    # --- names -------------------------------------------------------------------------------

    def readable(self, place: Place) -> list[Symbol]:
        known = [s for s in self.declared.symbols if s.rigid or not place.rigid or s.name in place.starts]
        return known if place.only is None else [s for s in known if s.name in place.only]

    def _same(self, one: Sort, other: Sort) -> bool:
        return one == other or (isinstance(one, tuple) and isinstance(other, tuple))

    def _read(self, sort: Sort, place: Place, depth: int) -> Text | None:
        """A bound variable or a symbol of that sort."""
        names = [
            Text(name, low=of[0], high=of[1]) if isinstance(of, tuple) else Text(name)
            for name, of in place.bound.items()
            if self._same(of, sort)
        ]
        symbols = [s for s in self.readable(place) if self._same(s.sort, sort)]
        self.random.shuffle(symbols)
        if names and (not symbols or self.random.random() < 0.4):
            return self.random.choice(names)
        for symbol in symbols:
            found = self._cell(symbol, place, depth)
            if found is not None:
                return found
        return None

    def cell_of(self, symbol: Symbol, place: Place) -> Text | None:
        """A cell of `symbol`; None where nothing names one."""
        return self._cell(symbol, place, 0)

    def _cell(self, symbol: Symbol, place: Place, depth: int) -> Text | None:
        prime = "'" if place.primes and not symbol.rigid and self.random.random() < 0.5 else ""
        low, high = symbol.sort if isinstance(symbol.sort, tuple) else (0, 0)
        if symbol.name in place.own:
            indices = place.own[symbol.name]
            if indices is None:
                return None
            shown: list[str] = list(indices)
        else:
            parts = [self._index(position, place, min(depth - 1, 1)) for position in symbol.positions]
            shown = [part.text for part in parts if part is not None]
            if len(shown) < len(parts):
                return None
        suffix = f"[{', '.join(shown)}]" if shown else ""
        return Text(f"{symbol.name}{prime}{suffix}", low=low, high=high)

    def _index(self, position: Sort, place: Place, depth: int) -> Text | None:
        """Numbers in cells that are counted by numbers come to an end."""
        if isinstance(position, tuple) and depth < -1:
            return self._literal(self.random.randint(*position))
        return self.fitting(position, place, depth)

    def usable(self, define: Define, place: Place) -> bool:
        if place.rigid and (define.reads or define.implicit):
            return False
        return not (define.reads & set(place.own)) and (place.implicit or not define.implicit)

    def _called(self, sort: Sort, place: Place, depth: int) -> Text | None:
        found = [d for d in self.declared.defines if self._same(d.result, sort) and self.usable(d, place)]
        if not found or depth < 0 or self._calls > 4:
            return None
        define = self.random.choice(found)
        self._calls += 1
        arguments = [
            self.fitting(one, place, self.random.choice([depth - 1, depth - 1, min(depth, 1)]))
            for one in define.parameters
        ]
        self._calls -= 1
        shown = [one.text for one in arguments if one is not None]
        if len(shown) < len(arguments):
            return None
        brackets = f"({', '.join(shown)})" if shown or define.called_with_brackets else ""
        low, high = define.result if isinstance(define.result, tuple) else (0, 0)
        return Text(f"{define.name}{brackets}", low=low, high=high)

    # --- other sorts -------------------------------------------------------------------------

    def optional(self, sort: Optional, place: Place, depth: int) -> Text | None:
        random = self.random
        if depth > 0 and random.random() < 0.15:
            then, otherwise = self.of(sort, place, depth - 1), self.of(sort, place, depth - 1)
            if then is not None and otherwise is not None:
                return self._if(then, otherwise, place, depth)
        chance = random.random()
        if chance < 0.25:
            return Text("none")
        found = self._read(sort, place, depth) or self._called(sort, place, depth) if chance < 0.6 else None
        return found or self.of(sort.base, place, depth) or Text("none")

    def _not_none(self, base: Enum | Index, place: Place, depth: int) -> Text | None:
        """Now and then, something that may be none where it must not be."""
        if self.random.random() >= self.declared.partial / 2:
            return None
        return self._read(Optional(base), place, depth)

    def enum(self, sort: Enum, place: Place, depth: int) -> Text | None:
        random = self.random
        found = self._not_none(sort, place, depth)
        if found is not None:
            return found
        if depth > 0 and random.random() < 0.15:
            then, otherwise = self._member(sort), self.enum(sort, place, depth - 1)
            return self._if(then, otherwise, place, depth) if otherwise else then
        if random.random() < 0.5:
            found = self._read(sort, place, depth) or self._called(sort, place, depth)
            if found is not None:
                return found
        return self._member(sort)

    def _member(self, sort: Enum) -> Text:
        member = self.random.choice(self.declared.members[sort.name])
        if self.declared.shared(member) or self.random.random() < 0.3:
            return Text(f"{sort.name}.{member}")
        return Text(member)

    def element(self, sort: Index, place: Place, depth: int) -> Text | None:
        if sort.name in self.declared.in_order and self.declared.order.random() < 0.2:
            return Text(f"first({sort.name})")
        if depth > 0 and self.random.random() < 0.1:
            then, otherwise = self._read(sort, place, 0), self._read(sort, place, 0)
            if then is not None and otherwise is not None:
                return self._if(then, otherwise, place, 1)
        may_be = self._not_none(sort, place, depth)
        if may_be is not None:
            return may_be
        names = [name for name, of in place.bound.items() if of == sort]
        if names and self.random.random() < 0.7:
            return Text(self.random.choice(names))
        return self._read(sort, place, depth) if depth > -2 else None

    def number(self, place: Place, depth: int) -> Text:
        random = self.random
        if depth <= 0 or random.random() < 0.4:
            return self._small_number(place, depth)
        kinds = ["+", "-", "+", "-", "*", "*", "div", "mod", "minus", "minus", "if"]
        kind = random.choice([*kinds, "div", "mod", "div", "mod"] if self.declared.lively else kinds)
        left = self.number(place, depth - 1)
        match kind:
            case "minus":
                text = Text(f"-{closed(left, FACTOR, random)}", FACTOR)
                return text.between(-left.high, -left.low)
            case "if":
                return self._if(left, self.number(place, depth - 1), place, depth)
            case "div" | "mod":
                by = self._divisor(place, depth)
                text = arithmetic(left, kind, by, PRODUCT, random)
                if kind == "mod":
                    return text.between(0, by.high - 1)
                ends = [a // b for a in (left.low, left.high) for b in (by.low, by.high)]
                return text.between(min(ends), max(ends))
        right = self.number(place, depth - 1)
        if kind == "*":
            ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
            return arithmetic(left, "*", right, PRODUCT, random).between(min(ends), max(ends))
        text = arithmetic(left, kind, right, SUM, random)
        if kind == "+":
            return text.between(left.low + right.low, left.high + right.high)
        return text.between(left.low - right.high, left.high - right.low)

    def _divisor(self, place: Place, depth: int) -> Text:
        """A positive number, or something with a name whose range has no others."""
        positive = [
            s for s in self.readable(place) if isinstance(s.sort, tuple) and s.sort[0] > 0
        ] if self.declared.lively else []  # fmt: skip
        if positive and self.random.random() < 0.7:
            found = self._cell(self.random.choice(positive), place, depth - 1)
            if found is not None:
                return found
        by = self.random.choice([1, 2, 3])
        return Text(str(by), low=by, high=by)

    def satisfiable(self, place: Place, condition: Text) -> Text:
        """A condition that most likely can be met: that one, or something about what is free in the place."""
        free = replace(place, only=frozenset(self.declared.free))
        if not self.readable(free):
            return chain("or", DISJUNCTION, [condition, negation(condition, self.random)], self.random)
        met = self.deciding(free)
        self.declared.free -= set(re.findall(r"\w+", met.text))  # else the next condition excludes it
        return chain("or", DISJUNCTION, [met, condition], self.random) if self.random.random() < 0.5 else met

    def _small_number(self, place: Place, depth: int) -> Text:
        found = None
        chance = self.random.random()
        if chance < 0.5:
            found = self._read((0, 0), place, depth)
        elif chance < 0.65:
            found = self._called((0, 0), place, depth)
        if found is not None:
            return found
        value = self.random.choice([0, 0, 1, 1, 2, 3])
        return Text(str(value), low=value, high=value)
