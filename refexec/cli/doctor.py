"""`refexec doctor`: what protects this machine from programs, as found by trying."""

from __future__ import annotations

import json

import click

from refexec.cli.text import escape
from refexec.errors import UnavailableError
from refexec.runtime import Config
from refexec.runtime.isolation.measures import MEASURES
from refexec.runtime.isolation.report import IsolationReport, make_report, require


@click.command()
@click.option(
    "--require",
    "required",
    multiple=True,
    type=click.Choice(list(MEASURES)),
    metavar="MEASURE",
    help="Fail unless this measure is in force (repeatable).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def doctor(required: tuple[str, ...], as_json: bool) -> int:
    """Tell which measures of isolation are in force on this machine.

    Workers try to get out in place of running a program, and the report shows how far they came.
    Exit status: 0, or 1 if a required measure is not in force.
    """
    report = make_report(Config().isolation)
    if as_json:
        click.echo(json.dumps(report.astree(), indent=2))
    else:
        _print(report)
    try:
        require(report, frozenset(required))
    except UnavailableError as error:
        click.echo(f"refexec: {escape(str(error))}", err=True)
        return 1
    return 0


def _print(report: IsolationReport) -> None:
    click.echo("A worker ...")
    for measure in report.measures:
        mark = "yes" if measure.in_force else "NO "
        reason = f": {escape(measure.reason)}" if measure.reason else ""
        click.echo(f"  {mark}  {measure.name:<18} {measure.purpose}{reason}")
    click.echo("It tried to ...")
    for attempt in report.attempts:
        end = f"refused ({escape(attempt.error)})" if attempt.refused else "NOT REFUSED"
        doubt = "" if attempt.possible_without else ", as it would be without any measure"
        click.echo(f"  {attempt.name:<26} {end}{doubt}")
