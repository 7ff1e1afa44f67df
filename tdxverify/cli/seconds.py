"""Seconds on the command line: the one way in which options with a time are read."""

from __future__ import annotations

from typing import Any

import click

from tdxverify.budget import wrong_seconds


class _Seconds(click.types.FloatParamType):
    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        wrong = wrong_seconds(seconds)
        if wrong is not None:
            self.fail(wrong, param, ctx)
        return seconds


SECONDS = _Seconds()
