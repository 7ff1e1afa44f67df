"""Attempts are made on the commands as well."""

from __future__ import annotations

from tests.cli.conftest import run_command

__all__ = ["run_command"]
