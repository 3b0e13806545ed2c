"""The group of commands, and what becomes of an error.

Each command lives in a module of its own and is imported when it is asked for. Every error that
bad input can cause leaves here as one line on standard error with exit status 2; a Python
traceback means a defect of refexec.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from refexec import __version__
from refexec.cli.text import one_line
from refexec.errors import RefexecError

BAD_INPUT = 2
"""Exit status for wrong usage, and for a module or snapshot that cannot be used."""

TRAPPED = 100
"""Exit status for trap 0; the other traps follow."""

COMMANDS = (
    "completion",
    "conform",
    "debug",
    "doctor",
    "inspect",
    "invoke",
    "profile",
    "replay",
    "resume",
    "run",
    "show",
    "trace",
    "view",
)
"""Names of the commands; each is an attribute of the module of the same name."""


def complain(message: str) -> None:
    """Write one line on standard error that says what went wrong."""
    click.echo(f"refexec: {one_line(message)}", err=True)


def trap_status(trap: int) -> int:
    """Give the exit status for a program that ended with `trap`."""
    return TRAPPED + trap


class CommandGroup(click.Group):
    """Imports commands when they are needed, and turns errors into one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, for the help text and for completion."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command `cmd_name`, if it is one."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"refexec.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run the command line and exit with the status of the command.

        Errors never pass as exceptions, whatever `standalone_mode` says: this is a program's
        outermost function.
        """
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            status = BAD_INPUT
        except click.ClickException as error:
            ctx = getattr(error, "ctx", None)
            where = f" {ctx.info_name}" if ctx is not None and ctx.parent is not None else ""
            complain(f"{error.format_message()} (see refexec{where} --help)")
            status = BAD_INPUT
        except RefexecError as error:
            complain(str(error))
            status = BAD_INPUT
        except (click.Abort, KeyboardInterrupt):
            complain("interrupted")
            status = 130
        sys.exit(status if isinstance(status, int) else 0)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="refexec", message="%(prog)s %(version)s")
def main() -> None:
    """Run WebAssembly programs as suspendable processes.

    Exit status: 0 or 1 as the program judges itself, 100 + trap id if it traps (102: it was
    suspended), 2 for wrong usage or a file that cannot be used.
    """
