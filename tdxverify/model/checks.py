"""What is asked: configurations, and the checks of a file, each property in each configuration by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean, nearest_or_all
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Expr
from tdxverify.model.declarations import Declarations, annotation_citations
from tdxverify.model.fairness import FairnessBuilder
from tdxverify.model.model import Check, Config, RangeObligation, SizeRange
from tdxverify.model.ranges import some_violated
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.syntax import ast
from tdxverify.syntax.chains import joined, operands_of
from tdxverify.syntax.printer import print_expression

MOST_ELEMENTS = 100_000  # of one index sort in a check


def admitting(
    checker: ExpressionChecker, written: ast.Expr, scope: Scope
) -> tuple[Expr, tuple[RangeObligation, ...]]:
    """A condition of the start, and what must hold for it to have a value.

    Where it has none it excludes nothing, so that the mistake is found.
    """
    collecting = scope.collecting()
    found = checker.formula(written, collecting)
    obligations = tuple(collecting.obligations or ())
    undefined = checker.refresh(some_violated(obligations))
    return core.disjunction(TRUE if found is None else found, undefined), obligations


class CheckBuilder:
    """Builds them; mistakes go to `diagnostics`."""

    def __init__(
        self,
        declarations: Declarations,
        checker: ExpressionChecker,
        fairness: FairnessBuilder,
        diagnostics: DiagnosticCollector,
    ) -> None:
        self._declarations = declarations
        self._fairness = fairness
        self._checker = checker
        self._diagnostics = diagnostics
        self._configs = {one.name.text: self._config(one) for one in declarations.configs.values()}

    @property
    def configs(self) -> tuple[Config, ...]:
        """All that are declared."""
        return tuple(self._configs.values())

    def checks(self, root: ast.Module) -> tuple[Check, ...]:
        """Those of `root`, in the order in which they are written."""
        return tuple(
            check
            for declaration in root.declarations
            if isinstance(declaration, ast.CheckDecl)
            for check in self._checks(declaration)
        )

    def _config(self, declaration: ast.ConfigDecl) -> Config:
        where, obligations = self._condition(declaration.condition, "a configuration")
        annotations = declaration.annotations
        return Config(
            declaration.name.text,
            where,
            print_expression(declaration.condition),
            annotations.description,
            annotation_citations(annotations),
            declaration.name.span,
            obligations,
        )

    def _condition(self, written: ast.Expr | None, place: str) -> tuple[Expr, tuple[RangeObligation, ...]]:
        if written is None:
            return TRUE, ()
        return admitting(self._checker, written, Scope(state_allowed=False, place=place))

    def _checks(self, declaration: ast.CheckDecl) -> list[Check]:
        sizes = self._sizes(declaration.sizes)
        configs = self._configs_of(declaration)
        asked = [self._asked(declaration, config, sizes) for config in configs]
        found = []
        for name in self._once(declaration.properties):
            target = self._declarations.properties.get(name.text)
            if target is None:
                known = self._declarations.properties
                hint = nearest_or_all(name.text, known, f"declare it: 'property {name.text} never e'")
                self._diagnostics.report(Code.E208, f"unknown property '{name.text}'", name.span, hint=hint)
                continue
            self._length_makes_sense(declaration, target)
            found += [replace(one, property=name.text) for one in asked]
        return found

    def _asked(
        self, declaration: ast.CheckDecl, config: Config | None, sizes: tuple[SizeRange, ...]
    ) -> Check:
        """The check in `config`, of no property yet. Its condition is that of a `where` in which all is
        written out, each part once, so that it has the same evidence."""
        whole = declaration.where
        if config is not None:
            common = self._declarations.configs[config.name].condition
            whole = _conjunction(list(dict.fromkeys([*_joined(common), *_joined(declaration.where)])))
        where, obligations = self._condition(whole, "'where'")
        return Check(
            property="",
            sizes=sizes,
            any_size=declaration.any_size,
            where=where,
            where_text=_text(whole),
            expected=declaration.expected,
            expected_length=declaration.expected_length,
            span=declaration.span,
            description=declaration.annotations.description,
            obligations=obligations,
            where_parts=tuple(map(print_expression, _joined(whole))),
            config=config,
            besides=_text(declaration.where),
            assuming=self._fairness.assumed(declaration.assuming),
        )

    def _configs_of(self, declaration: ast.CheckDecl) -> list[Config | None]:
        """Those that it names; where it names none, one that is none."""
        for name in declaration.configs:
            if name.text not in self._configs:
                self._unknown(name)
        known = [name for name in declaration.configs if name.text in self._configs]
        return [self._configs[name.text] for name in self._once(known)] or [None]

    def _once(self, names: Sequence[ast.Name]) -> list[ast.Name]:
        """Each of them the first time."""
        found: dict[str, ast.Name] = {}
        for name in names:
            first = found.setdefault(name.text, name)
            if first is not name:
                note = Note("named here already", first.span)
                message = f"'{name.text}' is named twice"
                self._diagnostics.report(Code.E609, message, name.span, notes=(note,), hint="once is enough")
        return list(found.values())

    def _unknown(self, name: ast.Name) -> None:
        what = self._declarations.elsewhere(name.text, "config")
        hint = did_you_mean(name.text, self._configs)
        if hint is None and what == "a value":
            hint = f"a condition stands behind 'where': check ... where {name.text}"
        if hint is None and what is not None:
            hint = f"'{name.text}' is {what}"
        hint = hint or f"declare it: config {name.text} where ..."
        self._diagnostics.report(Code.E222, f"unknown configuration '{name.text}'", name.span, hint=hint)

    def _length_makes_sense(self, declaration: ast.CheckDecl, target: ast.PropertyDecl) -> None:
        if declaration.expected_length is None:
            return
        if declaration.expected is not target.kind.with_trace:
            verdict = f"'{declaration.expected.value}' for '{target.name.text}'"
            message = f"{verdict} comes with no trace, so it has no length"
            hint = f"leave 'in {declaration.expected_length}' out"
            self._diagnostics.report(Code.E605, message, declaration.span, hint=hint)

    def _sizes(self, clauses: tuple[ast.SizeClause, ...]) -> tuple[SizeRange, ...]:
        found: dict[str, SizeRange] = {}
        for clause in clauses:
            name = clause.sort.text
            if name not in self._declarations.index_sorts:
                known = self._declarations.index_sorts
                hint = nearest_or_all(name, known, f"sizes are those of what is declared with 'index {name}'")
                self._diagnostics.report(Code.E603, f"'{name}' is no index sort", clause.sort.span, hint=hint)
            elif name in found:
                message, hint = (
                    f"the size of '{name}' is stated twice",
                    f"one of them: '{name} <= 3' is 1 to 3",
                )
                self._diagnostics.report(Code.E604, message, clause.span, hint=hint)
            elif clause.size < 1:
                message = f"a sort has at least one element; '{name}' cannot have {clause.size}"
                self._diagnostics.report(Code.E601, message, clause.span, hint=f"write '{name} = 1' or more")
            elif clause.size > MOST_ELEMENTS:
                message = (
                    f"{clause.size} elements of '{name}' are too many; at most {MOST_ELEMENTS} are possible"
                )
                self._diagnostics.report(
                    Code.E602, message, clause.span, hint="a few elements find most mistakes"
                )
            else:
                found[name] = SizeRange(name, 1 if clause.at_most else clause.size, clause.size)
        return tuple(found.values())


def _text(written: ast.Expr | None) -> str:
    return "" if written is None else print_expression(written)


def _joined(written: ast.Expr | None) -> list[ast.Expr]:
    """What it joins by `and`; nothing where there is no condition."""
    return [] if written is None else operands_of(written, ast.BinaryOperator.AND)


def _conjunction(parts: Sequence[ast.Expr]) -> ast.Expr | None:
    """The same in the shape that the parser gives to `a and b and c`."""
    return joined(ast.BinaryOperator.AND, parts) if parts else None
