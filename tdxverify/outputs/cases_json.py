"""The cases of a run, as parts of the JSON document."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType

from tdxverify.answers.answer import Answer
from tdxverify.answers.cases import Mended, cases


class MendedDocument(msgspec.Struct, frozen=True):
    """A refuted check of a case, and the proved one of the same property that asks for least besides, as
    lines of their file. `by`: what that one asks for besides."""

    property: str
    refuted_line: int
    length: int | None
    proved_line: int | None
    by: tuple[str, ...]


class CaseDocument(msgspec.Struct, frozen=True):
    """What came out for a module that is called a case: which of its checks show the mistake, and what mends
    it."""

    file: str
    title: str
    found: tuple[MendedDocument, ...]


def case_documents(answers: Sequence[Answer]) -> tuple[CaseDocument, ...] | UnsetType:
    """All of a run, in its order; unset where there are too few."""
    found = cases(answers)
    if not found:
        return UNSET
    return tuple(CaseDocument(one.file, one.title, tuple(map(_mended, one.found))) for one in found)


def _mended(one: Mended) -> MendedDocument:
    asked = one.refuted.asked
    proved = None if one.proved is None else one.proved.asked.line
    return MendedDocument(asked.property, asked.line, one.refuted.length, proved, one.by)
