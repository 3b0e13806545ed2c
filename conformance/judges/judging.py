"""What judges of many modules have in common: all cores, and options of their command lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import click
from refexec_conformance.judges.modules import Sample

Found = TypeVar("Found")


def on_all_cores(
    run: Callable[[Sample], Found], samples: Sequence[Sample], at_once: int
) -> Iterator[tuple[Sample, Found]]:
    """Judge modules in processes of their own, which get `at_once` of them at a time."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        yield from zip(samples, workers.map(run, samples, chunksize=at_once), strict=True)


def seed_and_keep(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options for what modules are made from, and where some are kept."""
    keep = click.option(
        "--keep",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder to put modules into that differ.",
    )
    seed = click.option("--seed", default=1, show_default=True, help="What to make them from.")
    return seed(keep(command))
