"""A question has one shape: what asks something takes a `Question`, what is found refers to one."""

from __future__ import annotations

import ast

from tests.architecture.modules import PACKAGE, classes, nodes, tree

# These describe what is asked; whoever keeps two of them has a question that is none.
PARTS = {"Spec", "Model", "Check", "Property", "Sizing", "Options"}
KEEPERS = {
    "questions/question.py: Question",
    "questions/specs.py: Spec",  # a file and what it means
    "model/model.py: Model",  # all that a file says
}


def annotated(node: ast.ClassDef) -> set[str]:
    """What the fields of a class are, and what `__init__` is given."""
    found = {line.annotation for line in node.body if isinstance(line, ast.AnnAssign)}
    for line in node.body:
        if isinstance(line, ast.FunctionDef) and line.name == "__init__":
            found |= {argument.annotation for argument in (*line.args.args, *line.args.kwonlyargs)}
    return {annotation.id for annotation in found if isinstance(annotation, ast.Name)}


def test_there_is_one_question() -> None:
    assert [name for name, node in classes() if node.name == "Question"] == [
        "questions/question.py: Question"
    ]


def test_nobody_else_keeps_the_parts_of_one() -> None:
    keepers = {name for name, node in classes() if len(annotated(node) & PARTS) > 1}
    assert keepers - KEEPERS == set()


def test_what_asks_knows_neither_engines_nor_solvers() -> None:
    """Nor those who certify, tell or write; these take questions."""
    below = {
        "budget",
        "source",
        "logic",
        "diagnostics",
        "files",
        "syntax",
        "model",
        "wellformed",
    }
    wrong = [
        f"{path.name}: {node.module}"
        for path in (PACKAGE / "questions").rglob("*.py")
        for node in nodes(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tdxverify.")
        if (node.module or "").split(".")[1] not in below | {"questions"}
    ]
    assert wrong == []
