"""`pytest --thorough`: also the tests that a usual run leaves out, because they repeat with more what others
show with less."""

from __future__ import annotations

import pytest

from tests.thorough import Many, many

REASON = "more of what is tested anyway: run with --thorough"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", action="store_true", help="run the tests marked `thorough` too: more seeds, more sizes"
    )


@pytest.fixture
def some(request: pytest.FixtureRequest) -> Many:
    """`some(150)`: 150 in thorough runs, a third of it otherwise."""
    return many(request.config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: more of what is tested anyway; skipped without --thorough")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--thorough"):
        return
    for item in items:
        if item.get_closest_marker("thorough"):
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.getreports("skipped")
    left_out = sum(REASON in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.write_line(f"{left_out} tests skipped: {REASON}")
