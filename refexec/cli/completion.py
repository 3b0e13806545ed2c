"""`refexec completion`: the script that makes a shell complete refexec's command line."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    For bash, for example: eval "$(refexec completion bash)"
    """
    completer = get_completion_class(shell)
    assert completer is not None, "click has one for each choice"
    group = ctx.find_root().command
    click.echo(completer(group, {}, "refexec", "_REFEXEC_COMPLETE").source())
