"""What a trace needs of that which the check's `where` asks for: values that it pins, else parts of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Const, Expr, Role, conjuncts, fixed_by, names_of
from tdxverify.logic.sorts import domain
from tdxverify.semantics.escaping import Escaping
from tdxverify.semantics.needed_run import Place
from tdxverify.telling.sufficient import Places, Scene, Sufficient


class Wanted:
    """Of `where`, beside what the file says of all machines (`given`)."""

    def __init__(self, scene: Scene, given: Sequence[Expr], where: Iterable[Expr]) -> None:
        self._scene = scene
        self._given = tuple(given)
        self._where = tuple(part for fact in where for part in conjuncts(fact))
        self._search = Escaping(scene.starts, scene.run, self._where)

    def needed(self, kept: Places, read: Iterable[Place]) -> tuple[tuple[Expr, ...], Places]:
        """Parts of `where`, none of which can be left out as far as is known, and cells that it pins: with
        both, `kept` is enough whatever else `where` says. Of `read` there are cells, where these are enough.
        """
        if self._is_enough(kept):
            return (), frozenset()
        pinned = self._pinned() - kept
        some = pinned & frozenset(read)
        for cells in (some, pinned):
            if self._is_enough(kept | cells):
                return (), cells
        parts = [part for part in self._where if self._place(part) is None]
        for part in tuple(parts):
            rest = [other for other in parts if other is not part]
            if self._is_enough(kept | pinned, rest):
                parts = rest
        return tuple(parts), pinned

    def under(self, parts: Sequence[Expr]) -> Sufficient:
        """Where only that is asked."""
        return Sufficient(self._scene, (*self._given, *parts))

    def _is_enough(self, places: Places, parts: Sequence[Expr] = ()) -> bool:
        return self.under(parts).lacks(self._scene.as_it_is(places)) is False

    def _pinned(self) -> Places:
        """The rigid cells of which `where` allows no other value than that of the trace, as far as known."""
        stated = {place for part in self._where if (place := self._place(part)) is not None}
        names = set[str]().union(*(names_of(part) for part in self._where if self._place(part) is None))
        cells = [place for place in self._scene.open_places(Role.RIGID) if place not in stated]
        asked = (place for place in cells if self._scene.starts.cell(place).symbol.name in names)
        return frozenset(stated) | frozenset(place for place in asked if self._is_pinned(place))

    def _is_pinned(self, place: Place) -> bool:
        sort, value = self._scene.starts.cell(place).symbol.sort, self._scene.value(place)
        others = [other for other in domain(sort, self._scene.problem.size_of) if other != value]
        try:
            found = self._scene.asked(
                lambda most: self._search.some({place: others}, most), lambda: self._search.tried
            )
        except NotDecided:
            return False
        return bool(others) and found is None

    def _place(self, part: Expr) -> Place | None:
        """The cell of which `part` says nothing but the value."""
        fact = fixed_by(part)
        if fact is None:
            return None
        indices = tuple(index.value for index in fact[0].indices if isinstance(index, Const))
        for place in self._scene.open_places(Role.RIGID):
            cell = self._scene.starts.cell(place)
            if (cell.symbol, cell.indices) == (fact[0].symbol, indices):
                return place
        return None
