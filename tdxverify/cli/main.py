"""The command line. Commands are loaded when they are used, so that help costs nothing."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

import click

from tdxverify import __version__
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.budget import LimitReached, interruptible
from tdxverify.cli.boundary import FailureBoundary
from tdxverify.cli.terminal import lost_output, prepare_streams, show, write
from tdxverify.diagnostics import Code, Diagnostic, SpecError

# Of click's own output, such as help, that cannot be written; everything else that fails names a file.
_LOST = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)

# name -> (module with a click command named `command`, one line of help)
COMMANDS = {
    "check": ("tdxverify.cli.check", "Run the checks of specs and say what was proved and what refuted."),
    "prove": ("tdxverify.cli.prove", "Answer the checks of specs, and keep the answers beside them."),
    "recheck": ("tdxverify.cli.recheck", "Check the answers that are kept, without any search."),
    "certificate": ("tdxverify.cli.certificate", "Show the proofs that are kept, or save them as SMT-LIB."),
    "table": ("tdxverify.cli.table", "Print access tables as the manual of the hardware would."),
    "why": ("tdxverify.cli.why", "Explain a refutation, and what would prevent it; or what a proof needs."),
    "trace": ("tdxverify.cli.trace", "Write the trace of a check in a format that other programs read."),
    "graph": ("tdxverify.cli.graph", "Draw a trace, what is around it, all states, or what depends on what."),
    "simulate": ("tdxverify.cli.simulate", "Walk through the states of a spec by hand or at random."),
    "lint": ("tdxverify.cli.lint", "Say what in specs plays no part, and which checks are about nothing."),
    "explain": ("tdxverify.cli.explain_code", "Explain a diagnostic code, with a wrong and a right example."),
    "engines": ("tdxverify.cli.engines", "List the engines that can decide a check."),
}

EPILOG = """\
Exit status: 0 everything as expected; 1 a definite answer is not the expected one; 2 something is undecided;
3 a specification or the command is wrong; 4 a bug of tdxverify.
"""


class LazyGroup(click.Group):
    """A group whose commands come from `COMMANDS`; the top help shows them without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            close = get_close_matches(args[0], COMMANDS, n=1)
            meant = f"; did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"there is no command '{args[0]}'{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tdxverify", message="%(prog)s %(version)s")
def group() -> None:
    """Prove or refute what must never happen to confidential-computing memory."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    raise SystemExit(_run(given))


def _run(arguments: list[str]) -> int:
    prepare_streams()
    if not arguments:
        write(group.get_help(click.Context(group, info_name="tdxverify")) + "\n", sys.stderr)
        return ExitStatus.WRONG_INPUT
    with FailureBoundary(arguments), interruptible():
        try:
            return int(group.main(arguments, prog_name="tdxverify", standalone_mode=False) or 0)
        except click.ClickException as error:
            return _report(_wrong_usage(error))
        except SpecError as error:
            return _report(error)
        except (click.Abort, KeyboardInterrupt) as error:
            if isinstance(error.__cause__, EOFError):
                raise error.__cause__ from None  # click takes the end of any file for Ctrl-D at a prompt
            write("interrupted\n", sys.stderr)
            return ExitStatus.UNDECIDED
        except OSError as error:
            if error.filename is not None or error.errno not in _LOST:
                raise
            return _report(lost_output(error))
        except LimitReached as reached:
            write(f"undecided: {reached.told}\n", sys.stderr)
            return ExitStatus.UNDECIDED
    raise AssertionError("the boundary lets nothing through")


def _report(error: SpecError) -> int:
    from tdxverify.outputs.text.problems import problem_lines

    show(problem_lines(error.diagnostics), sys.stderr)
    return ExitStatus.WRONG_INPUT


def _wrong_usage(error: click.ClickException) -> SpecError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = "tdxverify" if context is None else context.command_path
    hint = f"{command} --help shows how it is used"
    return SpecError([Diagnostic(Code.E708, error.format_message().rstrip("."), hint=hint)])
