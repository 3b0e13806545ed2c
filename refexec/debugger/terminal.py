"""The debugger's face on a terminal: panes for what there is at a moment, and a line for commands.

It shows, and passes keys on as commands; what they mean is in `refexec.debugger.commands`. Guest
text is escaped, and never read as markup. Needs textual (extra `debug`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Footer, Header, Input, RichLog, Static

from refexec.debugger.commands import Debugger
from refexec.errors import InputError, StateError

_CODE_ABOVE = 4
_CODE_BELOW = 24
_MEMORY_ROWS = 16
_ROW = 16
_PACKETS = 50

Escape = Callable[[str], str]


class Pane(Static):
    """A pane with a title."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__("", id=name, classes="pane", markup=False)
        self.border_title = title

    def show(self, lines: list[str], marked: int | None = None, fixed: int = 0) -> None:
        """Show lines in place of what is there.

        If there is no room for all, those around the `marked` one are shown, below the first
        `fixed` ones.
        """
        room = self.content_size.height - fixed
        start = fixed
        if marked is not None and 0 < room < len(lines) - fixed:
            start = max(fixed, min(marked - room // 2, len(lines) - room))
        parts = [
            (line + "\n", "reverse" if number == marked else "")
            for number, line in enumerate(lines)
            if number < fixed or number >= start
        ]
        self.update(Content.assemble(*parts))


class DebuggerApp(App[None]):
    """The panes."""

    TITLE = "refexec debug"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    .pane {
        border: round $primary; padding: 0 1; height: 1fr;
        overflow: auto auto; text-wrap: nowrap; text-overflow: clip;
    }
    #code { height: 3fr; }
    #source { height: 2fr; }
    #left { width: 3fr; }
    #right { width: 2fr; }
    #said { height: 5; border: round $primary; padding: 0 1; scrollbar-size-vertical: 1; }
    #ask { height: 1; border: none; }
    #memory { height: 2fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "command('step')", "step"),
        Binding("S", "command('rstep')", "back"),
        Binding("n", "command('next')", "next"),
        Binding("N", "command('rnext')", "back next"),
        Binding("o", "command('out')", "out"),
        Binding("O", "command('rout')", "back out"),
        Binding("l", "command('line')", "line"),
        Binding("L", "command('rline')", "back line"),
        Binding("c", "command('continue')", "continue"),
        Binding("C", "command('rcontinue')", "back to"),
        Binding("home", "command('start')", "start", show=False),
        Binding("end", "command('end')", "end", show=False),
        Binding("colon", "ask", "command"),
        Binding("escape", "leave", "stop", show=False),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, debugger: Debugger, escape: Escape) -> None:
        super().__init__()
        self._debugger = debugger
        self._escape = escape
        self._shown_address = 0
        self._under_way = False
        self._queued: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        yield Header()
        with Horizontal():
            with Vertical(id="left"):
                yield Pane("code", "code")
                yield Pane("source", "source")
                yield Pane("memory", "memory")
            with Vertical(id="right"):
                yield Pane("frames", "frames")
                yield Pane("stack, the top first", "stack")
                yield Pane("locals", "locals")
                yield Pane("packets", "packets")
        yield RichLog(id="said", markup=False, wrap=True)
        yield Input(placeholder=": command (help lists them)", id="ask")
        yield Footer()

    def on_mount(self) -> None:
        """Show the first moment, with the keys on."""
        # Else it would take the keys that scroll.
        self.query_one("#said", RichLog).can_focus = False
        self.set_focus(None)
        self._show()

    def on_resize(self) -> None:
        """Show what there is room for now; after a command, if one is under way."""
        self.call_after_refresh(self._show_at_rest)

    # -- commands ------------------------------------------------------------------------------

    def action_command(self, command: str) -> None:
        """Carry out a command, after those that wait already."""
        self._queued.append(command)
        self._go_on()

    def _go_on(self) -> None:
        if self._queued and not self._under_way:
            self._under_way = True
            self._carry_out(self._queued.pop(0))

    @property
    def busy(self) -> bool:
        """Whether a command is under way, or waits."""
        return self._under_way or bool(self._queued)

    def action_ask(self) -> None:
        """Go to the line for commands."""
        self.query_one("#ask", Input).focus()

    def action_leave(self) -> None:
        """Stop a long run, and leave the line for commands."""
        self._queued.clear()
        self._debugger.timeline.interrupted = True
        self.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a command."""
        command, event.input.value = event.value, ""
        words = command.split()
        if words[:1] in (["memory"], ["m"]) and len(words) == 2:
            self._set_memory(words[1])
            return
        self.action_command(command)

    def _set_memory(self, address: str) -> None:
        try:
            self._shown_address = max(0, int(address, 0)) // _ROW * _ROW
        except ValueError:
            self._say([f"{address}: expected a number"])
        self._show()

    @work(thread=True)
    def _carry_out(self, command: str) -> None:
        try:
            said = self._debugger.execute(command)
        except (InputError, StateError) as error:
            said = [str(error)]
        self.call_from_thread(self._done, said)

    def _done(self, said: list[str]) -> None:
        self._under_way = False
        if self._debugger.finished:
            self.exit()
            return
        self._say(said)
        self._show()
        self._go_on()

    def _say(self, lines: list[str]) -> None:
        log = self.query_one("#said", RichLog)
        for line in lines:
            log.write(Text(self._escape(line)))

    # -- panes ---------------------------------------------------------------------------------

    def _show_at_rest(self) -> None:
        if not self._under_way:
            self._show()

    def _show(self) -> None:
        debugger = self._debugger
        timeline = debugger.timeline
        self.sub_title = (
            f"at the end, fuel {timeline.subject.fuel_spent}"
            if timeline.ended
            else f"fuel {timeline.now}"
        )
        activations = debugger.activations()
        self._pane("frames", debugger.do_frames(), 0 if activations else None)
        if activations:
            top = activations[0]
            self._pane("stack", list(reversed(top.stack)) or ["it is empty"])
            self._pane("locals", [f"{value.name} = {value.text}" for value in top.locals])
        else:
            for name in ("stack", "locals"):
                self._pane(name, [])
        self._show_code()
        self._show_source()
        size = _MEMORY_ROWS * _ROW
        self._pane("memory", debugger.do_memory(str(self._shown_address), str(size)))
        self._pane("packets", debugger.do_packets()[-_PACKETS:])

    def _show_code(self) -> None:
        debugger = self._debugger
        activations = debugger.activations()
        if not activations:
            self._pane("code", debugger.do_where())
            return
        top, view = activations[0], debugger.view
        first = max(0, top.step - _CODE_ABOVE)
        last = min(len(view.listing(top.function)), top.step + _CODE_BELOW)
        lines = [f"rule {view.rule(top.function, top.step)}"]
        for step in range(first, last + 1):
            offset = view.code(top.function).offset_of(step)
            depth = view.listing(top.function)[step - 1].depth if step else 0
            lines.append(f"0x{offset:06x}  {'  ' * depth}{view.text(top.function, step)}")
        self._pane("code", lines, 1 + top.step - first, fixed=1)

    def _show_source(self) -> None:
        try:
            lines = self._debugger.do_source("4")
        except (InputError, StateError) as error:
            self._pane("source", [str(error)])
            return
        marked = next((n for n, line in enumerate(lines) if line.startswith(">")), None)
        self._pane("source", lines, marked)

    def _pane(self, name: str, lines: list[str], marked: int | None = None, fixed: int = 0) -> None:
        self.query_one(f"#{name}", Pane).show(list(map(self._escape, lines)), marked, fixed)


def run(debugger: Debugger, escape: Escape) -> None:
    """Open the panes, until the user leaves."""
    DebuggerApp(debugger, escape).run()
