"""One run of one program, as `run` and `resume` have it in common.

The service `origin` leads to standard input and output, debug text goes to standard error, and the
first Ctrl-C suspends the program. Programs themselves, processes and services are other rooms'.
"""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from refexec import image, snapshot, wasm
from refexec.cli import backtrace, files
from refexec.cli.main import complain, trap_status
from refexec.cli.text import TerminalWriter
from refexec.context import Context, background
from refexec.errors import ABIViolationError, InputError, InternalError, StateError
from refexec.runtime.executor import Config, Executor
from refexec.runtime.policy import DebugWriter, ProcessPolicy
from refexec.runtime.process import Process
from refexec.service import Connector, standard_registry
from refexec.service.origin import Transfer
from refexec.snapshot import Buffers
from refexec.trap import Result, TrapID

TIME_RESOLUTION = 1000
"""Nanoseconds to which a program's clocks are rounded."""

MODULE_SUFFIX = ".wasm"
"""What the name of a snapshot ends in if it is to be a WebAssembly module."""

PATIENCE = 5.0
"""Seconds for connections to end when the program has. Only a stuck terminal needs as much."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options that `run` and `resume` have in common."""

    engine: str
    fuel: int | None
    timeout: float | None
    debug_log: str | None
    snapshot: Path | None
    record: Path | None
    without_program: bool


def _refuse_nan(
    ctx: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse what is neither in a range nor outside of it."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds.", ctx, parameter)
    return value


option_engine = click.option(
    "--engine",
    type=click.Choice(sorted(wasm.ENGINES)),
    default=wasm.DEFAULT_ENGINE,
    show_default=True,
    help="What executes the program.",
)
option_fuel = click.option(
    "--fuel",
    type=click.IntRange(min=0),
    metavar="N",
    help="Suspend the program when it has spent N units of fuel.",
)
option_debug_log = click.option(
    "--debug-log",
    metavar="FILE",
    help="Write debug text to FILE, or with - to standard output."
    " It goes to standard error otherwise.",
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options that `Options` holds."""
    for option in reversed(
        [
            click.option(
                "--entry", metavar="NAME", default="", help="Exported function to call as entry."
            ),
            option_engine,
            option_fuel,
            click.option(
                "--timeout",
                type=click.FloatRange(min=0, min_open=True, max=threading.TIMEOUT_MAX),
                callback=_refuse_nan,
                metavar="S",
                help="Suspend the program after S seconds.",
            ),
            option_debug_log,
            click.option(
                "--snapshot",
                "snapshot_",
                type=click.Path(path_type=Path),
                metavar="OUT",
                help="Write the program to OUT if it is suspended, or if it has returned and"
                " another entry can be called. If OUT ends in .wasm, it becomes a WebAssembly"
                " module.",
            ),
            click.option(
                "--without-program",
                is_flag=True,
                help="Leave the program out of the snapshot; refexec resume needs --program then.",
            ),
            click.option(
                "--record",
                type=click.Path(path_type=Path),
                metavar="LOG",
                help="Write all that the program is given from outside to LOG, for refexec replay.",
            ),
        ]
    ):
        command = option(command)
    return command


def load(path: Path, data: bytes, entry: str) -> tuple[image.Program, image.Instance, Buffers]:
    """Make a program of the module in a file, and what it takes to run it."""
    with files.about(path):
        program = image.Program(data)
        if program.form is not None and program.form.record.final:
            raise StateError("the program has ended for good, expected one that can go on")
        instance = image.Instance(program, entry=entry)
        instance.check_runnable()
    return program, instance, program.load_buffers() or Buffers()


def execute(
    program: image.Program, instance: image.Instance, buffers: Buffers, options: Options
) -> int:
    """Run the program until it ends or is suspended, and give the exit status for that."""
    if options.without_program and (
        options.snapshot is None or options.snapshot.suffix == MODULE_SUFFIX
    ):
        raise InputError("--without-program: needs --snapshot OUT, where OUT is not a module")
    if options.snapshot is not None:
        files.check_writable(options.snapshot)
        if options.snapshot == options.record:
            raise InputError(f"{options.snapshot}: is named by --snapshot and by --record")
    with debug_log(options.debug_log) as log, _record_file(options.record) as record:
        policy = ProcessPolicy(
            time_resolution=TIME_RESOLUTION,
            debug_log=log,
            fuel=options.fuel,
            engine=options.engine,
            record=record,
        )
        try:
            result, trap, places = _serve(program, instance, policy, buffers, options.timeout)
        except (ABIViolationError, InternalError) as error:
            return fail(error.trap, str(error))
    keep = options.snapshot
    status = conclude(instance, buffers, result, trap, keep, options.without_program)
    backtrace.show(program.module, places)
    return status


def fail(trap: TrapID, text: str) -> int:
    """Tell about a run that ended by an error, and give the exit status for that."""
    kind = "ABI violation" if trap == TrapID.ABI_VIOLATION else "internal error"
    complain(f"{kind}: {text}")
    return trap_status(trap)


def conclude(
    instance: image.Instance,
    buffers: Buffers,
    result: Result,
    trap: TrapID,
    keep: Path | None,
    without_program: bool = False,
) -> int:
    """Keep a program that can go on, tell how its run ended, and give the exit status for that."""
    can_go_on = trap.resumable or (trap == TrapID.EXIT and not result.terminated)
    fate = "and not kept (no --snapshot)"
    if not instance.coherent:
        fate = "and its state is lost: it had to be stopped by force"
    elif can_go_on and keep is not None:
        instance.trap, instance.result = trap, result
        write_snapshot(keep, instance, buffers, without_program)
        fate = f"kept in {keep}"
    if trap == TrapID.EXIT:
        return result.value
    complain(f"trap {trap:d}: {trap}{f', {fate}' if can_go_on else ''}")
    return trap_status(trap)


def write_snapshot(
    path: Path, instance: image.Instance, buffers: Buffers, without_program: bool = False
) -> None:
    """Write the program to a file, in the form that its name asks for."""
    if path.suffix == MODULE_SUFFIX:
        snapshot.file.replace(path, [instance.snapshot_module(buffers)])
    else:
        record = instance.snapshot(buffers)
        snapshot.file.write(path, record.without_module() if without_program else record)


@contextlib.contextmanager
def _record_file(path: Path | None) -> Iterator[BinaryIO | None]:
    """Open what `--record` names."""
    if path is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("wb", buffering=0))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be written: {files.reason(error)}") from None
        yield file


@contextlib.contextmanager
def debug_log(name: str | None) -> Iterator[DebugWriter | None]:
    """Open what `--debug-log` names: a file, standard output for `-`, standard error for None."""
    if name is None:
        yield standard_stream(sys.stderr)
    elif name == "-":
        yield standard_stream(sys.stdout)
    else:
        with contextlib.ExitStack() as stack:
            try:
                log = stack.enter_context(Path(name).open("wb", buffering=0))
            except (OSError, ValueError) as error:
                raise InputError(f"{name}: cannot be written: {files.reason(error)}") from None
            yield log


def standard_stream(stream: TextIO | None) -> TerminalWriter | StandardStream | None:
    """Give something to write guest bytes to; on a terminal they are escaped.

    None if refexec was started without that stream.
    """
    if stream is None:
        return None
    return TerminalWriter(stream.buffer) if stream.isatty() else StandardStream(stream.buffer)


class StandardStream:
    """A standard stream that many writers share, one after the other, and none may close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def fileno(self) -> int:
        """Give the descriptor, so that one can wait for the stream to take something."""
        return self._stream.fileno()

    def write(self, data: bytes) -> int:
        """Write all of `data` now."""
        self._stream.write(data)
        self._stream.flush()
        return len(data)

    def close_write(self) -> None:
        """Do nothing; the next one may still want to write."""


def _serve(
    program: image.Program,
    instance: image.Instance,
    policy: ProcessPolicy,
    buffers: Buffers,
    timeout: float | None,
) -> tuple[Result, TrapID, tuple[tuple[int, int], ...]]:
    """Run a process to its end, with this terminal as its outside."""
    ctx, cancel = background().with_cancel()
    connector = Connector()
    registry = standard_registry(connector)
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
        offering = threading.Thread(target=_offer, args=(ctx, connector), daemon=True)
        offering.start()
        try:
            ended = serving.submit(process.serve, ctx, registry, buffers).result()
            return *ended, process.backtrace
        finally:
            alarm.cancel()
            connector.close()
            cancel()
            if process.record_failure:
                complain(f"the input log is not complete: {process.record_failure}")
            # What went wrong with a connection is told before anything else is.
            offering.join(PATIENCE)


def _offer(ctx: Context, connector: Connector) -> None:
    """Connect the program to standard input and output as often as it wants."""
    transfers = []
    while (transfer := connector.connect(ctx)) is not None:
        thread = threading.Thread(target=_transfer, args=(ctx, transfer), daemon=True)
        thread.start()
        transfers.append(thread)
    for thread in transfers:
        thread.join()


def _transfer(ctx: Context, transfer: Transfer) -> None:
    source = sys.stdin.buffer if sys.stdin is not None else None
    try:
        transfer(ctx, source, standard_stream(sys.stdout))
    except BrokenPipeError:
        # The reader of our output has seen enough; the program has been told.
        pass
    except OSError as error:
        complain(f"standard input or output failed: {files.reason(error)}")


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
