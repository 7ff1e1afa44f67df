"""The tables of spec/README.md and spec/behaviour.md: every check of the library, by the property of the
catalogue that it answers, or by its file.

`python -m tools.verdicts` writes them into the pages; tests/spec/test_readme.py fails while they are stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from tdxverify.answers.answer import Bearing
from tdxverify.answers.unknowns import uses_in_proof
from tdxverify.model.model import Model
from tdxverify.outputs.text.unknowns_text import unknown_text
from tdxverify.questions.problems.lower import lower
from tdxverify.syntax.ast import CheckDecl, Module, PropertyDecl
from tdxverify.syntax.ast_expressions import Annotations
from tdxverify.syntax.claims import Fair
from tdxverify.syntax.imports import load
from tdxverify.syntax.print_expressions import print_expression
from tdxverify.wellformed import build_model

SPEC = Path(__file__).resolve().parents[1] / "spec"
README = SPEC / "README.md"
BEHAVIOUR = SPEC / "behaviour.md"
CASES = SPEC / "cases"
BEGIN, END = "<!-- verdicts: begin -->", "<!-- verdicts: end -->"
HEAD = ("| property | where | verdict | assumes of the unknown | file |", "| --- | --- | --- | --- | --- |")
_CATALOGUED = re.compile(r"P-\d+")


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One check of one property; `number` is that of the catalogue, 0 for a property outside of it.

    `assumes`: values of parameters that stand for something unknown (U-01 ...), as far as the check is about
    some of them only.
    """

    number: int
    file: str
    line: int
    claim: str
    where: str
    expected: str
    assumes: str = ""


@cache
def rows() -> tuple[Row, ...]:
    """Every check below spec/, once for each catalogue number that its property or the check itself cites.

    But for those of spec/cases/, which have a page of their own (tools/casebook.py).
    """
    paths = (path for path in SPEC.rglob("*.tdx") if path.parent != CASES)
    return tuple(sorted(row for path in paths for row in rows_of(path)))


def pages() -> tuple[tuple[Path, tuple[Row, ...]], ...]:
    """The pages with a table, and what each shows."""
    return (
        (README, tuple(row for row in rows() if row.number)),
        (BEHAVIOUR, tuple(row for row in rows() if not row.number)),
    )


def table(of: Iterable[Row]) -> str:
    """Markdown: one section per catalogue number, and per file for what is outside of the catalogue."""
    lines: list[str] = []
    title = ""
    for row in of:
        section = f"P-{row.number:02}" if row.number else row.file
        if section != title:
            title = section
            lines += ["", f"#### {title}", "", *HEAD]
        where = f"`{row.where}`" if row.where else "always"
        lines.append(f"| {row.claim} | {where} | {row.expected} | {row.assumes} | {row.file} |")
    return "\n".join(lines).strip() + "\n"


def with_table(page: str, generated: str) -> str:
    """`page` with `generated` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{generated}\n{END}{after}"


def rows_of(path: Path) -> Iterator[Row]:
    """The checks of one file, in their order."""
    modules = load(path)
    declared = {
        p.name.text: p for module in modules for p in module.declarations if isinstance(p, PropertyDecl)
    }
    checks = _checks(modules[-1])
    assumed = iter(_assumed(build_model(modules)) if checks else [])
    for check in checks:
        for name, where in product(check.properties, _wheres(check)):
            assumes = next(assumed)
            own = _numbers(check.annotations) or _numbers(declared[name.text].annotations)
            for number in own or [0]:
                yield Row(
                    number,
                    path.relative_to(SPEC).as_posix(),
                    check.span.line,
                    declared[name.text].annotations.description or name.text,
                    where,
                    _expected(check),
                    assumes,
                )


def _wheres(check: CheckDecl) -> list[str]:
    """What the check is about, in each of the configurations that it names."""
    own = [print_expression(check.where)] if check.where else []
    own += [_assuming(check)] if check.assuming else []
    return [", ".join([f"in {config.text}", *own]) for config in check.configs] or [", ".join(own)]


def _assuming(check: CheckDecl) -> str:
    """`assuming fair serve, strongly fair take.lock`."""
    names = (f"{one.name.text}.{one.label.text}" if one.label else one.name.text for one in check.assuming)
    how = ("strongly fair" if one.fair is Fair.STRONG else "fair" for one in check.assuming)
    return f"assuming {', '.join(f'{fair} {name}' for fair, name in zip(how, names, strict=True))}"


def _assumed(model: Model) -> Iterator[str]:
    """For each check of each property in each configuration what it assumes, in their order."""
    for check in model.checks:
        problem = lower(model, check, {sort.name: 2 for sort in model.index_sorts})
        uses = [use for use in uses_in_proof(model, problem) if use.bearing is Bearing.ASSUMED]
        yield "; ".join(unknown_text(use).removeprefix("assumes ") for use in uses)


def _checks(module: Module) -> list[CheckDecl]:
    return [declaration for declaration in module.declarations if isinstance(declaration, CheckDecl)]


def _numbers(annotations: Annotations) -> list[int]:
    cited = (citation.identifier for citation in annotations.citations)
    return [int(identifier[2:]) for identifier in cited if _CATALOGUED.fullmatch(identifier)]


def _expected(check: CheckDecl) -> str:
    steps = "" if check.expected_length is None else f" in {check.expected_length}"
    sizes = "" if not check.sizes else ", at the sizes stated"
    return f"{check.expected.value}{steps}{sizes}"


if __name__ == "__main__":
    for path, shown in pages():
        path.write_text(with_table(path.read_text(encoding="utf-8"), table(shown)), encoding="utf-8")
