"""Templates of reproducers: what they are made of, where they belong, and where a mistake in one is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.logic.expr import Bound, Symbol
from tdxverify.logic.sorts import IndexSort
from tdxverify.model.model import Model, Template, TemplatePart
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.problems import problem_lines
from tdxverify.source import SourceFile
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model


def model_of(text: str) -> Model:
    return build_model((parse(SourceFile("test.tdx", text)),))


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        model_of(text)
    return caught.value.diagnostics


def shown(template: Template) -> list[str]:
    """Its lines; what is put in stands in angle brackets."""
    return ["".join(part if isinstance(part, str) else f"<{name_of(part)}>" for part in line)
            for line in template.lines]  # fmt: skip


def name_of(part: TemplatePart) -> str:
    match part:
        case str():
            return part
        case Bound(name=name):
            return f"own {name.partition('$')[0]}"
        case Symbol(name=name):
            return f"value of {name}"
        case IndexSort(name=name):
            return f"number of {name}"


DECLARED = """\
index Line
param mode : bool
const limit : 0..3
state x : bool = false
"""


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("f({l}, {b});", "f(<own l>, <own b>);"),
        ("{mode}{limit}{Line}", "<value of mode><value of limit><number of Line>"),
        ("", ""),
        ("no placeholder", "no placeholder"),
        ("{{ {l} }}", "{ <own l> }"),
        ("{{{l}}}", "{<own l>}"),
        ("{{{{}}}}", "{{}}"),
        ("{{l}}", "{l}"),
        ("${l}", "$<own l>"),
        (r"say(\"{l}\\n\");", r'say("<own l>\n");'),
    ],
)
def test_lines(written: str, line: str) -> None:
    model = model_of(f'{DECLARED}action a(l : Line, b : bool) {{ x := b }} emit c "{written}"')
    (template,) = model.actions[0].templates
    assert shown(template) == [line]


def test_own_parameters_come_first() -> None:
    model = model_of('index l index Line action a(l : Line) { } emit c "{l} {Line}" prelude c "{l}"')
    assert shown(model.actions[0].templates[0]) == ["<own l> <number of Line>"]
    assert shown(model.preludes[0]) == ["<number of l>"]


PROCESS = """\
index Cpu
index Line
state n : 0..3 = 0
process p(c : Cpu) {
  plain: { } emit c "plain {c}"
  again: while n > 0 { n := n - 1 } emit c "again {c}"
  each:  foreach l : Line { n := 1 } emit c "each {c} {l}"
  outer: foreach l : Line { inner: { } emit c "inner {c} {l}" }
  fork:  either { left: { } emit c "left {c}" } or { }
}
"""


def test_steps_of_a_process() -> None:
    found = {action.name: [shown(t) for t in action.templates] for action in model_of(PROCESS).actions}
    assert found == {
        "p.plain": [["plain <own c>"]],
        "p.again": [["again <own c>"]],
        "p.each": [["each <own c> <own l>"]],
        "p.inner": [["inner <own c> <own l>"]],
        "p.left": [["left <own c>"]],
    }


def test_accesses_have_templates_of_their_own() -> None:
    text = (
        'access read(l : Line) "a load" { otherwise -> ok } cite F-1 emit c "read({l});" emit sh "read {l}"'
    )
    (table,) = model_of(DECLARED + text).tables
    assert [(one.target, shown(one)) for one in table.templates] == [
        ("c", ["read(<own l>);"]),
        ("sh", ["read <own l>"]),
    ]


def test_preludes_of_all_files_imported_ones_first(tmp_path: Path) -> None:
    (tmp_path / "below.tdx").write_text('index Cpu\nprelude c "below {Cpu}"\n', encoding="utf-8")
    root = tmp_path / "root.tdx"
    root.write_text('import "below.tdx"\nprelude c "root"\nprelude sh "shell"\n', encoding="utf-8")
    found = build_model(load(root)).preludes
    assert [(one.target, *shown(one)) for one in found] == [
        ("c", "below <number of Cpu>"),
        ("c", "root"),
        ("sh", "shell"),
    ]


ALLOWED = "the step's own l; a 'param'; an index sort, for its size"


@pytest.mark.parametrize(
    ("clause", "code", "marked", "hint"),
    [
        ('emit cc "a"', Code.E218, "cc", "did you mean 'c'?"),
        ('emit bash "a"', Code.E218, "bash", "did you mean 'sh'?"),
        ('emit rust "a"', Code.E218, "rust", "there are: c (a kernel module), sh (a shell script)"),
        ('emit c "a" emit c "b"', Code.E219, "c", "several lines are several strings of one template"),
        ('emit c "a {modes}"', Code.E220, "{modes}", "did you mean 'mode'?"),
        ('emit c "{Lines}"', Code.E220, "{Lines}", "did you mean 'Line'?"),
        ('emit c "{x}"', Code.E220, "{x}", f"'x' has no one value here: what can be is {ALLOWED}"),
        ('emit c "{zzz}"', Code.E220, "{zzz}", f"what can be: {ALLOWED}"),
        ('emit c "one" "\\"two\\" \\\\ {Lin}"', Code.E220, "{Lin}", "did you mean 'Line'?"),
        ('emit c "do { a(); }"', Code.E221, "{ a(); }", None),
        ('emit c "\\"\\" }"', Code.E221, "}", None),
        ('emit c "{"', Code.E221, "{", None),
        ('emit c "{}"', Code.E221, "{}", None),
        ('emit c "{l.x}"', Code.E221, "{l.x}", None),
    ],
)  # fmt: skip
def test_mistakes_are_shown_where_they_are(clause: str, code: Code, marked: str, hint: str | None) -> None:
    (mistake,) = mistakes(f"{DECLARED}action a(l : Line) {{ x := mode }} {clause}")
    assert mistake.code is code
    assert mistake.span is not None and mistake.span.text == marked
    assert mistake.hint is not None and (hint is None or mistake.hint == hint)
    underlined = plain(problem_lines([mistake])).splitlines()[4]
    assert underlined.count("^") == len(marked)


def test_names_that_are_wrong_themselves_are_passed_over() -> None:
    found = mistakes('param mode : Nothing action a { } emit c "{mode}"')
    assert [mistake.code for mistake in found] == [Code.E203]


def test_a_language_is_no_use_of_a_name(tmp_path: Path) -> None:
    from tdxverify.inquiries.usage import Program, usage_findings

    text = 'state c : bool = false  state x : bool = false  action a { x := not x } emit c "a();"\n'
    module = parse(SourceFile("test.tdx", f"{text}property p never x  check p expect refuted"))
    found = [one.message for one in usage_findings(Program((module,), build_model((module,))))]
    assert found == ["state 'c' is never used"]
