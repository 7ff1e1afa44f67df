"""Specs in files, and what lint says about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.inquiries.lint import LintOptions, LintRun, lint

WriteSpec = Callable[..., Path]


@pytest.fixture
def write_spec(tmp_path: Path) -> WriteSpec:
    """Writes a text to a file and returns its path."""

    def write(text: str, name: str = "spec.tdx") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def linted(*paths: Path, options: LintOptions | None = None) -> LintRun:
    return lint(paths, options or LintOptions(), Silent())


def said(run: LintRun) -> list[tuple[str, str, int]]:
    """Code, message and line of each finding."""
    return [(f.code.name, f.message, f.span.line if f.span else 0) for f in run.findings]


def codes(run: LintRun) -> list[str]:
    return [finding.code.name for finding in run.findings]
