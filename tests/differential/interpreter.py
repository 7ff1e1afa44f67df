"""A direct interpreter of statements over concrete states: the plain reading of the language.

It executes one statement after another on a dictionary, as the reference manual says, and knows
nothing of symbolic execution. Nondeterminism is explored exhaustively.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from tdxverify.syntax import ast

State = dict[tuple[str, tuple[int, ...]], int]
Environment = Mapping[str, int]


@dataclass(frozen=True)
class Program:
    """What the interpreter must know of the declarations around the statements."""

    members: Mapping[str, int]  # enum members by name
    domains: Mapping[str, range]  # of sorts and of state variables, by name
    accesses: Mapping[str, ast.AccessDecl]
    actor: str
    backwards: bool  # whether foreach runs from the last element to the first

    def value(self, expr: ast.Expr, state: State, env: Environment) -> int:
        match expr:
            case ast.BoolLiteral(value=truth):
                return int(truth)
            case ast.IntLiteral(value=number):
                return number
            case ast.NameExpr(name=name):
                for table in (env, self.members):
                    if name.text in table:
                        return table[name.text]
                return state[name.text, ()]
            case ast.IndexExpr(name=name, indices=indices):
                return state[name.text, tuple(self.value(i, state, env) for i in indices)]
            case ast.Unary(operand=operand):
                return 1 - self.value(operand, state, env)
            case ast.Binary():
                return self.binary(expr, state, env)
            case ast.Quantified(quantifier=quantifier, binders=binders, body=body):
                sorts = [b.type.name.text for b in binders if isinstance(b.type, ast.NamedType)]
                ranges = [self.domains[sort] for sort in sorts]
                names = [b.name.text for b in binders]
                values = (
                    self.value(body, state, {**env, **dict(zip(names, chosen, strict=True))})
                    for chosen in product(*ranges)
                )
                return int(all(values) if quantifier is ast.Quantifier.FORALL else any(values))
            case _:
                raise AssertionError(expr)

    def binary(self, expr: ast.Binary, state: State, env: Environment) -> int:
        left, right = self.value(expr.left, state, env), self.value(expr.right, state, env)
        match expr.operator:
            case ast.BinaryOperator.AND:
                return left & right
            case ast.BinaryOperator.OR:
                return left | right
            case ast.BinaryOperator.EQUAL:
                return int(left == right)
            case ast.BinaryOperator.UNEQUAL:
                return int(left != right)
            case ast.BinaryOperator.ADD:
                return left + right
            case ast.BinaryOperator.MODULO:
                return left % right
            case _:
                raise AssertionError(expr.operator)

    def run(
        self, body: tuple[ast.Statement, ...], state: State, env: Environment
    ) -> Iterator[tuple[State, bool]]:
        """Every way to execute `body`: the state after it, and whether a fault ended the step."""
        if not body:
            yield state, False
            return
        for after, stopped in self.one(body[0], state, env):
            if stopped:
                yield after, True
            else:
                yield from self.run(body[1:], after, env)

    def one(self, statement: ast.Statement, state: State, env: Environment) -> Iterator[tuple[State, bool]]:
        match statement:
            case ast.Assign(target=target, indices=indices, value=value):
                cell = (target.text, tuple(self.value(i, state, env) for i in indices))
                for new in self.choices(target.text, value, state, env):
                    yield {**state, cell: new}, False
            case ast.IfStatement(branches=branches, otherwise=otherwise):
                chosen = next((b for c, b in branches if self.value(c, state, env)), otherwise)
                yield from self.run(chosen, state, env)
            case ast.Either(branches=choices):
                for branch in choices:
                    yield from self.run(branch, state, env)
            case ast.When(condition=condition):
                if self.value(condition, state, env):
                    yield state, False
            case ast.Foreach(binders=(binder,), body=inner):
                yield from self.foreach(binder, inner, state, env)
            case ast.Access():
                yield from self.access(statement, state, env)
            case _:
                raise AssertionError(statement)

    def choices(self, name: str, value: ast.Expr | ast.AnyValue, state: State, env: Environment) -> list[int]:
        if not isinstance(value, ast.AnyValue):
            return [self.value(value, state, env)]
        if value.choices:
            return [self.value(choice, state, env) for choice in value.choices]
        return list(self.domains[name])

    def foreach(
        self, binder: ast.Binder, body: tuple[ast.Statement, ...], state: State, env: Environment
    ) -> Iterator[tuple[State, bool]]:
        assert isinstance(binder.type, ast.NamedType)
        elements = list(self.domains[binder.type.name.text])
        states = [state]
        for element in reversed(elements) if self.backwards else elements:
            states = [
                after for s in states for after, _ in self.run(body, s, {**env, binder.name.text: element})
            ]
        for after in states:
            yield after, False

    def access(self, statement: ast.Access, state: State, env: Environment) -> Iterator[tuple[State, bool]]:
        table = self.accesses[statement.name.text]
        values = [self.value(a, state, env) for a in statement.arguments]
        inner = dict(zip((p.name.text for p in table.parameters), values, strict=True))
        row = next(r for r in table.rows if r.guard is None or self.value(r.guard, state, inner))
        for effects, _ in self.run(row.effects, state, inner):
            if row.fault is None:
                yield effects, False
                continue
            taken = {**effects, (f"{self.actor} took {row.fault.text}", ()): 1}
            handler = next((h for h in statement.handlers if h.outcome.text == row.fault.text), None)
            if handler is None:
                yield taken, True
            else:
                yield from self.run(handler.body, taken, env)
