"""Modules to `Draft`: names, sorts, statements, processes, tables, properties, checks.

All mistakes that can be found are collected; one SpecError carries them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import DiagnosticCollector, nearest_or_all
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Implicit, Role, Symbol
from tdxverify.model.actors import claimed, some_took
from tdxverify.model.behaviour import Behaviour, build_behaviour
from tdxverify.model.checks import CheckBuilder, admitting
from tdxverify.model.declarations import Declarations, annotation_citations, collect, refinements_of
from tdxverify.model.fairness import FairnessBuilder
from tdxverify.model.habits import ANOTHER_NAME
from tdxverify.model.model import (
    AccessTable,
    InitialValue,
    Model,
    Property,
    RangeObligation,
    RangeTarget,
    Stop,
    SymbolInfo,
    TableRow,
    Template,
)
from tdxverify.model.ordering import OrderCondition
from tdxverify.model.ranges import narrowed
from tdxverify.model.scope import Scope
from tdxverify.model.secrecy import ComparisonBuilder
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.model.starting import circle_of_constants, circle_of_states, left_open, settled
from tdxverify.model.stopping import halting_faults
from tdxverify.model.templates import read_templates
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_expression, print_statements


@dataclass(frozen=True, slots=True)
class Draft:
    """What a program means if it is well-formed, which only `tdxverify.wellformed` can say.

    Left to be shown: `orders`, and that exactly one row of each access table answers every state.
    """

    model: Model
    orders: tuple[OrderCondition, ...]


def elaborate(modules: tuple[ast.Module, ...], doubtful: frozenset[str] = frozenset()) -> Draft:
    """The meaning of `modules`, the last of which is the root file. Raises SpecError.

    `doubtful` are access tables of which it is not known that rows with different results never overlap.
    Whoever wants a model to ask questions about takes `wellformed.build_model`.
    """
    diagnostics = DiagnosticCollector()
    declarations, sort_of = collect(modules, diagnostics)
    checker = ExpressionChecker(declarations, sort_of, diagnostics, doubtful)
    model = _Builder(declarations, checker, diagnostics).build(modules)
    diagnostics.raise_if_any()
    return Draft(replace(model, case=modules[-1].case), checker.order_conditions)


class _Builder:
    def __init__(
        self, declarations: Declarations, checker: ExpressionChecker, diagnostics: DiagnosticCollector
    ) -> None:
        self.declarations = declarations
        self.checker = checker
        self.diagnostics = diagnostics
        self.at_start: list[RangeObligation] = []
        self.two_runs = ComparisonBuilder(declarations, checker, diagnostics)

    def build(self, modules: tuple[ast.Module, ...]) -> Model:
        declared = self.declarations
        behaviour = build_behaviour(declared, self.checker)
        constants = self._constant_definitions()
        assumptions = (*self._rigid_conditions(), *constants)
        properties = self._properties(behaviour.stops)
        tables = tuple(self._table(access) for access in declared.each(declared.accesses, ast.AccessDecl))
        self.checker.definitions.look_at_all()
        constraints = (*self._constraints(), *(start.formula for start in behaviour.starts.values()))
        self.at_start += [one for start in behaviour.starts.values() for one in start.obligations]
        root = modules[-1]
        fairness = FairnessBuilder(declared, behaviour.actions, self.diagnostics)
        asked = CheckBuilder(declared, self.checker, fairness, self.diagnostics)
        checks = asked.checks(root)
        symbols = self._symbols(
            behaviour,
            (assumptions, constraints, properties, tables, checks, self.at_start, self.two_runs.observers),
        )
        state = (info.symbol for info in symbols if info.symbol.role is Role.STATE)
        initial = self._settled(
            tuple(self._initial(symbol, open_ones=behaviour.starts.keys()) for symbol in state)
        )
        for symbol, declaration in declared.repeated_states:
            self._written(symbol, declaration)
        return Model(
            name=root.name.text if root.name else root.span.source.path,
            index_sorts=tuple(declared.index_sorts.values()),
            enums=tuple(declared.enums.values()),
            symbols=symbols,
            assumptions=assumptions,
            initial=initial,
            constraints=constraints,
            actions=behaviour.guarded(symbols),
            properties=properties,
            checks=checks,
            tables=tables,
            faults=tuple(declared.faults.values()),
            actors=tuple(declared.actors.values()),
            start_obligations=tuple(self.at_start),
            preludes=self._preludes(modules),
            stops=(*halting_faults(symbols, declared), *behaviour.stops),
            configs=asked.configs,
            fairness=fairness.declared(),
            fair_candidates=fairness.candidates(),
            strengthened=behaviour.strengthened,
            start_passages=behaviour.start_passages,
            constants=tuple(constants.items()),
            secrets=self.two_runs.secrets,
            observers=self.two_runs.observers,
        )

    def _preludes(self, modules: tuple[ast.Module, ...]) -> tuple[Template, ...]:
        """One for each file and language; copies of a file under prefixes that say the same say it once."""
        found: dict[tuple[str, Template], Template] = {}
        for module in modules:
            emits = [one.emit for one in module.declarations if isinstance(one, ast.PreludeDecl)]
            for one in read_templates(emits, {}, self.declarations, self.diagnostics):
                found.setdefault((module.span.source.path, one), one)
        return tuple(found.values())

    # --- rigid part and initial states ----------------------------------------

    def _rigid_conditions(self) -> tuple[Expr, ...]:
        scope = Scope(state_allowed=False, place="an assumption")
        return tuple(self._required(one.condition, scope) for one in self.declarations.assumptions)

    def _constraints(self) -> tuple[Expr, ...]:
        return tuple(self._required(one.condition, Scope()) for one in self.declarations.constraints)

    def _required(self, written: ast.Expr, scope: Scope) -> Expr:
        formula, obligations = admitting(self.checker, written, scope)
        self.at_start += obligations
        return formula

    def _positions(
        self, positions: tuple[ast.IndexPosition, ...], symbol: Symbol, place: str
    ) -> tuple[tuple[Bound, ...], Scope]:
        """One bound variable per index, those with a name visible to the initial value."""
        names: dict[str, Bound] = {}
        binders: list[Bound] = []
        for position, sort in zip(positions, symbol.indices, strict=True):
            name = position.name.text if position.name else sort.name if hasattr(sort, "name") else "index"
            bound = Bound(self.checker.names.fresh(name), sort)
            binders.append(bound)
            if position.name is not None:
                if position.name.text in names:
                    message = f"'{position.name.text}' is named twice"
                    self.diagnostics.report(Code.E211, message, position.name.span, hint=ANOTHER_NAME)
                names[position.name.text] = bound
        return tuple(binders), Scope(names, state_allowed=False, place=place)

    def _constant_definitions(self) -> dict[Expr, str]:
        """`const f[l : Line] : T = e` as an assumption: forall l: f[l] = e, with `const f = e`."""
        found: dict[Expr, str] = {}
        values: list[tuple[core.Read, Expr]] = []
        for symbol, declaration in self.declarations.constant_values:
            if declaration.value is None:
                continue
            binders, scope = self._positions(declaration.indices, symbol, "the value of a constant")
            value = self._fitting(declaration.value, symbol, binders, scope)
            if value is not None:
                constant = core.Read(symbol, binders)
                values.append((constant, value))
                whole = core.quantified(binders, core.equal(constant, value), universal=True)
                found[whole] = f"const {symbol.name} = {print_expression(declaration.value)}"
        if names := circle_of_constants(values):
            told = f"the value of '{names[0]}' depends on itself: {' -> '.join(names)}"
            self._unsettled(names[0], told, "give one of them a value that does not depend on the others")
        return found

    def _fitting(
        self, written: ast.Expr, symbol: Symbol, binders: tuple[Bound, ...], scope: Scope
    ) -> Expr | None:
        """A value of `symbol` at `binders`, inside its sort; what must hold for that, must at the start."""
        collecting = scope.within(binders).collecting()
        value = self.checker.of_sort(written, symbol.sort, collecting)
        if value is None:
            return None
        target = RangeTarget(f"'{symbol.name}'", symbol.sort, symbol, binders)
        inside = narrowed(value, target, written.span, collecting, self.diagnostics)
        self.at_start += collecting.obligations or ()
        return inside

    def _initial(self, symbol: Symbol, open_ones: Collection[str]) -> InitialValue:
        """`open_ones`: implicit symbols of which a constraint says how they start."""
        declaration = self.declarations.state_declarations.get(symbol.name)
        if declaration is None:  # implicit symbols start with their first value: false, first label, to do
            binders = tuple(Bound(self.checker.names.fresh("index"), sort) for sort in symbol.indices)
            first = None if symbol.name in open_ones else (core.Const(0, symbol.sort),)
            return InitialValue(symbol, binders, first)
        return self._written(symbol, declaration)

    def _settled(self, written: tuple[InitialValue, ...]) -> tuple[InitialValue, ...]:
        """Initial values that read no state."""
        names, several = circle_of_states(written), left_open(written)
        if names:
            told = f"the initial value of '{names[0]}' depends on itself: {' -> '.join(names)}"
            self._unsettled(names[0], told, "give one of them a value that does not depend on the others")
        elif several is not None:
            name, other = several
            told = f"the initial value of '{name}' reads '{other}', which starts with any of several values"
            self._unsettled(name, told, f"give '{name}' no value, and say it with 'init {name} = ...'")
        return written if names or several else settled(written, self.checker.refresh)

    def _unsettled(self, name: str, told: str, hint: str) -> None:
        self.diagnostics.report(Code.E223, told, self.declarations.places["value", name], hint=hint)

    def _starts_with(
        self, written: ast.Expr, symbol: Symbol, binders: tuple[Bound, ...], scope: Scope
    ) -> Expr | None:
        """The same of an initial value, which may read others, but nothing implicit."""
        value = self._fitting(written, symbol, binders, scope)
        if value is None or not any(one.implicit for one in core.symbols_of(value)):
            return value
        message = "an initial value may read parameters, constants and initial values only"
        hint = "every process begins before its first step, and nobody has taken anything: leave it out"
        self.diagnostics.report(Code.E311, message, written.span, hint=hint)
        return None

    def _written(self, symbol: Symbol, declaration: ast.StateDecl) -> InitialValue:
        """How `symbol` starts according to `declaration`."""
        binders, scope = self._positions(declaration.indices, symbol, "an initial value")
        scope = replace(scope, state_allowed=True)
        written: tuple[ast.Expr, ...]
        match declaration.initial:
            case None:
                return InitialValue(symbol, binders, None)
            case ast.AnyValue(choices=choices):
                if not choices:
                    return InitialValue(symbol, binders, None)
                written = choices
            case expression:
                written = (expression,)
        values = [self._starts_with(one, symbol, binders, scope) for one in written]
        return InitialValue(symbol, binders, tuple(v for v in values if v is not None))

    def _symbols(self, behaviour: Behaviour, others: tuple[object, ...]) -> tuple[SymbolInfo, ...]:
        """Declared symbols, then the implicit ones that actions or `others` refer to."""
        declared = list(self.declarations.symbols.values())
        known = {info.symbol.name for info in declared}
        found = list(behaviour.process_symbols)
        known |= {info.symbol.name for info in found}
        for symbol in behaviour.fault_symbols(others):
            if symbol.name not in known:
                known.add(symbol.name)
                origin = "actor" if symbol.implicit is Implicit.DEAD else "fault"
                found.append(SymbolInfo(symbol, None, (), origin, behaviour.place))
        return (*declared, *found)

    # --- properties -----------------------------------------------------------

    def _properties(self, stops: tuple[Stop, ...]) -> tuple[Property, ...]:
        """`stops`: that everything is stopped is no deadlock, so that must have a value as well."""
        found = []
        for declaration in self.declarations.each(self.declarations.properties, ast.PropertyDecl):
            if declaration.kind.of_two_runs:
                found += self._of_two_runs(declaration)
                continue
            scope, binders = self._each(declaration)
            collecting = scope.collecting()
            formula = self._formula(declaration, collecting)
            premise = None
            if declaration.premise is not None:
                premise = self.checker.formula(declaration.premise, collecting)
                if premise is None:
                    continue
            if not declaration.kind.parts:  # the guards say it, and what stops everything
                collecting = replace(
                    collecting, obligations=[o for s in stops if s.everything for o in s.obligations]
                )
            if formula is None and declaration.kind.parts:
                continue
            annotations = declaration.annotations
            found.append(
                Property(
                    declaration.name.text,
                    declaration.kind,
                    formula,
                    annotations.description,
                    annotation_citations(annotations),
                    declaration.span,
                    declaration.claim,
                    tuple(collecting.obligations or ()),
                    binders,
                    premise,
                )
            )
        return tuple(found)

    def _of_two_runs(self, declaration: ast.PropertyDecl) -> list[Property]:
        """None after a diagnostic."""
        compared = self.two_runs.comparison(declaration)
        if compared is None:
            return []
        comparison, obligations = compared
        told, citations = declaration.annotations.description, annotation_citations(declaration.annotations)
        name, kind, span = declaration.name.text, declaration.kind, declaration.span
        made = Property(name, kind, None, told, citations, span, declaration.claim, obligations)
        return [replace(made, compared=comparison)]

    def _each(self, declaration: ast.PropertyDecl) -> tuple[Scope, tuple[Bound, ...]]:
        """The names that its claim may use, and those of them that it is made for each value of."""
        scope = Scope(primes_allowed=declaration.kind.of_steps)
        bound = self.checker.bind(declaration.binders, scope)
        return (scope, ()) if bound is None else (bound[1].within(bound[0]), bound[0])

    def _formula(self, declaration: ast.PropertyDecl, scope: Scope) -> Expr | None:
        if declaration.condition is not None:
            return self.checker.formula(declaration.condition, scope)
        if declaration.fault is not None:
            return self._fault_formula(declaration, declaration.fault)
        return None

    def _fault_formula(self, declaration: ast.PropertyDecl, name: ast.Name) -> Expr | None:
        fault = self.declarations.faults.get(name.text)
        if fault is None:
            hint = nearest_or_all(name.text, self.declarations.faults, f"declare it: fault {name.text}")
            self.diagnostics.report(Code.E205, f"unknown fault '{name.text}'", name.span, hint=hint)
            return None
        if ast.Part.ACTOR not in declaration.kind.parts:
            names = fault.must_not_reach
            if not names:
                message = f"fault {fault.name} does not say whom it must not reach"
                hint = f"fault {fault.name} must not reach ACTOR"
                self.diagnostics.report(Code.E410, message, declaration.span, hint=hint)
                return None
        elif declaration.actor is None:
            names = tuple(self.declarations.actors)
        else:
            names = (declaration.actor.text,)
        actors = [known for name in names if (known := self.declarations.actors.get(name)) is not None]
        if declaration.actor is not None and declaration.actor_indices and actors:
            span, indices = declaration.actor.span, declaration.actor_indices
            one = claimed(actors[0], indices, span, self.checker, fault.name)
            return None if one is None else one.took(fault.name)
        return some_took(actors, fault.name, self.checker)

    # --- tables -----------------------------------------------------------------

    def _table(self, access: ast.AccessDecl) -> AccessTable:
        """The table for printing and checking; effects are executed at each access, not here."""
        bound = self.checker.bind(access.parameters, Scope(), may_be_none=True)
        parameters, scope = bound if bound is not None else ((), Scope())
        conditions: list[Expr] = []
        rows = []
        for number, row in enumerate(access.rows):
            if row.guard is None:
                if number + 1 < len(access.rows):
                    message = "rows behind 'otherwise' are never reached"
                    hint = "put 'otherwise' last"
                    self.diagnostics.report(Code.E503, message, access.rows[number + 1].span, hint=hint)
                condition: Expr | None = core.negation(core.disjunction(*conditions))
            else:
                # What a guard needs to have a value is asked where the access happens.
                inner = scope.collecting()
                condition = self.checker.formula(row.guard, inner) if bound is not None else None
            conditions.append(core.FALSE if condition is None else condition)
            rows.append(self._row(row, conditions[-1]))
        annotations, emits = access.annotations, access.emits if bound is not None else ()
        return AccessTable(
            access.name.text,
            parameters,
            tuple(rows),
            annotations.description,
            annotation_citations(annotations),
            access.name.span,
            read_templates(emits, scope.bound, self.declarations, self.diagnostics),
        )

    def _row(self, row: ast.AccessRow, condition: Expr) -> TableRow:
        guard = "otherwise" if row.guard is None else print_expression(row.guard)
        outcome = f"fault {row.fault.text}" if row.fault else row.result
        if row.detail:
            outcome += f"({row.detail})"
        citations = annotation_citations(row.annotations)
        return TableRow(
            guard,
            outcome,
            row.fault.text if row.fault else None,
            print_statements(row.effects),
            citations,
            condition,
            row.span,
            row.annotations.description,
            refinements_of(row.refinements),
        )
