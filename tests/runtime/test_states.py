"""Which call is allowed when: the table of the process's states."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from refexec import image
from refexec.errors import StateError
from refexec.runtime.executor import Executor
from refexec.runtime.process import Process
from refexec.trap import TrapID
from runtime_world import NoServices, Script, Scripted, program

EMPTY = "(module)"


def start(process: Process) -> None:
    code = program(EMPTY)
    process.start(code, image.Instance(code))


def serve(process: Process) -> TrapID:
    return process.serve(None, NoServices())[1]


def to_idle(process: Process) -> None:
    pass


def to_started(process: Process) -> None:
    start(process)


def to_ended(process: Process) -> None:
    start(process)
    assert serve(process) is TrapID.EXIT


def to_closed(process: Process) -> None:
    process.close()


STATES = {"idle": to_idle, "started": to_started, "ended": to_ended, "closed": to_closed}
CALLS: dict[str, Callable[[Process], object]] = {
    "start": start,
    "serve": serve,
    "suspend": Process.suspend,
    "kill": Process.kill,
    "close": Process.close,
}
REFUSED = {
    ("idle", "serve"): "process is idle, not started",
    ("started", "start"): "process is started, not idle",
    ("ended", "start"): "process is ended, not idle",
    ("ended", "serve"): "process is ended, not started",
    ("closed", "start"): "process is closed, not idle",
    ("closed", "serve"): "process is closed, not started",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("state", STATES)
def test_calls_by_state(executor: Executor, state: str, call: str) -> None:
    with executor.new_process() as process:
        STATES[state](process)
        assert f"<Process {state} pid={process.pid}>" == repr(process)
        refused = REFUSED.get((state, call))
        if refused is None:
            CALLS[call](process)
        else:
            with pytest.raises(StateError, match=f"^{refused}$"):
                CALLS[call](process)


@pytest.mark.parametrize("call", ["start", "serve", "close"])
def test_calls_while_it_is_served(executor: Executor, call: str) -> None:
    errors: list[BaseException] = []

    def begin(world: Scripted) -> None:
        try:
            CALLS[call](process)
        except StateError as error:
            errors.append(error)

    code = Script().forever().program()
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"))
        if call != "close":
            process.suspend()
        _, trap = process.serve(None, Scripted(on_start=begin))
    assert len(errors) == 1
    # Closing has at least killed it.
    assert trap is (TrapID.KILLED if call == "close" else TrapID.SUSPENDED)


def test_a_start_that_is_refused_changes_nothing(executor: Executor) -> None:
    code = program(EMPTY)
    instance = image.Instance(code)
    instance.begin_mutation()
    with executor.new_process() as process:
        with pytest.raises(StateError, match=r"^instance state is invalid$"):
            process.start(code, instance)
        start(process)
        assert serve(process) is TrapID.EXIT
    assert not instance.coherent


def test_a_launch_that_cannot_be_encoded_leaves_the_state_alone(executor: Executor) -> None:
    class Broken(image.Instance):
        @property
        def monotonic_time(self) -> int:
            raise MemoryError

    code = program(EMPTY)
    instance = Broken(code)
    with executor.new_process() as process:
        with pytest.raises(MemoryError):
            process.start(code, instance)
        assert instance.coherent
        start(process)


def test_an_interrupt_while_it_is_served(executor: Executor) -> None:
    """What Ctrl-C does where nobody handles it: everything is cleaned up, and it goes on up."""

    def begin(world: Scripted) -> None:
        raise KeyboardInterrupt

    code = Script().forever().program()
    world = Scripted(on_start=begin)
    with executor.new_process() as process:
        process.start(code, image.Instance(code, entry="main"))
        with pytest.raises(KeyboardInterrupt):
            process.serve(None, world)
    assert world.calls[-1] == ("shutdown", False, True)


def test_an_interrupt_while_it_is_started(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def sendall(self, data: bytes) -> None:
            raise KeyboardInterrupt

    code = program(EMPTY)
    instance = image.Instance(code)
    process = executor.new_process()
    with monkeypatch.context() as patch:
        patch.setattr(process._subject, "control", Interrupted())
        with pytest.raises(KeyboardInterrupt):
            process.start(code, instance)
    assert not instance.coherent
    with pytest.raises(StateError, match=r"^process is ended, not started$"):
        serve(process)
    process.close()
