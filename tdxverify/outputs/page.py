"""A run as an HTML page, with what lies in proof files about its answers."""

from __future__ import annotations

from tdxverify.answers.run import Run
from tdxverify.proofs.overview import stored_proofs
from tdxverify.reports.as_html import html_text


def page_text(run: Run) -> str:
    """The whole document."""
    return html_text(run, stored_proofs(run))
