"""The debugger's panes, driven by keys, without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from assemble import assemble
from refexec import wasm
from refexec.cli.text import escape
from refexec.debugger.commands import Debugger
from refexec.debugger.lines import SourceLines
from refexec.debugger.subject import FunctionSubject

pytest.importorskip("textual", reason="textual is not installed (extra debug)")

WAT = r"""
(module (memory 1) (func $f (export "f") (param i32) (result i32)
    (i32.store (i32.const 16) (i32.const 0x64636261))
    (call $g\1b[31m (local.get 0)))
  (func $g\1b[31m (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0))))
""".replace("$g\\1b[31m", '$"g\\1b[31m"')


def drive(
    steps: Callable[[Any, Any, Debugger], Awaitable[None]], size: tuple[int, int] = (120, 50)
) -> None:
    """Open the panes, and do something with them."""
    from refexec.debugger.terminal import DebuggerApp

    module = wasm.Module(assemble(WAT))
    debugger = Debugger(FunctionSubject(module, "f", [7]), SourceLines(module))
    app = DebuggerApp(debugger, escape)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await steps(app, pilot, debugger)

    asyncio.run(run())


def shown(app: Any, name: str) -> str:
    return str(app.query_one(f"#{name}").render())


async def press(app: Any, pilot: Any, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        # A command is carried out in a thread, and wakes the loop when it is done.
        for worker in list(app.workers):
            await worker.wait()
        await pilot.pause()


async def enter(app: Any, pilot: Any, command: str) -> None:
    line = app.query_one("#ask")
    line.focus()
    line.value = command
    await press(app, pilot, "enter")


def test_keys_go_both_ways_and_panes_show_the_moment() -> None:
    async def steps(app: Any, pilot: Any, debugger: Debugger) -> None:
        assert "entry" in shown(app, "code")
        assert "0 = i32:7" in shown(app, "locals")
        await press(app, pilot, "s", "s", "s")
        assert "i32:1684234849\ni32:16" in shown(app, "stack")
        assert "rule exec-store-val" in shown(app, "code")
        await press(app, pilot, "s")
        assert "abcd" in shown(app, "memory")
        await press(app, pilot, "S")
        assert "abcd" not in shown(app, "memory")
        await press(app, pilot, "c")
        assert "i32.div_u" in shown(app, "code")
        assert r"g\x1b[31m" in shown(app, "frames")
        await press(app, pilot, "end")
        assert "at the end" in shown(app, "code")
        assert "trap 8" in shown(app, "code")
        await press(app, pilot, "C")
        assert debugger.timeline.now == debugger.timeline.first

    drive(steps)


def test_small_panes_show_what_is_around_the_next_instruction() -> None:
    async def steps(app: Any, pilot: Any, debugger: Debugger) -> None:
        await press(app, pilot, "s", "s", "s", "s", "s", "c")
        pane = app.query_one("#code")
        shown_lines = shown(app, "code").splitlines()[: pane.content_size.height]
        assert pane.content_size.height < len(debugger.view.listing(1)) + 2
        assert shown_lines[0].startswith("rule ")
        assert any("i32.div_u" in line for line in shown_lines)

    drive(steps, (80, 24))


def test_commands_are_typed() -> None:
    async def steps(app: Any, pilot: Any, debugger: Debugger) -> None:
        await press(app, pilot, "colon", "b")
        await enter(app, pilot, "b 1")
        await press(app, pilot, "escape", "c")
        assert debugger.activations()[0].function == 1
        await enter(app, pilot, "memory 0x40")
        assert "0x00000040" in shown(app, "memory")
        await enter(app, pilot, "memory x")
        await enter(app, pilot, "nonsense")
        said = "\n".join(str(line.text) for line in app.query_one("#said").lines)
        assert "x: expected a number" in said
        assert "there is no such command" in said
        await enter(app, pilot, "quit")
        assert debugger.finished

    drive(steps)
