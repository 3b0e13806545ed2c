"""Whatever a program passes to an ABI function, it ends in one of the ways that are foreseen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from abi_world import World
from refexec.abi import Deficiency, Errno, ProcessExit, Suspend
from refexec.abi.table import GATE, PRIMITIVES, WASI
from refexec.errors import TrapError
from refexec.trap import TrapID
from refexec.wasm import I64

FUNCTIONS = WASI | GATE | PRIMITIVES

EDGES32 = [0, 1, 2, 3, 4, 5, 8, 16, 48, 100, 1000, 0xFFF8, 0xFFFF, 0x10000, 1 << 31, (1 << 32) - 1]
EDGES64 = [0, 1, 999, 1000, 0x40, 0x42, 1 << 30, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
WORDS32 = st.sampled_from(EDGES32) | st.integers(0, (1 << 32) - 1)
WORDS64 = st.sampled_from(EDGES64) | st.integers(0, (1 << 64) - 1)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[int]]:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    params = FUNCTIONS[name].type.params
    return name, [draw(WORDS64 if param is I64 else WORDS32) for param in params]


def outcome(world: World, name: str, arguments: list[int]) -> object:
    try:
        return world.call(name, *arguments)
    except (TrapError, Deficiency, Suspend, ProcessExit) as end:
        return end


@settings(max_examples=300, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=4), st.binary(max_size=256), st.booleans())
def test_any_call_ends_in_a_foreseen_way(
    sequence: list[tuple[str, list[int]]], content: bytes, debug: bool
) -> None:
    with World(debug=debug) as world:
        world.put(0, content)
        world.peer.send(b"some input, more than one buffer takes")
        # So that nothing waits for ever.
        world.channel.suspend()
        for name, arguments in sequence:
            match outcome(world, name, arguments):
                case TrapError() as error:
                    assert error.trap is TrapID.MEMORY_ACCESS_OUT_OF_BOUNDS
                case Deficiency():
                    assert world.host.deficiency is not None
                    assert world.host.deficiency.startswith(name)
                case Suspend():
                    assert name in ("io", "poll_oneoff", "rt_read8", "rt_write8")
                case ProcessExit() as end:
                    assert name in ("proc_exit", "rt_trap", "rt_read8")
                    assert 0 <= end.status < 1 << 32
                case result:
                    assert (result is None) == (not FUNCTIONS[name].type.results)
                    if name in WASI and result is not None:
                        assert result in set(Errno)
