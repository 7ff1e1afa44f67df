"""A refined library against an edited copy of it: generated specs, edited by hand here and refined there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.stored.fingerprint import Fingerprints
from tdxverify.diagnostics import SpecError
from tdxverify.logic.show import show_expression
from tdxverify.model.model import Model
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.question import every_check
from tdxverify.questions.specs import Spec
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.syntax.printer import print_expression, print_module, print_type
from tdxverify.wellformed import build_model
from tests.differential.generator import generate
from tests.differential.merging import merged

Edited = tuple[str, ast.Declaration, ast.Declaration]  # the refinement, what it is about, what that becomes


def conditions(module: ast.Module) -> list[ast.Expr]:
    """Formulas about one state in which nothing is bound from outside."""
    states = (ast.PropertyKind.NEVER, ast.PropertyKind.ALWAYS, ast.PropertyKind.REACHABLE)
    asked = [one for one in module.declarations if isinstance(one, ast.PropertyDecl)]
    found = [one.condition for one in asked if one.kind in states and one.condition is not None]
    return [*found, ast.BoolLiteral(True, span=module.span)]


def both(guard: ast.Expr | None, more: ast.Expr) -> ast.Expr:
    """As one would write it: with brackets around each."""
    text = (
        print_expression(more)
        if guard is None
        else f"({print_expression(guard)}) and ({print_expression(more)})"
    )
    (made,) = parse(SourceFile("edited", f"init {text}")).declarations
    assert isinstance(made, ast.InitDecl)
    return made.condition


def edits(module: ast.Module, random: Random) -> Iterator[Edited]:
    """One edit for each declaration that can be refined."""
    pool = conditions(module)
    for one in module.declarations:
        more = random.choice(pool)
        match one:
            case ast.ActionDecl(name=name) if random.random() < 0.3:
                yield by_process(one)
            case ast.ActionDecl(name=name, guard=guard):
                refinement = f"refine action {name.text} when {print_expression(more)}"
                yield refinement, one, replace(one, guard=both(guard, more))
            case ast.ProcessDecl(name=name, guard=guard, items=items):
                steps = [item for item in items if isinstance(item, ast.Step)]
                if steps and random.random() < 0.6:
                    step = random.choice(steps)
                    changed = replace(step, guard=both(step.guard, more))
                    kept = tuple(changed if item is step else item for item in items)
                    refinement = f"refine step {name.text}.{step.label.text} when {print_expression(more)}"
                    yield refinement, one, replace(one, items=kept)
                else:
                    refinement = f"refine process {name.text} when {print_expression(more)}"
                    yield refinement, one, replace(one, guard=both(guard, more))
            case ast.AccessDecl(rows=rows):
                yield row(one, rows.index(random.choice(rows)), random.choice(rows))
            case ast.StateDecl(name=name, type=type_):
                if isinstance(type_, ast.BoolType):
                    value = ast.BoolLiteral(random.random() < 0.5, span=one.span)
                    refinement = f"refine state {name.text} = {print_expression(value)}"
                    yield refinement, one, replace(one, initial=value)
                else:
                    yield f"refine state {name.text} = any", one, replace(one, initial=None)
            case _:
                pass


def by_process(action: ast.ActionDecl) -> Edited:
    """Two steps, the second of which does what the action does."""
    binders = ", ".join(f"{one.name.text} : {print_type(one.type)}" for one in action.parameters)
    head = f"process of_{action.name.text}{f'({binders})' if binders else ''}"
    if action.actor is not None:
        indices = ", ".join(map(print_expression, action.actor_indices))
        head += f" by {action.actor.text}{f'[{indices}]' if indices else ''}"
    body = "{ before: { } behind: as " + action.name.text + " }"
    refinement = f"refine action {action.name.text} by {head} {body}"
    (process,) = parse(SourceFile("edited", f"{head} {{ before: {{ }} behind: {{ }} }}")).declarations
    assert isinstance(process, ast.ProcessDecl)
    before, behind = process.items
    assert isinstance(behind, ast.Step)
    done = replace(behind, guard=action.guard, body=action.body)
    return refinement, action, replace(process, items=(before, done))


def row(table: ast.AccessDecl, number: int, other: ast.AccessRow) -> Edited:
    """Its outcome and effects are those of another row."""
    old = table.rows[number]
    cited = (ast.Citation("F-X-1", span=old.span),)
    new = replace(other, guard=old.guard, annotations=ast.Annotations(None, cited))
    lines = print_module(ast.Module(None, (), (replace(table, rows=(new,), emits=()),), span=table.span))
    body = lines[lines.index("{\n") :]
    shown = "otherwise" if old.guard is None else print_expression(old.guard)
    kept = tuple(new if n == number else one for n, one in enumerate(table.rows))
    return f"refine row {shown} of {table.name.text} {body}", table, replace(table, rows=kept)


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
        assert differing <= marked, text
        assert marked or text.startswith("refine process"), text  # which may have no step


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
