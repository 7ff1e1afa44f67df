"""What was generated *and compared*: productions of the grammar, and pairs of features.

A production is a rule of the grammar as the parser knows it, with every optional part given or not, so that
`step` alone is 48 of them. A pair is one of these:

    statement in block       an assignment in a branch of `if`, an access in a handler, ...
    statement then statement the one behind the other in the same block
    expression at place      `p at l` in a guard, a define in an index, ...
    item in body             a `foreach` around items in a `while`, a loop of statements in an `if`, ...
    declaration, declaration both in one spec; properties count by what they claim
    fairness, promise        what is declared fair, or assumed by a check of that promise

`IMPOSSIBLE` lists the pairs that no accepted spec can have, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import combinations_with_replacement, product
from typing import Any, TypeAlias
from unittest.mock import patch

from tdxverify.resources import grammar_text
from tdxverify.source import SourceFile
from tdxverify.syntax import ast, grammar
from tdxverify.syntax.grammar import make_parser
from tdxverify.syntax.reading import read_tree

Feature: TypeAlias = tuple[str, str, str]

STATEMENTS = (
    "assign",
    "assign any",
    "assign any of",
    "access",
    "access with handler",
    "if",
    "if else",
    "else if",
    "foreach",
    "foreach of several",
    "either",
    "when",
    "goto",
)
BLOCKS = (
    "action",
    "step",
    "while",
    "labelled foreach",
    "row",
    "handler",
    "if branch",
    "else branch",
    "foreach",
    "either",
)
EXPRESSIONS = (
    "bool",
    "number",
    "parameter",
    "constant",
    "state",
    "member",
    "qualified",
    "none",
    "bound",
    "indexed",
    "primed",
    "primed indexed",
    "define",
    "not",
    "minus",
    "iff",
    "implies",
    "or",
    "and",
    "equal",
    "order",
    "next after",
    "sum",
    "product",
    "quotient",
    "quotient by a name",
    "in set",
    "in range",
    "if",
    "forall",
    "exists",
    "count",
    "at",
    "took",
    "anyone took",
    "dead",
    "numbered took",
    "numbered dead",
)
PLACES = (
    "guard",
    "when",
    "condition",
    "assigned",
    "any of",
    "index",
    "access argument",
    "define argument",
    "define",
    "row",
    "never",
    "always",
    "reachable",
    "eventually",
    "leads_to",
    "possible",
    "step property",
    "init",
    "assume",
    "where",
    "constant",
    "initial",
    "while",
    "halt",
)
ITEMS = ("step", "while", "foreach", "while around", "foreach around", "either", "if")
BODIES = ("process", "while around", "foreach around", "either", "if")
DECLARATIONS = (
    "param",
    "assume",
    "index",
    "enum",
    "fault",
    "actor",
    "const",
    "state",
    "memory",
    "init",
    "define",
    "access",
    "action",
    "process",
    "halt",
    "prelude",
    "import",
    "never",
    "always",
    "reachable",
    "step",
    "takes",
    "anyone takes",
    "deadlock",
    "contained",
    "eventually",
    "leads_to",
    "possible",
)
FAIR = tuple(
    f"{word}{how} {what}"
    for word in ("", "strongly ")
    for how in ("declared", "assumed")
    for what in ("action", "process", "actor", "step")
)
PROMISES = ("eventually", "each eventually", "leads_to", "each leads_to")

ELEMENTS = (
    "parameter",
    "constant",
    "state",
    "member",
    "qualified",
    "bound",
    "indexed",
    "primed",
    "primed indexed",
    "define",
    "if",
    "number",
    "minus",
    "sum",
    "product",
    "quotient",
    "quotient by a name",
)
RIGID = ("assume", "where", "constant", "initial")
NEEDS_STATE = (
    "state",
    "at",
    "took",
    "anyone took",
    "dead",
    "numbered took",
    "numbered dead",
    "primed",
    "primed indexed",
)


def impossible(feature: Feature) -> str | None:
    """Why no accepted spec has the pair; None where one can."""
    kind, one, other = feature
    if kind == "statement":
        return _impossible_statement(one, other)
    if kind == "then" and one == "goto":
        return "nothing may stand behind a goto (E404)"
    if kind == "expression":
        return _impossible_expression(one, other)
    return None


def _impossible_statement(statement: str, block: str) -> str | None:
    if statement == "goto" and block in ("action", "row"):
        return "goto is for the steps of a process (E403)"
    if statement == "goto" and block == "foreach":
        return "a goto cannot leave a foreach inside a step"
    if statement.startswith("access") and block == "row":
        return "effects of a row perform no access (E407)"
    if block == "foreach" and statement in ("assign any", "assign any of", "either"):
        return "no choice inside a foreach (E413)"
    return None


def _impossible_expression(expression: str, place: str) -> str | None:
    if place in RIGID and expression in NEEDS_STATE and (expression, place) != ("state", "initial"):
        return "only parameters and constants may be read there (E311)"
    if expression.startswith("primed") and place not in ("step property", "index", "define argument"):
        return "only step properties have a state after the step (E310)"
    if place == "index" and expression not in ELEMENTS:  # fmt: skip
        return "indices are elements of index sorts, members of enums and numbers"
    return None


def all_pairs() -> dict[Feature, str | None]:
    """Every pair, with the reason why it is impossible where it is."""
    found = [("statement", *pair) for pair in product(STATEMENTS, BLOCKS)]
    found += [("then", *pair) for pair in product(STATEMENTS, STATEMENTS)]
    found += [("expression", *pair) for pair in product(EXPRESSIONS, PLACES)]
    found += [("item", *pair) for pair in product(ITEMS, BODIES)]
    found += [("fair", *pair) for pair in product(FAIR, PROMISES)]
    found += [("declared", *pair) for pair in combinations_with_replacement(DECLARATIONS, 2)]
    return {feature: impossible(feature) for feature in found}


# --- productions -----------------------------------------------------------------------------


class Productions:
    """A parser that notes which rules it used."""

    def __init__(self) -> None:
        self._machine = make_parser(grammar_text())
        self._used: set[str] = set()
        # The tables say which function builds the node of a rule: each is wrapped by one that notes the rule.
        callbacks = self._machine.parser.parser.parser.callbacks
        for rule, build in list(callbacks.items()):
            callbacks[rule] = self._noting(_shown(rule), build)

    def _noting(self, name: str, build: Any) -> Any:
        def noting(children: Any) -> Any:
            self._used.add(name)
            return build(children)

        return noting

    def all(self) -> set[str]:
        """Every production that a text can be made of; a file that says nothing is refused (E120)."""
        return {_shown(rule) for rule in self._machine.rules} - {"start: ", "start: module_name"}

    def of(self, text: str) -> set[str]:
        """Those that the package's own way of reading `text` goes through."""
        self._used.clear()
        with patch.object(grammar, "parser", lambda: self._machine):
            read_tree(SourceFile("counted.tdx", text))
        return set(self._used)


def _shown(rule: Any) -> str:
    alias = f" -> {rule.alias}" if rule.alias else ""
    return f"{rule.origin.name}: {' '.join(symbol.name for symbol in rule.expansion)}{alias}"


# --- features of a spec -----------------------------------------------------------------------


def features(module: ast.Module, imports: bool) -> set[Feature]:
    """All pairs in a spec (with everything that it imports)."""
    return set(_Collector(module, imports).all())


class _Collector:
    def __init__(self, module: ast.Module, imports: bool) -> None:
        self.module = module
        self.imports = imports
        self.kinds: dict[str, str] = {}
        self.members: set[str] = set()
        self.numbered: set[str] = set()  # actors that are told apart by a number
        for one in module.declarations:
            match one:
                case ast.ActorDecl(names=names, indices=indices):
                    pairs = zip(names, indices, strict=True)
                    self.numbered |= {name.text for name, places in pairs if any(map(_is_number, places))}
                case ast.ParamDecl(name=name):
                    self.kinds[name.text] = "parameter"
                case ast.ConstDecl(name=name):
                    self.kinds[name.text] = "constant"
                case ast.StateDecl(name=name):
                    self.kinds[name.text] = "state"
                case ast.MemoryDecl(fields=inner):
                    self.kinds |= {field.name.text: "state" for field in inner}
                case ast.DefineDecl(name=name):
                    self.kinds[name.text] = "define"
                case ast.EnumDecl(members=members):
                    self.kinds |= {member.text: "member" for member in members}

    def all(self) -> Iterator[Feature]:
        kinds = {kind for one in self.module.declarations for kind in _declared(one)}
        kinds |= {"import"} if self.imports else set()
        counted = [kind for one in self.module.declarations for kind in _declared(one)]
        for one, other in combinations_with_replacement([k for k in DECLARATIONS if k in kinds], 2):
            if one != other or counted.count(one) > 1 or one == "import":
                yield ("declared", one, other)
        for declaration in self.module.declarations:
            yield from self._declaration(declaration)
        yield from self._fair()

    def _fair(self) -> Iterator[Feature]:
        """What is fair where a check asks whether something is promised."""
        claims = {one.name.text: one for one in self.module.declarations if isinstance(one, ast.PropertyDecl)}
        declared = {kind for one in self.module.declarations for kind in _declared_fair(one)}
        for check in (one for one in self.module.declarations if isinstance(one, ast.CheckDecl)):
            fair = declared | {self._assumed(clause) for clause in check.assuming}
            for name in check.properties:
                claim = claims.get(name.text)
                if claim is not None and claim.kind.of_runs:
                    promise = f"each {claim.kind.value}" if claim.binders else claim.kind.value
                    yield from (("fair", one, promise) for one in fair)

    def _assumed(self, clause: ast.FairClause) -> str:
        kinds = ((ast.ActionDecl, "action"), (ast.ProcessDecl, "process"))
        found = (
            what
            for one in self.module.declarations
            for kind, what in kinds
            if isinstance(one, kind) and one.name.text == clause.name.text
        )
        what = "step" if clause.label is not None else next(found, "actor")
        return f"{_how(clause.fair)}assumed {what}"

    def _declaration(self, one: ast.Declaration) -> Iterator[Feature]:
        match one:
            case ast.AssumeDecl(condition=condition):
                yield from self._expression(condition, "assume")
            case ast.InitDecl(condition=condition):
                yield from self._expression(condition, "init")
            case ast.ConstDecl(value=value) if value is not None:
                yield from self._expression(value, "constant")
            case ast.StateDecl(initial=initial):
                yield from self._initial(initial)
            case ast.MemoryDecl(fields=inner):
                for field in inner:
                    yield from self._initial(field.initial)
            case ast.DefineDecl(value=value):
                yield from self._expression(value, "define")
            case ast.AccessDecl(rows=rows):
                for row in rows:
                    yield from self._maybe(row.guard, "row")
                    yield from self._block(row.effects, "row")
            case ast.ActionDecl(guard=guard, body=body):
                yield from self._maybe(guard, "guard")
                yield from self._block(body, "action")
            case ast.HaltDecl(condition=condition):
                yield from self._expression(condition, "halt")
            case ast.ActorDecl(stopped=stopped):
                yield from self._maybe(stopped, "halt")
            case ast.ProcessDecl(guard=guard, items=items):
                yield from self._maybe(guard, "guard")
                yield from self._items(items, "process")
            case ast.PropertyDecl(kind=kind, condition=condition, premise=premise):
                word = "step property" if kind is ast.PropertyKind.STEP else kind.value
                yield from self._maybe(premise, word)
                yield from self._maybe(condition, word)
            case ast.ConfigDecl(condition=condition):
                yield from self._expression(condition, "where")
            case ast.CheckDecl(where=where):
                yield from self._maybe(where, "where")

    def _maybe(self, expr: ast.Expr | None, place: str) -> Iterator[Feature]:
        if expr is not None:
            yield from self._expression(expr, place)

    def _initial(self, initial: ast.Expr | ast.AnyValue | None) -> Iterator[Feature]:
        for one in initial.choices if isinstance(initial, ast.AnyValue) else [initial]:
            yield from self._maybe(one, "initial")

    def _items(self, items: tuple[ast.ProcessItem, ...], body: str) -> Iterator[Feature]:
        for item in items:
            match item:
                case ast.Step(guard=guard, body=block):
                    yield ("item", "step", body)
                    yield from self._maybe(guard, "guard")
                    yield from self._block(block, "step")
                case ast.WhileItem(condition=condition, items=inner, statements=statements):
                    yield ("item", "while around" if inner else "while", body)
                    yield from self._expression(condition, "while")
                    yield from self._items(inner, "while around")
                    yield from self._block(statements, "while")
                case ast.ForeachItem(items=inner, statements=statements):
                    yield ("item", "foreach around" if inner else "foreach", body)
                    yield from self._items(inner, "foreach around")
                    yield from self._block(statements, "labelled foreach")
                case ast.EitherItem(branches=branches):
                    yield ("item", "either", body)
                    for branch in branches:
                        yield from self._items(branch, "either")
                case ast.IfItem(branches=chosen, otherwise=otherwise):
                    yield ("item", "if", body)
                    for condition, inner in chosen:
                        yield from self._expression(condition, "while")
                        yield from self._items(inner, "if")
                    yield from self._items(otherwise, "if")
                case ast.When(condition=condition):
                    yield from self._expression(condition, "while")
                case ast.SameStep() | ast.Goto():
                    pass  # seen as productions of the grammar

    # --- statements ------------------------------------------------------------------------

    def _block(self, body: tuple[ast.Statement, ...], block: str) -> Iterator[Feature]:
        kinds = [_statement_kinds(statement) for statement in body]
        for position, statement in enumerate(body):
            for kind in kinds[position]:
                yield ("statement", kind, block)
                for later in kinds[position + 1 :]:
                    yield from (("then", kind, other) for other in later)
            yield from self._statement(statement)

    def _statement(self, statement: ast.Statement) -> Iterator[Feature]:
        match statement:
            case ast.Assign(indices=indices, value=value):
                for index in indices:
                    yield from self._expression(index, "index")
                if isinstance(value, ast.AnyValue):
                    for choice in value.choices:
                        yield from self._expression(choice, "any of")
                else:
                    yield from self._expression(value, "assigned")
            case ast.Access(arguments=arguments, handlers=handlers):
                for argument in arguments:
                    yield from self._expression(argument, "access argument")
                for handler in handlers:
                    yield from self._block(handler.body, "handler")
            case ast.IfStatement(branches=branches, otherwise=otherwise):
                for condition, body in branches:
                    yield from self._expression(condition, "condition")
                    yield from self._block(body, "if branch")
                yield from self._block(otherwise, "else branch")
            case ast.Foreach(body=body):
                yield from self._block(body, "foreach")
            case ast.Either(branches=choices):
                for branch in choices:
                    yield from self._block(branch, "either")
            case ast.When(condition=condition):
                yield from self._expression(condition, "when")
            case ast.Goto():
                pass

    # --- expressions -----------------------------------------------------------------------

    def _expression(self, expr: ast.Expr, place: str) -> Iterator[Feature]:
        yield ("expression", self._kind(expr), place)
        for field in fields(expr):
            inner = getattr(expr, field.name)
            for part in inner if isinstance(inner, tuple) else (inner,):
                if is_dataclass(part) and type(part) in _EXPRESSIONS:
                    asked = isinstance(expr, ast.IfExpr) and field.name == "condition" and place == "index"
                    yield from self._expression(part, "condition" if asked else _place_of(expr, place))

    def _kind(self, expr: ast.Expr) -> str:
        match expr:
            case ast.NameExpr(qualifier=qualifier) if qualifier is not None:
                return "qualified"
            case ast.NameExpr(name=ast.Name(text="none")) if "none" not in self.kinds:
                return "none"
            case ast.NameExpr(name=name, primed=primed):
                return "primed" if primed else self.kinds.get(name.text, "bound")
            case ast.IndexExpr(primed=primed):
                return "primed indexed" if primed else "indexed"
            case ast.Binary(operator=operator, right=right):
                named = _OPERATORS[operator] == "quotient" and not isinstance(right, ast.IntLiteral)
                return "quotient by a name" if named else _OPERATORS[operator]
            case ast.Unary(operator=sign):
                return "not" if sign is ast.UnaryOperator.NOT else "minus"
            case ast.Quantified(quantifier=quantifier):
                return quantifier.value
            case ast.Took(actor=None):
                return "anyone took"
            case ast.Took(actor=actor) | ast.IsDead(actor=actor) if actor and actor.text in self.numbered:
                return f"numbered {_EXPRESSIONS[type(expr)]}"
        return _EXPRESSIONS[type(expr)]


_B = ast.BinaryOperator
_OPERATORS = {
    _B.IFF: "iff",
    _B.IMPLIES: "implies",
    _B.OR: "or",
    _B.AND: "and",
    _B.EQUAL: "equal",
    _B.UNEQUAL: "equal",
    _B.LESS: "order",
    _B.AT_MOST: "order",
    _B.GREATER: "order",
    _B.AT_LEAST: "order",
    _B.ADD: "sum",
    _B.SUBTRACT: "sum",
    _B.MULTIPLY: "product",
    _B.DIVIDE: "quotient",
    _B.MODULO: "quotient",
}
_EXPRESSIONS: dict[type, str] = {
    ast.BoolLiteral: "bool",
    ast.IntLiteral: "number",
    ast.NameExpr: "bound",
    ast.IndexExpr: "indexed",
    ast.CallExpr: "define",
    ast.Unary: "not",
    ast.Binary: "and",
    ast.SetMember: "in set",
    ast.RangeMember: "in range",
    ast.NextAfter: "next after",
    ast.IfExpr: "if",
    ast.Quantified: "forall",
    ast.Count: "count",
    ast.AtLabel: "at",
    ast.Took: "took",
    ast.IsDead: "dead",
}


def _is_number(position: ast.IndexPosition) -> bool:
    return isinstance(position.type, ast.RangeType)


def _place_of(expr: ast.Expr, place: str) -> str:
    """Parts of an index and arguments of a define have a place of their own."""
    match expr:
        case ast.IndexExpr() | ast.AtLabel() | ast.Took() | ast.IsDead():
            return "index" if place not in RIGID else place
        case ast.CallExpr():
            return "define argument" if place not in RIGID else place
    return place


def _statement_kinds(statement: ast.Statement) -> tuple[str, ...]:
    match statement:
        case ast.Assign(value=ast.AnyValue(choices=choices)):
            return ("assign any of",) if choices else ("assign any",)
        case ast.Assign():
            return ("assign",)
        case ast.Access(handlers=handlers):
            return ("access with handler",) if handlers else ("access",)
        case ast.IfStatement(branches=branches, otherwise=otherwise):
            found = ["if else"] if otherwise else ["if"]
            return (*found, "else if") if len(branches) > 1 else tuple(found)
        case ast.Foreach(binders=binders):
            return ("foreach of several",) if len(binders) > 1 else ("foreach",)
        case ast.Either():
            return ("either",)
        case ast.When():
            return ("when",)
        case ast.Goto():
            return ("goto",)


def _declared(one: ast.Declaration) -> tuple[str, ...]:
    match one:
        case ast.PropertyDecl(kind=ast.PropertyKind.NEVER_TAKES, actor=actor):
            return ("anyone takes",) if actor is None else ("takes",)
        case ast.PropertyDecl(kind=kind):
            return (kind.value,)
        case ast.CheckDecl():
            return ()
    return (type(one).__name__.removesuffix("Decl").lower(),)


def _declared_fair(one: ast.Declaration) -> Iterator[str]:
    match one:
        case ast.ActionDecl(fair=ast.Fair() as fair):
            yield f"{_how(fair)}declared action"
        case ast.ActorDecl(fair=ast.Fair() as fair):
            yield f"{_how(fair)}declared actor"
        case ast.ProcessDecl(fair=fair):
            if fair is not None:
                yield f"{_how(fair)}declared process"
            steps = ast.nodes(one, ast.Step)
            yield from (f"{_how(step.fair)}declared step" for step in steps if step.fair is not None)


def _how(fair: ast.Fair) -> str:
    return "strongly " if fair is ast.Fair.STRONG else ""
