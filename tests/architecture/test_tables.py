"""Tables with one row per kind are complete, and each row is what it says."""

from __future__ import annotations

from importlib import import_module

import click

from tdxverify.cli.main import COMMANDS
from tdxverify.outputs.formats import FORMATS, Document
from tdxverify.questions.kinds import KINDS
from tdxverify.resources import grammar_text
from tdxverify.syntax.claims import PropertyKind

DOCUMENTS = {
    "check": Document.RUN,
    "prove": Document.RUN,
    "recheck": Document.RUN,
    "trace": Document.TRACE,
    "graph": Document.GRAPH,
    "lint": Document.FINDINGS,
    "table": Document.TABLES,
}


def test_every_kind_of_property_has_one_value() -> None:
    assert sorted(KINDS, key=list(PropertyKind).index) == list(PropertyKind)
    assert [kind.written for kind in KINDS.values()] == list(KINDS)


def test_every_kind_of_property_has_a_rule_in_the_grammar() -> None:
    rules = {line.partition(":")[0] for line in grammar_text().splitlines()}
    assert {rule for rule in rules if rule.endswith("_claim")} == {
        "_claim",
        *(f"{kind.value}_claim" for kind in PropertyKind),
    }


def test_every_document_has_formats() -> None:
    assert set(FORMATS) == set(Document)


def test_every_writer_is_there() -> None:
    for rows in FORMATS.values():
        for name, row in rows.items():
            if row.writer is not None:
                module, function = row.writer.split(":")
                assert callable(getattr(import_module(module), function)), name


def test_every_command_offers_all_formats_of_what_it_writes() -> None:
    """And no command has formats of its own."""
    offered = {}
    for name, (module, _) in COMMANDS.items():
        for option in import_module(module).command.params:
            if option.name == "form":
                assert isinstance(option.type, click.Choice)
                offered[name] = tuple(option.type.choices)
    assert offered == {name: tuple(FORMATS[document]) for name, document in DOCUMENTS.items()}
