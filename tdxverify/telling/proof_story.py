"""A proof told for people: everything already turned into text, nothing left to look up.

Built by `tdxverify.telling.narrate_proof`; reports only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.telling.story import Explained


@dataclass(frozen=True, slots=True)
class Said:
    """A formula in symbols, as a user could have written it, and in words; `names` are those it speaks of."""

    symbols: str
    words: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProofStory:
    """`method`: how it was proved, in a sentence. `formulas`: the invariant, if there is one to be read.

    `where`: what the check is asked for, None for all parameter values; `assumptions`: what the spec itself
    assumes about parameters. `explained`: the names that occur in any of these. `accepted`: who accepted the
    evidence, and what they were asked, in a sentence each.
    """

    method: str
    formulas: tuple[Said, ...]
    where: Said | None
    assumptions: tuple[Said, ...]
    explained: tuple[Explained, ...]
    accepted: tuple[str, ...]
