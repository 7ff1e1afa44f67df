"""The access tables of the library against the vendors' tables, transcribed row by row in tables/*.toml.

A transcribed row is [in which states, what happens, with which effects]. For every state and every setting
of the switches the deciding row of the library must say what the transcription says, and the transcription
must say something.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Expr, Quantified
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import domain
from tdxverify.model.model import AccessTable, Model
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model

TABLES = Path(__file__).parent / "tables"
LIBRARY = Path(__file__).resolve().parents[2] / "spec" / "platform"
NEIGHBOURS = {"page_host_write": "Page"}  # tables that look at other elements of a sort as well
NOT_TABLES = {"cast", "machine"}
PARTIAL = {"machine_check"}  # T-MC-1 names some events; the rest is the kernel's grading


@dataclass(frozen=True, slots=True)
class Transcribed:
    """One row: the condition over the elements `binders`, the outcome and the effects."""

    text: str
    binders: tuple[Bound, ...]
    condition: Expr
    outcome: str
    effects: str


def read_table(platform: str) -> dict[str, list[list[str]]]:
    with (TABLES / f"{platform}.toml").open("rb") as file:
        return tomllib.load(file)


def question(platform: str, written: dict[str, list[list[str]]], plain: Model) -> str:
    """A specification whose properties are the conditions of the transcribed rows."""
    parameters = {
        table.name: ", ".join(f"{written_name(p)} : {p.sort}" for p in table.parameters)
        for table in plain.tables
    }
    lines = [f"import platform.{platform}"]
    for access, rows in written.items():
        for number, (when, _, _) in enumerate(rows):
            bound = f"forall {parameters[access]}: " if parameters[access] else ""
            lines.append(f"property row_{access}_{number} never {bound}{when}")
    return "\n".join(lines)


def transcribed(model: Model, access: str, rows: list[list[str]]) -> list[Transcribed]:
    formulas = {p.name: p.formula for p in model.properties}
    found: list[Transcribed] = []
    for number, (when, outcome, effects) in enumerate(rows):
        formula = formulas[f"row_{access}_{number}"]
        assert formula is not None
        binders = formula.binders if isinstance(formula, Quantified) and formula.universal else ()
        body = formula.body if isinstance(formula, Quantified) and binders else formula
        found.append(Transcribed(when, binders, body, outcome, effects))
    return found


def compare(model: Model, table: AccessTable, rows: list[Transcribed], *, partial: bool = False) -> list[str]:
    """What the table says otherwise than `rows`, over all states; `partial`: they need not speak of each."""
    two_of = NEIGHBOURS.get(table.name)
    sizes = {sort.name: 2 if sort.name == two_of else 1 for sort in model.index_sorts}
    evaluator = Evaluator.of([info.symbol for info in model.symbols], sizes)
    assumed = [evaluator.formula(part) for part in model.assumptions]
    deciding = [(row, evaluator.formula(row.condition, table.parameters)) for row in table.rows]
    written = [(row, evaluator.formula(row.condition, row.binders)) for row in rows]
    said: set[str] = set()
    for rigid in product(*(domain(cell.symbol.sort, sizes) for cell in evaluator.rigid.cells)):
        if not all(holds(rigid, (), ()) for holds in assumed):
            continue
        for state in product(*(domain(cell.symbol.sort, sizes) for cell in evaluator.state.cells)):
            for values in product(*(domain(p.sort, sizes) for p in table.parameters)):
                (row,) = [row for row, applies in deciding if applies(rigid, state, values)]
                effects = " ".join(row.effects.split())
                fitting = [other for other, applies in written if applies(rigid, state, values)]
                if not fitting and not partial:
                    said.add(f"{table.name}: nothing is transcribed for states of row '{row.guard}'")
                said.update(
                    f"{table.name}, {transcript.text}: {row.outcome} {{ {effects} }}"
                    for transcript in fitting
                    if (transcript.outcome, transcript.effects) != (row.outcome, effects)
                )
    return sorted(said)


@pytest.mark.parametrize("platform", sorted(path.stem for path in TABLES.glob("*.toml")))
def test_tables_are_those_of_the_manuals(platform: str, tmp_path: Path) -> None:
    written = read_table(platform)
    plain = build_model(load(LIBRARY / f"{platform}.tdx"))
    own = {table.name for table in plain.tables if Path(table.span.source.path).stem == platform}
    assert own == set(written)
    root = tmp_path / "question.tdx"
    root.write_text(question(platform, written, plain), encoding="utf-8")
    model = build_model(load(root))
    tables = {table.name: table for table in model.tables}
    for access, rows in written.items():
        found = compare(model, tables[access], transcribed(model, access, rows), partial=platform in PARTIAL)
        assert found == []


def test_every_platform_is_transcribed() -> None:
    assert {path.stem for path in LIBRARY.glob("*.tdx")} - NOT_TABLES == {
        path.stem for path in TABLES.glob("*.toml")
    }


def test_a_wrong_transcription_is_noticed(tmp_path: Path) -> None:
    plain = build_model(load(LIBRARY / "tdx_act.tdx"))
    written = {"act_td_read": [["act_lost[l]", "fault #MC", ""]]}
    root = tmp_path / "question.tdx"
    root.write_text(question("tdx_act", written, plain), encoding="utf-8")
    model = build_model(load(root))
    table = next(table for table in model.tables if table.name == "act_td_read")
    assert compare(model, table, transcribed(model, "act_td_read", written["act_td_read"])) == [
        "act_td_read, act_lost[l]: ok(garbage) {  }",
        "act_td_read: nothing is transcribed for states of row 'not act_lost[l]'",
    ]
