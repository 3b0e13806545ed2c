"""Where runs are cut: which instructions, how many of them, and which cuts change the process.

A cut stops a run when it has spent a certain amount of fuel. The choice depends on the seed and on
what is run, never on time or chance, so that every run of the kit can be repeated. What a cut does
is in `cutting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from refexec.errors import ConfigError

SHORT = 2000
"""Runs that spend less fuel than this can be cut at every instruction."""

CHOICES = "'every', 'sample', or an amount of fuel"


@dataclass(frozen=True, slots=True)
class Cuts:
    """Which cuts to make."""

    text: str
    """How the user writes this choice."""

    everywhere_below: int = 0
    """Runs that spend less fuel than this are cut before every paid instruction."""

    samples: int = 0
    """How often longer runs are cut, at points chosen by the seed."""

    only: int | None = None
    """Cut each run once, when it has spent that much, and nowhere else."""

    moves: int = 0
    """One cut in so many goes on in another process; 0 for none."""

    seed: int = 1

    def points(self, spent: int, random: Random) -> Sequence[int]:
        """Amounts of fuel at which to cut a run that spends `spent` in all, in order."""
        if self.only is not None:
            return [self.only] if self.only < spent else []
        if spent < self.everywhere_below or spent <= self.samples:
            return range(spent)
        return sorted(random.sample(range(spent), self.samples))

    def moves_now(self, random: Random) -> bool:
        """Whether the next cut goes on in another process."""
        return self.moves > 0 and random.randrange(self.moves) == 0

    def __str__(self) -> str:
        return self.text if self.only is not None else f"{self.text}, seed {self.seed}"


def parse_cuts(text: str, seed: int = 1) -> Cuts:
    """Read what a user asks for: `every`, `sample`, or an amount of fuel.

    Raises `ConfigError` for anything else.
    """
    if text == "every":
        return Cuts(text, everywhere_below=SHORT, samples=50, moves=200, seed=seed)
    if text == "sample":
        return Cuts(text, samples=3, moves=100, seed=seed)
    if text.isdecimal() and text.isascii():
        return Cuts(text, only=int(text), moves=1, seed=seed)
    raise ConfigError(f"cuts: expected {CHOICES}, found {text!r:.40}")
