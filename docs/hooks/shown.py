"""Makes pages that refexec itself writes, so that readers of the site can see and use some.

A page of docs/ says by a comment, such as `<!-- shown: run -->`, where the link to one goes;
readers of the repository do not see it. The commands are carried out whenever the site is built.

This is a hook of MkDocs. It makes no page of documentation.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]

SHOWN: Final = {
    "run": (
        "Step through the run of the ledger",
        "view examples/debugging/ledger.wasm --entry busy -o",
    ),
    "report": (
        "Look at a small report",
        "conform core --backend reference --backend wabt --backend pwasm --file br* --html",
    ),
}
"""What the link says, and the command that ends with the name of the file, by the page's name."""

MARK = re.compile(r"<!-- shown: (\w+) -->")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Write the pages."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "examples").symlink_to(ROOT / "examples")
        for name, (_, command) in SHOWN.items():
            page = Path(folder, f"{name}.html")
            words = [sys.executable, "-m", "refexec", *command.split(), page.name]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            # The programs that are run may trap, and engines fail; the page is what counts.
            if not page.exists():
                raise RuntimeError(f"refexec {command}: {done.stderr}")
            files.append(
                File.generated(config, f"shown/{name}.html", content=page.read_text("utf-8"))
            )
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put links where the comments are."""
    up = "../" * page.file.src_uri.count("/")
    return MARK.sub(
        lambda mark: f"[{SHOWN[mark[1]][0]}]({up}shown/{mark[1]}.html){{ .md-button }}", markdown
    )
