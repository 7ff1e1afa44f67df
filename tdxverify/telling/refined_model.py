"""What files that import others have changed in a model as a whole, whether a trace shows it or not."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from tdxverify.model.model import Model, Refinement
from tdxverify.telling.narrate import refined
from tdxverify.telling.story import Refined


def refinements_of(model: Model) -> tuple[Refined, ...]:
    """Every `refine` whose change is in a step, a row or a value of `model`, once, in the order of the files
    and lines."""
    parts: tuple[Iterable[Refinement], ...] = (
        *(action.refinements for action in model.actions),
        *(row.refinements for table in model.tables for row in table.rows),
        *(info.refinements for info in model.symbols),
    )
    found = {(one.span.source.path, one.span.start): one for part in parts for one in part}
    return refined(found[place] for place in sorted(found))


def told_refined(refinements: Iterable[Refined]) -> str | None:
    """`the model is refined in root.tdx:2, 3, 7`; None where it is not."""
    places = []
    for file, those in groupby(refinements, key=lambda one: one.at.file):
        lines = dict.fromkeys(one.at.line for one in those)
        places.append(f"{file}:{', '.join(map(str, lines))}")
    return f"the model is refined in {'; '.join(places)}" if places else None
