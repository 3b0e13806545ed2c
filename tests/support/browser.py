"""A real Chromium for tests of pages, where the machine has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first of these that there is. The first is the engine without the windows around it: it
starts in a fifth of the time, and has less that can fail.
"""

PATIENCE = 60_000
"""Milliseconds after which something that should have happened on a page has not."""

BOUNDED = pytest.mark.timeout(4 * PATIENCE / 1000)
"""The mark of tests that need a browser: what a page is asked to work out has no other limit."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; skips the test if the machine has none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium-headless-shell)")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        # A sandbox of its own needs rights that root in a container lacks; the page is ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    path: Path, *, width: int = 1400, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """A page of a file; fails at the end if it has complained or asked for anything else.

    It has a browser of its own: one that dies takes no other test with it.
    """
    with chromium() as browser, _watched(browser, path, width, scheme) as page:
        yield page


@contextmanager
def _watched(
    browser: Browser, path: Path, width: int, scheme: Literal["light", "dark"]
) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.on("request", lambda request: trouble.append(request.url))
    page.goto(address(path))
    yield page
    context.close()
    assert set(trouble) == {address(path)}, "the page asked for something, complained or ran code"


def address(path: Path) -> str:
    """The address of a file."""
    return path.resolve().as_uri()
