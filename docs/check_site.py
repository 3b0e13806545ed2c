"""Checks the built site: it fetches nothing from another host, and its own links lead somewhere.

`python docs/check_site.py FOLDER`. Scripts, styles, fonts, pictures and frames have to be in the
site itself, so that it can be read without a network and tells nobody that it is read. Links to
other hosts are allowed, and not followed: that is the reader's choice. Links within the site need a
page, and the anchor if they name one; MkDocs does not know the anchors of lines of code.
"""

from __future__ import annotations

import posixpath
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

FETCHED = {"action", "background", "data", "formaction", "poster", "src", "srcset"}
"""Attributes whose address a browser fetches by itself. Outside of links so is `href`."""

OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
OUTSIDE_STYLE = re.compile(
    r"(?:url\(\s*[\"']?|@import\s+[\"'])(?:https?:)?//[^\"')]*", re.IGNORECASE
)

# What makes the theme's script fetch a library of pictures, or facts about a repository.
ASKS_FOR_MORE = {"class": "mermaid", "data-md-component": "source"}


class Page(HTMLParser):
    """What one page fetches from elsewhere, where it links to, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes of a tag."""
        for name, value in attrs:
            if not value:
                continue
            if name in ("id", "name"):
                self.anchors.add(value)
            fetched = (name in FETCHED or "href" in name) and OUTSIDE.match(value)
            if name == "href" and tag == "a":
                self.links.append(value)
            elif fetched or ASKS_FOR_MORE.get(name) in value.split():
                self.fetched.append(f"<{tag} {name}={value}>")
            elif name == "style":
                self.fetched += OUTSIDE_STYLE.findall(value)

    def handle_data(self, data: str) -> None:
        """Look at the styles between the tags."""
        if self.cdata_elem == "style":
            self.fetched += OUTSIDE_STYLE.findall(data)


def complaints(site: Path) -> list[str]:
    """Say what is wrong with a built site, a line each."""
    pages = {
        file.relative_to(site).as_posix(): Page(file.read_text())
        for file in sorted(site.rglob("*"))
        if file.suffix in (".html", ".svg")
    }
    said = [f"{name}: fetches {what}" for name, page in pages.items() for what in page.fetched]
    for style in sorted(site.rglob("*.css")):
        found = OUTSIDE_STYLE.findall(style.read_text())
        said += [f"{style.relative_to(site)}: fetches {what}" for what in found]
    for name, page in pages.items():
        for link in page.links:
            # The page that is shown for addresses that do not exist links from the root.
            if re.match(r"[a-z]+:|/", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            target = target if path else name
            if not (site / target).exists():
                said.append(f"{name}: links to {link}, which does not exist")
            elif anchor.startswith("/"):
                continue  # an address within a page that its own script reads
            elif anchor and target in pages and anchor not in pages[target].anchors:
                said.append(f"{name}: links to {link}, and there is no such anchor")
    return said


def main() -> None:
    """Check the site in the folder that is the only argument."""
    site = Path(sys.argv[1])
    if not (site / "index.html").exists():
        sys.exit(f"{site} holds no site")
    said = complaints(site)
    sys.stdout.writelines(f"{line}\n" for line in said)
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
