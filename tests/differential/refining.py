"""Refinements of a library, each with what an edited copy of the library would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tdxverify.syntax.printer import _positions as print_positions
from tdxverify.syntax.printer import print_expression, print_type
from tests.differential.merging import merged
from tests.printing import print_module

NOTES = ("", "", ' "why"', " cite F-TDX-12", ' "why" cite F-TDX-12, F-TDX-13')
EXTRA = "define nothing = true\nenum Never { at_all }\n"
# Imports under a prefix, which the rest has nothing to do with.
PREFIXED = ("import extra as e1", "import deep.extra as e2", 'import "extra.tdx" as e3')

Edited = tuple[str, ast.Declaration, ast.Declaration]  # the refinement, what it is about, what that becomes


def conditions(module: ast.Module) -> list[ast.Expr]:
    """Formulas about one state in which nothing is bound from outside."""
    states = (ast.PropertyKind.NEVER, ast.PropertyKind.ALWAYS, ast.PropertyKind.REACHABLE)
    asked = [one for one in module.declarations if isinstance(one, ast.PropertyDecl)]
    found = [one.condition for one in asked if one.kind in states and one.condition is not None]
    return [*found, ast.BoolLiteral(True, span=module.span)]


def both(guard: ast.Expr | None, more: ast.Expr, word: str = "and") -> ast.Expr:
    """As one would write it: with brackets around each."""
    text = (
        print_expression(more)
        if guard is None
        else f"({print_expression(guard)}) {word} ({print_expression(more)})"
    )
    (made,) = parse(SourceFile("edited", f"init {text}")).declarations
    assert isinstance(made, ast.InitDecl)
    return made.condition


def edits(module: ast.Module, random: Random, *, actors: bool = True) -> Iterator[Edited]:
    """One edit for each declaration that can be refined, of actors only if they are wanted."""
    pool = conditions(module)
    for one in module.declarations:
        more, note = random.choice(pool), random.choice(NOTES)
        match one:
            case ast.ActionDecl(name=name) if random.random() < 0.3:
                yield by_process(one)
            case ast.ActionDecl(name=name, guard=guard):
                refinement = f"refine action {name.text} when {print_expression(more)}{note}"
                yield refinement, one, replace(one, guard=both(guard, more))
            case ast.ProcessDecl(name=name, guard=guard, items=items):
                steps = [item for item in items if isinstance(item, ast.Step)]
                if steps and random.random() < 0.6:
                    step = random.choice(steps)
                    changed = replace(step, guard=both(step.guard, more))
                    kept = tuple(changed if item is step else item for item in items)
                    refinement = (
                        f"refine step {name.text}.{step.label.text} when {print_expression(more)}{note}"
                    )
                    yield refinement, one, replace(one, items=kept)
                else:
                    refinement = f"refine process {name.text} when {print_expression(more)}{note}"
                    yield refinement, one, replace(one, guard=both(guard, more))
            case ast.AccessDecl(rows=rows):
                yield row(one, rows.index(random.choice(rows)), random.choice(rows))
            case ast.StateDecl():
                yield value(one, random, note)
            case ast.ConstDecl(type=ast.BoolType()):
                yield value(one, random, note)
            case ast.ActorDecl() if actors:
                yield stopped(one, more, note)
            case _:
                pass


def stopped(declared: ast.ActorDecl, more: ast.Expr, note: str) -> Edited:
    """All actors of the declaration stop where `more` holds as well."""
    refinement = "\n".join(
        f"refine actor {name.text}{print_positions(indices)} stopped when {print_expression(more)}{note}"
        for name, indices in zip(declared.names, declared.indices, strict=True)
    )
    whole = more if declared.stopped is None else both(declared.stopped, more, "or")
    return refinement, declared, replace(declared, stopped=whole)


def value(declared: ast.StateDecl | ast.ConstDecl, random: Random, note: str) -> Edited:
    """A bool gets another one, anything else any value at all."""
    places = print_positions(declared.indices) if random.random() < 0.5 else ""
    kind = "state" if isinstance(declared, ast.StateDecl) else "const"
    head = f"refine {kind} {declared.name.text}{places} ="
    chosen = ast.BoolLiteral(random.random() < 0.5, span=declared.span)
    if isinstance(declared, ast.ConstDecl):
        return f"{head} {print_expression(chosen)}{note}", declared, replace(declared, value=chosen)
    if isinstance(declared.type, ast.BoolType):
        return f"{head} {print_expression(chosen)}{note}", declared, replace(declared, initial=chosen)
    return f"{head} any{note}", declared, replace(declared, initial=None)


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


def with_refinements(files: dict[str, str], random: Random, *, actors: bool) -> dict[str, str]:
    """The same spec as a library that the main file refines and asks about."""
    whole = merged(files)
    if whole is None:
        return files
    checks = tuple(one for one in whole.declarations if isinstance(one, ast.CheckDecl))
    library = replace(whole, declarations=tuple(one for one in whole.declarations if one not in checks))
    made = [text for text, _, _ in edits(library, random, actors=actors)]
    chosen = random.sample(made, min(len(made), random.choice([1, 2, 2, 3])))
    imports = ["import lib", *(random.sample(PREFIXED, random.choice([0, 1, 2])))]
    asked = print_module(ast.Module(None, (), checks, span=whole.span))
    found = {"lib.tdx": print_module(library), "main.tdx": "\n".join([*imports, *chosen, asked])}
    if len(imports) > 1:
        found = {"extra.tdx": EXTRA, "deep/extra.tdx": EXTRA, **found}
    return found
