"""Carries out the notebooks in docs/lessons/ and makes a page of each, with what it printed.

Notebooks are kept without outputs. Each is run whole, in a Python process of its own, whenever the
site is built; a cell that raises, such as an assertion that does not hold, ends the build.
`python docs/hooks/lessons.py` carries them out without making pages.

This is a hook of MkDocs. It shows text and SVG; richer outputs are not needed by the lessons.
"""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient

LESSONS = Path(__file__).parents[1] / "lessons"

DEADLINE = 300
"""Seconds that one cell may take."""

_FENCE = "~" * 12

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page of each lesson. The notebook itself stays on the site, to be downloaded."""
    for path in sorted(LESSONS.glob("*.ipynb")):
        content = page(path.name, carry_out(path))
        files.append(File.generated(config, f"lessons/{path.stem}.md", content=content))
    return files


def carry_out(path: Path) -> Any:
    """Run a notebook from its first cell to its last, and give it with its outputs.

    `CellExecutionError` if a cell raises.
    """
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs"), f"{path.name} is committed with outputs"
    # The folder of the examples, so that lessons and the README name them alike.
    resources = {"metadata": {"path": str(LESSONS.parents[1])}}
    client = NotebookClient(notebook, timeout=DEADLINE, resources=resources)
    # Over sockets in the file system, which nobody else on the machine can listen to.
    client.create_kernel_manager().transport = "ipc"
    client.execute()
    return notebook


def page(name: str, notebook: Any) -> str:
    """Write a notebook as Markdown. Code that a reader may skip is folded."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        code = f"{_FENCE}python\n{cell.source}\n{_FENCE}"
        if "answer" in cell.metadata.get("tags", []):
            indented = "\n".join(f"    {line}".rstrip() for line in code.splitlines())
            code = f'??? question "Answer"\n\n{indented}'
        parts.append(code)
        parts += filter(None, map(_output, _joined(cell.outputs)))
    note = f"[Download this lesson as a notebook]({name}){{ .md-button download }}"
    return "\n\n".join([*parts, note]) + "\n"


def _joined(outputs: list[Any]) -> list[Any]:
    """Join texts that were printed in several pieces, as it happens."""
    joined: list[Any] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _output(output: Any) -> str:
    """Show one output: a picture, or text as it was printed."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        return f'<figure markdown="0">{"".join(data["image/svg+xml"])}</figure>'
    text = output.get("text") or data.get("text/plain", "")
    lines = html.escape(_COLOURS.sub("", "".join(text)).rstrip(), quote=False)
    return f'<pre class="printed" markdown="0">{lines}</pre>' if lines else ""


if __name__ == "__main__":
    for lesson in sorted(LESSONS.glob("*.ipynb")):
        carry_out(lesson)
        sys.stdout.write(f"{lesson.name} holds\n")
