"""Hypothesis strategies for syntax trees that some text means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy, builds, just, lists, none, sampled_from

from tdxverify.characters import refused_places
from tdxverify.source import SourceFile, Span
from tdxverify.syntax import ast
from tdxverify.syntax.build import LARGEST_NUMBER
from tdxverify.syntax.chains import Chain, join
from tdxverify.syntax.words import FIRST_OF_CLAIMS, RESERVED, words

SPAN = Span(SourceFile("generated", ""), 0, 0)


def tuples(element: SearchStrategy[Any], least: int = 0, most: int = 3) -> SearchStrategy[tuple[Any, ...]]:
    return lists(element, min_size=least, max_size=most).map(tuple)


def different(strategy: SearchStrategy[Any], key: Callable[[Any], str]) -> SearchStrategy[tuple[Any, ...]]:
    """Up to three, with different keys."""
    return st.lists(strategy, max_size=3, unique_by=key).map(tuple)


def made(node: Callable[..., Any], **fields: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return builds(node, span=just(SPAN), **fields)


# Words that mean something in some places must work as names everywhere else.
soft_words = sampled_from(
    [
        *("ok", "dropped", "size", "unknown", "proved", "fatal", "fixable", "kills", "must", "reach", "done"),
        *sorted(set(words()) - RESERVED),
    ]
)
identifiers = soft_words | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word not in RESERVED
)
names = made(ast.Name, text=identifiers)
outcomes = sampled_from(["ok", "ok(zeros)", "ok(ok)", "dropped", "#MC", "#took"])
fault_names = made(ast.Name, text=identifiers.map(lambda word: f"#{word}"))
citations = made(
    ast.Citation, identifier=st.from_regex(r"[A-Z]{1,3}(-[A-Za-z0-9]{1,4}){1,3}", fullmatch=True)
)
descriptions = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n") | sampled_from('"\\'), max_size=12
).filter(lambda text: next(refused_places(f'"{text}"'), None) is None)
annotated = builds(
    ast.Annotations,
    description=none() | descriptions,
    citations=different(citations, lambda one: one.identifier),
)
templates = made(ast.Emit, target=names, lines=tuples(made(ast.EmitLine, text=descriptions), 1, 2))
emits = just(()) | tuples(templates, 1, 2)
numbers = st.integers(0, LARGEST_NUMBER)
bounds = st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)

range_types = made(ast.RangeType, low=bounds, high=bounds)
plain_types = made(ast.BoolType) | made(ast.NamedType, name=names) | range_types
types = plain_types | made(ast.OptionalType, type=plain_types)
binders = made(ast.Binder, name=names, type=types)
position_types = made(ast.NamedType, name=names) | range_types
positions = made(ast.IndexPosition, name=none() | names, type=position_types)

# --- expressions ------------------------------------------------------------

_leaves = (
    made(ast.BoolLiteral, value=st.booleans())
    | made(ast.IntLiteral, value=numbers)
    | made(ast.NameExpr, name=names, primed=st.booleans())
    | made(ast.NameExpr, name=names, qualifier=names)
    | made(ast.Took, actor=none() | names, indices=just(()), outcome=made(ast.Name, text=outcomes))
    | made(ast.IsDead, actor=names, indices=just(()))
)


def _chains(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Long chains of one operator, in the shape that the parser gives them."""
    return builds(
        lambda operator, operands: join(Chain(operands, [operator] * (len(operands) - 1))),
        sampled_from([operator for operator in ast.BinaryOperator if operator.row.associative]),
        lists(inner, min_size=2, max_size=20),
    )


def _larger(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return (
        made(ast.IndexExpr, name=names, indices=tuples(inner, 1), primed=st.booleans())
        | made(ast.CallExpr, name=names, arguments=tuples(inner))
        | made(ast.Unary, operator=sampled_from(ast.UnaryOperator), operand=inner)
        | made(ast.Binary, operator=sampled_from(ast.BinaryOperator), left=inner, right=inner)
        | made(ast.SetMember, element=inner, choices=tuples(inner, 1))
        | made(ast.RangeMember, element=inner, type=range_types)
        | made(ast.NextAfter, later=inner, earlier=inner)
        | made(ast.IfExpr, condition=inner, then=inner, otherwise=inner)
        | made(
            ast.Quantified, quantifier=sampled_from(ast.Quantifier), binders=tuples(binders, 1), body=inner
        )
        | made(ast.Count, binders=tuples(binders, 1), body=inner)
        | made(ast.AtLabel, process=names, indices=tuples(inner), label=names)
        | made(ast.Took, actor=names, indices=tuples(inner), outcome=made(ast.Name, text=outcomes))
        | made(ast.IsDead, actor=names, indices=tuples(inner))
        | _chains(inner)
    )


expressions = st.recursive(_leaves, _larger, max_leaves=25)
small_expressions = st.recursive(_leaves, _larger, max_leaves=3)
any_values = made(ast.AnyValue, choices=tuples(small_expressions))

# --- statements and process items -------------------------------------------

_simple_statements = (
    made(ast.Assign, target=names, indices=tuples(small_expressions), value=small_expressions | any_values)
    | made(ast.When, condition=small_expressions)
    | made(ast.Goto, label=names)
)


def _compound(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    block = tuples(inner, 0, 2)
    handlers = made(ast.Handler, outcome=made(ast.Name, text=outcomes), body=block)
    branches = tuples(st.tuples(small_expressions, block), 1)
    return (
        made(ast.Access, name=names, arguments=tuples(small_expressions), handlers=tuples(handlers))
        | made(ast.IfStatement, branches=branches, otherwise=block)
        | made(ast.Foreach, binders=tuples(binders, 1), body=block)
        | made(ast.Either, branches=tuples(block, 2))
    )


statements = st.recursive(_simple_statements, _compound, max_leaves=6)
blocks = tuples(statements)
_steps = made(
    ast.Step,
    label=names,
    guard=none() | small_expressions,
    body=blocks,
    annotations=annotated,
    emits=emits,
    parameters=tuples(binders, 0, 2),
)


def _behind(first: ast.Step, more: tuple[Any, ...]) -> tuple[Any, ...]:
    return (first, *more)


def _larger_items(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    items, few, nothing = tuples(inner, 0, 2), tuples(inner, 0, 1), just(())
    labelled = builds(_behind, _steps, few)  # without a label nobody could tell items from statements
    loop: dict[str, SearchStrategy[Any]] = {"label": names, "annotations": annotated}
    bare: dict[str, SearchStrategy[Any]] = {"label": none()}
    emitting = {**loop, "emits": emits}
    ways = tuples(st.tuples(small_expressions, few), 1, 1)
    whiles, every = {"condition": small_expressions}, {"binder": binders}
    return st.one_of(
        *(
            made(kind, **parts, **how)
            for kind, parts in ((ast.WhileItem, whiles), (ast.ForeachItem, every))
            for how in (
                {"items": labelled, "statements": nothing, **loop},
                {"items": nothing, "statements": blocks, **emitting},
                {"items": items, "statements": nothing, **bare},
            )
        ),
        *(made(ast.EitherItem, branches=tuples(few, 2, 2), **how) for how in (loop, bare)),
        *(made(ast.IfItem, branches=ways, otherwise=few, **how) for how in (loop, bare)),
    )


items = st.recursive(
    _steps
    | made(ast.SameStep, label=names, other=names)
    | made(ast.When, condition=small_expressions)
    | made(ast.Goto, label=names),
    _larger_items,
    max_leaves=3,
)

# --- declarations -----------------------------------------------------------

_initial = none() | small_expressions | any_values


@st.composite
def memories(draw: st.DrawFn) -> ast.MemoryDecl:
    type_ = draw(position_types)
    position = ast.IndexPosition(None, type_, span=SPAN)
    fields = made(
        ast.StateDecl,
        name=names,
        indices=just((position,)),
        type=types,
        initial=_initial,
        annotations=annotated,
    )
    return ast.MemoryDecl(type_, draw(tuples(fields, 1)), draw(annotated), span=SPAN)


def _rows(result: str, detail: SearchStrategy[Any], fault: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return made(
        ast.AccessRow,
        guard=none() | small_expressions,
        result=just(result),
        detail=detail,
        fault=fault,
        effects=blocks,
        annotations=annotated,
    )


rows = (
    _rows("ok", none() | identifiers, none())
    | _rows("dropped", none(), none())
    | _rows("fault", none(), fault_names)
)


nobody = just((None, ()))
actors = st.tuples(names, tuples(small_expressions, 0, 2))


def acting(node: Callable[..., Any]) -> Callable[..., Any]:
    """`node`, made of an actor and its indices together."""
    return lambda who, **fields: node(actor=who[0], actor_indices=who[1], **fields)


def _properties(
    kinds: list[ast.PropertyKind],
    condition: SearchStrategy[Any],
    actor: SearchStrategy[Any],
    fault: SearchStrategy[Any],
) -> SearchStrategy[Any]:
    return made(
        acting(ast.PropertyDecl),
        name=names,
        kind=sampled_from(kinds),
        condition=condition,
        who=actor,
        claim=just(SPAN),
        fault=fault,
        annotations=annotated,
    )


_K = ast.PropertyKind
properties = (
    _properties([_K.NEVER, _K.ALWAYS, _K.REACHABLE, _K.STEP], small_expressions, nobody, none())
    | _properties([_K.NEVER_TAKES], none(), nobody | actors, fault_names)
    | _properties([_K.NEVER_DEADLOCK], none(), nobody, none())
    | _properties([_K.CONTAINED], none(), nobody, fault_names)
)

views = made(ast.View, binders=tuples(binders, 0, 2), value=small_expressions)
_two_runs: dict[str, SearchStrategy[Any]] = {
    "name": names,
    "condition": none(),
    "actor_indices": just(()),
    "fault": none(),
    "claim": just(SPAN),
    "annotations": annotated,
}
# Where a claim begins, the words that claims begin with are no names.
_subjects = names.filter(lambda name: name.text not in FIRST_OF_CLAIMS)
_cannot_tell = made(
    ast.PropertyDecl,
    kind=just(_K.CANNOT_TELL),
    actor=none(),
    observer=_subjects,
    by_steps=st.booleans(),
    views=tuples(views, 0, 2),
    **_two_runs,
)
_cannot_change = made(
    ast.PropertyDecl, kind=just(_K.CANNOT_CHANGE), actor=_subjects, views=tuples(views, 1, 2), **_two_runs
)
claims_of_two_runs = _cannot_tell | _cannot_change
secrets = made(
    ast.SecretDecl,
    names=st.lists(names, min_size=1, max_size=3, unique_by=lambda name: name.text).map(tuple),
    annotations=annotated,
)
observers = made(ast.ObserverDecl, name=names, views=tuples(views, 1, 2), annotations=annotated)

_sizes = made(ast.SizeClause, sort=names, at_most=st.booleans(), size=numbers)


def _checks(any_size: bool, sizes: SearchStrategy[Any], refuted: bool) -> SearchStrategy[Any]:
    expected = just(ast.Expected.REFUTED) if refuted else sampled_from(ast.Expected)
    return made(
        ast.CheckDecl,
        properties=tuples(names, 1),
        sizes=sizes,
        any_size=just(any_size),
        where=none() | small_expressions,
        expected=expected,
        expected_length=numbers if refuted else none(),
        annotations=annotated,
        configs=tuples(names),
    )


checks = (
    _checks(True, just(()), refuted=False)
    | _checks(False, tuples(_sizes), refuted=False)
    | _checks(False, tuples(_sizes), refuted=True)
)

_described: dict[str, SearchStrategy[Any]] = {"name": names, "annotations": annotated}
_indexed: dict[str, SearchStrategy[Any]] = {"indices": tuples(positions), "type": types, **_described}
_acting: dict[str, SearchStrategy[Any]] = {
    "parameters": tuples(binders),
    "who": nobody | actors,
    **_described,
}

processes = made(acting(ast.ProcessDecl), guard=none() | small_expressions, items=tuples(items), **_acting)

_refined: dict[str, SearchStrategy[Any]] = {"guard": small_expressions, **_described}
_replaced: dict[str, SearchStrategy[Any]] = {"indices": tuples(positions), **_described}
refinements = st.one_of(
    made(ast.RefineGuard, kind=sampled_from(["action", "process"]), label=none(), **_refined),
    made(ast.RefineGuard, kind=just("step"), label=names, **_refined),
    made(ast.RefineActor, indices=tuples(positions), condition=small_expressions, **_described),
    made(ast.RefineValue, kind=just("state"), value=small_expressions | any_values, **_replaced),
    made(ast.RefineValue, kind=just("const"), value=small_expressions, **_replaced),
    made(ast.RefineRow, access=names, guard=none() | small_expressions, rows=tuples(rows, 1)),
    made(ast.RefineByProcess, action=names, process=processes),
)

declarations = st.one_of(
    made(ast.ParamDecl, type=types, **_described),
    made(ast.AssumeDecl, condition=expressions, annotations=annotated),
    made(ast.IndexDecl, is_ordered=st.booleans(), **_described),
    made(ast.EnumDecl, members=tuples(names, 1), **_described),
    made(
        ast.FaultDecl,
        name=fault_names,
        fixable=st.booleans(),
        fatal=st.booleans(),
        halts=st.booleans(),
        kills=different(names, lambda one: one.text),
        must_not_reach=different(names, lambda one: one.text),
        annotations=annotated,
    ),
    made(
        lambda each, **fields: ast.ActorDecl(*zip(*each, strict=True), **fields),
        each=tuples(st.tuples(names, tuples(positions, 0, 2)), 1),
        stopped=none() | expressions,
        annotations=annotated,
    ),
    made(ast.ConstDecl, value=none() | small_expressions, **_indexed),
    made(ast.StateDecl, initial=_initial, **_indexed),
    memories(),
    made(ast.InitDecl, condition=expressions, annotations=annotated),
    made(
        ast.DefineDecl,
        parameters=tuples(binders),
        type=none() | types,
        value=expressions,
        **_described,
    ),
    made(ast.AccessDecl, parameters=tuples(binders), rows=tuples(rows, 1), emits=emits, **_described),
    made(acting(ast.ActionDecl), guard=none() | small_expressions, body=blocks, emits=emits, **_acting),
    processes,
    made(ast.HaltDecl, condition=expressions, annotations=annotated),
    properties,
    claims_of_two_runs,
    secrets,
    observers,
    made(ast.ConfigDecl, condition=expressions, **_described),
    checks,
    made(ast.PreludeDecl, emit=templates),
    refinements,
)

imports = made(
    ast.Import,
    path=lists(identifiers, min_size=1, max_size=3).map(".".join),
    quoted=just(False),
    prefix=none() | names,
) | (made(ast.Import, path=descriptions, quoted=just(True), prefix=none() | names))
modules = made(
    ast.Module, name=none() | names, imports=tuples(imports), declarations=tuples(declarations, 1, 4)
)
