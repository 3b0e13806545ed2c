"""From what the user names to a suite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path

from refexec_conformance.archive import fetch_suite, suite_from_archive
from refexec_conformance.checkout import checkout_suite
from refexec_conformance.own.suite import open_cases
from refexec_conformance.probing import open_probes
from refexec_conformance.script import OneCommand, Suite

from refexec.errors import ConfigError


def open_core_suite(path: Path | None = None) -> Suite:
    """The official core suite.

    Without a path it is fetched on first use. A path leads to a folder with the suite's `.wast`
    files, or to the source archive that would have been fetched. Raises `InputError` if there is
    no suite at the path, and `UnavailableError` if it cannot be fetched.
    """
    if path is None:
        return fetch_suite()
    if path.is_dir():
        return checkout_suite(path)
    return suite_from_archive(path)


def open_self_test() -> Suite:
    """The scripts that tell authors of adapters what theirs gets wrong; `PROTOCOL.md` explains."""
    folder = Path(str(resources.files("refexec_conformance").joinpath("selftest")))
    return replace(checkout_suite(folder), what="scripts that try an adapter, in")


def open_suite(kind: str, path: Path | None = None) -> Suite:
    """The suite that is called so on the command line; `path` is for the core suite.

    Raises like `open_core_suite`.
    """
    match kind:
        case "self-test":
            return open_self_test()
        case "probes":
            return open_probes()
        case "cases":
            return open_cases()
        case _:
            return open_core_suite(path)


def choose_files(suite: Suite, globs: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the suite's files that fit one of the patterns, or all if there are none.

    A pattern may end in `.wast`. Raises `ConfigError` for a pattern that fits nothing: a run of
    nothing would look like success.
    """
    names = suite.names
    if not globs:
        return names
    chosen: set[str] = set()
    for glob in globs:
        fits = [name for name in names if fnmatchcase(name, glob.removesuffix(".wast"))]
        if not fits:
            raise ConfigError(f"no file of the suite fits {glob!r}{nearest(glob, names)}")
        chosen.update(fits)
    return tuple(sorted(chosen))


def nearest(name: str, names: Iterable[str]) -> str:
    """What may have been meant, to stand behind a complaint; empty if nothing is near."""
    near = get_close_matches(name.removesuffix(".wast"), names, 3)
    return f"; near are {', '.join(near)}" if near else ""


def one_command(suite: Suite, names: tuple[str, ...], index: int) -> Suite:
    """The suite, of whose one chosen file only one command is judged.

    Raises `ConfigError` if several files are chosen, and `InputError` if there is no such command.
    """
    if len(names) != 1:
        raise ConfigError(f"a command is one of a single file, but {len(names)} files are chosen")
    chosen = OneCommand(suite, index)
    chosen.load(names[0])
    return chosen
