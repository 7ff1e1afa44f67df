"""A module in which names have a prefix: those that certain files declare, wherever they stand.

Which names belong to which name space is said once, in `_SPACES`; labels, words of outcomes and citations are
no names of a file. What is bound inside a declaration (a parameter, the variable of a `forall`) and is called
like something declared gets the prefix as well: so hiding a declaration is the mistake that it was (E212).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeAlias

from tdxverify.source import Span
from tdxverify.syntax import ast

Names: TypeAlias = Mapping[str, frozenset[str]]  # name space -> what is declared in it

# The parts of nodes that are names, by node; and the name spaces in which they are looked up.
_SPACES: Mapping[type, Mapping[str, str]] = {
    ast.ParamDecl: {"name": "value"},
    ast.IndexDecl: {"name": "sort"},
    ast.EnumDecl: {"name": "sort", "members": "value"},
    ast.FaultDecl: {"name": "fault", "kills": "actor", "must_not_reach": "actor"},
    ast.ActorDecl: {"names": "actor"},
    ast.IndexPosition: {"name": "value"},
    ast.ConstDecl: {"name": "value"},
    ast.StateDecl: {"name": "value"},
    ast.DefineDecl: {"name": "value"},
    ast.AccessRow: {"fault": "fault"},
    ast.AccessDecl: {"name": "access"},
    ast.ActionDecl: {"name": "behaviour", "actor": "actor"},
    ast.ProcessDecl: {"name": "behaviour", "actor": "actor"},
    ast.SecretDecl: {"names": "value"},
    ast.ObserverDecl: {"name": "observer"},
    ast.PropertyDecl: {"name": "property", "actor": "actor", "fault": "fault", "observer": "observer"},
    ast.SizeClause: {"sort": "sort"},
    ast.ConfigDecl: {"name": "config"},
    ast.FairClause: {"name": "doer"},
    ast.CheckDecl: {"properties": "property", "configs": "config"},
    ast.RefineActor: {"name": "actor"},
    ast.RefineGuard: {"name": "behaviour"},
    ast.RefineValue: {"name": "value"},
    ast.RefineRow: {"access": "access"},
    ast.RefineByProcess: {"action": "behaviour"},
    ast.NamedType: {"name": "sort"},
    ast.Binder: {"name": "value"},
    ast.NameExpr: {"name": "value", "qualifier": "sort"},
    ast.IndexExpr: {"name": "value"},
    ast.CallExpr: {"name": "value"},
    ast.AtLabel: {"process": "behaviour"},
    ast.Took: {"actor": "actor", "outcome": "fault"},
    ast.IsDead: {"actor": "actor"},
    ast.Assign: {"target": "value"},
    ast.Access: {"name": "access"},
    ast.Handler: {"outcome": "fault"},
}
_ONE_OF = {"doer": ("behaviour", "actor")}  # the first in which it is declared
_DECLARING = {
    (kind, part): space
    for kind in (
        *(ast.ParamDecl, ast.IndexDecl, ast.EnumDecl, ast.FaultDecl, ast.ActorDecl, ast.ConstDecl),
        *(ast.StateDecl, ast.DefineDecl, ast.AccessDecl, ast.ActionDecl, ast.ProcessDecl, ast.PropertyDecl),
        *(ast.ConfigDecl, ast.ObserverDecl),
    )
    for part, space in _SPACES[kind].items()
    if part in ("name", "names", "members")
}
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")


def declared_names(modules: Iterable[ast.Module]) -> Names:
    """What these modules declare, also by a process that they put in the place of an action."""
    found: dict[str, set[str]] = {}
    for module in modules:
        for declaration in module.declarations:
            match declaration:
                case ast.MemoryDecl(fields=states):
                    parts: Sequence[ast.Declaration] = states
                case ast.RefineByProcess(process=process):
                    parts = (process,)
                case _:
                    parts = (declaration,)
            for part in parts:
                _note(part, found)
    return {space: frozenset(names) for space, names in found.items()}


def _note(declaration: ast.Declaration, found: dict[str, set[str]]) -> None:
    for (kind, part), space in _DECLARING.items():
        if type(declaration) is kind:
            named = getattr(declaration, part)
            for name in named if isinstance(named, tuple) else (named,):
                found.setdefault(space, set()).add(name.text)


def together(own: Names, inner: Iterable[tuple[str, Names]]) -> Names:
    """`own` names, and those that have a prefix already."""
    found = {space: set(names) for space, names in own.items()}
    for prefix, names in inner:
        for space, texts in names.items():
            found.setdefault(space, set()).update(_prefixed(prefix, text, space) for text in texts)
    return {space: frozenset(texts) for space, texts in found.items()}


def _prefixed(prefix: str, text: str, space: str) -> str:
    return f"#{prefix}_{text[1:]}" if space == "fault" else f"{prefix}_{text}"


def renamed(module: ast.Module, around: Sequence[tuple[str, Names]]) -> ast.Module:
    """`module` in which each name that files around it declare has their prefix; the first that do count."""
    return replace(
        module, declarations=tuple(_Renaming(around, one).node(one) for one in module.declarations)
    )


class _Renaming:
    """Of one declaration."""

    def __init__(self, around: Sequence[tuple[str, Names]], declaration: ast.Declaration) -> None:
        self._around = around
        self._bound = {one.name.text for one in ast.nodes(declaration, ast.Binder)}

    def node(self, node: Any) -> Any:
        """`node` with all its names renamed; the same object where there is none."""
        if isinstance(node, tuple):
            parts = tuple(map(self.node, node))
            return parts if any(new is not old for new, old in zip(parts, node, strict=True)) else node
        if isinstance(node, ast.EmitLine):
            return replace(node, text=_PLACEHOLDER.sub(self._placeholder, node.text))
        if not is_dataclass(node) or isinstance(node, Span | ast.Name | ast.Annotations):
            return node
        spaces = _SPACES.get(type(node), {})
        changed: dict[str, Any] = {}
        for part in fields(node):
            old = getattr(node, part.name)
            new = self._names(old, spaces[part.name]) if part.name in spaces else self.node(old)
            if new is not old:
                changed[part.name] = new
        if isinstance(node, ast.CallExpr) and node.name.text == "first" and "name" not in changed:
            changed["arguments"] = tuple(map(self._sort, changed.get("arguments", node.arguments)))
        if isinstance(node, ast.RefineByProcess) and "action" in changed:
            process = changed.get("process", node.process)
            changed["process"] = _doing(process, node.action.text, changed["action"])
        return replace(node, **changed) if changed else node

    def _sort(self, argument: ast.Expr) -> ast.Expr:
        """What `first(Epoch)` is about, where nothing else is called that."""
        if not isinstance(argument, ast.NameExpr) or argument.name.text in self._bound:
            return argument
        new = self._called(argument.name.text, "sort")
        return argument if new is None else replace(argument, name=replace(argument.name, text=new))

    def _names(self, old: Any, space: str) -> Any:
        if isinstance(old, tuple):
            return tuple(self._names(one, space) for one in old)
        new = None if old is None else self._called(old.text, space)
        return old if new is None else replace(old, text=new)

    def _called(self, text: str, space: str) -> str | None:
        """What `text` is called with its prefix; None where it has none."""
        for prefix, names in self._around:
            for one in _ONE_OF.get(space, (space,)):
                if text in names.get(one, ()):
                    return _prefixed(prefix, text, one)
        return None

    def _placeholder(self, match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match.group()
        new = self._called(name, "value")
        if new is None and name not in self._bound:
            new = self._called(name, "sort")
        return match.group() if new is None else f"{{{new}}}"


def _doing(process: ast.ProcessDecl, old: str, new: ast.Name) -> ast.ProcessDecl:
    """`LABEL: as NAME` with the new name of the action, unless a step is called that."""
    labels = {step.label.text for step in ast.nodes(process.items, ast.Step)}

    def items(node: Any) -> Any:
        if isinstance(node, ast.SameStep) and node.other.text == old and old not in labels:
            return replace(node, other=replace(node.other, text=new.text))
        if isinstance(node, tuple):
            return tuple(map(items, node))
        if isinstance(node, ast.WhileItem | ast.ForeachItem):
            return replace(node, items=items(node.items))
        if isinstance(node, ast.EitherItem):
            return replace(node, branches=items(node.branches))
        if isinstance(node, ast.IfItem):
            return replace(node, branches=items(node.branches), otherwise=items(node.otherwise))
        return node

    return replace(process, items=items(process.items))
