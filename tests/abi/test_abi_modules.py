"""The ABI under real modules on the reference engine: linking, traps, restarts."""

from __future__ import annotations

import pytest

from abi_world import SECOND, Background, World
from assemble import assemble
from refexec import wasm
from refexec.abi import Host, ProcessExit, resolve
from refexec.trap import TrapID

LOG_A = """
    (import "env" "__wasi_fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "\\18\\00\\00\\00\\01\\00\\00\\00A")
"""


def load(world: World, text: str, state: bytes | None = None) -> wasm.Instance:
    """An instance of a module, its imports served by the world's host, its memory bound."""
    module = wasm.Module(assemble(f"(module {text})"))
    imports = world.host.imports(resolve(module, primitives=True))
    if state is None:
        instance = wasm.Instance(module, imports, start=False)
    else:
        instance = wasm.Instance.thaw(module, state, imports=imports)
    world.host.bind(instance.memory)
    return instance


def values(outcome: object) -> list[object]:
    assert isinstance(outcome, wasm.Returned)
    return list(outcome.values)


def test_s002_start_function_can_call() -> None:
    with World() as world:
        instance = load(
            world,
            f"""{LOG_A}
            (func $start
              (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))))
            (start $start)""",
        )
        assert world.channel.log == b""
        assert isinstance(instance.start(), wasm.Returned)
        assert world.channel.log == b"A"
        assert instance.memory is not None
        assert instance.memory.read(8, 4) == b"\x01\0\0\0"


def test_s009_proc_exit_passes_through_the_start_function() -> None:
    with World() as world:
        instance = load(
            world,
            """(import "wasi_unstable" "proc_exit" (func $exit (param i32)))
            (func $start (call $exit (i32.const 0)))
            (start $start)""",
        )
        with pytest.raises(ProcessExit) as caught:
            instance.start()
        assert caught.value.status == 2


def test_s008_arguments_are_signed_at_the_engine_only() -> None:
    with World() as world:
        instance = load(
            world,
            """(import "env" "rt_trap" (func $trap (param i32)))
            (func (export "go") (call $trap (i32.const -1)))""",
        )
        with pytest.raises(ProcessExit) as caught:
            instance.call("go")
        assert caught.value.status == 0xFFFF_FFFF


def test_s097_a_buffer_outside_memory_traps_the_program() -> None:
    with World() as world:
        instance = load(
            world,
            f"""{LOG_A}
            (func (export "go") (result i32)
              (i32.store (i32.const 16) (i32.const 0xffffffff))
              (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))""",
        )
        outcome = instance.call("go")
        assert isinstance(outcome, wasm.Trapped)
        assert outcome.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS


def test_a_module_without_memory_traps_at_any_buffer() -> None:
    with World() as world:
        instance = load(
            world,
            """(import "gate" "fd_65536" (func $fd (result i32)))
            (import "wasi_unstable" "random_get" (func $random (param i32 i32) (result i32)))
            (func (export "fd") (result i32) (call $fd))
            (func (export "go") (result i32) (call $random (i32.const 8) (i32.const 1)))""",
        )
        assert values(instance.call("fd")) == [4]
        outcome = instance.call("go")
        assert isinstance(outcome, wasm.Trapped)
        assert outcome.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS


def test_memory_that_has_grown_is_seen() -> None:
    with World() as world:
        instance = load(
            world,
            """(import "wasi_unstable" "random_get" (func $random (param i32 i32) (result i32)))
            (memory 0)
            (func (export "go") (result i32)
              (drop (memory.grow (i32.const 1)))
              (call $random (i32.const 65520) (i32.const 16)))""",
        )
        assert values(instance.call("go")) == [0]


RANDOM = """
    (import "env" "__wasi_random_get" (func $random (param i32 i32) (result i32)))
    (memory 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "go") (result i32)
      (drop (call $random (i32.const 8) (i32.const 10)))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (drop (call $random (i32.const 18) (i32.const 10)))
      (i32.add (global.get $calls) (i32.const 100)))
"""


def test_s087_s099_a_deficient_call_is_made_again_after_the_resume() -> None:
    with World(random=b"\x01" * 16) as world:
        instance = load(world, RANDOM)
        assert isinstance(instance.call("go"), wasm.Suspended)
        assert world.host.deficiency is not None
        state = instance.freeze()
        # What was written before stays.
        assert instance.memory is not None
        assert instance.memory.read(8, 18) == b"\x01" * 16 + b"\0\0"
    with World(random=b"\x02" * 16) as world:
        instance = load(world, RANDOM, state)
        assert values(instance.resume()) == [101]
        assert world.host.deficiency is None
        assert instance.memory is not None
        assert instance.memory.read(8, 20) == b"\x01" * 10 + b"\x02" * 10


def test_s029_proc_raise_restarts_again_and_again() -> None:
    text = """(import "wasi_unstable" "proc_raise" (func $raise (param i32) (result i32)))
        (func (export "go") (result i32) (call $raise (i32.const 6)))"""
    with World() as world:
        instance = load(world, text)
        assert isinstance(instance.call("go"), wasm.Suspended)
        assert isinstance(instance.resume(), wasm.Suspended)
        assert world.host.deficiency == "proc_raise of signal 6"
        assert instance.suspended


IO = """
    (import "gate" "io_65536" (func $io (param i32 i32 i32 i32 i32 i32 i64 i32)))
    (memory 1)
    (data (i32.const 16) "\\00\\01\\00\\00\\00\\01\\00\\00")
    (func (export "go") (param i32) (result i32)
      (call $io (i32.const 16) (i32.const 1) (i32.const 8) (i32.const 0) (i32.const 0)
        (i32.const 12) (i64.const -1) (i32.const 24))
      (i32.add (local.get 0) (i32.load (i32.const 8))))
"""


def test_s024_s088_a_blocked_program_is_suspended_and_goes_on_elsewhere() -> None:
    with World() as world:
        instance = load(world, IO)
        outcomes: list[object] = []
        call = Background(lambda: outcomes.append(instance.call("go", 1000)))
        assert world.channel.polling.wait(30)
        world.channel.suspend()
        call.result()
        assert isinstance(outcomes[0], wasm.Suspended)
        assert world.host.deficiency is None
        assert instance.memory is not None
        assert instance.memory.read(24, 8) == bytes(8)
        state = instance.freeze()
    with World() as world:
        instance = load(world, IO, state)
        world.peer.send(b"hello")
        assert values(instance.resume()) == [1005]
        assert instance.memory is not None
        assert instance.memory.read(256, 6) == b"hello\0"
        assert instance.memory.read(24, 8) == b"\x01\0\0\0\0\0\0\0"


def test_both_types_of_io_in_one_module() -> None:
    text = """
        (import "gate" "io_65536" (func $new (param i32 i32 i32 i32 i32 i32 i64 i32)))
        (import "gate" "io_65537" (func $old (param i32 i32 i32 i32 i32 i32 i64)))
        (memory 1)
        (func (export "go") (result i64)
          (call $old (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 0) (i64.const 0))
          (call $new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 0) (i64.const 0) (i32.const 8))
          (i64.load (i32.const 8)))"""
    with World() as world:
        assert values(load(world, text).call("go")) == [1]


def test_primitives_on_the_engine() -> None:
    text = """
        (import "env" "rt_read8" (func $read8 (result i64)))
        (import "env" "rt_write8" (func $write8 (param i64)))
        (func (export "go") (result i64) (local i64)
          (call $write8 (local.tee 0 (call $read8)))
          (local.get 0))"""
    with World() as world:
        world.peer.send(b"\xff" * 8)
        assert values(load(world, text).call("go")) == [-1]
        assert world.peer.recv(100) == b"\xff" * 8


def test_s092_clock_of_the_system() -> None:
    text = """
        (import "wasi_unstable" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
        (memory 1)
        (func (export "go") (param i32) (result i64)
          (drop (call $time (local.get 0) (i64.const 0) (i32.const 8)))
          (i64.load (i32.const 8)))"""
    with World() as world:
        world.host = Host(world.channel, time_resolution=1000)
        instance = load(world, text)
        realtime, *_ = instance.invoke("go", 0)
        assert isinstance(realtime, int)
        assert realtime > 1_500_000_000 * SECOND
        assert realtime % SECOND % 1024 == 0
        first, *_ = instance.invoke("go", 1)
        second, *_ = instance.invoke("go", 1)
        assert isinstance(first, int)
        assert isinstance(second, int)
        assert SECOND <= first <= second < 60 * SECOND
