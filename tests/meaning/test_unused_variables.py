"""Variables that are bound and do not occur, wherever one may stand, and every command on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.cli.main import main
from tdxverify.engines.registry import ENGINES
from tdxverify.logic import expr as core
from tdxverify.model.model import expressions_in
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.forked import fork_workers

UNUSED = "forall u, v : A, w : E, k : 0..1:"
SOME = "exists u, v : A, w : E, k : 0..1:"

TEXT = f"""\
index A
enum E {{ one, two }}
fault #MC
actor kernel
param a : bool
const f[A] : bool
const g[i : A] : bool = {SOME} a
state s : bool = false
state x[A] : bool = false
state y[i : A] : bool = {UNUSED} a
state z : bool = any {{ {SOME} a, false }}
assume forall i, j : A: f[i] or a
init {UNUSED} not s
define d(i : A, j : E, k : 0..1) = {SOME} x[i]
access touch(i : A, j : A, k : 0..1) {{
  {SOME} s -> fault #MC
  otherwise -> ok {{ if {UNUSED} a {{ x[i] := {SOME} a }} }}
}}
action go(i, j : A, m : 0..1) by kernel when {SOME} a {{
  foreach l, n : A {{ x[l] := {UNUSED} a }}
  touch(i, i, 0) on #MC {{ s := {SOME} a }}
  either {{ when {UNUSED} a  s := true }} or {{ z := any {{ {SOME} s, true }} }}
}}
process p(c : A, e : E) by kernel {{
  first: when {SOME} a {{ s := true }}
  loop: foreach l : A {{ s := {UNUSED} a }}
  again: while {UNUSED} not s {{ s := true }}
  pick: either {{ one_way: {{ }} }} or {{ other: when {SOME} s {{ }} }}
}}
property never_s never {SOME} s
property always_not always {UNUSED} not s
property reached reachable {SOME} s
property steps step {UNUSED} (s implies s')
property taken never kernel takes #MC
property kept always {SOME} d(u, w, k) implies {UNUSED} a
check never_s where {SOME} a
check always_not where {UNUSED} not a
check reached for A = 1
check steps
check taken for A <= 2
check kept where a
"""

ENGINE_RUNS = [
    f"check --engine {name} --size A=1 --timeout 5" for name, row in ENGINES.items() if row.is_installed
]
OTHERS = """
lint --timeout 2
table
check --format json
check --format html
check --show-invariant --strict -v
prove
recheck --second
certificate show
certificate export
why --line 36
why --line 38
trace --line 36
trace --line 36 --format json
trace --line 36 --format itf
trace --line 36 --format vcd
graph --line 36 --format svg
graph --line 36 --format graphml
simulate --line 36 --random 5
""".strip().splitlines()


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


def test_there_is_one_in_every_place() -> None:
    model = build_model((parse(SourceFile("test.tdx", TEXT)),))
    unused = 0
    for expr in expressions_in(model):
        for node in core.walk(expr):
            if isinstance(node, core.Quantified):
                inside = set(core.variables_of(node.body))
                unused += sum(binder not in inside for binder in node.binders)
    assert unused > 100
    declared = {info.symbol for info in model.symbols}
    assert all(core.symbols_of(expr) <= declared for expr in expressions_in(model))


@pytest.mark.parametrize("command", [*ENGINE_RUNS, *OTHERS])
def test_no_command_minds(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "test.tdx"
    spec.write_text(TEXT, encoding="utf-8")
    if command.startswith(("recheck", "certificate")):
        with pytest.raises(SystemExit):
            main(["prove", str(spec)])
    with pytest.raises(SystemExit) as caught:
        main([*command.split(), str(spec)])
    said = capsys.readouterr()
    assert caught.value.code in (0, 1, 2), f"{said.out[-2000:]}{said.err[-2000:]}"
