"""One HTML page of a recorded run, which needs no network and no server.

The run is data inside of the page, and its script shows it by text nodes only, so whatever the
guest calls things stays text. A policy in the page forbids everything that would be fetched, and
every script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources

from refexec.debugger.viewing import JSON
from refexec.errors import UnavailableError


def to_page(document: JSON) -> str:
    """The document as HTML. Raises `UnavailableError` if Jinja2 is not installed."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise UnavailableError(
            "the page needs Jinja2; this installs it: python -m pip install 'refexec[debug]'"
        ) from error
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    script = _asset("view.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.from_string(_asset("view.html.j2")).render(
        title=_visible(document["title"]),
        module=document["module"],
        data=script_json(document),
        style=_asset("view.css"),
        script=script,
        digest=digest,
    )


def script_json(data: object) -> str:
    """JSON that can stand inside of a script element: nothing in it can end the element."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def _asset(name: str) -> str:
    folder = resources.files("refexec.debugger").joinpath("assets")
    return folder.joinpath(name).read_text("utf-8")
