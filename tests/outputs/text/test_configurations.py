"""The table of the configurations of one file, in text and HTML, and their names in every output."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.run import Run
from tdxverify.cli import check as check_command
from tdxverify.cli import graph, lint, simulate, trace, why
from tdxverify.outputs.html.comparison import configurations_markup
from tdxverify.outputs.junit import junit_text as xml_text
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.sarif import sarif_text as sarif_text
from tdxverify.outputs.text.comparison import configuration_lines
from tdxverify.outputs.text.layout import plain

TEXT = """\
param flush : bool
param hot : bool
state dirty : bool = false
state lost : bool = false
action write { dirty := true }
action crash when dirty and not flush { lost := true }
property nothing_is_lost never lost
property dirtied_at_all reachable dirty and hot
config fixed "with a flush" where flush
config posted "as posted" where not flush
check nothing_is_lost in posted expect refuted in 2
check nothing_is_lost in fixed expect proved trivially
check dirtied_at_all in posted, fixed where hot
check dirtied_at_all in posted where not hot
check dirtied_at_all expect proved
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("configurations") / "spec.tdx"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(path: Path) -> Run:
    return check([path])


def test_rows_are_configurations_in_the_order_of_their_declaration(run: Run) -> None:
    table = plain(configuration_lines(run.answers, 80)).splitlines()
    assert table[0].split() == ["in", "nothing_is_lost", "dirtied_at_all"]
    assert table[1].split() == ["fixed", "yes", ":12", "yes", ":13"]
    assert table[2].split() == ["posted", "no", "2", ":11", "yes", ":13"]
    assert table[3].split() == ["!no", ":14"]
    assert 'in posted: "as posted", where not flush' in table
    assert table[table.index("yes :LINE   proved by the check in that line") :] == [
        "yes :LINE   proved by the check in that line",
        "no N :LINE  refuted in N steps, by the trace of the check in that line",
        "no :LINE    refuted by the check in that line",
        "yes and no  the checks in these lines differ in what else they ask for",
        "!           not as expected",
    ]


def test_the_legend_explains_what_is_in_the_table_and_nothing_else(run: Run) -> None:
    fine = [one for one in run.answers if one.outcome is Outcome.PROVED]
    table = plain(configuration_lines(fine, 80))
    assert "yes :LINE" in table
    assert not any(sign in table for sign in ("no :LINE", "no N", "yes and no", "!"))
    narrow = plain(configuration_lines(run.answers, 37)).splitlines()
    assert "            the trace of the check in" in narrow and max(map(len, narrow)) <= 37


def test_the_other_way_round_where_it_fits_so(run: Run) -> None:
    table = plain(configuration_lines(run.answers, 37)).splitlines()
    assert table[0].split() == ["fixed", "posted"]
    assert table[1].split() == ["nothing_is_lost", "yes", ":12", "no", "2", ":11"]
    assert max(map(len, table)) <= 37
    numbered = plain(configuration_lines(run.answers, 36)).splitlines()
    assert numbered[0].split() == ["(1)", "(2)"] and "(1) nothing_is_lost" in numbered


def test_one_configuration_is_no_table(run: Run) -> None:
    few = [one for one in run.answers if one.asked.config is None or one.asked.config.name == "fixed"]
    assert configuration_lines(few, 80) == []
    assert configurations_markup(list(enumerate(few, 1))) is None


def test_cells_lead_to_evidence(run: Run) -> None:
    markup = configurations_markup(list(enumerate(run.answers, 1)))
    assert markup is not None
    answers = re.findall(r'<span class="verdict (\w+)"><a href="#check-(\d+)">', markup.text)
    assert len(answers) >= 3
    for verdict, number in answers:
        assert run.answers[int(number) - 1].outcome.value == verdict
    assert markup.text.count("not as expected") == 1


def test_every_output_names_it(run: Run) -> None:
    found = json.loads(json_text(run))["checks"]
    assert [one.get("config") for one in found] == ["posted", "fixed", "posted", "fixed", "posted", None]
    assert [one["where"] for one in found][2] == "not flush and hot"
    assert 'name="dirtied_at_all[in posted, not hot]"' in xml_text(run)
    assert "in posted; where not flush and not hot" in sarif_text(run)


def test_commands_take_it(path: Path) -> None:
    def told(command: object, *words: str) -> str:
        done = CliRunner().invoke(command, [str(path), *words])  # type: ignore[arg-type]
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.output

    assert "2 checks: 2 as expected" in told(check_command.command, "--config", "fixed")
    assert ", in posted)" in " ".join(told(why.command, "--config", "posted").split())
    assert ", in posted" in " ".join(told(simulate.command, "--config", "posted").split())
    assert "crash" in told(trace.command, "--config", "posted")
    assert "crash" in told(graph.command, "--config", "posted")
    assert "'crash'" in told(lint.command, "--config", "fixed")
