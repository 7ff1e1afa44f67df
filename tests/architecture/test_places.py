"""Who may mention what: one table, a row for each concept that has kinds.

A row says how a mention is recognised and which modules mention what of it; no other module may, and those
named still do. So the table tells what changes when a kind is added. Operators have a table of their own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tdxverify.evidence.kinds import KINDS
from tdxverify.logic.expr import Implicit
from tdxverify.outputs.formats import FORMATS
from tdxverify.syntax.claims import PropertyKind
from tests.architecture.modules import PACKAGE, Mentions, imported_by, nodes, where

IT = "it"  # where only matters whether something is mentioned


def in_modules(*places: str) -> dict[str, set[str]]:
    return {place: {IT} for place in places}


# --- kinds of properties --------------------------------------------------------------


def kinds_of_properties(module: ast.Module) -> set[str]:
    """In the module of the enumeration, its rows."""
    found: set[str] = set()
    for node in nodes(module):
        match node:
            case ast.ClassDef(name="PropertyKind", body=body):
                rows = [row.targets[0] for row in body if isinstance(row, ast.Assign)]
                found |= {row.id for row in rows if isinstance(row, ast.Name)}
            case ast.Attribute(value=ast.Name(id="PropertyKind"), attr=kind):
                found.add(kind)
            case ast.Attribute(value=ast.Attribute(attr="PropertyKind"), attr=kind):
                found.add(kind)
            case ast.Call(func=ast.Name(id="PropertyKind") | ast.Attribute(attr="PropertyKind")):
                found.add("one by its name")
    return found


# A rule of the grammar, a row of what can be written, and its value: a kind is three files.
KIND_PLACES = {
    "syntax/claims.py": set(PropertyKind.__members__),
    "questions/kinds/states.py": {
        "NEVER",
        "NEVER_TAKES",
        "NEVER_DEADLOCK",
        "CONTAINED",
        "ALWAYS",
        "REACHABLE",
    },
    "questions/kinds/steps.py": {"STEP"},
    "questions/kinds/runs.py": {"EVENTUALLY", "LEADS_TO"},
    "questions/kinds/possible.py": {"POSSIBLE"},
    "questions/kinds/pairs.py": {"CANNOT_TELL", "CANNOT_CHANGE"},
}
# These ask something of their own, and decide nothing by what others ask.
KIND_ASKING = {
    "inquiries/probes.py": {"NEVER", "STEP"},
    "questions/conditions.py": {"REACHABLE"},
}


def test_a_kind_is_three_files() -> None:
    for kind in PropertyKind:
        assert len([place for place, kinds in KIND_PLACES.items() if kind.name in kinds]) == 2, kind


# --- formats --------------------------------------------------------------------------

ROWS = [(name, row) for rows in FORMATS.values() for name, row in rows.items()]
LANGUAGES = {"c", "sh"}  # a spec says in them what a step does, so the front end knows them
FORMAT_NAMES = {name for name, _ in ROWS} - {"text"} - LANGUAGES
WRITERS = {row.writer for _, row in ROWS if row.writer is not None}
FORMAT_TABLE = "outputs/formats.py"
# What writes a document knows its own format only; there, elements of pages and nodes of pictures are
# called as formats are.
WRITING = ("outputs/html/", "outputs/graphs/", "outputs/traces/", FORMAT_TABLE)


def names_of_formats(module: ast.Module) -> set[str]:
    return {str(n.value) for n in nodes(module) if isinstance(n, ast.Constant)} & FORMAT_NAMES


def writers_of_formats(module: ast.Module) -> set[str]:
    return {
        alias.name
        for node in nodes(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}:{alias.name}" in WRITERS
    }


# --- evidence -------------------------------------------------------------------------

EVIDENCE_HOMES = {kind.__module__ for kind in KINDS}
EVIDENCE_PLACES = {
    "makes it": {
        "engines/bdd/search.py",
        "engines/bdd/table.py",
        "engines/anysize.py",
        "engines/explicit/engine.py",
        "engines/explicit/possible.py",
        "engines/possible.py",
        "engines/explicit/lassos.py",
        "engines/kinduction.py",
        "engines/pdr/engine.py",
        "engines/spacer.py",
        "inquiries/reachability.py",
    },
    "asks which formulas an invariant needs": {"inquiries/proof_core.py", "inquiries/core_search.py"},
    "puts an invariant in the place of a set of states, and mends one": {"answers/stored/proving.py"},
    "a trace may end where a value leaves its range": {"answers/stored/judging.py"},
    "a run may end in a trap": {"answers/evidence_told.py", "answers/traps.py"},
    "a saved run that goes round is told as one that was found": {"answers/tracing.py"},
}


def kinds_of_evidence(module: ast.Module) -> set[str]:
    return {IT for name in imported_by(module) if {name, name.rpartition(".")[0]} & EVIDENCE_HOMES}


def names_of_evidence(module: ast.Module) -> set[str]:
    """What something is compared with, or chosen by, that is called as a kind of evidence is stored."""
    names = {kind.kind for kind in KINDS}
    found: set[str] = set()
    for node in nodes(module):
        compared: list[ast.expr] = []
        match node:
            case ast.Compare(left=left, comparators=others):
                compared = [left, *others]
            case ast.MatchValue(value=value):
                compared = [value]
        within = (part for one in compared for part in ast.walk(one))
        found |= {str(part.value) for part in within if isinstance(part, ast.Constant)} & names
    return found


# --- names that no declaration writes down -------------------------------------------------

# Who makes the symbols, and who else tells them apart.
MAKERS = {
    "model/implicit.py": {"COUNTER", "PROGRESS", "TOOK", "DEAD", "HALTED"},
    "questions/kinds/steps.py": {"MONITOR"},
    "questions/problems/lower.py": {"MONITOR"},
    "questions/problems/looping.py": {"MONITOR"},
    "questions/problems/plans.py": {"MONITOR"},
    "questions/problems/doubling.py": {"SECOND"},
}
ASKERS = {
    "model/model.py",  # who begins where
    "model/behaviour.py",  # which of them actions need
    "model/build.py",
    "logic/show.py",  # `boot[Cpu0] at`
    "logic/words.py",
    "telling/story.py",  # what a fault says already
    "telling/narrate_proof.py",  # which names are explained
    "telling/cells.py",  # monitors are nobody's cells
    "telling/sequence.py",
    "semantics/two_runs.py",  # where processes begin
    "triviality/wording.py",  # what never happens to them, in the names of the spec
    "outputs/text/trace_text.py",
}
# Parts of names that are made up, by who writes them.
MADE_UP = {
    "model/implicit.py": {" took ", " is dead", " halted everything", " at", " progress"},
    "syntax/print_expressions.py": {" took ", " is dead"},
    "logic/words.py": {" at"},
    "questions/problems/lower.py": {"range error"},
    "questions/kinds/steps.py": {"step violated"},
    "inquiries/part_switches.py": {"keep ", "free ", "refresh "},
}
PARTS_OF_NAMES = set[str]().union(*MADE_UP.values())


def implicit_kinds(tree: ast.AST) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Implicit"
    }


def made_implicit_symbols(module: ast.Module) -> set[str]:
    calls = (node for node in nodes(module) if is_call_of(node, "Symbol"))
    return set[str]().union(*(implicit_kinds(call) for call in calls))


def is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def made_up_names(module: ast.Module) -> set[str]:
    return {str(n.value) for n in nodes(module) if isinstance(n, ast.Constant) and n.value in PARTS_OF_NAMES}


def test_every_implicit_symbol_is_made_somewhere() -> None:
    assert set[str]().union(*MAKERS.values()) == set(Implicit.__members__)


# --- what is told by how a name begins or ends ------------------------------------------------

NAMES = {"name", "names", "label", "action", "access", "cell", "variable", "outcome", "switch", "symbol"}
APART = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split"}
TAKE_APART = (
    "questions/specs.py",  # names of files
    "files/writing.py",
    "syntax/imports.py",
    "cli/explain_code.py",  # of diagnostic codes
    "diagnostics/codes.py",
    "outputs/graphs/collapse.py",  # lines of the labels of any graph
    "outputs/graphs/layered.py",
    "evidence/scripts/inductive.py",  # blanks in what a comment says
    "smt/horn.py",  # names that it has given to Z3
    "model/scope.py",  # what keeps bound variables of one name apart
    "logic/show.py",
    "logic/words.py",  # names of a spec, read as English
    "outputs/html/memory_roles.py",
)


def names_taken_apart(module: ast.Module) -> set[str]:
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            texts = node.args if ast.unparse(node.func.value) == "re" else [node.func.value]
            if node.func.attr in APART and any(_last(text) in NAMES for text in texts):
                found.add(IT)
    return found


def _last(expr: ast.expr) -> str | None:
    """`name` of `symbol.name`, `label.split()[0]` and `name.lower()`."""
    match expr:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name not in APART | {"lower", "upper", "strip"}:
            return name
        case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner):
            return _last(inner)
    return None


# --- what a step is called, and what a question is ----------------------------------------------


def hidden_parameters(module: ast.Module) -> set[str]:
    return {IT for node in nodes(module) if isinstance(node, ast.Attribute) and node.attr == "hidden"}


def calls_written_out(module: ast.Module) -> set[str]:
    """`ACTION(...`."""
    texts = (node for node in nodes(module) if isinstance(node, ast.JoinedStr))
    return {IT for text in texts if any(_is_call(*pair) for pair in _pairs(text.values))}


def _pairs(values: list[ast.expr]) -> Iterator[tuple[ast.expr, ast.expr]]:
    return pairwise(values)


def _is_call(value: ast.expr, behind: ast.expr) -> bool:
    opens = isinstance(behind, ast.Constant) and str(behind.value).startswith("(")
    named = isinstance(value, ast.FormattedValue) and _last(value.value) in {"action", "access"}
    return opens and named


def questions_made(module: ast.Module) -> set[str]:
    return {IT for node in nodes(module) if is_call_of(node, "Question")}


# --- the table -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Concept:
    """`places`: the modules that mention it, outside of the folders `apart_from`, and what of it."""

    mentions: Mentions
    places: Mapping[str, set[str]]
    apart_from: tuple[str, ...] = ()


CONCEPTS = {
    "kinds of properties": Concept(kinds_of_properties, KIND_PLACES | KIND_ASKING),
    "names of formats": Concept(
        names_of_formats, {"cli/graph.py": {"dot"}}, WRITING
    ),  # where a name tells none
    "writers of formats": Concept(
        writers_of_formats, {"cli/simulate.py": {"trace_text"}}
    ),  # for replaying it
    "kinds of evidence": Concept(
        kinds_of_evidence, in_modules(*set[str]().union(*EVIDENCE_PLACES.values())), ("evidence/",)
    ),
    "names of kinds of evidence": Concept(  # a kind says itself how it reads
        names_of_evidence,
        {"cli/simulate.py": {"trace"}},  # a word that is typed
    ),
    "making implicit symbols": Concept(made_implicit_symbols, MAKERS),
    "telling implicit symbols apart": Concept(
        lambda module: {IT} if implicit_kinds(module) else set(), in_modules(*ASKERS, *MAKERS)
    ),
    "parts of names that are made up": Concept(made_up_names, MADE_UP),
    "taking names apart": Concept(names_taken_apart, in_modules(*TAKE_APART)),
    "which parameters of an action are declared": Concept(
        hidden_parameters,
        in_modules(
            "model/behaviour.py",
            "model/execute.py",
            "model/fairness.py",  # each value of those that are declared is fair by itself
            "semantics/successors.py",
            "inquiries/switched_question.py",
            "questions/problems/doubling.py",  # what two runs have to choose alike
            "semantics/two_runs.py",
            "semantics/steps.py",  # names steps; nobody else counts parameters to write one
        ),
    ),
    "writing out what a step is called": Concept(calls_written_out, {}),
    # Elsewhere questions are taken from a spec with `every_check` or `in_file`, or are variants of one.
    "making a question": Concept(questions_made, in_modules("questions/question.py", "inquiries/lint.py")),
}


# --- the page that tells it ------------------------------------------------------------------------

PAGE = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_page_counts_the_files_that_it_names() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith(("| a ", "| an ", "| liveness"))]
    rows = [line.strip("| ").split(" | ") for line in lines]
    counts = {what: (len(re.findall("`[^`]*`", change)), int(files)) for what, change, files, *_ in rows}
    assert {what: named for what, (named, counted) in counts.items() if named != counted} == {}
    assert {what: counted for what, (_, counted) in counts.items() if not what.startswith("liveness")} == {
        "a kind of evidence": 2,
        "a safety property kind": 3,
        "a property kind about whole runs": 2,
        "a property kind about two runs": 2,
        "an operator on numbers": 5,
        "an output format": 2,
        "an engine": 2,
    }
    for name in re.findall("`([a-z_]+/[a-z_/.]*)`", PAGE):
        folder = PACKAGE.parent if name.startswith(("grammar", "tests")) else PACKAGE
        assert (folder / name).exists(), name


def test_the_page_says_what_every_package_is() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {name for name in packages if f"{name}/" not in PAGE} == set()


@pytest.mark.parametrize("concept", CONCEPTS.values(), ids=CONCEPTS)
def test_who_mentions_it(concept: Concept) -> None:
    found = where(concept.mentions)
    assert {p: what for p, what in found.items() if not p.startswith(concept.apart_from)} == concept.places
