"""Commands are run here as they are in the tests of the command line."""

from tests.cli.conftest import run_command

__all__ = ["run_command"]
