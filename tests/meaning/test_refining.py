"""A refined library against an edited copy of it: generated specs, edited by hand here and refined there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tdxverify import check
from tdxverify.answers.stored.fingerprint import Fingerprints
from tdxverify.diagnostics import SpecError
from tdxverify.logic.show import show_expression
from tdxverify.model.model import Model
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.question import every_check
from tdxverify.questions.specs import Spec
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.differential.generator import generate
from tests.differential.merging import merged
from tests.differential.refining import Edited, edits
from tests.printing import print_module


def meaning(folder: Path, root: str, library: ast.Module) -> Model | list[str]:
    """The model, or the codes of what is wrong."""
    (folder / "lib.tdx").write_text(print_module(library), encoding="utf-8")
    (folder / "main.tdx").write_text(root, encoding="utf-8")
    try:
        return build_model(load(folder / "main.tdx"))
    except SpecError as error:
        return sorted(one.code.name for one in error.diagnostics)


def asked(model: Model) -> list[tuple[str, str, str, int]]:
    """What each check is about, exactly: the problem at size two, as stored proofs know it."""
    found = []
    for question in every_check(Spec(Path("main.tdx"), model), Options()):
        sizes = {sort.name: 2 for sort in model.index_sorts}
        problem = lower(question.spec.model, question.check, sizes)
        prints = Fingerprints()
        named = prints.of_run(problem), prints.of_everything(problem, any_size=False)
        found.append((question.check.property, *named, len(problem.actions)))
    return found


def prepared(seed: int) -> tuple[ast.Module, str, list[Edited]]:
    """A library, a root file that asks about it, and what to refine in it."""
    whole = merged(generate(seed).files)
    assert whole is not None
    checks = tuple(one for one in whole.declarations if isinstance(one, ast.CheckDecl))
    library = replace(whole, declarations=tuple(one for one in whole.declarations if one not in checks))
    asking = "import lib\n" + print_module(ast.Module(None, (), checks, span=whole.span))
    return library, asking, list(edits(library, Random(seed)))


@pytest.mark.parametrize("seed", range(60))
def test_as_if_edited(seed: int, tmp_path: Path) -> None:
    library, asking, made = prepared(seed)
    edited = {id(old): new for _, old, new in made}
    copied = replace(library, declarations=tuple(edited.get(id(one), one) for one in library.declarations))
    refined = meaning(tmp_path, asking + "\n".join(text for text, _, _ in made), library)
    wanted = meaning(tmp_path, asking, copied)
    if isinstance(wanted, list) or isinstance(refined, list):
        assert refined == wanted
    else:
        assert asked(refined) == asked(wanted)


@pytest.mark.parametrize("seed", range(60))
def test_what_differs_is_marked(seed: int, tmp_path: Path) -> None:
    """With one refinement at a time: parts of the model that say so, against parts that are not as before."""
    library, asking, made = prepared(seed)
    before = meaning(tmp_path, asking, library)
    for text, _, _ in made[:4]:
        after = meaning(tmp_path, f"{asking}\n{text}", library)
        if isinstance(before, list) or isinstance(after, list):
            continue
        old, new = parts(before), parts(after)
        differing = {name for name in new if not alike(new[name][0], old.get(name))}
        marked = {name for name, (_, refinements) in new.items() if refinements}
        if text.startswith("refine row"):  # and steps that make the access ask other conditions
            differing = {name for name in differing if ", row " in name}
        if text.startswith("refine actor"):  # and what nobody does any more is not asked by others
            those = set(re.findall(r"refine actor (\w+)", text))
            differing &= {action.name for action in after.actions if action.actor in those}
        assert differing <= marked, text
        # A process may have no step, and an actor take none.
        assert marked or text.startswith(("refine process", "refine actor")), text


def parts(model: Model) -> dict[str, tuple[str, int]]:
    """Steps, rows and values as text, by name; and how often each says that it was refined."""
    found: dict[str, tuple[str, int]] = {}
    for action in model.actions:
        told = show_expression(action.guard, {}), action.description, action.actor, len(action.writes)
        found[action.name] = str(told), len(action.refinements)
    for table in model.tables:
        for number, row in enumerate(table.rows):
            name = f"{table.name}, row {number}"
            found[name] = f"{row.guard} -> {row.outcome} {row.effects}", len(row.refinements)
    starts = {start.symbol.name: start for start in model.initial}
    for info in (one for one in model.symbols if one.symbol.implicit is None):
        start = starts.get(info.symbol.name)
        choices = None if start is None or start.choices is None else start.choices
        told = None if choices is None else [show_expression(one, {}) for one in choices]
        found[f"value of {info.symbol.name}"] = str(told), len(info.refinements)
    return found


def alike(new: str, old: tuple[str, int] | None) -> bool:
    return old is not None and old[0] == new


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_the_same_answers_and_traces(seed: int, tmp_path: Path) -> None:
    library, asking, made = prepared(seed)
    edited = {id(old): new for _, old, new in made}
    copied = replace(library, declarations=tuple(edited.get(id(one), one) for one in library.declarations))
    refined = answered(tmp_path, asking + "\n".join(text for text, _, _ in made), library)
    assert refined == answered(tmp_path, asking, copied)


def answered(folder: Path, root: str, library: ast.Module) -> list[object]:
    """Verdicts and traces at two elements, without the places."""
    (folder / "lib.tdx").write_text(print_module(library), encoding="utf-8")
    (folder / "main.tdx").write_text(root, encoding="utf-8")
    sorts = {one.name.text: 2 for one in library.declarations if isinstance(one, ast.IndexDecl)}
    run = check(folder / "main.tdx", engine="explicit", bound=6, sizes=sorts)
    found: list[object] = [one.code for one in run.diagnostics]
    for one in run.answers:
        story = one.told.story
        steps = () if story is None else story.steps
        told = [(step.action, step.parameters, step.chosen, step.actor, step.changes) for step in steps]
        found.append((one.asked.property, one.outcome, one.length, told))
    return found
