"""`refexec replay`: run a recorded run again, from its input log alone."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from refexec.abi.inputlog import container
from refexec.cli import backtrace, files, session
from refexec.cli.main import complain, trap_status
from refexec.cli.origin_output import OriginOutput
from refexec.runtime.debuglog import DebugLog
from refexec.runtime.replay import Replay
from refexec.trap import Result, TrapID


@click.command()
@click.argument("file", metavar="LOG", type=click.Path(path_type=Path))
@session.option_engine
@session.option_fuel
@session.option_debug_log
@click.option(
    "--snapshot",
    "snapshot_",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the program, as it is where the replay stops, to OUT.",
)
def replay(
    file: Path, engine: str, fuel: int | None, debug_log: str | None, snapshot_: Path | None
) -> int:
    """Run again what was recorded with --record, and compare.

    The program gets from LOG all that it was given then, so it needs no services, no input and no
    clock. It prints the same and ends with the same status; if it does anything else, that is an
    error.
    """
    data = files.read(file, files.INPUT_LOG)
    if snapshot_ is not None:
        files.check_writable(snapshot_)
    with files.about(file), session.debug_log(debug_log) as log:
        recorded = container.load(io.BytesIO(data))
        buffers = recorded.beginning.snapshot.buffers
        output = OriginOutput(buffers, session.standard_stream(sys.stdout))
        text = None if log is None else DebugLog(log)
        again = Replay(
            recorded,
            engine=engine,
            sent=output.feed,
            logged=None if text is None else text.feed,
        )
        try:
            ended = again.run(None if fuel is None else again.fuel_spent + fuel)
        finally:
            if text is not None:
                text.finish()
    return _conclude(again, ended, snapshot_)


def _conclude(again: Replay, ended: bool, keep: Path | None) -> int:
    """Tell how the replay ended, and give the exit status for that."""
    instance, buffers = again.outcome()
    ending = again.log.ending
    if ended and again.complete and ending is not None:
        if ending.error:
            return session.fail(ending.trap, ending.error)
        status = session.conclude(instance, buffers, ending.result, ending.trap, keep)
        backtrace.show(
            again.program.module, [(place.function, place.offset) for place in again.backtrace]
        )
        return status
    if ended:
        complain(
            "the log does not tell the run to its end; replayed as far as it goes, to call"
            f" {again.position}, fuel {again.fuel_spent}"
        )
    if keep is not None and instance.final:
        complain(
            f"{keep} can be inspected but not resumed: what services knew at that moment is not in"
            " the log"
        )
    if ending is None or not ended:
        return session.conclude(instance, buffers, Result(), TrapID.SUSPENDED, keep)
    # The run was ended by force, somewhere behind this point.
    if keep is not None:
        session.write_snapshot(keep, instance, buffers)
    if ending.error:
        return session.fail(ending.trap, ending.error)
    complain(f"trap {ending.trap:d}: {ending.trap}")
    return trap_status(ending.trap)
