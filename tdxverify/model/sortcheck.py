"""Surface expressions to core expressions: every name is looked up, every node gets a sort.

`ExpressionChecker.lower` returns None where a diagnostic was reported; None passes through in
silence, so that one mistake gives one message.
"""

from __future__ import annotations

from collections.abc import Callable

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Expr, Read, Role, Symbol
from tdxverify.logic.operators import Kind, Level, Op
from tdxverify.logic.sorts import BOOL, EnumSort, OptionalSort, RangeSort, Sort, bare
from tdxverify.model.actors import Acting
from tdxverify.model.comparisons import Comparisons, is_none
from tdxverify.model.counts import Counts
from tdxverify.model.declarations import Declarations
from tdxverify.model.definitions import Definitions
from tdxverify.model.elements_in_order import ElementsInOrder
from tdxverify.model.habits import (
    ANOTHER_NAME,
    NO_PRIME,
    arguments_habit,
    count_habit,
    fixed_instead,
    habit,
    in_place_of,
    number_habit,
    sort_habit,
    unknown_name,
)
from tdxverify.model.implicit_reads import ImplicitReads
from tdxverify.model.kinds import name_sort, same_kind
from tdxverify.model.model import RangeTarget
from tdxverify.model.ordering import Element, OrderCondition, order_condition
from tdxverify.model.ranges import as_indices, index_of, narrowed
from tdxverify.model.scope import NameSupply, Scope
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Written


class ExpressionChecker:
    """Lowers expressions of one program. `doubtful`: tables whose rows may overlap, whatever they do."""

    def __init__(
        self,
        declarations: Declarations,
        sort_of: Callable[[ast.Type], Sort | None],
        diagnostics: DiagnosticCollector,
        doubtful: frozenset[str] = frozenset(),
    ) -> None:
        self.declarations = declarations
        self.sort_of = sort_of
        self.diagnostics = diagnostics
        self.doubtful = doubtful
        self.names = NameSupply()
        self.implicit = ImplicitReads(self)
        self.comparisons = Comparisons(self)
        self.elements_in_order = ElementsInOrder(self)
        self.counts = Counts(self)
        self._orders: dict[tuple[Span, Acting | None], OrderCondition | None] = {}
        self.definitions = Definitions(self)

    # --- entry points ------------------------------------------------------

    def formula(self, written: ast.Expr, scope: Scope) -> Expr | None:
        """Lower an expression that must be bool."""
        return self.of_sort(written, BOOL, scope)

    def of_sort(self, written: ast.Expr, sort: Sort, scope: Scope) -> Expr | None:
        """Lower an expression whose values must be comparable with `sort`; E301 otherwise."""
        found = self.lower(written, scope, sort)
        if found is not None and not same_kind(found.sort, sort):
            message = f"expected {name_sort(sort)}, found {name_sort(found.sort)}"
            self.diagnostics.report(Code.E301, message, written.span, hint=sort_habit(found.sort, sort))
            return None
        return found

    def bind(
        self, binders: tuple[ast.Binder, ...], scope: Scope, *, may_be_none: bool = False
    ) -> tuple[tuple[Bound, ...], Scope] | None:
        """Fresh bound variables for `binders`, and `scope` extended with them; None after a diagnostic.

        `may_be_none`: they are parameters which arguments are put into.
        """
        bound: dict[str, Bound] = {}
        for binder in binders:
            name = binder.name.text
            if name in bound:
                self.diagnostics.report(
                    Code.E211, f"'{name}' is named twice", binder.name.span, hint=ANOTHER_NAME
                )
                return None
            earlier = self.declarations.places.get(("value", name)) or self.declarations.places.get(
                ("member", name)
            )
            if earlier is not None:
                note = Note("declared here", earlier)
                message = f"'{name}' hides a declaration of the same name"
                self.diagnostics.report(
                    Code.E212, message, binder.name.span, notes=(note,), hint=ANOTHER_NAME
                )
                return None
            sort = self.sort_of(binder.type)
            if isinstance(sort, OptionalSort) and not may_be_none:
                message = f"'{name}' stands for each {sort.base} in turn, and is never none"
                hint = f"write {sort.base} alone; say apart what holds of none"
                self.diagnostics.report(Code.E315, message, binder.type.span, hint=hint)
                return None
            if sort is None:
                return None
            bound[name] = Bound(self.names.fresh(name), sort)
        return tuple(bound.values()), scope.binding(bound)

    def refresh(self, expr: Expr) -> Expr:
        """`expr` with every quantifier's variables renamed to fresh ones."""

        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, core.Quantified):
                return None
            new = {b: Bound(self.names.fresh(b.name), b.sort) for b in node.binders}
            body = self.refresh(core.substitute(node.body, dict(new)))
            return core.quantified(tuple(new.values()), body, universal=node.universal)

        return core.transform(expr, visit)

    # --- order of elements ---------------------------------------------------

    def require_order(self, element: Element, span: Span, actor: Acting | None) -> None:
        """Note what must be shown of the `foreach` at `span`, done by `actor`: once, wherever it stands."""
        if (span, actor) not in self._orders:
            self._orders[span, actor] = order_condition(element, span, self.names.fresh)

    @property
    def order_conditions(self) -> tuple[OrderCondition, ...]:
        """What was noted, in the order of execution."""
        return tuple(one for one in self._orders.values() if one is not None)

    # --- by kind of node ---------------------------------------------------

    def lower(self, written: ast.Expr, scope: Scope, expected: Sort | None = None) -> Expr | None:
        """Lower `written`. `expected` only helps to pick among enum members of one name."""
        match written:
            case ast.BoolLiteral(value=value):
                return core.TRUE if value else core.FALSE
            case ast.IntLiteral(value=value):
                return core.Const(value, RangeSort(value, value))
            case ast.NameExpr():
                return self._name(written, scope, expected)
            case ast.IndexExpr(name=name, indices=indices, primed=primed):
                return self._indexed(name, indices, scope, written.span, primed=primed)
            case ast.CallExpr():
                return self._call(written, scope)
            case ast.Unary(operator=operator, operand=operand):
                return self._unary(operator, operand, scope)
            case ast.Binary(operator=operator) if operator.row.level < Level.NOT:
                return self._logic(written, scope)
            case ast.Binary():
                return self._binary(written, scope)
            case ast.SetMember() | ast.RangeMember():
                return self.comparisons.membership(written, scope)
            case ast.NextAfter():
                return self.elements_in_order.next_after(written, scope)
            case ast.IfExpr():
                return self.comparisons.conditional(written, scope, expected)
            case ast.Quantified():
                return self._quantified(written, scope)
            case ast.Count():
                self.counts.alone(written)
                return None
            case ast.AtLabel() | ast.Took() | ast.IsDead():
                return self.implicit.read(written, scope)

    def _name(self, written: ast.NameExpr, scope: Scope, expected: Sort | None) -> Expr | None:
        name = written.name.text
        if written.qualifier is not None:
            return self._qualified(written.qualifier, written.name)
        if name in scope.bound:
            return scope.bound[name]
        if name in self.declarations.symbols:
            return self._indexed(written.name, (), scope, written.span, primed=written.primed)
        if name in self.declarations.defines:
            return self.definitions.call(written.name, (), scope, written.span)
        if is_none(written) and isinstance(expected, OptionalSort):
            return core.none_of(expected)
        if name in self.declarations.members:
            return self._member(written.name, None if expected is None else bare(expected))
        if is_none(written):
            self.comparisons.never_none(written, expected)
            return None
        self.unknown(written.name, scope, unknown_name(name, expected))
        return None

    def unknown(self, name: ast.Name, scope: Scope, otherwise: str) -> None:
        """Report `name` as unknown (E201) or of the wrong kind (E209), unless its declaration was wrong.

        `otherwise` is the hint where it is like nothing known.
        """
        known = self.declarations
        if name.text in known.broken:
            return
        what = known.elsewhere(name.text, "value")
        if what is not None:
            message, hint = f"'{name.text}' is {what}; a value is needed here", in_place_of(name.text, what)
            self.diagnostics.report(Code.E209, message, name.span, hint=hint)
            return
        candidates = [*scope.bound, *known.symbols, *known.defines, *known.members]
        hint = habit(name.text, known.index_sorts) or did_you_mean(name.text, candidates) or otherwise
        self.diagnostics.report(Code.E201, f"unknown name '{name.text}'", name.span, hint=hint)

    def _qualified(self, qualifier: ast.Name, member: ast.Name) -> Expr | None:
        sort = self.declarations.enums.get(qualifier.text)
        if sort is None:
            known, whole = self.declarations, f"{qualifier.text}_{member.text}"
            hint = did_you_mean(qualifier.text, known.enums)
            if qualifier.text in known.symbols:
                hint = f"an index stands in brackets: {qualifier.text}[{member.text}]"
            elif whole in known.symbols or whole in known.defines or whole in known.members:
                hint = f"write '{whole}'"
            self.diagnostics.report(Code.E203, f"unknown enum '{qualifier.text}'", qualifier.span, hint=hint)
            return None
        if member.text not in sort.members:
            hint = did_you_mean(member.text, sort.members) or "members: " + ", ".join(sort.members)
            message = f"enum '{sort.name}' has no member '{member.text}'"
            self.diagnostics.report(Code.E216, message, member.span, hint=hint)
            return None
        return core.Const(sort.members.index(member.text), sort)

    def _member(self, name: ast.Name, expected: Sort | None) -> Expr | None:
        sorts = self.declarations.members[name.text]
        if expected in sorts and isinstance(expected, EnumSort):
            return core.Const(expected.members.index(name.text), expected)
        if len(sorts) > 1:
            ways = " or ".join(f"'{s.name}.{name.text}'" for s in sorts)
            message = f"'{name.text}' is a member of several enums"
            self.diagnostics.report(Code.E210, message, name.span, hint=f"write {ways}")
            return None
        return core.Const(sorts[0].members.index(name.text), sorts[0])

    def _indexed(
        self, name: ast.Name, indices: tuple[ast.Expr, ...], scope: Scope, span: Span, *, primed: bool
    ) -> Expr | None:
        info = self.declarations.symbols.get(name.text)
        if info is None:
            if name.text in scope.bound or name.text in self.declarations.defines:
                message = f"'{name.text}' takes no index"
                self.diagnostics.report(Code.E303, message, span, hint="a define is called with ( )")
            else:
                self.unknown(name, scope, f"declare it: 'state {name.text}[...] : bool', or a const")
            return None
        symbol = info.symbol
        if not self._may_read(symbol, name, scope, span, primed=primed):
            return None
        parts = self.indices(symbol, indices, scope, span)
        return None if parts is None else Read(symbol, parts, primed)

    def _may_read(self, symbol: Symbol, name: ast.Name, scope: Scope, span: Span, *, primed: bool) -> bool:
        if symbol.role is Role.STATE and not scope.state_allowed:
            message = f"{scope.place} may read parameters and constants only; '{name.text}' is state"
            self.diagnostics.report(Code.E311, message, span, hint=fixed_instead(scope.place))
            return False
        if primed and (not scope.primes_allowed or symbol.role is Role.RIGID):
            reason, hint = "only 'step' properties speak of the state after a step", NO_PRIME
            if symbol.role is Role.RIGID:
                reason, hint = f"'{name.text}' never changes", f"write '{name.text}'"
            self.diagnostics.report(
                Code.E310, f"{name.text}' is not possible here: {reason}", span, hint=hint
            )
            return False
        return True

    def indices(
        self, symbol: Symbol, written: tuple[ast.Expr, ...], scope: Scope, span: Span
    ) -> tuple[Expr, ...] | None:
        """Lower the indices of a read of `symbol`; a number that does not fit is an obligation of `scope`."""
        parts = self.places(symbol, written, scope, span)
        if parts is None:
            return None
        found = [
            narrowed(part, index_of(symbol, sort), one.span, scope, self.diagnostics)
            for part, sort, one in zip(parts, symbol.indices, written, strict=True)
        ]
        return None if None in found else as_indices(parts, symbol.indices)

    def places(
        self, symbol: Symbol, written: tuple[ast.Expr, ...], scope: Scope, span: Span
    ) -> tuple[Expr, ...] | None:
        """Lower the indices of a read or assignment of `symbol`; numbers may be outside of their range."""
        if len(written) != len(symbol.indices):
            wanted = ", ".join(str(s) for s in symbol.indices) or "none"
            code = Code.E312 if not written else Code.E303
            indices = counted(len(symbol.indices), "index", "indices")
            message = f"'{symbol.name}' has {indices} ({wanted}), {len(written)} given"
            hint = count_habit(symbol.name, symbol.indices)
            self.diagnostics.report(code, message, span, hint=hint)
            return None
        return self.elements(f"'{symbol.name}'", symbol.indices, written, scope)

    def elements(
        self, what: str, sorts: tuple[Sort, ...], written: tuple[ast.Expr, ...], scope: Scope
    ) -> tuple[Expr, ...] | None:
        """Lower the indices of `what`, as many as `sorts`."""
        parts: list[Expr] = []
        for one, sort in zip(written, sorts, strict=True):
            part = self.lower(one, scope, sort)
            if part is not None and part.sort != sort and bare(part.sort) == sort:
                target = RangeTarget(f"an index of {what}", sort)
                part = narrowed(part, target, one.span, scope, self.diagnostics)
            if part is not None and not same_kind(part.sort, sort):
                message = f"index of {what} must be {name_sort(sort)}, found {name_sort(part.sort)}"
                self.diagnostics.report(Code.E304, message, one.span, hint=sort_habit(part.sort, sort))
                part = None
            if part is not None:
                parts.append(part)
        return tuple(parts) if len(parts) == len(written) else None

    def _call(self, written: ast.CallExpr, scope: Scope) -> Expr | None:
        name = written.name.text
        if name in self.declarations.defines:
            return self.definitions.call(written.name, written.arguments, scope, written.span)
        sort = self.elements_in_order.named(written)
        if sort is not None:
            return self.elements_in_order.first(sort, written.span)
        if name in self.declarations.symbols:
            message = f"'{name}' is indexed with [ ], not called with ( )"
            self.diagnostics.report(Code.E209, message, written.span, hint=f"write '{name}[...]'")
        elif name in self.declarations.accesses:
            message = f"'{name}' is an access: it can be performed as a statement, not used as a value"
            self.diagnostics.report(Code.E209, message, written.span, hint=in_place_of(name, "an access"))
        else:
            self.unknown(written.name, scope, f"what is called is a define: 'define {name}(l : Line) = e'")
        return None

    def arguments(
        self, what: str, bound: tuple[Bound, ...], written: tuple[ast.Expr, ...], scope: Scope, span: Span
    ) -> dict[Bound, Expr] | None:
        """Lower the arguments of a define or access, by parameter."""
        if len(bound) != len(written):
            message = f"{what} takes {counted(len(bound), 'argument')}, {len(written)} given"
            self.diagnostics.report(Code.E305, message, span, hint=arguments_habit(what, bound))
            return None
        found = {b: self.of_sort(w, b.sort, scope) for b, w in zip(bound, written, strict=True)}
        good = {b: e for b, e in found.items() if e is not None}
        return good if len(good) == len(found) else None

    def _unary(self, operator: ast.UnaryOperator, operand: ast.Expr, scope: Scope) -> Expr | None:
        if operator is ast.UnaryOperator.NOT:
            inner = self.formula(operand, scope)
            return None if inner is None else core.negation(inner)
        inner = self.number(operand, scope)
        return None if inner is None else core.arithmetic(Op.SUB, core.Const(0, RangeSort(0, 0)), inner)

    def number(self, written: ast.Expr, scope: Scope) -> Expr | None:
        """Lower an expression that must be a number; E306 otherwise."""
        found = self.lower(written, scope)
        return found if found is not None and self.is_number(found, written) else None

    def is_number(self, found: Expr, written: ast.Expr) -> bool:
        if isinstance(found.sort, RangeSort):
            return True
        message = f"expected a number, found {name_sort(found.sort)}"
        self.diagnostics.report(Code.E306, message, written.span, hint=number_habit(found.sort))
        return False

    def _binary(self, written: ast.Binary, scope: Scope) -> Expr | None:
        spelling = written.operator.row
        if spelling.level is Level.COMPARISON and ast.Count in (type(written.left), type(written.right)):
            return self.counts.compared(written, scope)
        if spelling.op.row.kind is Kind.EQUALITY:
            found = self.comparisons.comparison(written.left, written.right, scope, written.span)
            return core.negation(found) if found is not None and spelling.negated else found
        if spelling.op.row.kind is Kind.ORDER:
            return self.comparisons.ordered(written, scope)
        left, right = self.number(written.left, scope), self.number(written.right, scope)
        if left is None or right is None:
            return None
        if spelling.op.row.positive_right and not _is_divisor(right):
            message = f"'{spelling.sign}' needs a positive number on its right side"
            hint = "write a number, or what is declared with a range without 0 and below, such as 1..7"
            self.diagnostics.report(Code.E308, message, written.right.span, hint=hint)
            return None
        return core.apply(spelling.op, (left, right))

    def _logic(self, written: ast.Binary, scope: Scope) -> Expr | None:
        left = self.formula(written.left, scope)
        match written.operator:
            case Written.AND | Written.IMPLIES:
                inner = scope.given(left)
            case Written.OR:
                inner = scope.given(None if left is None else core.negation(left))
            case _:
                inner = scope
        right = self.formula(written.right, inner)
        return None if left is None or right is None else core.apply(written.operator.row.op, (left, right))

    def _quantified(self, written: ast.Quantified, scope: Scope) -> Expr | None:
        bound = self.bind(written.binders, scope)
        if bound is None:
            return None
        binders, inner = bound
        body = self.formula(written.body, inner.within(binders))
        universal = written.quantifier is ast.Quantifier.FORALL
        return None if body is None else core.quantified(binders, body, universal=universal)


def _is_divisor(expr: Expr) -> bool:
    """A number that is written out or has a name, and is positive by its range."""
    named = isinstance(expr, core.Const | core.Read | Bound)
    return named and isinstance(expr.sort, RangeSort) and expr.sort.low > 0
