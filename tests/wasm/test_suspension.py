"""Stopping from outside: by threads, signals and hosts, in loops, nested calls and start functions.

Nothing here waits for time to pass: a host function tells when the guest has come to a place.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.errors import LimitError, StateError

ENDLESS = """(module (import "h" "here" (func $here))
  (global (export "turns") (mut i32) (i32.const 0))
  (func $turn (global.set 0 (i32.add (global.get 0) (i32.const 1))))
  (func $loop (export "loop") (call $here) (loop $l (call $turn) (br $l)))
  (func $nest (export "nest") (param i32)
    (if (local.get 0) (then (call $nest (i32.sub (local.get 0) (i32.const 1))))
      (else (call $loop))))
  (func (export "tail") (param i32) (return_call $tail (local.get 0)))
  (func $tail (param i32) (call $here)
    (if (local.get 0) (then (return_call $tail (local.get 0)))))
  (func (export "guarded") (block $h (try_table (catch_all $h) (call $loop)))))"""

STARTING = f"{ENDLESS[:-1]} (start $loop))"


def imports(here: Callable[[], None]) -> dict[tuple[str, str], wasm.HostFunction]:
    return {("h", "here"): wasm.HostFunction(wasm.FunctionType(), here)}


@contextmanager
def handled(number: int, handler: Callable[[], None]) -> Iterator[None]:
    before = signal.signal(number, lambda *_: handler())
    try:
        yield
    finally:
        signal.signal(number, before)


CALLS = [("loop", ()), ("nest", (50,)), ("tail", (1,)), ("guarded", ())]


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize(("name", "args"), CALLS)
def test_a_signal_handler_suspends(name: str, args: tuple[int, ...], engine: str) -> None:
    code = wasm.Module(assemble(ENDLESS))
    given = imports(lambda: signal.raise_signal(signal.SIGUSR1))
    started = wasm.Instance(code, given, engine=engine)
    with handled(signal.SIGUSR1, started.interrupt):
        assert started.call(name, *args) == wasm.Suspended()
    frames = len(started.backtrace())
    assert frames >= (52 if name == "nest" else 1)
    # It goes on in another store, from where it was, and can be stopped there too.
    moved = wasm.Instance.thaw(code, started.freeze(), imports(lambda: moved.interrupt()))
    assert moved.state_digest() == started.state_digest()
    moved.interrupt()
    assert moved.resume() == wasm.Suspended()
    # Before anything else had happened.
    assert moved.fuel_spent == started.fuel_spent
    if name != "tail":
        # Nothing in there stops it but fuel.
        limited = wasm.Instance.thaw(code, moved.freeze(), imports(lambda: None), fuel=1000)
        assert limited.resume() == wasm.Suspended()
        assert limited.fuel_spent == started.fuel_spent + 1000


@pytest.mark.parametrize("name", ["loop", "guarded"])
def test_a_timer_suspends_and_catches_nothing(name: str) -> None:
    begun = threading.Event()
    started = wasm.Instance(wasm.Module(assemble(ENDLESS)), imports(begun.set))
    timer = threading.Thread(target=lambda: begun.wait() and started.interrupt())
    timer.start()
    with pytest.raises(LimitError, match="interrupted"):
        started.invoke(name)
    timer.join()
    assert started.suspended


def test_an_endless_start_function_is_suspended_and_resumed() -> None:
    code = wasm.Module(assemble(STARTING))
    started = wasm.Instance(code, imports(lambda: started.interrupt()), start=False)
    assert started.start() == wasm.Suspended()
    assert not started.start_pending
    turns = started.exports["turns"]
    assert isinstance(turns, wasm.Global)
    before = turns.get()
    moved = wasm.Instance.thaw(code, started.freeze(), imports(lambda: None), fuel=70)
    assert moved.resume() == wasm.Suspended()
    turns = moved.exports["turns"]
    assert isinstance(turns, wasm.Global)
    assert turns.get() == before + 10


def test_between_instantiation_and_start_function() -> None:
    code = wasm.Module(
        assemble(
            '(module (global (export "g") (mut i32) (i32.const 1))'
            "(func $s (global.set 0 (i32.const 2))) (start $s))"
        )
    )
    made = wasm.Instance(code, start=False)
    moved = wasm.Instance.thaw(code, made.freeze())
    assert moved.start_pending
    assert not moved.suspended
    assert moved.state_digest() == made.state_digest()
    assert moved.start() == wasm.Returned([])
    again = wasm.Instance.thaw(code, moved.freeze())
    assert not again.start_pending
    assert again.start() == wasm.Returned([])
    assert again.fuel_spent == 3


def test_interrupting_twice_is_interrupting_once() -> None:
    code = wasm.Module(assemble('(module (func (export "f") (result i32) (i32.const 3)))'))
    started = wasm.Instance(code)
    started.interrupt()
    started.interrupt()
    assert started.call("f") == wasm.Suspended()
    assert started.resume() == wasm.Returned([3])
    assert started.call("f") == wasm.Returned([3])


def test_a_call_that_has_just_ended_cannot_be_resumed() -> None:
    code = wasm.Module(assemble('(module (func (export "f") (result i32) (i32.const 3)))'))
    ended = wasm.Instance(code)
    assert ended.call("f") == wasm.Returned([3])
    with pytest.raises(StateError, match="no call is suspended"):
        ended.resume()
    # Frozen, it is the same; and an interrupt that came too late stops the next call.
    moved = wasm.Instance.thaw(code, ended.freeze())
    with pytest.raises(StateError, match="no call is suspended"):
        moved.resume()
    moved.interrupt()
    assert moved.call("f") == wasm.Suspended()
    assert moved.resume() == wasm.Returned([3])


def test_a_suspended_call_can_be_given_up() -> None:
    code = wasm.Module(assemble(ENDLESS))
    started = wasm.Instance(code, imports(lambda: None), fuel=105)
    untouched = started.state_digest()
    started.abandon()
    assert started.call("loop") == wasm.Suspended()
    with pytest.raises(StateError, match="another call is suspended"):
        started.call("loop")
    started.abandon()
    assert not started.suspended
    with pytest.raises(StateError, match="no call is suspended"):
        started.resume()
    turns = started.exports["turns"]
    assert isinstance(turns, wasm.Global)
    # What it has done stays done, and is all that is left of it.
    assert turns.get() > 0
    turns.set(0)
    assert started.state_digest() == untouched


# -- edges of host calls -------------------------------------------------------------------------

CALLING = """(module (import "h" "take" (func $take (param i32) (result i32)))
  (func (export "f") (result i32)
    (i32.add (i32.const 100) (call $take (i32.const 7)))))"""
"""Fuel: 1 for the entry, 1, 1, 1 for the call, 1 for the addition."""


@pytest.mark.parametrize("engine", wasm.ENGINES)
@pytest.mark.parametrize("fuel", range(5))
def test_a_host_function_is_called_once_whichever_side_of_it_is_cut(fuel: int, engine: str) -> None:
    calls: list[tuple[str, int]] = []

    def given(where: str) -> dict[tuple[str, str], Any]:
        def take(value: int) -> int:
            calls.append((where, value))
            return 2 * value

        kind = wasm.FunctionType((wasm.I32,), (wasm.I32,))
        return {("h", "take"): wasm.HostFunction(kind, take)}

    code = wasm.Module(assemble(CALLING))
    started = wasm.Instance(code, given("here"), engine=engine, fuel=fuel)
    assert started.call("f") == wasm.Suspended()
    assert calls == [("here", 7)] * (fuel > 3)
    moved = wasm.Instance.thaw(code, started.freeze(), given("there"), engine=engine)
    assert moved.resume() == wasm.Returned([114])
    assert moved.fuel_spent == 5
    assert calls == [("here" if fuel > 3 else "there", 7)]


def test_a_host_function_that_restarts_is_made_again_elsewhere() -> None:
    def restart(value: int) -> int:
        raise wasm.Restart

    kind = wasm.FunctionType((wasm.I32,), (wasm.I32,))
    code = wasm.Module(assemble(CALLING))
    waiting = {("h", "take"): wasm.HostFunction(kind, restart)}
    started = wasm.Instance(code, waiting)
    assert started.call("f") == wasm.Suspended()
    for _ in range(3):
        # Moved while it waits, again and again.
        started = wasm.Instance.thaw(code, started.freeze(), waiting)
        assert started.fuel_spent == 3
        assert started.resume() == wasm.Suspended()
    answering = {("h", "take"): wasm.HostFunction(kind, lambda value: value)}
    moved = wasm.Instance.thaw(code, started.freeze(), answering)
    assert moved.resume() == wasm.Returned([107])
    assert moved.fuel_spent == 5
