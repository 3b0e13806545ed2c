"""The HTML report in a real Chromium: filters, keys, colours, routes, and hostile text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from refexec_conformance.conduct import Absent
from refexec_conformance.reports.document import to_document
from refexec_conformance.reports.page import FINDINGS, script_json, to_page
from refexec_conformance.verdicts import FileResult, Finding, RunResult, Verdict

from browser import BOUNDED, PATIENCE, address, opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = BOUNDED

HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(2)</script><!--"
WORDS = ("Calls the function.", "It must give (i32 1).")

WRONG = Finding("i32", 7, 3, Verdict.FAIL, "assert_return", "(i32 1)", HOSTILE, *WORDS)
MANY = [Finding("f32", line, line, Verdict.ERROR, "invoke", "1", "2") for line in range(1, 40)]
TRACED = Finding("f64", 2, 1, Verdict.FAIL, "x", "1", "2", "Does.", "Must.", ("i32.add", "<b>"))


def file(name: str, *findings: Finding, reason: str | None = None, **counts: int) -> FileResult:
    tally = Counter({Verdict(verdict): count for verdict, count in counts.items()})
    return FileResult(name, tally, findings, 0.5, reason)


def make_page() -> str:
    """A report with a little of everything."""
    engine = RunResult(
        "a suite",
        "engine<b>",
        HOSTILE,
        (
            file("i32", WRONG, fail=1),
            file("f32", *MANY, reason=HOSTILE, error=39),
            file("f64", TRACED, fail=1),
            file("simd_load", unsupported=9),
            file("memory", **{"pass": 8}),
            file("comments", text=1),
        ),
        2.0,
        (("python", "3 & more"),),
    )
    good = RunResult(
        "a suite",
        "reference",
        "1.0",
        tuple(file(item.name, **{"pass": 8}) for item in engine.files),
        reported="only so",
    )
    absent = [Absent("gone", "pip install gone")]
    return to_page(to_document([engine, good], absent, configuration={"command line": HOSTILE}))


@pytest.fixture
def report(tmp_path: Path) -> str:
    path = tmp_path / "report.html"
    path.write_text(make_page(), encoding="utf-8")
    return address(path)


@pytest.fixture
def page(report: str, tmp_path: Path) -> Iterator[Page]:
    with opened(tmp_path / "report.html") as page:
        yield page


def names_are(page: Page, wanted: list[str]) -> None:
    """See that these cases are listed, as soon as the page has followed."""
    found = "[...document.querySelectorAll('#list .title')].map(one => one.firstChild.data)"
    same = f"wanted => JSON.stringify({found}) === JSON.stringify(wanted)"
    page.wait_for_function(same, arg=wanted, timeout=PATIENCE)


def headed(page: Page, text: str) -> None:
    """See that the page has this heading, as soon as it has followed its address."""
    exact = re.compile(f"^{re.escape(text)}$")
    page.locator("h1:visible", has_text=exact).wait_for(timeout=PATIENCE)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_overview_begins_with_environment_and_configuration(page: Page) -> None:
    headed(page, "Some backends do what is not expected of them")
    headings = page.locator("h2:visible").all_inner_texts()
    assert headings == ["Environment and configuration", "Backends", "Backends by feature and area"]
    facts = page.locator(".facts").inner_text()
    assert "3 & more" in facts
    assert HOSTILE in facts
    assert "pip install gone" in page.locator(".card.absent").inner_text()


def test_the_grid_has_features_and_areas(page: Page) -> None:
    cell = page.get_by_label("engine<b>, WebAssembly 2.0 without vectors: 1 pass, 2 red, 1 fail as")
    assert cell.inner_text().split("\n")[0] == "1/4"
    page.get_by_text("area", exact=True).first.click()
    assert page.get_by_label("engine<b>, integers: 1 red").is_visible()
    page.get_by_label("engine<b>, integers: 1 red").click()
    page.locator("#list a").first.wait_for()
    names_are(page, ["i32"])


def test_filters(page: Page) -> None:
    page.get_by_role("link", name="Cases").click()
    page.locator("#shown", has_text="6 of 6 cases").wait_for(timeout=PATIENCE)
    page.locator("select[name=verdict]").select_option("red")
    names_are(page, ["i32", "f64"])
    page.locator("select[name=verdict]").select_option("not judged")
    names_are(page, ["comments"])
    page.locator("select[name=verdict]").select_option("differ")
    names_are(page, ["i32", "f32", "f64"])
    page.locator("select[name=backend]").select_option("reference")
    names_are(page, [])
    page.get_by_role("button", name="Clear").click()
    page.locator("select[name=feature]").select_option("vectors")
    names_are(page, ["simd_load"])
    assert page.url.endswith("#/cases?feature=vectors")
    page.reload()
    names_are(page, ["simd_load"])
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Search").fill("OnError i32")
    names_are(page, ["i32"])


def test_a_case_has_prose_expectation_observation_and_command(page: Page, report: str) -> None:
    page.goto(f"{report}#/case/core/i32")
    headed(page, "i32")
    told = page.locator("#case").inner_text()
    assert "Calls the function. It must give (i32 1)." in told
    assert "refexec conform core --file i32 --command 3 --backend 'engine<b>'" in told
    assert page.locator("#case dd").all_inner_texts() == ["(i32 1)", HOSTILE]
    page.goto(f"{report}#/case/core/f64")
    headed(page, "f64")
    assert page.locator("#case pre").inner_text() == "i32.add\n<b>"
    page.goto(f"{report}#/case/core/f32")
    headed(page, "f32")
    assert page.locator("#case .finding").count() == FINDINGS
    assert "and 14 more" in page.locator("#case").inner_text()
    page.goto(f"{report}#/case/core/wonder%")
    headed(page, "Cases")


def test_hostile_text_stays_text(page: Page, report: str) -> None:
    assert page.locator("img").count() == 0
    page.goto(f"{report}#/case/core/i32")
    headed(page, "i32")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2


def test_the_keyboard_is_enough(page: Page, report: str) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("floating")
    names_are(page, ["f32", "f64"])
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{report}#/case/core/f64")
    page.keyboard.press("k")
    expect(page).to_have_url(f"{report}#/case/core/f32")
    headed(page, "f32")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{report}#/cases?text=floating")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{report}#/")


def test_keys_that_come_before_the_page_has_followed_its_address_count(
    page: Page, report: str
) -> None:
    page.goto(f"{report}#/case/core/f32")
    headed(page, "f32")
    page.evaluate(
        """() => {
          const key = () => new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
          document.body.dispatchEvent(key());
          document.body.dispatchEvent(key());
        }"""
    )
    assert page.evaluate("location.href") == f"{report}#/"


def test_light_and_dark(page: Page) -> None:
    light = background(page)
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    assert light != dark
    switch = page.get_by_role("button", name="Colours")
    switch.click()
    assert (switch.inner_text(), background(page)) == ("Light", light)
    switch.click()
    page.emulate_media(color_scheme="light")
    assert (switch.inner_text(), background(page)) == ("Dark", dark)
    page.reload()
    assert background(page) == dark


@pytest.mark.parametrize("route", ["#/", "#/cases", "#/case/core/i32", "#/case/core/f32"])
def test_nothing_is_wider_than_a_narrow_screen(page: Page, report: str, route: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(report + route)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.locator("h1:visible").count() == 1


def test_text_is_readable_in_both_colours(page: Page, report: str) -> None:
    # The contrast that the web's accessibility guidelines ask for: 4.5 to 1.
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for route in ("#/", "#/case/core/i32"):
            page.goto(report + route)
            assert page.evaluate(CONTRAST) >= 4.5


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const other = ["SCRIPT", "OPTION"].includes(element.tagName);
    if (!texts || other || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
}"""


def test_no_text_can_end_the_script_element() -> None:
    assert script_json({"a": "</script><!--&"}) == r'{"a":"\u003c/script\u003e\u003c!--\u0026"}'
    text = make_page()
    assert len(re.findall("<script", text)) == 2
    assert "<img" not in text
