"""refexec's own processes as a runtime on trial: real workers, one for each run.

A program goes on from its snapshot as it would be written to a file, so that nothing of the run
before is left but that.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from refexec_conformance.runtime.backend import CAPABILITIES, End, Replayed, Stage, Start
from refexec_conformance.runtime.services import Services

from refexec import Buffers, Config, Executor, Process, ProcessPolicy, __version__, image, wasm
from refexec.abi import inputlog
from refexec.context import background
from refexec.errors import (
    ABIViolationError,
    EntryError,
    ImportResolutionError,
    InternalError,
    LinkError,
    RefexecError,
    ReplayDivergedError,
)
from refexec.runtime import Replay
from refexec.snapshot import file
from refexec.trap import TrapID

REFUSALS: tuple[tuple[type[RefexecError], str], ...] = (
    (EntryError, "entry"),
    (ImportResolutionError, "import"),
    (LinkError, "import"),
    (RefexecError, "module"),
)
"""What an error about a program means, the first that fits."""


def refusal(error: RefexecError) -> End:
    """The end of a program that is not run."""
    kind = next(kind for cls, kind in REFUSALS if isinstance(error, cls))
    return End(refused=kind, message=str(error))


class DebugText:
    """Where debug text goes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def write(self, data: bytes) -> int:
        """Tell the stage."""
        self._stage.debug(data)
        return len(data)


class HostControl:
    """The stage's hand on a process."""

    def __init__(self, process: Process, cancel: Callable[[], object]) -> None:
        self._process = process
        self._cancel = cancel

    def suspend(self) -> None:
        """Ask for suspension."""
        self._process.suspend()

    def kill(self) -> None:
        """End it now."""
        self._process.kill()

    def cancel(self) -> None:
        """Cancel the context of `serve`."""
        self._cancel()

    def stop(self) -> None:
        """End it now."""
        self._process.kill()


class Processes:
    """Processes of one executor, with one of refexec's engines."""

    capabilities = frozenset(CAPABILITIES)
    version = __version__

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._executor = Executor(Config())

    def play(self, start: Start, stage: Stage) -> End:
        """Run a program once."""
        limits = _limits(start)
        try:
            if start.state is None:
                program = image.Program(start.module)
                instance = image.Instance(program, entry=start.entry, limits=limits)
            else:
                program, instance = image.Instance.from_snapshot(file.decode(start.state))
                if start.entry:
                    instance.set_entry(start.entry)
        except RefexecError as error:
            return refusal(error)
        record = io.BytesIO() if start.record else None
        policy = ProcessPolicy(
            time_resolution=start.policy.time_resolution,
            debug_log=DebugText(stage) if start.policy.debug else None,
            fuel=start.fuel,
            engine=self._engine,
            record=record,
            limits=limits,
        )
        services = Services(start, stage)
        buffers = Buffers(list(start.buffers.services), start.buffers.input, start.buffers.output)
        ctx, cancel = background().with_cancel()
        end = End(buffers=buffers)
        with self._executor.new_process() as process:
            stage.begin(HostControl(process, cancel))
            process.start(program, instance, policy)
            services.connect(ctx)
            stage.serve()
            try:
                result, trap = process.serve(ctx, services.registry, buffers)
                end.trap = int(trap)
                end.result = result.code if trap == TrapID.EXIT else None
            except (ABIViolationError, InternalError) as error:
                end.trap, end.message = int(error.trap), str(error)
            finally:
                end.connections = services.finish()
                cancel()
        end.fuel = instance.fuel_spent
        end.state = _export(instance, buffers)
        end.log = None if record is None else record.getvalue()
        return end

    def replay(self, log: bytes, fuel: int | None) -> Replayed:
        """Run a log again, in this process."""
        debug, sent, received = io.BytesIO(), io.BytesIO(), io.BytesIO()
        try:
            again = Replay(
                inputlog.load(io.BytesIO(log)),
                engine=self._engine,
                sent=sent.write,
                logged=debug.write,
                received=received.write,
            )
            again.run(fuel)
            instance, buffers = again.outcome()
        except ReplayDivergedError as error:
            return Replayed("diverged", str(error), error.call)
        except RefexecError as error:
            return Replayed("refused", str(error))
        moved = debug.getvalue(), sent.getvalue(), received.getvalue()
        if not (again.ended and again.complete):
            return Replayed("stopped", "", again.position, None, None, again.fuel_spent, *moved)
        trap = instance.trap
        result = instance.result.code if trap == TrapID.EXIT else None
        state = _export(instance, buffers)
        return Replayed("ended", "", None, int(trap), result, again.fuel_spent, *moved, state)

    def close(self) -> None:
        """Kill what still runs."""
        self._executor.close()


def _export(instance: image.Instance, buffers: Buffers) -> bytes | None:
    """What a program goes on from, if it can."""
    if not instance.coherent or instance.final:
        return None
    return file.encode(instance.snapshot(buffers))


def _limits(start: Start) -> wasm.Limits:
    wanted = {
        "call_depth": start.policy.call_depth,
        "memory_pages": start.policy.memory_pages,
    }
    return wasm.Limits(**{name: value for name, value in wanted.items() if value is not None})
