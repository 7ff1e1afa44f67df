"""Mistakes and how they were mended: in a module that is a case, a refuted check and the proved one nearest
to it, and what the one asks for that the other does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.syntax.claims import Expected

FEWEST_CASES = 2  # of a run, for them to be put into a table


@dataclass(frozen=True, slots=True)
class Mended:
    """One `refuted` check of a case. `proved`: the check of the same property that asks for least besides
    what `refuted` asks for; None where none was proved. `by`: what that is, in words of the spec."""

    refuted: Answer
    proved: Answer | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What came out for the checks of one `file` that is called a case; `found` has its mistake, where any
    was refuted."""

    file: str
    title: str
    found: tuple[Mended, ...]


def cases(answers: Sequence[Answer]) -> tuple[Case, ...]:
    """All cases of a run, in its order; none where there are too few for a table."""
    files: dict[tuple[str, str], list[Answer]] = {}
    for one in answers:
        if one.asked.case is not None:
            files.setdefault((one.asked.file, one.asked.case), []).append(one)
    if len(files) < FEWEST_CASES:
        return ()
    return tuple(
        Case(file, title, tuple(_mended(one, checks) for one in checks if _is_broken(one)))
        for (file, title), checks in files.items()
    )


def _is_broken(check: Answer) -> bool:
    """What should be reached and is not is no mistake that a proof could mend."""
    kind = check.asked.kind
    is_sought = kind is not None and kind.with_trace is Expected.PROVED
    return check.outcome is Outcome.REFUTED and not is_sought


def _mended(broken: Answer, checks: Sequence[Answer]) -> Mended:
    asked = broken.asked
    proved = [one for one in checks if one.outcome is Outcome.PROVED and one.asked.property == asked.property]
    if not proved:
        return Mended(broken, None, ())
    nearest = min(proved, key=lambda one: len(_besides(one, broken)))
    return Mended(broken, nearest, _besides(nearest, broken))


def _besides(proved: Answer, broken: Answer) -> tuple[str, ...]:
    """What `proved` asks for and `broken` does not, and what it alone takes as fair."""
    asked = tuple(one for one in proved.asked.conditions if one not in broken.asked.conditions)
    assumed = proved.asked.assuming
    return asked if assumed in ("", broken.asked.assuming) else (*asked, assumed)
