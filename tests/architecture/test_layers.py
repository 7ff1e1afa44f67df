"""The promises about structure: import order, one user per heavy library, sizes, light imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.architecture.modules import MODULES, PACKAGE, imports, nodes, place, tree

# Low to high. A module imports strictly lower layers, and its own package; a folder of a package can have a
# layer of its own.
LAYERS = [
    {"source", "resources", "characters", "budget"},
    {"logic"},
    {"diagnostics"},
    {"files", "processes"},
    {"syntax"},
    {"model"},
    {"questions.kinds"},
    {"questions.problems"},
    {"semantics"},
    {"smt"},
    {"evidence"},
    {"telling", "wellformed"},
    {"questions"},
    {"engines", "triviality"},
    {"answers"},
    {"answers.stored"},
    {"inquiries"},
    {"outputs"},
    {"cli"},
    {"pytest_plugin"},
]
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}
ONLY_IN = {
    "subprocess": {"processes"},
    "multiprocessing": {"processes"},
    "z3": {"smt"},
    "cvc5": {"smt"},
    "lark": {"syntax"},
    "dd": {"engines/bdd"},
    "networkx": {"outputs/graphs"},
    "click": {"cli"},
    "rich": {"cli", "outputs/text"},
}
FREE = {"__init__", "__main__"}
LONGEST_MODULE = 440
LONGEST_FUNCTION = 50


def allowed(path: Path, places: set[str]) -> bool:
    """Whether the module at `path` is in one of the packages or folders named."""
    inside = place(path)
    return any(inside.startswith(f"{place}/") or inside == f"{place}.py" for place in places)


def home(path: Path) -> str:
    return layer_of(path.relative_to(PACKAGE).with_suffix("").parts)


def layer_of(names: Sequence[str]) -> str:
    folder = ".".join(names[:2])
    return folder if folder in LEVEL else names[0]


def test_there_are_modules() -> None:
    assert len(MODULES) > 40


def test_imports_point_downwards() -> None:
    wrong = [f"{path.relative_to(PACKAGE)}: {told}" for path in MODULES for told in misplaced(path)]
    assert wrong == []


def misplaced(path: Path) -> Iterator[str]:
    """What the module at `path` imports and must not."""
    me = home(path)
    for name in sorted(imports(path)):
        top, *rest = name.split(".")
        if top in ONLY_IN and not allowed(path, ONLY_IN[top]):
            yield f"imports {top}"
        if me in FREE or top != "tdxverify" or not rest:
            continue
        other = layer_of(rest)
        if other in LEVEL and other != me and LEVEL[other] >= LEVEL[me]:
            yield f"imports {other}"


def test_models_come_through_one_door() -> None:
    """Nobody asks about a draft, except `why`, whose relaxed model is weaker than a checked one."""
    users = {
        place(path)
        for path in MODULES
        if home(path) != "model" and "tdxverify.model.build.elaborate" in imports(path)
    }
    assert users == {"wellformed/building.py", "inquiries/switched_question.py"}


def test_evidence_is_a_stranger_to_engines() -> None:
    wrong = [
        f"{path.name}: {name}"
        for path in (PACKAGE / "evidence").rglob("*.py")
        for name in imports(path)
        if name.startswith("tdxverify.engines")
    ]
    assert wrong == []


def test_every_module_has_a_layer() -> None:
    assert {home(path) for path in MODULES} - FREE == set(LEVEL)


def test_sizes() -> None:
    wrong = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > LONGEST_MODULE:
            wrong.append(f"{path.relative_to(PACKAGE)}: {len(text.splitlines())} lines")
        for node in nodes(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                if node.end_lineno - node.lineno >= LONGEST_FUNCTION:
                    wrong.append(f"{path.relative_to(PACKAGE)}: {node.name}")
    assert wrong == []


def test_modules_open_with_what_they_are() -> None:
    silent = [
        place(path) for path in MODULES if path.name != "__init__.py" and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def loaded_by(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(out.stdout.split())


HEAVY = {"z3", "dd", "lark", "networkx", "rich", "msgspec", "hypothesis", "pytest"}


@pytest.mark.parametrize("module", ["tdxverify", "tdxverify.cli.main", "tdxverify.engines.registry"])
def test_imports_are_light(module: str) -> None:
    assert not HEAVY & loaded_by(f"import {module}")


def test_the_pytest_plugin_is_light() -> None:
    assert not HEAVY - {"pytest"} & loaded_by("import tdxverify.pytest_plugin")


def test_the_library_is_well_formed_without_a_solver() -> None:
    code = (
        "from pathlib import Path\n"
        "from tdxverify.questions.specs import load_all\n"
        "assert not load_all(['spec/platform', 'spec/host', 'examples']).diagnostics\n"
    )
    assert not {"z3", "tdxverify.smt"} & loaded_by(code)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io\n"
        "from tdxverify.cli.main import main\n"
        "import sys\n"
        "sys.argv = ['tdxverify', '--help']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert not HEAVY & loaded_by(code)
