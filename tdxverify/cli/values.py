"""Seconds and paths on the command line: the one way in which options with a time, or a file, are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tdxverify.budget import wrong_seconds

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class _Seconds(click.types.FloatParamType):
    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        wrong = wrong_seconds(seconds)
        if wrong is not None:
            self.fail(wrong, param, ctx)
        return seconds


class _PathType(click.Path):
    """Any path but the empty one, which Python takes for the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not value:
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)


SECONDS = _Seconds()
PATH = _PathType(path_type=Path, readable=False)


def in_configurations(
    *, help: str = "Only checks in this configuration."
) -> Callable[[_Decorated], _Decorated]:
    """The option that chooses checks by configurations, with its `help`."""
    return click.option("--config", "configs", multiple=True, metavar="NAME", help=help)
