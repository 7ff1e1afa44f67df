"""Claims that compare two runs: what is secret, who sees what, and what nobody may tell or change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean
from tdxverify.logic.expr import Role
from tdxverify.model.compared import Comparison, Observer, Secret, View
from tdxverify.model.declarations import Declarations, annotation_citations
from tdxverify.model.model import RangeObligation
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.syntax import ast
from tdxverify.syntax.print_expressions import print_expression


class ComparisonBuilder:
    """Builds them; mistakes go to `diagnostics`."""

    def __init__(
        self, declarations: Declarations, checker: ExpressionChecker, diagnostics: DiagnosticCollector
    ) -> None:
        self._declarations = declarations
        self._checker = checker
        self._diagnostics = diagnostics
        self._obligations: dict[str, tuple[RangeObligation, ...]] = {}  # of what observers see

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """What is declared secret, in that order."""
        return tuple(self._secrets())

    @cached_property
    def observers(self) -> tuple[Observer, ...]:
        """All that are declared."""
        known = self._declarations
        found = map(self._observer, known.each(known.observers, ast.ObserverDecl))
        return tuple(one for one in found if one is not None)

    def comparison(
        self, declaration: ast.PropertyDecl
    ) -> tuple[Comparison, tuple[RangeObligation, ...]] | None:
        """What `declaration`, a claim about two runs, compares, and what must hold in each state for that to
        have a value; None after a diagnostic."""
        collecting: list[RangeObligation] = []
        views = self._views(declaration.views, collecting)
        if declaration.observer is None:
            assert declaration.actor is not None
            if views is None or declaration.actor.text not in self._declarations.actors:
                return None
            name = declaration.actor.text
            return Comparison(name, views, without=name), tuple(collecting)
        observer = self._named(declaration.observer)
        self._need_secrets(declaration)
        if observer is None or views is None:
            return None
        secrets = tuple(dict.fromkeys(one.symbol for one in self.secrets))
        collecting += self._obligations[observer.name]
        compared = Comparison(observer.name, observer.views, secrets, views, declaration.by_steps)
        return compared, tuple(collecting)

    def _secrets(self) -> Iterator[Secret]:
        places: dict[str, ast.Name] = {}
        for declaration in self._declarations.secrets:
            for name in declaration.names:
                first = places.get(name.text)
                places.setdefault(name.text, name)
                info = self._declarations.symbols.get(name.text)
                if first is not None:
                    self._diagnostics.report(
                        Code.E224,
                        f"'{name.text}' is said to be secret twice",
                        name.span,
                        notes=(Note("said here already", first.span),),
                        hint="once is enough",
                    )
                elif info is None or info.symbol.role is not Role.STATE:
                    self._no_state(name)
                else:
                    told = declaration.annotations
                    citations = annotation_citations(told)
                    yield Secret(info.symbol, told.description, citations, name.span)

    def _no_state(self, name: ast.Name) -> None:
        """Only states are secret."""
        known = self._declarations
        if name.text in known.broken:
            return
        if name.text in known.symbols:
            message = f"'{name.text}' is no state, and is the same in both runs"
            hint = "declare it with 'state': what no step assigns never changes either"
        elif name.text in known.defines:
            message, hint = f"'{name.text}' is no state", "name the states that it reads"
        else:
            states = [text for text, info in known.symbols.items() if info.symbol.role is Role.STATE]
            message = f"there is no state '{name.text}'"
            hint = (
                did_you_mean(name.text, states) or f"declare it: 'state {name.text} : bool', or another sort"
            )
        self._diagnostics.report(Code.E227, message, name.span, hint=hint)

    def _observer(self, declaration: ast.ObserverDecl) -> Observer | None:
        collecting: list[RangeObligation] = []
        views = self._views(declaration.views, collecting)
        if views is None:
            return None
        name, told = declaration.name, declaration.annotations
        self._obligations.setdefault(name.text, tuple(collecting))
        return Observer(name.text, views, told.description, annotation_citations(told), name.span)

    def _views(
        self, written: Iterable[ast.View], obligations: list[RangeObligation]
    ) -> tuple[View, ...] | None:
        """None after a diagnostic."""
        views = [self._view(one, obligations) for one in written]
        good = [view for view in views if view is not None]
        return tuple(good) if len(good) == len(views) else None

    def _view(self, written: ast.View, obligations: list[RangeObligation]) -> View | None:
        bound = self._checker.bind(written.binders, Scope())
        if bound is None:
            return None
        binders, scope = bound
        collecting = scope.within(binders).collecting()
        value = self._checker.lower(written.value, collecting)
        obligations += collecting.obligations or ()
        return None if value is None else View(binders, value, print_expression(written.value))

    def _named(self, name: ast.Name) -> Observer | None:
        observers = self.observers
        for one in observers:
            if one.name == name.text:
                return one
        known = self._declarations.observers
        if name.text not in known:
            hint = did_you_mean(name.text, known)
            hint = (
                hint or f"say what there is to see: observer {name.text} sees phase, each p : Page: seen[p]"
            )
            self._diagnostics.report(Code.E226, f"unknown observer '{name.text}'", name.span, hint=hint)
        return None

    def _need_secrets(self, declaration: ast.PropertyDecl) -> None:
        if not self._declarations.secrets:
            message = "nothing is secret, so there is nothing to tell"
            hint = "say in which states the runs may differ: secret plain"
            self._diagnostics.report(Code.E228, message, declaration.claim, hint=hint)
