"""Answers that differ from others in some of what they say."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from tdxverify.answers.answer import Answer, Asked, Told


def changed(answer: Answer, **values: Any) -> Answer:
    """`answer` with other values, wherever in it they stand."""
    parts = {"asked": _names(Asked) - {"sizes"}, "told": _names(Told)}
    for part, names in parts.items():
        inside = {name: values.pop(name) for name in names & set(values)}
        answer = replace(answer, **{part: replace(getattr(answer, part), **inside)})
    return replace(answer, **values)


def _names(kind: type[Any]) -> set[str]:
    return {field.name for field in fields(kind)}
