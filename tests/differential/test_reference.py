"""The reference interpreter on small specs whose meaning can be read off, and on the examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.reference.exploring import Limits, Reference, in_configs
from tests.differential.reference.statements import Unsound
from tests.differential.reference.world import TooLarge

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.tdx"))


def answers(text: str, size: int = 2) -> list[str]:
    """What is said of every property of every check."""
    module = parse(SourceFile("spec.tdx", text))
    sizes = {d.name.text: size for d in module.declarations if isinstance(d, ast.IndexDecl)}
    reference = Reference(module, sizes)
    checks = [d for d in module.declarations if isinstance(d, ast.CheckDecl)]
    return [str(reference.answer(check, name.text)) for check in checks for name in check.properties]


UP = "state n : 0..5 = 0\naction up when n < 5 { n := n + 1 }\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (UP + "property p never n = 2\ncheck p", "refuted in 2"),
        (UP + "property p always n <= 5\ncheck p", "proved"),
        (UP + "property p reachable n = 4\ncheck p", "refuted in 4"),
        (UP + "property p never deadlock\ncheck p", "refuted in 5"),
        (UP + "property p step n' <= n\ncheck p", "refuted in 1"),
        (UP + "init n > 0\nproperty p never n = 2\ncheck p", "vacuous"),
        # values that meet a narrower range
        ("state n : 0..2 = 0\naction up { n := n + 1 }\nproperty p never n = 3\ncheck p", "E510 in 3"),
        ("state n : 0..2 = 0\naction a { n := any { n, n + 2 } }\n"
         "property p never n = 9\ncheck p", "E510 in 2"),
        (UP + "define d(k : 0..2) = k <= 2\nproperty p always d(n)\ncheck p", "E510 in 3"),
        (UP + "define d : 0..2 = n\nproperty p always d >= 0\ncheck p", "E510 in 3"),
        (UP + "define d(k : 0..2) = k <= 2\nproperty p always n <= 2 implies d(n)\ncheck p", "proved"),
        (UP + "define d(k : 0..2) = k <= 2\nproperty p always n >= 3 or d(n)\ncheck p", "proved"),
        (UP + "define d(k : 0..2) = k <= 2\naction b when d(n) and n = 9 {}\nproperty p never n = 9\ncheck p",
         "E510 in 4"),
        (UP + "access f(k : 0..2) { otherwise -> ok }\naction b { f(n) when n > 3 }\n"
         "property p never n = 9\ncheck p",
         "E510 in 4"),
        ("param q : 0..3\nstate n : 0..2 = q\nproperty p never n = 9\ncheck p", "E510 in 0"),
        ("param q : 0..3\nassume q < 3\nstate n : 0..2 = q\nproperty p never n = 9\ncheck p", "proved"),
        ("param q : 0..3\nconst c : 0..2 = q\nproperty p always c <= q\n"
         "check p\ncheck p where q < 2", "E510 in 0"),
        # of rows that overlap with one result, the first decides
        ("state x : bool = true\naccess f { x -> ok { x := not x }  x or not x -> ok { x := not x } }\n"
         "action a { f() }\nproperty p always x\ncheck p", "refuted in 1"),
        # faults
        ("actor a, b\nfault #F fatal kills b\naccess f { otherwise -> fault #F }\naction g by a { f() }\n"
         "property p never a is dead and b is dead\ncheck p", "refuted in 1"),
        ("actor a\nfault #F fatal\naccess f { otherwise -> fault #F }\naction g by a { f() on #F { } }\n"
         "property p never a is dead\ncheck p", "proved"),
        # processes
        ("index L\nstate n : 0..9 = 0\nprocess p { a: foreach l : L { n := n + 1 } b: { } }\n"
         "property q never p at done\ncheck q", "refuted in 3"),
        ("index L\nprocess p { a: foreach l : L { b: { goto a } } }\nproperty q never p at done\ncheck q",
         "refuted in 2"),
        ("index L\nprocess p { a: foreach l : L { b: { goto done } } }\nproperty q never p at done\ncheck q",
         "refuted in 1"),
        ("state n : 0..2 = 0\nprocess p { a: while n < 2 { n := n + 1 } b: either { } or { c: { } } }\n"
         "property q never p at done\ncheck q", "refuted in 2"),
        ("param x : bool\nprocess p { if x { a: { } b: { } } else { c: { } } }\n"
         "property q never p at done\ncheck q", "refuted in 1"),
        ("state n : 0..9 = 0\nprocess p { while n < 2 { a: { n := n + 1 } b: { } } when n = 2 c: { } }\n"
         "property q never p at done\ncheck q", "refuted in 5"),
        ("state n : 0..9 = 0\nprocess p { a: { } either { when n = 1 b: { } } or { when n = 2 } c: { } }\n"
         "property q never p at c\ncheck q", "proved"),
        ("index L\nprocess p { foreach l : L { foreach m : L { a: { } b: { } } c: { } } }\n"
         "property q never p at done\ncheck q", "refuted in 10"),
        ("index L\nstate n : 0..9 = 0\nprocess p {\n"
         "foreach l : L { a: { n := n + 1 } if n = 1 { goto a } } }\n"
         "property q never p at done\ncheck q", "refuted in 3"),
        ("index C\nprocess p(c : C) { a: { } }\n"
         "property q never forall c : C: p[c] at done\ncheck q", "refuted in 2"),
    ],
)  # fmt: skip
def test_meaning(text: str, expected: str) -> None:
    assert answers(text)[0] == expected


TICK = "state n : 0..2 = 0\naction tick { n := (n + 1) mod 3 }\n"
PAIR = """index C
state want[C] : bool = false
action ask(c : C) when not want[c] { want[c] := true }
action serve(c : C) when want[c] { want[c] := false }
property p each c : C: want[c] leads_to not want[c]
"""
BY_ONE = "actor a\n" + PAIR.replace(" when want", " by a when want")
BY_EACH = "actor a[C]\n" + PAIR.replace(" when want", " by a[c] when want")
SOMETIMES = """state on : bool = false
state up : bool = false
fair action turn { on := not on }
action go when on { up := true }
property p eventually up
"""
NOWHERE = """index L
state x[0..1] : 1..2 = 2
process p1 { if x[x[0]] = 1 { a: { } } else { foreach l : L { b: { } c: { } } } }
"""
FAULTY = """actor a
fault #F
access f { otherwise -> fault #F }
fair action g by a { f() }
"""
PROCESS = """index C
state n : 0..1 = 0
fair process w(c : C) { a: { } b: when n = 1 { } }
action set { n := 1 }
property p each c : C: eventually w[c] at done
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TICK + "property p eventually n = 0\ncheck p", "proved"),
        (TICK + "property p eventually n = 2\ncheck p", "refuted in 0"),  # nothing has to happen
        (TICK + "property p eventually n = 2\ncheck p assuming fair tick", "proved"),
        (TICK + "property p n = 1 leads_to n = 0\ncheck p", "refuted in 1"),
        (TICK + "property p n = 1 leads_to n = 0\ncheck p assuming fair tick", "proved"),
        (TICK + "property p true leads_to n = 1 and n = 0\ncheck p assuming fair tick", "refuted in 3"),
        (TICK + "property p eventually n = 3\ncheck p where false", "vacuous"),
        (TICK + "define d(k : 0..1) = k = 0\nproperty p d(n) leads_to n = 1\ncheck p", "refuted in 0"),
        (TICK + "define d(k : 0..1) = k = 0\nproperty p d(n) leads_to n = 1\ncheck p assuming fair tick",
         "E510 in 2"),
        # each by itself, and one of them
        (PAIR + "check p", "refuted in 1"),
        (PAIR + "check p assuming fair serve", "proved"),
        (PAIR + "check p assuming fair ask", "refuted in 3"),
        (BY_ONE + "check p assuming fair a", "refuted in 3"),
        (BY_EACH + "check p assuming fair a", "proved"),
        # possible always, and again and again
        (SOMETIMES + "check p", "refuted in 2"),
        (SOMETIMES + "check p assuming fair go", "refuted in 2"),
        (SOMETIMES + "check p assuming strongly fair go", "proved"),
        # processes and their steps
        (PROCESS + "check p", "refuted in 2"),
        (PROCESS + "check p assuming fair set", "proved"),
        (PROCESS.replace("fair process", "process") + "check p assuming fair set, w.a", "refuted in 4"),
        (PROCESS.replace("fair process", "process") + "check p assuming fair set, w.a, w.b", "proved"),
        ("process w { fair a: { } b: as a }\nproperty p eventually w at done\ncheck p", "refuted in 1"),
        ("process w { fair a: { } fair b: { } }\nproperty p eventually w at done\ncheck p", "proved"),
        # where a process begins has no value: nobody knows where it stands, and nothing behind that is asked
        (NOWHERE + "property p never 1 = 2\ncheck p", "E510 in 0"),
        (NOWHERE + "property p eventually p1 at done\ncheck p", "E510 in 0"),
        # a choice inside a step is nobody's; what nobody asks about is no part of where a run was
        ("state n : 0..1 = 0\nfair action a { n := any }\nproperty p eventually n = 1\ncheck p",
         "refuted in 1"),
        (FAULTY + "property p eventually 1 = 2\ncheck p", "refuted in 1"),
        ("state n : 0..1 = 0\n" + FAULTY +
         "property p eventually not a took #F and n = 1\ncheck p", "refuted in 2"),
    ],
)  # fmt: skip
def test_what_happens_in_the_end(text: str, expected: str) -> None:
    assert answers(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("index L\nstate d[L, L] : bool = false\n"
         "action go { foreach l, m : L { d[l, m] := true  d[m, l] := false } }", "order of elements"),
        ("index L\nstate n : 0..9 = 0\n"
         "process p { a: { goto c } b: foreach l : L { c: { n := 1 } } }", "without an element"),
        ("state x : bool = false\naccess f { x -> ok }\naction a { f() }", "no row"),
        ("state x : bool = false\naccess f { x -> dropped  not x -> ok  x = x -> dropped }\naction a { f() }",
         "overlap"),
    ],
)  # fmt: skip
def test_what_must_be_refused(text: str, reason: str) -> None:
    with pytest.raises(Unsound, match=reason):
        answers(text + "\nproperty q never 1 = 2\ncheck q")


def test_giving_up() -> None:
    module = parse(SourceFile("spec.tdx", "state n : 0..999\nproperty p never n = 5\ncheck p"))
    (check,) = [d for d in module.declarations if isinstance(d, ast.CheckDecl)]
    with pytest.raises(TooLarge):
        Reference(module, {}, Limits(states=100)).answer(check, "p")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_come_out_as_they_expect(path: Path) -> None:
    module = parse(SourceFile(path.name, path.read_text(encoding="utf-8")))
    if module.imports:
        pytest.skip("speaks of a file of the library")
    claims = {d.name.text: d.kind for d in module.declarations if isinstance(d, ast.PropertyDecl)}
    sorts = [d.name.text for d in module.declarations if isinstance(d, ast.IndexDecl)]
    compared = 0
    checks = [d for d in module.declarations if isinstance(d, ast.CheckDecl)]
    for check in (one for declared in checks for one in in_configs(declared, module)):
        for name in check.properties:
            stated = {size.sort.text: size.size for size in check.sizes}
            instances = [dict.fromkeys(sorts, size) | stated for size in (1, 2)]
            found = [Reference(module, sizes).answer(check, name.text) for sizes in instances]
            wanted = claims[name.text] is ast.PropertyKind.REACHABLE
            reached = any(one.length is not None for one in found)
            proved = check.expected in (ast.Expected.PROVED, ast.Expected.TRIVIAL)
            assert reached == (proved == wanted), name.text
            if check.expected_length is not None:
                assert check.expected_length in [one.bad for one in found]
            compared += 1
    assert compared
