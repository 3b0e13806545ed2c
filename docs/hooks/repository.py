"""Puts files of the repository on the site: what a page links to outside docs/ becomes a page.

A page in docs/ links to `../refexec/interp/machine.py`, as readers of the repository want it. On
the site that leads to a page with the file's text, and from the name of a function to its line. A
folder becomes a list of its files. Markdown outside docs/, such as conformance/PROTOCOL.md, becomes
a page like any other. So nothing is kept twice, and the site needs no other host.

This is a hook of MkDocs, called by the names of its functions. It does not run on what it shows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = "docs/"

LARGEST = 100_000
"""Bytes of the largest file that is shown as a page. A larger one is offered as it is."""

LANGUAGES = {
    ".c": "c",
    ".h": "c",
    ".json": "json",
    ".md": "markdown",
    ".mjs": "javascript",
    ".py": "python",
    ".toml": "toml",
    ".wast": "wast",
    ".wat": "wast",
}
"""Names of languages for the highlighter, by the ending of a file's name."""

LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file outside docs/ that a page links to, directly or through others."""
    waiting = [file for file in files if file.is_documentation_page()]
    wanted = {path for path in _nav(config.nav) if (ROOT / path).exists()}
    while waiting or wanted:
        for path in sorted(wanted):
            if files.get_file_from_path(_uri(path)) is None:
                file = _file(path, config)
                files.append(file)
                if file.is_documentation_page():
                    waiting.append(file)
        wanted = set()
        while waiting:
            file = waiting.pop()
            for _, target, _ in LINK.findall(FENCED.sub("", file.content_string)):
                path = _path(file.src_uri, target)
                if target and not path.startswith(DOCS):
                    wanted.add(_entry(path))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links to files of the repository into links to their pages."""
    here = page.file.src_uri

    def turn(link: re.Match[str]) -> str:
        text, target, anchor = link.group(1), link.group(2), link.group(3) or ""
        path = _path(here, target)
        if not target or (path.startswith(DOCS) and _origin(here).startswith(DOCS)):
            return link.group()
        uri = posixpath.relpath(_uri(_entry(path)), posixpath.dirname(here) or ".")
        return f"[{text}]({uri}{anchor or _line(path, text)})"

    parts = []
    end = 0
    for fence in FENCED.finditer(markdown):
        parts += [LINK.sub(turn, markdown[end : fence.start()]), fence.group()]
        end = fence.end()
    return "".join([*parts, LINK.sub(turn, markdown[end:])])


def _nav(entry: object) -> Iterator[str]:
    """Name all pages of the navigation."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list):
        for item in entry:
            yield from _nav(item)
    elif isinstance(entry, dict):
        for item in entry.values():
            yield from _nav(item)


def _origin(uri: str) -> str:
    """Give the path in the repository that links of the page `uri` start from."""
    folder = posixpath.dirname(uri)
    return uri if folder and (ROOT / folder).is_dir() else DOCS + uri


def _path(uri: str, target: str) -> str:
    """Give the path in the repository of what the page `uri` links to by `target`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(_origin(uri)), target))


def _entry(path: str) -> str:
    """Give the file that introduces a folder, or the path itself."""
    return f"{path}/README.md" if (ROOT / path / "README.md").exists() else path


def _shown(path: str) -> bool:
    """Whether a file is shown as text."""
    file = ROOT / path
    return file.suffix in LANGUAGES and file.stat().st_size <= LARGEST


def _uri(path: str) -> str:
    """Give the name that a file or folder of the repository has as a source of the site."""
    if path.startswith(DOCS):
        return path.removeprefix(DOCS)
    if (ROOT / path).is_dir():
        return f"{path}/index.md"
    return f"{path}.md" if _shown(path) and not path.endswith(".md") else path


def _file(path: str, config: MkDocsConfig) -> File:
    """Make the page of a file or folder."""
    source = ROOT / path
    if not source.exists():
        raise FileNotFoundError(f"a page links to {path}, which does not exist")
    if source.is_dir():
        return File.generated(config, _uri(path), content=_listing(path))
    if not _shown(path) or source.suffix == ".md":
        return File.generated(config, _uri(path), abs_src_path=str(source))
    text = source.read_text()
    fence = "~" * 12
    content = (
        f"---\ntitle: {source.name}\nsearch: {{exclude: true}}\nhide: [toc]\n---\n\n"
        f"# {_escape(path)}\n\n"
        f'{fence}{{.{LANGUAGES[source.suffix]} linenums="1"}}\n{text}{fence}\n'
    )
    return File.generated(config, _uri(path), content=content)


def _listing(path: str) -> str:
    """List the files and folders of a folder, with links to them."""
    entries = sorted(
        entry
        for entry in (ROOT / path).iterdir()
        if not entry.name.startswith((".", "__pycache__"))
    )
    rows = [f"* [`{e.name}{'/' if e.is_dir() else ''}`]({e.name})" for e in entries]
    heading = f"# {_escape(path)}/"
    return "\n".join(["---", "search: {exclude: true}", "---", "", heading, "", *rows, ""])


def _escape(path: str) -> str:
    """Write a path in Markdown: underscores are part of it."""
    return path.replace("_", "\\_")


def _line(path: str, name: str) -> str:
    """Give the anchor of the line where `name` is defined, if a Python file says so."""
    if not path.endswith(".py") or not (ROOT / path).exists():
        return ""
    pattern = re.compile(rf"^(?:async )?(?:def|class) {re.escape(name.strip('`'))}\b")
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        if pattern.match(line):
            return f"#__codelineno-0-{number}"
    return ""
