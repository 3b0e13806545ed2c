"""`refexec view`: the page of a run, made, and driven in a real Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest

from assemble import assemble
from browser import BOUNDED, opened
from command_line import call, complaint, write_module
from example_programs import EXAMPLES
from refexec import wasm
from refexec.debugger.page import to_page
from refexec.debugger.subject import FunctionSubject
from refexec.debugger.timeline import Timeline
from refexec.debugger.viewing import record_run
from refexec.errors import UnavailableError

pytest.importorskip("jinja2", reason="Jinja2 is not installed (extra debug)")

WAT = r"""
(module (memory 1) (global $"<i>count" (mut i32) (i32.const 5))
  (func $"</script><b>\1b" (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $main (export "main") (param i32) (result i32) (local $sum i32)
    (local.set $sum (i32.add (i32.const 1) (call 0 (local.get 0))))
    (i32.store (i32.const 256) (local.get $sum))
    (global.set 0 (i32.load8_u (i32.const 256)))
    (i32.div_u (local.get $sum) (i32.const 0))))
"""


def page_of(path: Path) -> tuple[str, dict[str, Any]]:
    text = path.read_text()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    return text, json.loads(data[1])


def test_a_page_has_all_moments_and_nothing_of_the_guest_as_markup(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    done = call("view", write_module(tmp_path, WAT), "--invoke", "main", "5", "-o", out)
    assert done.exit_code == 0, done.output
    text, data = page_of(out)
    assert "<b>" not in text
    assert "<i>count" not in text
    assert "http" not in text.replace("http-equiv", "")
    subject = FunctionSubject(wasm.Module(assemble(WAT)), "main", [5])
    timeline = Timeline(subject)
    timeline.to_end()
    assert data["end"] == subject.fuel_spent
    assert data["ending"] == "trap 8: integer divide by zero"
    assert data["complete"]
    for number in reversed(range(len(data["steps"]))):
        timeline.step_back()
        place = data["places"][data["steps"][number][0]]
        machine = subject.machine
        assert machine is not None
        (frame, *_) = machine.backtrace()
        assert [place[0], place[2]] == [frame.function, frame.offset]
    assert timeline.now == timeline.first


def test_a_page_of_a_stretch_and_of_nothing(tmp_path: Path) -> None:
    out, path = tmp_path / "out.html", write_module(tmp_path, WAT)
    call("view", path, "--invoke", "main", "5", "-o", out, "--steps", "3", "--from", "2")
    _, data = page_of(out)
    assert [step[1] for step in data["steps"]] == [2, 3, 4]
    assert not data["complete"]
    wat = '(module (memory 1) (data (i32.const 65536) "x") (func (export "f")))'
    call("view", write_module(tmp_path, wat), "--invoke", "f", "-o", out)
    _, data = page_of(out)
    assert data["steps"] == []
    assert data["ending"].startswith("trap 5")
    forever = write_module(tmp_path, '(module (func (export "f") (loop (br 0))))')
    call("view", forever, "--invoke", "f", "-o", out, "--fuel", "100")
    _, data = page_of(out)
    assert data["ending"] == "out of fuel after 100"
    assert "has no export" in complaint("view", forever, "--invoke", "g")


def test_bulk_writes_are_cut_and_blocks_are_as_they_were() -> None:
    wat = """(module (memory 1) (data (i32.const 0) "abc") (func (export "f")
      (memory.fill (i32.const 1) (i32.const 0x7a) (i32.const 10000))
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"""
    subject = FunctionSubject(wasm.Module(assemble(wat)), "f", [])
    data = record_run(Timeline(subject), "bulk", None, [])
    assert data["memory"][0] == b"abc".hex() + "00" * 61
    (written,) = [w for step in data["steps"] if len(step) > 4 for w in step[4].get("w", ())]
    assert (written[0], len(written[1])) == (1, 2 * 4096)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UnavailableError, match="needs Jinja2"):
        to_page({})


@BOUNDED
def test_a_page_in_a_browser(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    call("view", write_module(tmp_path, WAT), "--invoke", "main", "5", "-o", out)
    with opened(out) as page:
        expect = pytest.importorskip("playwright.sync_api").expect
        code, stack = page.locator("#code .here"), page.locator("#stack")
        # A run that traps is shown at its end.
        expect(code).to_contain_text("i32.div_u")
        expect(stack).to_have_text("topi32:01i32:11")
        page.keyboard.press("Home")
        expect(code).to_contain_text("entry")
        expect(page.locator("#memory .new")).to_have_count(0)
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(code).to_contain_text("entry")
        expect(page.locator("#function")).to_have_text(r"function 0 </script><b>\u001b")
        expect(page.locator("#frames li")).to_have_count(2)
        page.keyboard.press("ArrowLeft")
        expect(code).to_contain_text("call 0")
        page.keyboard.press("Shift+ArrowRight")
        expect(code).to_contain_text("i32.add")
        expect(page.locator("#frames li")).to_have_count(1)
        page.keyboard.press("Shift+ArrowLeft")
        expect(code).to_contain_text("call 0")
        page.locator("#over").click()
        page.locator("#forward").click()
        expect(code).to_contain_text("local.set 1")
        page.locator("#forward").click()
        expect(page.locator("#locals .new")).to_have_text("1 sumi32:11")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#memory .new").first).to_have_text("0b")
        expect(page.locator("#memory .new")).to_have_count(4)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#memory .seen")).to_have_text("0b")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#globals .new")).to_have_text("0 <i>counti32:11")
        moment = page.locator("#moment").inner_text()
        page.locator("#slider").fill("0")
        expect(code).to_contain_text("entry")
        assert page.url.endswith("#1")
        page.locator("#slider").fill("14")
        assert page.url.endswith("#15")
        assert page.locator("#moment").inner_text() != moment
        page.locator("#play").click()
        expect(code).to_contain_text("i32.div_u")


@BOUNDED
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 400), ("dark", 400), ("light", 1400), ("dark", 1400)]
)
def test_a_page_is_usable_on_every_screen(
    tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    out = tmp_path / "ledger.html"
    call("view", EXAMPLES / "debugging/ledger.wasm", "--entry", "balance", "-o", out)
    with opened(out, width=width, scheme=scheme) as page:
        expect = pytest.importorskip("playwright.sync_api").expect
        # Nothing sticks out sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.keyboard.press("t")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        page.keyboard.press("PageDown")
        expect(page.locator("#moment")).to_contain_text("101 / ")
        expect(page.locator("#code .here")).to_be_in_viewport()
