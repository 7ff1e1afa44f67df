"""Text that would steer a terminal or deceive a reader: refused in specs, written out in every output."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxverify.characters import refused_places, visible, visible_json
from tdxverify.cli.main import main
from tdxverify.diagnostics import Code, SpecError
from tdxverify.outputs.text.layout import line, plain, width_of, wrap
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse

HIDDEN = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n"),
    *(chr(code) for code in range(0x7F, 0xA0)),
    *"\u2028\u2029\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *"\u00ad\u034f\u115f\u180e\u200b\u2060\u2064\u3164\ufeff\uffa0\ufff9\U000e0041\U000e0100",
]
TEXT = "".join(HIDDEN).replace("\x00", "")
SEEN = "tab\there, ä, 日本, e\u0301, ⚠\ufe0f, 👩\u200d💻, \u05d0"
SPEC = """\
param strict : bool "{0}" cite U-05
actor kernel "{0}"
fault #MC "{0}"
index Line "{0}"
enum Phase {{ on, off }} "{0}"
state phase : Phase = on "{0}"
memory Line {{ poison : bool = false "{0}" }}
access load(l : Line) "{0}" {{ poison[l] -> fault #MC "{0}" otherwise -> ok "{0}" }}
action damage(l : Line) by kernel "{0}" {{ poison[l] := true }} emit c "d(); /* {0} */" emit sh "d # {0}"
action read(l : Line) by kernel "{0}" {{ load(l) }}
process stop by kernel {{ halt: "{0}" {{ phase := off }} }}
property safe "{0}" never kernel takes #MC
property on "{0}" always phase = on or phase = off
property unused "{0}" never phase = off
check safe expect refuted "{0}"
check on expect proved "{0}"
check safe for Line = 2 expect proved "{0}"
"""


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
@pytest.mark.parametrize(
    "form", ["// {}", "/* {} */ state y : bool", 'state y : bool "{}"', "state {} y : bool"]
)
def test_each_is_refused_wherever_it_stands(sign: str, form: str) -> None:
    text = f"state x : bool\n{form.format(f'a{sign}b')}\n"
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("spec.tdx", text))
    (problem,) = caught.value.diagnostics
    assert problem.code is Code.E110 and problem.span is not None and problem.hint is not None
    assert (problem.span.start, problem.span.end) == (text.index(sign), text.index(sign) + 1)
    assert f"U+{ord(sign):04X}" in problem.message


def test_what_can_be_seen_is_welcome() -> None:
    parse(SourceFile("spec.tdx", f'// {SEEN}\r\nstate x : bool "{SEEN}"\r\n'))


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d", "\ufe0f"])
def test_joiners_part_no_signs(joiner: str) -> None:
    assert list(refused_places(f"/* *{joiner}/ a */")) == [4]
    assert list(refused_places(f"é{joiner}")) == []


def test_nothing_that_unicode_calls_a_control_or_a_line_end_is_left() -> None:
    """Arabic, Kaithi and Egyptian signs of that category are drawn."""
    drawn = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")
    for code in range(0x110000):
        sign = chr(code)
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in "\t\n":
            is_drawn = unicodedata.name(sign, "").startswith(drawn) and sign != "\u061c"
            assert (visible(sign) == sign) == is_drawn, hex(code)


@given(st.text())
def test_what_was_written_out_stays(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert json.loads(visible_json(json.dumps(text, ensure_ascii=False))) == text


def test_caret_and_columns_count_cells() -> None:
    assert [width_of(text) for text in ("ab", "日本", "e\u0301", "\U0001f600")] == [2, 4, 1, 2]
    assert plain(wrap(line("日本 日本 日本"), 9)) == "日本 日本\n日本\n"
    assert plain([line("a\nb\x1b")]) == "a\\nb\\x1b\n"


# --- every output ---------------------------------------------------------------------------

COMMANDS = [
    ["check", "SPEC", "--verbose", "--show-invariant"],
    *(["check", "SPEC", "--format", form] for form in ("json", "html", "junit", "sarif")),
    ["check", "SPEC", "--strict"],
    *(
        ["trace", "SPEC", "--format", form]
        for form in ("text", "json", "itf", "vcd", "mermaid", "plantuml", "c", "sh")
    ),
    *(
        ["graph", "SPEC", "--what", what, "--format", form]
        for what in ("trace", "neighbourhood", "states", "dependencies")
        for form in ("svg", "html", "dot", "mermaid", "graphml", "json")
    ),
    ["table", "SPEC"],
    ["table", "SPEC", "--format", "markdown"],
    *(["lint", "SPEC", "--format", form] for form in ("text", "json", "sarif")),
    ["why", "SPEC", "safe"],
    ["why", "SPEC", "on"],
    ["simulate", "SPEC", "--random", "3"],
    ["simulate", "SPEC", "--until", f"phase {TEXT} off"],
    ["prove", "SPEC"],
    ["recheck", "SPEC"],
    ["certificate", "show", "SPEC"],
    ["check", f"no{TEXT}"],
    ["check", "SPEC", "--param", f"a=b{TEXT}c"],
    ["check", "SPEC", "--size", TEXT],
    ["check", "SPEC", "--engine", TEXT],
    ["check", "SPEC", "--property", TEXT],
    ["explain", TEXT],
    [TEXT],
    ["check", "SPEC", "--output", f"no/{TEXT}"],
    ["trace", "SPEC", "--replay", "trace.json"],
]


def hostile(folder: Path) -> str:
    """A spec full of it, beside its proofs and a saved trace; its name as well."""
    (folder / "trace.json").write_text(json.dumps({"format": "tdxverify-trace", "version": TEXT}))
    name = f"a{TEXT[:60]}\u202e\n.tdx"
    (folder / name).write_text(SPEC.format(TEXT.replace("\r", "")), encoding="utf-8", newline="")
    return name


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: ascii(" ".join(words))[:60])
def test_no_output_shows_them(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As if they came into a spec after all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tdxverify.syntax.parse.hidden_characters", lambda _: iter(()))
    name = hostile(tmp_path)
    if words[0] in ("recheck", "certificate"):
        with pytest.raises(SystemExit):
            main(["prove", name])
        capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main([name if word == "SPEC" else word for word in words])
    assert left.value.code in (0, 1, 2, 3)
    shown = "".join(capfd.readouterr())
    assert shown
    assert {sign: shown.count(sign) for sign in HIDDEN if sign in shown} == {}
    for path in tmp_path.glob("*.proof.json"):
        assert not set(HIDDEN) & set(path.read_text(encoding="utf-8"))
