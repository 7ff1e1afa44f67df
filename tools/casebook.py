"""The casebook, spec/cases/README.md: a section for each file of spec/cases/, a mistake and its repair.

    python -m tools.casebook

A section has what the head of the file says (where the mistake is reported, what went wrong, how it was
repaired), the checks with their verdicts, and what `tdxverify why` says of the first one that is refuted.
tests/spec/test_casebook.py fails while the page is stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

from tdxverify.cli.main import main as tdxverify
from tdxverify.syntax.ast import CheckDecl, Module
from tdxverify.syntax.claims import Expected
from tdxverify.syntax.imports import load
from tools.verdicts import CASES, rows_of

ROOT = CASES.parents[1]
PAGE = CASES / "README.md"
PARTS = ("Source", "What went wrong", "Repaired by")
INTRODUCTION = """\
# Casebook

Mistakes that were made, shipped or found in review, in code that shares a machine with memory of a
confidential guest: each as a model of its own, once as it was and once as it was repaired. What was wrong is
refuted, with the shortest run that shows it; what was made of it is proved, for any number of elements where
no sizes are said. The head of every file says where the mistake is reported. What the library has is imported
from there.

`tdxverify check spec/cases` answers all of it, `tdxverify trace FILE` writes a run step by step, and
`tdxverify why FILE` says from its end backwards what each step needed; what it says stands below.
`python -m tools.casebook` writes this page.
"""
_LABEL = re.compile(rf"({'|'.join(PARTS)}): ")
_OF_THE_CODE = re.compile(r"[\w./]*_[\w./]*\w(?:\(\))?|\w+\(\)")


@dataclass(frozen=True, slots=True)
class Case:
    """One file. `parts`: the text of each of PARTS that its head has; `notes`: what else it says there."""

    path: Path
    module: Module
    parts: dict[str, str]
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def title(self) -> str:
        return self.module.case or self.name

    @property
    def checks(self) -> tuple[CheckDecl, ...]:
        return tuple(d for d in self.module.declarations if isinstance(d, CheckDecl))

    @property
    def refuted(self) -> CheckDecl | None:
        """The check that shows what was wrong."""
        return next((c for c in self.checks if c.expected is Expected.REFUTED), None)


@cache
def cases() -> tuple[Case, ...]:
    """All of them, by the names of their files."""
    return tuple(map(case_of, sorted(CASES.glob("*.tdx"))))


def case_of(path: Path) -> Case:
    """The case in the file at `path`. Raises SpecError where that is no specification."""
    parts: dict[str, str] = {}
    notes: list[str] = []
    for paragraph in _paragraphs(path.read_text(encoding="utf-8")):
        label = _LABEL.match(paragraph)
        if label is None:
            notes.append(paragraph)
        else:
            parts[label[1]] = paragraph[label.end() :]
    return Case(path, load(path)[-1], parts, tuple(notes))


def _paragraphs(text: str) -> Iterator[str]:
    """Those of the comment that the file begins with; an empty line, or one of PARTS, begins the next."""
    words: list[str] = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        said = line.removeprefix("//").strip()
        if words and (not said or _LABEL.match(said)):
            yield " ".join(words)
            words = []
        words += [said] if said else []
    if words:
        yield " ".join(words)


def page() -> str:
    """The whole casebook."""
    return "\n".join([beginning(), *map(section, cases())])


def beginning() -> str:
    """What stands before the first case: the introduction, and a list of all cases."""
    lines = [f"- [{case.title}](#{_anchor(case.title)}): `{case.path.name}`" for case in cases()]
    return "\n".join([INTRODUCTION, *lines, ""])


def section(case: Case) -> str:
    """What the page has about one case."""
    lines = [f"## {case.title}", "", f"[{case.path.name}]({case.path.name}){_built_on(case)}", ""]
    for part in PARTS:
        lines += [f"**{part}:** {_marked(case.parts[part])}", ""]
    for note in case.notes:
        lines += [_marked(note), ""]
    return "\n".join([*lines, *_table(case), "", "```text", why(case), "```", ""])


def _table(case: Case) -> Iterator[str]:
    """The checks, each with what is said of it in the file."""
    yield "| property | where | verdict | |"
    yield "| --- | --- | --- | --- |"
    said = {check.span.line: check.annotations.description or "" for check in case.checks}
    for row in rows_of(case.path):
        where = f"`{row.where}`" if row.where else "always"
        yield f"| {row.claim} | {where} | {row.expected} | {said[row.line]} |"


def why(case: Case) -> str:
    """`tdxverify why` of the check that shows what was wrong, as a shell has it."""
    assert case.refuted is not None, f"{case.path}: nothing is refuted"
    arguments = ["why", case.path.relative_to(ROOT).as_posix(), "--line", str(case.refuted.span.line)]
    with chdir(ROOT), redirect_stdout(StringIO()) as told:
        try:
            tdxverify(arguments)
        except SystemExit as ended:
            assert ended.code == 0, f"tdxverify {' '.join(arguments)} fails"
    return f"$ tdxverify {' '.join(arguments)}\n{told.getvalue().rstrip()}"


def _built_on(case: Case) -> str:
    imported = [f"`{one.path}`" for one in case.module.imports]
    return f", on {' and '.join(imported)} of the library" if imported else ""


def _marked(text: str) -> str:
    """What is a name of the code stands in backquotes, so that Markdown leaves it alone."""
    return _OF_THE_CODE.sub(lambda name: f"`{name[0]}`", text)


def _anchor(title: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
