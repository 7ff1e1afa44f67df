"""A check in a configuration is the check with its condition written out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdxverify.diagnostics import SpecError
from tdxverify.model.model import Model
from tdxverify.questions.names import check_name
from tdxverify.questions.narrowing import besides_text, where_text
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model

MODEL = """\
param a : bool
param b : bool
param n : 0..3
define small(m : 0..2) : bool = m < 2
state x : bool = false
action go when a and n > 1 { x := true }
property p never x
property q reachable x
"""
ATOMS = ("a", "not b", "n > 1", "(a or n = 3)", "(a implies b)", "small(n)", "(if a then b else n = 0)")
parts = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6)


def built(text: str) -> Model:
    return build_model((parse(SourceFile("spec.tdx", text)),))


@given(parts, parts | st.just([]))
@settings(max_examples=40, deadline=None)
def test_as_if_written_out(config: list[str], where: list[str]) -> None:
    further = f" where {' and '.join(where)}" if where else ""
    named = built(f"{MODEL}config c where {' and '.join(config)}\ncheck p, q in c{further}")
    plain = built(f"{MODEL}check p, q where {' and '.join(dict.fromkeys([*config, *where]))}")
    for one, other in zip(named.checks, plain.checks, strict=True):
        assert (one.property, one.where, one.where_text, one.where_parts) == (
            other.property,
            other.where,
            other.where_text,
            other.where_parts,
        )
        assert [replace(o, span=one.span) for o in one.obligations] == [
            replace(o, span=one.span) for o in other.obligations
        ]


def test_what_configuration_check_and_command_line_say_is_told_once(tmp_path: Path) -> None:
    spec = tmp_path / "spec.tdx"
    spec.write_text(
        f"{MODEL}config c where a and n = 1\ncheck p in c where n = 1 and not b", encoding="utf-8"
    )
    (asked,) = in_file(spec, Options(parameters=(("n", "1"), ("a", "true"), ("b", "false"))), None)
    assert where_text(asked.check, asked.spec.model, asked.options) == "a and n = 1 and not b"
    assert besides_text(asked.check, asked.spec.model, asked.options) == "n = 1 and not b and a = true"


def test_each_property_in_each_configuration() -> None:
    text = "config c where a\nconfig d where not a\ncheck p, q in c, d for any size where b\ncheck p"
    checks = built(MODEL + text).checks
    assert [check_name(check, checks) for check in checks] == [
        "p[in c, any size, b]",
        "p[in d, any size, b]",
        "q[in c, any size, b]",
        "q[in d, any size, b]",
        "p",
    ]
    assert [check.where_text for check in checks] == ["a and b", "not a and b"] * 2 + [""]


def test_an_ordinary_word_elsewhere() -> None:
    text = "state config : bool = false\nconfig config where true\naction set { config := true }\n"
    model = built(f"{text}property r never config\ncheck r in config expect refuted")
    assert [check.config.name for check in model.checks if check.config] == ["config"]


def test_the_command_line_chooses(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(f"{MODEL}config posted where a\nconfig fixed where b\ncheck p, q in posted\ncheck p")
    chosen = in_file(path, Options(configs=("posted",)), None)
    assert [asked.name for asked in chosen] == ["p[in posted]", "q[in posted]"]
    for name, hint in (("postd", "did you mean 'posted'?"), ("fixed", "it is declared, but no check is")):
        with pytest.raises(SpecError) as caught:
            in_file(path, Options(configs=(name,)), None)
        (found,) = caught.value.diagnostics
        assert found.code.name == "E713" and (found.hint or "").startswith(hint)
