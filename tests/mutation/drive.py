"""How many faults the kit notices: `python tests/mutation/drive.py --seed N [--count 300]`.

cosmic-ray makes mutants of refexec: one small fault each, at places drawn with the seed. The corpus
runs on each of them and must fail. What is mutated is in `mutation.toml`, the corpus is in
`corpus.py`. It works on a copy of the source; nothing of the checkout changes.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import click
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CONFIG: dict[str, Any] = tomllib.loads((HERE / "mutation.toml").read_text("utf-8"))

RUNNING: set[int] = set()
"""Processes that run the corpus; each leads a session."""

COPIES: list[str] = []
"""Folders that copies of the source are in."""


@dataclass(frozen=True)
class Mutant:
    """One fault."""

    module: str
    operator: str
    occurrence: int
    line: int
    before: str
    after: str
    where: str = ""
    """The function or class that it is in."""


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    verdict: str
    """`killed`, `hung` (which is killed, too), `survived` or `equivalent`."""

    seconds: float
    words: str
    """The first failure, or why it is equivalent."""


def candidates() -> list[tuple[str, str, int, int]]:
    """All places where an operator applies: module, operator, occurrence, line; sorted."""
    modules = {path for glob in CONFIG["modules"] for path in ROOT.glob(glob)}
    operators = {name: get_operator(name)() for name in CONFIG["operators"]}
    found = []
    for path in sorted(modules):
        module = path.relative_to(ROOT).as_posix()
        occurrences: Counter[str] = Counter()
        for node in ast_nodes(get_ast_from_path(path)):
            for name, operator in operators.items():
                for start, _ in operator.mutation_positions(node):
                    found.append((module, name, occurrences[name], start[0]))
                    occurrences[name] += 1
    return sorted(found)


def shuffled(seed: int) -> list[tuple[str, str, int, int]]:
    """The same in the order in which a seed draws them.

    Where a place comes depends on its own line only, so a change of the source elsewhere leaves
    nearly all of a draw as it was.
    """
    keys = {}
    alike: Counter[tuple[str, str, str]] = Counter()
    lines: dict[str, list[str]] = {}
    for place in candidates():
        module, operator, _, line = place
        if module not in lines:
            lines[module] = (ROOT / module).read_text("utf-8").splitlines()
        same = module, operator, lines[module][line - 1].strip()
        text = "\0".join((str(seed), *same, str(alike[same])))
        keys[place] = hashlib.sha256(text.encode()).digest()
        alike[same] += 1
    return sorted(keys, key=lambda place: keys[place])


def draw(seed: int, count: int, within: str = "") -> Iterator[tuple[Mutant, str]]:
    """Mutants and their source, drawn with a seed; only of files whose path contains `within`.

    A change of an annotation is none: annotations are not evaluated. Those are left out, and what
    is no Python any more, such as `not x := y`.
    """
    for module, operator, occurrence, line in shuffled(seed):
        if within not in module:
            continue
        source = (ROOT / module).read_text("utf-8")
        mutated = mutate_code(source, get_operator(operator)(), occurrence)
        try:
            if mutated is None or plain(source) == plain(mutated):
                continue
        except SyntaxError:
            continue
        before, after = changed_line(source, mutated)
        where = function_at(source, line)
        yield Mutant(module, operator, occurrence, line, before, after, where), mutated
        count -= 1
        if not count:
            return


def plain(source: str) -> str:
    """The program without its annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def function_at(source: str, line: int) -> str:
    """The name of the innermost function or class around a line, if there is one."""
    found = ""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            if first <= line <= (node.end_lineno or 0):
                found = node.name  # inner ones come later
    return found


def changed_line(source: str, mutated: str) -> tuple[str, str]:
    """The first lines that are not the same."""
    lines = list(difflib.ndiff(source.splitlines(), mutated.splitlines()))
    before = next((line[2:].strip() for line in lines if line.startswith("- ")), "")
    after = next((line[2:].strip() for line in lines if line.startswith("+ ")), "")
    return before, after


def copy(folder: Path) -> Path:
    """A copy of what runs, laid out as it is installed."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "refexec", folder / "refexec", ignore=ignore)
    shutil.copytree(ROOT / "conformance", folder / "refexec_conformance", ignore=ignore)
    return folder


def run_corpus(folder: Path, module: str, part: str = "") -> tuple[str, str]:
    """Verdict and words about what is in the folder; `part` is one of the corpus."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", str(HERE / "corpus.py"), module, part],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    RUNNING.add(process.pid)
    try:
        output, _ = process.communicate(timeout=CONFIG["patience"])
    except subprocess.TimeoutExpired:
        return "hung", "it did not come to an end"
    finally:
        # It may have left workers behind, which are in its session unless they hung, too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        RUNNING.discard(process.pid)
    words = output.decode("utf-8", "backslashreplace").strip().splitlines() or [""]
    if process.returncode == 0:
        return "survived", ""
    if words[0].startswith("Timeout"):
        return "hung", next((line.strip() for line in words if "refexec/" in line), words[0])
    return "killed", words[-1] if words[0].startswith("Traceback") else words[0]


def give_up(number: int, _frame: object) -> NoReturn:
    """Take along what runs in sessions of its own."""
    for pid in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    for folder in COPIES:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(128 + number)


def put(path: Path, source: str) -> None:
    """Write a file, and remove what was compiled of it.

    Workers see no environment, so they write bytecode; it would stand for a file of the same size
    that was written within the same second.
    """
    path.write_text(source, "utf-8")
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)


def reason(mutant: Mutant) -> str | None:
    """Why a mutant is equivalent, if that is known."""
    change = [mutant.before, mutant.after]
    for known in CONFIG.get("equivalent", ()):
        changes = known.get("changes") or [[known["before"], known["after"]]]
        there = fnmatchcase(mutant.module, known["module"])
        if there and change in changes and known.get("where", mutant.where) == mutant.where:
            words: str = known["reason"]
            return words
    return None


def unclear() -> Iterator[str]:
    """Lines that are said to have equivalent mutants, and stand in several functions of a file.

    Where a pattern names the files, or there are several changes, it is meant so.
    """
    for known in CONFIG.get("equivalent", ()):
        path = ROOT / known["module"]
        if "where" in known or "before" not in known or not path.exists():
            continue
        source = path.read_text("utf-8")
        lines = [line.strip() for line in source.splitlines()]
        numbers = [number for number, line in enumerate(lines, 1) if line == known["before"]]
        functions = [function_at(source, number) for number in numbers]
        if len(functions) > 1:
            yield f"{path}: {known['before']!r} is in {', '.join(functions)}: say where"


def try_mutant(folder: Path, mutant: Mutant, source: str, part: str = "") -> Fate:
    """Put a mutant in its place, run the corpus, and put back what was there."""
    path = folder / mutant.module
    original = path.read_text("utf-8")
    begun = time.monotonic()
    put(path, source)
    try:
        verdict, words = run_corpus(folder, mutant.module, part)
    finally:
        put(path, original)
    if verdict == "survived":
        verdict, words = ("equivalent", known) if (known := reason(mutant)) else (verdict, words)
    return Fate(mutant, verdict, round(time.monotonic() - begun, 1), words)


@click.command()
@click.option("--seed", type=int, required=True, help="What the choice of mutants depends on.")
@click.option("--count", type=click.IntRange(min=1), default=300, show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count(), show_default=True)
@click.option("--json", "output", type=click.Path(path_type=Path), help="Write all fates there.")
@click.option("--within", default="", help="Draw only from files whose path contains this.")
@click.option("--own", is_flag=True, help="Run only the kit's own cases: quick, a lower bound.")
@click.option("--equivalent", "run_all", is_flag=True, help="Run those that are known, too.")
def main(
    seed: int, count: int, jobs: int, output: Path | None, within: str, own: bool, run_all: bool
) -> None:
    """Draw mutants and tell which of them the corpus kills.

    Those that `mutation.toml` says to be equivalent are not run, unless that is asked for.
    """
    part = "own" if own else ""
    for words in unclear():
        raise click.ClickException(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, give_up)
    with tempfile.TemporaryDirectory(prefix="refexec-") as name:
        COPIES.append(name)
        folders: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            folders.put(copy(Path(name) / str(number)))
        whole = folders.get()
        verdict, words = run_corpus(whole, "", part) if count > 50 else ("survived", "")
        folders.put(whole)
        if verdict != "survived":
            raise click.ClickException(f"the corpus fails without any fault: {words}")

        def judge(pair: tuple[Mutant, str]) -> Fate:
            known = None if run_all else reason(pair[0])
            if known is not None:
                return Fate(pair[0], "equivalent", 0.0, known)
            folder = folders.get()
            try:
                return try_mutant(folder, *pair, part)
            finally:
                folders.put(folder)

        fates = []
        with ThreadPoolExecutor(jobs) as pool:
            for future in as_completed(
                [pool.submit(judge, pair) for pair in draw(seed, count, within)]
            ):
                fate = future.result()
                fates.append(fate)
                told = fate.mutant
                click.echo(
                    f"{fate.verdict:<10} {fate.seconds:6.1f} s  {told.module}:{told.line}  "
                    f"{told.before}  ->  {told.after}  {fate.words[:100]}"
                )
    counts = Counter(fate.verdict for fate in fates)
    judged = len(fates) - counts["equivalent"]
    dead = counts["killed"] + counts["hung"]
    share = dead / max(judged, 1)
    click.echo(f"seed {seed}: {dead} of {judged} killed ({share:.1%}), {dict(counts)}")
    if output is not None:
        output.write_text(json.dumps([asdict(fate) for fate in fates], indent=1), "utf-8")
    if dead < CONFIG["score"] * judged:
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
