"""What a name is made of is known where it is made: everybody else asks fields, and steps are named once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tdxverify.logic.expr import Implicit
from tests.architecture.test_layers import MODULES, PACKAGE

# Who makes the symbols that no declaration writes down, and who else tells them apart.
MAKERS = {
    Implicit.COUNTER: "model/implicit.py",
    Implicit.PROGRESS: "model/implicit.py",
    Implicit.TOOK: "model/implicit.py",
    Implicit.DEAD: "model/implicit.py",
    Implicit.MONITOR: "questions/problems/lower.py",
}
ASKERS = {
    "questions/kinds/steps.py",  # makes the monitor that such a property needs
    "model/behaviour.py",  # which of them actions need
    "model/build.py",
    "logic/show.py",  # `boot[Cpu0] at`
    "logic/words.py",
    "telling/story.py",  # what a fault says already
    "telling/narrate_proof.py",  # which names are explained
    "telling/cells.py",  # monitors are nobody's cells
    "telling/sequence.py",
    "outputs/text/trace_text.py",
}

# Parts of names that are made up, and who writes them.
MADE_UP = {
    " took ": {"model/implicit.py", "syntax/print_expressions.py"},
    " is dead": {"model/implicit.py", "syntax/print_expressions.py"},
    " at": {"model/implicit.py", "logic/show.py", "logic/words.py"},
    " progress": {"model/implicit.py"},
    "range error": {"questions/problems/lower.py"},
    "step violated": {"questions/kinds/steps.py"},
    "keep ": {"inquiries/part_switches.py"},
    "free ": {"inquiries/part_switches.py"},
    "refresh ": {"inquiries/part_switches.py"},
}

# Who may look at how a name begins or ends, or take it apart.
NAMES = {"name", "names", "label", "action", "access", "cell", "variable", "outcome", "switch", "symbol"}
APART = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split"}
TAKE_APART = {
    "questions/specs.py",  # names of files
    "files/writing.py",
    "syntax/imports.py",
    "cli/explain_code.py",  # of diagnostic codes
    "diagnostics/codes.py",
    "syntax/grammar.py",  # of terminals
    "outputs/graphs/collapse.py",  # lines of the labels of any graph
    "outputs/graphs/layered.py",
    "evidence/scripts/inductive.py",  # blanks in what a comment says
    "smt/horn.py",  # names that it has given to Z3
    "model/scope.py",  # what keeps bound variables of one name apart
    "logic/show.py",
    "logic/words.py",  # names of a spec, read as English
    "outputs/html/memory_roles.py",
}

STEP_NAMER = "telling/steps.py"
HIDDEN = {  # who knows which parameters of an action are declared
    "model/behaviour.py",
    "model/execute.py",
    "semantics/successors.py",
    "inquiries/switched_question.py",
    STEP_NAMER,
}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in MODULES:
        yield place(path), ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def mentions(tree: ast.AST, owner: str) -> set[str]:
    """The attributes of `owner` that occur."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    }


def test_implicit_symbols_are_made_in_one_place_each() -> None:
    assert set(MAKERS) == set(Implicit)
    found = {}
    for where, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol":
                found |= {Implicit[kind]: where for kind in mentions(node, "Implicit")}
    assert found == MAKERS


def test_who_tells_implicit_symbols_apart() -> None:
    found = {where for where, tree in trees() if mentions(tree, "Implicit")}
    assert found == ASKERS | set(MAKERS.values())


def test_parts_of_made_up_names_are_written_where_the_names_are_made() -> None:
    found: dict[str, set[str]] = {}
    for where, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in MADE_UP:
                found.setdefault(node.value, set()).add(where)
    assert found == MADE_UP


def test_nobody_recognises_anything_by_how_its_name_begins_or_ends() -> None:
    found = set()
    for where, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                texts = node.args if ast.unparse(node.func.value) == "re" else [node.func.value]
                if node.func.attr in APART and any(_last(text) in NAMES for text in texts):
                    found.add(where)
    assert found == TAKE_APART


def _last(expr: ast.expr) -> str | None:
    """`name` of `symbol.name`, `label.split()[0]` and `name.lower()`."""
    match expr:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name not in APART | {"lower", "upper", "strip"}:
            return name
        case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner):
            return _last(inner)
    return None


def test_steps_are_named_in_one_place() -> None:
    """`ACTION(...` is written nowhere else, and nobody else counts declared parameters to write it."""
    calls, hidden = set(), set()
    for where, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "hidden":
                hidden.add(where)
            if isinstance(node, ast.JoinedStr) and any(_is_call(*pair) for pair in _pairs(node.values)):
                calls.add(where)
    assert calls == set()
    assert hidden == HIDDEN


def _pairs(values: list[ast.expr]) -> Iterator[tuple[ast.expr, ast.expr]]:
    return pairwise(values)


def _is_call(value: ast.expr, behind: ast.expr) -> bool:
    opens = isinstance(behind, ast.Constant) and str(behind.value).startswith("(")
    named = isinstance(value, ast.FormattedValue) and _last(value.value) in {"action", "access"}
    return opens and named
