"""The one place where a bug of ours ends. Light to import, because every command passes through it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from tdxverify.answers.exit_status import ExitStatus


class FailureBoundary:
    """Whatever exception leaves it becomes a bundle on disk and exit status 4.

    What the user is responsible for is caught before; SystemExit and KeyboardInterrupt pass.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            return
        from tdxverify.cli.bundle import report_failure

        report_failure(error, self._arguments)
        raise SystemExit(ExitStatus.INTERNAL)
