"""What texts mean, as syntax trees."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import Code, SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Op
from tdxverify.syntax.ast import PropertyKind
from tdxverify.syntax.parse import parse
from tests.syntax.strategies import SPAN


def only(text: str) -> ast.Declaration:
    (declaration,) = parse(SourceFile("test.tdx", text)).declarations
    return declaration


def expression(text: str) -> ast.Expr:
    declaration = only(f"init {text}")
    assert isinstance(declaration, ast.InitDecl)
    return declaration.condition


def statements(text: str) -> tuple[ast.Statement, ...]:
    declaration = only(f"action a {{ {text} }}")
    assert isinstance(declaration, ast.ActionDecl)
    return declaration.body


def name(text: str) -> ast.Name:
    return ast.Name(text, span=SPAN)


def use(text: str) -> ast.NameExpr:
    return ast.NameExpr(name(text), span=SPAN)


def binary(operator: Op, left: ast.Expr, right: ast.Expr) -> ast.Binary:
    return ast.Binary(operator, left, right, span=SPAN)


def line_type(text: str) -> ast.NamedType:
    return ast.NamedType(name(text), span=SPAN)


A, B, C, D = use("a"), use("b"), use("c"), use("d")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and c", binary(Op.OR, A, binary(Op.AND, B, C))),
        ("a implies b implies c", binary(Op.IMPLIES, A, binary(Op.IMPLIES, B, C))),
        ("a iff b iff c", binary(Op.IFF, binary(Op.IFF, A, B), C)),
        ("a iff b implies c or d", binary(Op.IFF, A, binary(Op.IMPLIES, B, binary(Op.OR, C, D)))),
        ("a - b - c", binary(Op.SUBTRACT, binary(Op.SUBTRACT, A, B), C)),
        ("a + b * c", binary(Op.ADD, A, binary(Op.MULTIPLY, B, C))),
        ("a div b mod c", binary(Op.MODULO, binary(Op.DIVIDE, A, B), C)),
        ("a + b <= c", binary(Op.AT_MOST, binary(Op.ADD, A, B), C)),
        ("not a = b", ast.Unary(ast.UnaryOperator.NOT, binary(Op.EQUAL, A, B), span=SPAN)),
        ("-a * b", binary(Op.MULTIPLY, ast.Unary(ast.UnaryOperator.NEGATE, A, span=SPAN), B)),
        ("Phase.a", ast.NameExpr(name("a"), name("Phase"), span=SPAN)),
        ("a'", ast.NameExpr(name("a"), primed=True, span=SPAN)),
        ("x[a, b]", ast.IndexExpr(name("x"), (A, B), span=SPAN)),
        ("x'[a]", ast.IndexExpr(name("x"), (A,), primed=True, span=SPAN)),
        ("f()", ast.CallExpr(name("f"), (), span=SPAN)),
        ("a in { b, c }", ast.SetMember(A, (B, C), span=SPAN)),
        ("a in -1..3", ast.RangeMember(A, ast.RangeType(-1, 3, span=SPAN), span=SPAN)),
        ("if a then b else if c then d else a",
         ast.IfExpr(A, B, ast.IfExpr(C, D, A, span=SPAN), span=SPAN)),
        ("p at done", ast.AtLabel(name("p"), (), name("done"), span=SPAN)),
        ("p[a] at q", ast.AtLabel(name("p"), (A,), name("q"), span=SPAN)),
        ("h took #MC", ast.Took(name("h"), name("#MC"), span=SPAN)),
        ("anyone took #MC", ast.Took(None, name("#MC"), span=SPAN)),
        ("h is dead", ast.IsDead(name("h"), span=SPAN)),
        ("true", ast.BoolLiteral(True, span=SPAN)),
        ("0042", ast.IntLiteral(42, span=SPAN)),
    ],
)  # fmt: skip
def test_expressions(text: str, tree: ast.Expr) -> None:
    assert expression(text) == tree
    assert expression(f"(({text}))") == tree


def test_quantifiers_reach_as_far_right_as_possible() -> None:
    tree = expression("a and forall l, m : Line, c : Cpu: b or c")
    assert isinstance(tree, ast.Binary)
    assert tree.left == A
    inner = tree.right
    assert isinstance(inner, ast.Quantified)
    assert inner.body == binary(Op.OR, B, C)
    assert [(b.name.text, b.type) for b in inner.binders] == [
        ("l", line_type("Line")),
        ("m", line_type("Line")),
        ("c", line_type("Cpu")),
    ]


def test_spans_are_those_of_the_text() -> None:
    text = "module m\nstate x : bool = (a and  b[c]) // comment\naction go { x := true }"
    module = parse(SourceFile("test.tdx", text))
    state, action = module.declarations
    assert isinstance(state, ast.StateDecl)
    assert isinstance(action, ast.ActionDecl)
    assert state.span.text == "state x : bool = (a and  b[c])"
    assert isinstance(state.initial, ast.Binary)
    assert state.initial.span.text == "a and  b[c]"
    assert state.initial.right.span.text == "b[c]"
    assert state.name.span.text == "x"
    assert (action.span.line, action.span.column) == (3, 1)
    assert action.body[0].span.text == "x := true"


def test_spans_count_characters_behind_windows_line_ends() -> None:
    module = parse(SourceFile("test.tdx", 'param ä_ : bool "ü"\r\nparam b : bool'.replace("ä_", "a")))
    assert module.declarations[1].span.line == 2
    assert module.declarations[1].span.column == 1


def test_statements_need_no_separators() -> None:
    found = statements(
        """
        x := 1 y[a, b] := any; z := any { a, b }
        acc(a) on #MC { goto here } on #PF { }
        when a = b
        if a { } else if b { x := 1 } else { x := 2 }
        foreach l : Line { x := 1 }
        either { } or { x := 1; x := 2 } or { }
        goto start
        """
    )
    kinds = [type(statement) for statement in found]
    assert kinds == [
        *(ast.Assign, ast.Assign, ast.Assign, ast.Access, ast.When),
        *(ast.IfStatement, ast.Foreach, ast.Either, ast.Goto),
    ]
    access, branch = found[3], found[5]
    assert isinstance(access, ast.Access)
    assert [handler.outcome.text for handler in access.handlers] == ["#MC", "#PF"]
    assert isinstance(branch, ast.IfStatement)
    assert len(branch.branches) == 2
    assert len(branch.otherwise) == 1
    assert found[2] == ast.Assign(name("z"), (), ast.AnyValue((A, B), span=SPAN), span=SPAN)


def test_a_memory_is_state_with_one_index() -> None:
    memory = only("memory Line { a : bool = false b : 0..3 cite F-1 }")
    assert isinstance(memory, ast.MemoryDecl)
    assert [field.name.text for field in memory.fields] == ["a", "b"]
    assert {field.indices for field in memory.fields} == {
        (ast.IndexPosition(None, ast.NamedType(name("Line"), span=SPAN), span=SPAN),),
    }
    assert memory.fields[1].annotations.citations[0].identifier == "F-1"


def test_rows_tell_outcome_and_effects() -> None:
    table = only(
        'access r(l : Line) "reads" { a -> ok (b) -> ok(zeros) { x := 1 } "why" cite F-1, F-TDX-31 '
        "c -> dropped d -> fault #MC { } otherwise -> ok }"
    )
    assert isinstance(table, ast.AccessDecl)
    assert [(row.guard, row.result, row.detail, row.fault and row.fault.text) for row in table.rows] == [
        (A, "ok", None, None),
        (B, "ok", "zeros", None),
        (C, "dropped", None, None),
        (D, "fault", None, "#MC"),
        (None, "ok", None, None),
    ]
    why = table.rows[1].annotations
    assert (why.description, [c.identifier for c in why.citations]) == ("why", ["F-1", "F-TDX-31"])
    assert len(table.rows[1].effects) == 1


def test_annotations_may_stand_before_and_behind_a_body() -> None:
    for text in ('action a "d" cite F-1 when x { }', 'action a when x { } "d" cite F-1'):
        action = only(text)
        assert isinstance(action, ast.ActionDecl)
        assert action.annotations.description == "d"
        assert [citation.identifier for citation in action.annotations.citations] == ["F-1"]
    both = only('process p cite F-1 { } "d" cite F-2')
    assert isinstance(both, ast.ProcessDecl)
    assert [citation.identifier for citation in both.annotations.citations] == ["F-1", "F-2"]


def test_process_items() -> None:
    process = only(
        """
        process p(c : Cpu) by h {
          a: when x { y := 1 } "first"
          b: while x { y := 1 }
          c: while x { d: { } e: { } }
          f: foreach l : Line { g: { } }
          h: foreach l : Line { }
          i: either { j: { } } or { }
          if x { k: { } } else if y { } else { l: as k }
          while x { if y { m: { } } else { when z goto a } }
          n: if x { o: foreach l : Line { if z { y := 1 } } }
        }
        """
    )
    assert isinstance(process, ast.ProcessDecl)
    assert [type(item) for item in process.items] == [
        *(ast.Step, ast.WhileItem, ast.WhileItem, ast.ForeachItem, ast.ForeachItem, ast.EitherItem),
        *(ast.IfItem, ast.WhileItem, ast.IfItem),
    ]
    loops = [item for item in process.items if isinstance(item, ast.WhileItem | ast.ForeachItem)]
    assert [(len(loop.items), len(loop.statements)) for loop in loops] == [
        (0, 1),
        (2, 0),
        (1, 0),
        (0, 0),
        (1, 0),
    ]


@pytest.mark.parametrize(
    ("claim", "kind", "actor", "fault"),
    [
        ("never a", PropertyKind.NEVER, None, None),
        ("always a", PropertyKind.ALWAYS, None, None),
        ("reachable a", PropertyKind.REACHABLE, None, None),
        ("step a", PropertyKind.STEP, None, None),
        ("never h takes #MC", PropertyKind.NEVER_TAKES, "h", "#MC"),
        ("never anyone takes #MC", PropertyKind.NEVER_TAKES, None, "#MC"),
        ("never deadlock", PropertyKind.NEVER_DEADLOCK, None, None),
        ("contained #MC", PropertyKind.CONTAINED, None, "#MC"),
    ],
)
def test_properties(claim: str, kind: PropertyKind, actor: str | None, fault: str | None) -> None:
    found = only(f'property p "d" {claim} cite F-1')
    assert isinstance(found, ast.PropertyDecl)
    assert found.kind is kind
    assert (found.actor and found.actor.text, found.fault and found.fault.text) == (actor, fault)
    assert (found.condition is not None) == (claim.endswith(" a"))
    assert found.annotations.description == "d"


def test_checks() -> None:
    full = only("check p, q for Line = 2, Cpu <= 3 where a expect refuted in 5 cite F-1")
    assert isinstance(full, ast.CheckDecl)
    assert [(s.sort.text, s.at_most, s.size) for s in full.sizes] == [("Line", False, 2), ("Cpu", True, 3)]
    assert (full.where, full.expected, full.expected_length) == (A, ast.Expected.REFUTED, 5)
    bare = only("check p")
    assert isinstance(bare, ast.CheckDecl)
    assert (bare.expected, bare.any_size, bare.sizes) == (ast.Expected.PROVED, False, ())
    general = only("check p for any size expect vacuous")
    assert isinstance(general, ast.CheckDecl)
    assert (general.any_size, general.expected) == (True, ast.Expected.VACUOUS)


def test_faults_collect_their_clauses() -> None:
    fault = only('fault #MC "machine check" cite F-1 kills a, b fatal must not reach c kills d')
    assert isinstance(fault, ast.FaultDecl)
    assert (fault.fixable, fault.fatal) == (False, True)
    assert [killed.text for killed in fault.kills] == ["a", "b", "d"]
    assert [spared.text for spared in fault.must_not_reach] == ["c"]
    assert fault.annotations.description == "machine check"


def test_strings_know_two_escapes() -> None:
    param = only(r'param p : bool "a \"b\" \\ c"')
    assert isinstance(param, ast.ParamDecl)
    assert param.annotations.description == r'a "b" \ c'


def test_comments_and_space_are_nothing() -> None:
    plain = parse(SourceFile("t", "state x : bool = a"))
    spaced = parse(SourceFile("t", "/* * / ** */state// x\n\tx\r\n:bool=/**/a//"))
    assert spaced == plain


def test_imports_come_as_written() -> None:
    module = parse(SourceFile("t", 'module m import platform.tdx import "../a b.tdx"'))
    assert [(i.path, i.quoted) for i in module.imports] == [("platform.tdx", False), ("../a b.tdx", True)]
    assert module.name == name("m")


@pytest.mark.parametrize("operator", ["and", "or", "iff"])
def test_ten_thousand_operands_make_a_shallow_tree(operator: str) -> None:
    assert 10 < depth(expression(f" {operator} ".join(["a"] * 10_000))) < 20


def depth(expr: ast.Expr) -> int:
    return 1 + max(depth(expr.left), depth(expr.right)) if isinstance(expr, ast.Binary) else 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "(" * 10_000,
        "not " * 10_000 + "a",
        "-" * 10_000 + "a = b",
        "forall l : Line: " * 10_000 + "a",
        "if a then b else " * 10_000 + "c",
        "x[" * 10_000 + "a" + "]" * 10_000,
        " implies ".join(["a"] * 10_000),
        "0 = " + " - ".join(["a"] * 10_000),
    ],
    ids=lambda text: text[:20],
)
def test_deep_expressions_are_refused(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        expression(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code is Code.E106
    assert diagnostic.span is not None
    assert diagnostic.span.start < len(text)


@pytest.mark.parametrize(
    "text",
    ["if a { " * 10_000 + "}" * 10_000, "if a { }" + "else if b { }" * 10_000],
    ids=lambda text: text[:8],
)
def test_deep_statements_are_refused(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        statements(text)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [Code.E106]


def test_a_hundred_levels_are_fine() -> None:
    assert expression("(" * 99 + "a" + ")" * 99) == A
    expression("not " * 100 + "a")


def test_depth_does_not_hide_other_mistakes() -> None:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("t", f"init {'(' * 200}a{')' * 200}\nstate x bool"))
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [Code.E106, Code.E111]
