"""Where the program begins: Ctrl-C while the rest is loaded ends it like Ctrl-C later on."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command of `sys.argv` and leave with its exit status. What takes time is loaded inside."""
    try:
        from tdxverify.cli.main import main as run

        run()
    except KeyboardInterrupt:
        from tdxverify.answers.exit_status import ExitStatus

        print("interrupted", file=sys.stderr)
        raise SystemExit(ExitStatus.UNDECIDED) from None
