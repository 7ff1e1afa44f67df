"""docs/sentences.md is true: every sentence in it stands where it says, and so do its check and its test.

And it is complete: what modules that print say in three words or more is a sentence of the tables, or listed
as being about something else than a model.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.test_layers import PACKAGE

ROOT = PACKAGE.parent
PAGE = (ROOT / "docs" / "sentences.md").read_text(encoding="utf-8")
COLUMNS = ["sentence", "where", "claim", "checked by", "test"]
FEWEST_WORDS = 3  # of a sentence
MOST_PIECES = 5  # of which the words between two places are put together
PUT_IN = re.compile(r"\{[^{}]*\}")

# Modules of which every sentence is listed.
PRINTING = (
    "outputs/text/run_text.py",
    "outputs/text/trace_text.py",
    "outputs/text/second_run_text.py",
    "outputs/text/comparison.py",
    "outputs/text/dependences.py",
    "outputs/text/reliance_text.py",
    "outputs/text/unknowns_text.py",
    "outputs/text/unexpected_text.py",
    "outputs/text/access_tables.py",
    "outputs/html/story.py",
    "outputs/html/proof.py",
    "outputs/html/surroundings.py",
    "outputs/html/comparison.py",
    "outputs/html/facts.py",
    "outputs/html/run_page.py",
    "outputs/html/matrix.py",
    "outputs/html/state_graph_svg.py",
    "outputs/html/state.py",
    "outputs/html/unexpected.py",
    "outputs/sarif.py",
    "outputs/junit.py",
    "outputs/graphs/build.py",
    "cli/why.py",
    "cli/why_instead.py",
    "cli/why_proof.py",
    "cli/simulate.py",
    "cli/going.py",
    "cli/proof_lines.py",
    "cli/checking.py",
    "cli/selection.py",
    "answers/answer.py",
    "answers/shortest.py",
    "answers/checking.py",
    "answers/deciding.py",
    "answers/partly.py",
    "answers/unknowns.py",
    "answers/trivially.py",
    "inquiries/strict.py",
    "inquiries/lint.py",
    "inquiries/checks.py",
    "inquiries/vacuity.py",
    "inquiries/behaviour.py",
    "inquiries/triggers.py",
    "inquiries/usage.py",
    "inquiries/obstacle.py",
    "inquiries/unexpected.py",
    "inquiries/core_search.py",
    "inquiries/proof_core.py",
    "logic/sizes_in_words.py",
    "questions/kinds/kind.py",
    "questions/kinds/states.py",
    "triviality/judging.py",
    "triviality/reasons.py",
    "triviality/wording.py",
    "telling/two_runs.py",
    "telling/narrate.py",
    "telling/narrate_proof.py",
    "telling/invariants.py",
    "telling/true_instead.py",
    "telling/range_errors.py",
)


@dataclass(frozen=True)
class Row:
    """`modules`, `checkers` and `tests` are the names in backticks."""

    sentence: str
    modules: tuple[str, ...]
    claim: str
    checkers: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> Iterator[Row]:
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            assert len(cells) == len(COLUMNS), line
            sentence, where, claim, checkers, tests = cells
            yield Row(sentence.strip("`"), quoted(where), claim, quoted(checkers), quoted(tests))


def quoted(cell: str) -> tuple[str, ...]:
    """What stands in backticks: something does."""
    found = tuple(re.findall(r"`([^`]*)`", cell))
    assert found, cell
    return found


ROWS = tuple(rows())
BESIDES = tuple(re.findall(r"^- `(.*)`$", PAGE, re.MULTILINE))
by_sentence = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence[:60])


def test_there_are_rows() -> None:
    assert len(ROWS) > 100
    heads = [line for line in PAGE.splitlines() if line.startswith("| sentence")]
    assert set(heads) == {f"| {' | '.join(COLUMNS)} |"}


@by_sentence
def test_its_words_stand_where_it_is_printed(row: Row) -> None:
    said = [text for module in row.modules for text in texts(PACKAGE / module)]
    for words in filter(None, map(str.strip, PUT_IN.split(row.sentence))):
        assert stands_in(words, said), words


def stands_in(words: str, said: list[str], most: int = MOST_PIECES) -> bool:
    """Whether the words are those of one text, or of a few, one behind the other."""
    if any(words in text for text in said):
        return True
    cuts = [found.start() for found in re.finditer(r"(?<=\S)(\s|(?=[^\w\s'])|(?<=[^\w\s'])(?=\w))", words)]
    return most > 1 and any(
        stands_in(words[cut:].strip(), said, most - 1)
        for cut in reversed(cuts)
        if any(words[:cut] in text for text in said)
    )


@by_sentence
def test_its_check_exists(row: Row) -> None:
    for name in row.checkers:
        assert is_there(name), name


def is_there(name: str) -> bool:
    """Whether there is such a function, class or method, counted from the package."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: object = import_module(".".join(["tdxverify", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return callable(found)
    return False


@by_sentence
def test_its_test_exists(row: Row) -> None:
    for place in row.tests:
        path, _, name = place.partition("::")
        assert name.startswith("test_") and name in functions(ROOT / path), place


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("module", PRINTING)
def test_every_sentence_is_listed(module: str) -> None:
    listed = [" ".join(row.sentence.split()) for row in ROWS]
    listed += [" ".join(text.split()) for text in BESIDES]
    missing = [
        text for text in texts(PACKAGE / module) if is_a_sentence(text) and not any(text in s for s in listed)
    ]
    assert missing == []


def is_a_sentence(text: str) -> bool:
    return sum(word.strip("'\"(),.;:").isalpha() for word in text.split()) >= FEWEST_WORDS


@cache
def texts(path: Path) -> list[str]:
    """What the module at `path` writes: its texts but for docstrings, those in braces taken out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nothing = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):  # mistakes of ours, not of a model
        if isinstance(node, ast.Assert) and node.msg is not None:
            nothing |= set(map(id, ast.walk(node.msg)))
        if isinstance(node, ast.Raise) and node.exc is not None and "InternalError" in ast.dump(node.exc):
            nothing |= set(map(id, ast.walk(node.exc)))
    for node in ast.walk(tree):  # help of commands
        if isinstance(node, ast.Call):
            nothing |= {id(k.value) for k in node.keywords if k.arg in ("help", "class_")}
    found = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in nothing
    )
    return [" ".join(text.split()) for text in found]
