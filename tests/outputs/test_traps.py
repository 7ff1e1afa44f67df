"""A run into a trap in every format that says more of it than its steps."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import RunCommand

SPEC = """\
state locked : bool = false
action take when not locked { locked := true }
property free always possible not locked
check free expect refuted in 1
"""


def test_text_json_itf_and_html(run_command: RunCommand) -> None:
    Path("spec.tdx").write_text(SPEC)
    text = run_command("check", "spec.tdx").out
    assert "refuted in 1 step, into a trap" in text
    assert "nothing that can still be done changes any of this:" in text
    document = json.loads(run_command("check", "spec.tdx", "--format", "json").out)
    (told,) = (one["trap"] for one in document["checks"])
    assert told == {"wanted": "not locked", "elements": {}, "always": ["locked"], "states": 1}
    itf = json.loads(run_command("trace", "spec.tdx", "--format", "itf").out)
    assert itf["#meta"]["out of reach"] == "not locked"
    assert itf["#meta"]["always from the end on"] == ["locked"]
    run_command("check", "spec.tdx", "--report", "page.html")
    assert "Nothing that can still be done changes any of this" in Path("page.html").read_text()
