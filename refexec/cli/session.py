"""One run of one program, as `run` and `resume` have it in common.

The service `origin` leads to standard input and output, debug text goes to standard error, and the
first Ctrl-C suspends the program. Programs themselves, processes and services are other rooms'.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from refexec import image, snapshot, wasm
from refexec.cli import files
from refexec.cli.main import complain, trap_status
from refexec.cli.text import TerminalWriter
from refexec.context import Context, background
from refexec.errors import ABIViolationError, InputError, InternalError
from refexec.runtime.executor import Config, Executor
from refexec.runtime.policy import DebugWriter, ProcessPolicy
from refexec.runtime.process import Process
from refexec.service import catalog, identity, origin, random, scope
from refexec.service.registry import Registry
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

TIME_RESOLUTION = 1000
"""Nanoseconds to which a program's clocks are rounded."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options that `run` and `resume` have in common."""

    engine: str
    fuel: int | None
    timeout: float | None
    debug_log: str | None
    snapshot: Path | None


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options that `Options` holds."""
    for option in reversed(
        [
            click.option(
                "--entry", metavar="NAME", default="", help="Exported function to call as entry."
            ),
            click.option(
                "--engine",
                type=click.Choice(sorted(wasm.ENGINES)),
                default="reference",
                show_default=True,
                help="What executes the program.",
            ),
            click.option(
                "--fuel",
                type=click.IntRange(min=0),
                metavar="N",
                help="Suspend the program when it has spent N units of fuel.",
            ),
            click.option(
                "--timeout",
                type=click.FloatRange(min=0, min_open=True, max=threading.TIMEOUT_MAX),
                metavar="S",
                help="Suspend the program after S seconds.",
            ),
            click.option(
                "--debug-log",
                metavar="FILE",
                help="Write debug text to FILE, or with - to standard output."
                " It goes to standard error otherwise.",
            ),
            click.option(
                "--snapshot",
                "snapshot_",
                type=click.Path(path_type=Path),
                metavar="OUT",
                help="Write the program to OUT if it is suspended, or if it has returned and"
                " another entry can be called.",
            ),
        ]
    ):
        command = option(command)
    return command


def execute(
    program: image.Program, instance: image.Instance, buffers: Buffers, options: Options
) -> int:
    """Run the program until it ends or is suspended, and give the exit status for that."""
    if options.snapshot is not None:
        files.check_writable(options.snapshot)
    with debug_log(options.debug_log) as log:
        policy = ProcessPolicy(
            time_resolution=TIME_RESOLUTION,
            debug_log=log,
            fuel=options.fuel,
            engine=options.engine,
        )
        try:
            result, trap = _serve(program, instance, policy, buffers, options.timeout)
        except (ABIViolationError, InternalError) as error:
            kind = "ABI violation" if isinstance(error, ABIViolationError) else "internal error"
            complain(f"{kind}: {error}")
            return trap_status(error.trap)
    kept = False
    if options.snapshot is not None and _can_go_on(trap, result):
        instance.check_mutation()
        instance.trap, instance.result = trap, result
        try:
            snapshot.file.write(options.snapshot, instance.snapshot(buffers))
        except OSError as error:
            raise InputError(
                f"{options.snapshot}: cannot be written: {files.reason(error)}"
            ) from None
        kept = True
    if trap == TrapID.EXIT:
        return result.value
    fate = ""
    if trap.resumable:
        fate = f", kept in {options.snapshot}" if kept else ", and not kept (no --snapshot)"
    complain(f"trap {trap:d}: {trap}{fate}")
    return trap_status(trap)


def _can_go_on(trap: TrapID, result: Result) -> bool:
    return trap.resumable or (trap == TrapID.EXIT and not result.terminated)


@contextlib.contextmanager
def debug_log(name: str | None) -> Iterator[DebugWriter]:
    """Open what `--debug-log` names: a file, standard output for `-`, standard error for None."""
    if name is None:
        yield terminal_safe(sys.stderr.buffer)
    elif name == "-":
        yield terminal_safe(sys.stdout.buffer)
    else:
        try:
            log = Path(name).open("wb", buffering=0)  # noqa: SIM115  # closed by the with below
        except (OSError, ValueError) as error:
            raise InputError(f"{name}: cannot be written: {files.reason(error)}") from None
        with log:
            yield log


def terminal_safe(stream: IO[bytes]) -> Any:
    """Give something to write guest bytes to: `stream`, with escapes if it is a terminal."""
    return TerminalWriter(stream) if stream.isatty() else stream


def _serve(
    program: image.Program,
    instance: image.Instance,
    policy: ProcessPolicy,
    buffers: Buffers,
    timeout: float | None,
) -> tuple[Result, TrapID]:
    """Run a process to its end, with this terminal as its outside."""
    ctx, cancel = background().with_cancel()
    connector = origin.Connector()
    with (
        Executor(Config(max_procs=1)) as executor,
        executor.new_process(ctx) as process,
        # A signal handler runs between any two steps of the main thread. It may call the
        # process's methods, which take locks, because the main thread only waits.
        _interrupts(process),
        ThreadPoolExecutor(1) as serving,
    ):
        process.start(program, instance, policy)
        alarm = threading.Timer(timeout or 0, process.suspend)
        alarm.daemon = True
        if timeout is not None:
            alarm.start()
        threading.Thread(target=_connect, args=(ctx, connector), daemon=True).start()
        try:
            return serving.submit(process.serve, ctx, _services(connector), buffers).result()
        finally:
            alarm.cancel()
            connector.close()
            cancel()


def _services(connector: origin.Connector) -> Registry:
    """Make a registry with the standard set of services."""
    registry = Registry()
    for factory in (
        connector,
        catalog.Catalog(registry),
        identity.Identity(),
        random.Random(random.DEFAULT_CONFIG),
        scope.Scope(),
    ):
        registry.register(factory)
    return registry


def _connect(ctx: Context, connector: origin.Connector) -> None:
    """Serve each connection that the program accepts, in a thread of its own."""
    while (transfer := connector.connect(ctx)) is not None:
        threading.Thread(
            target=transfer,
            args=(ctx, sys.stdin.buffer, terminal_safe(sys.stdout.buffer)),
            daemon=True,
        ).start()


@contextlib.contextmanager
def _interrupts(process: Process) -> Iterator[None]:
    """Let the first Ctrl-C suspend the process, and the next one kill it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(signum: int, frame: object) -> None:
        signal.signal(signal.SIGINT, kill)
        process.suspend()

    def kill(signum: int, frame: object) -> None:
        process.kill()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
