"""The other side of what `benchmarks.runtime` compares: a bare `multiprocessing`.

It runs as a program of its own, which imports nothing else: a spawn process imports its parent's
main module again, and that should not count. For each line that it reads it does what the line
says, `spawn` or `pipe SIZE COUNT`, and prints the seconds that it took.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from multiprocessing.connection import Connection


def nothing() -> None:
    """Do nothing."""


def send_back(pipe: Connection) -> None:
    """Send back what comes, until the other end is closed."""
    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(message)


def spawn() -> float:
    """Seconds from making a process that runs an imported, empty function to having joined it."""
    from benchmarks import other_side  # by this name in both processes

    context = multiprocessing.get_context("spawn")
    begun = time.perf_counter()
    process = context.Process(target=other_side.nothing)
    process.start()
    process.join()
    return time.perf_counter() - begun


def pipe(size: int, count: int, warm: int = 100) -> float:
    """Seconds for so many messages there and back, one at a time."""
    from benchmarks import other_side

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=other_side.send_back, args=(theirs,))
    process.start()
    theirs.close()
    message = bytes(size)
    begun = 0.0
    for number in range(warm + count):
        if number == warm:
            begun = time.perf_counter()
        ours.send_bytes(message)
        ours.recv_bytes()
    seconds = time.perf_counter() - begun
    ours.close()
    process.join()
    return seconds


def main() -> None:
    """Obey."""
    for line in sys.stdin:
        name, *arguments = line.split()
        seconds = spawn() if name == "spawn" else pipe(*map(int, arguments))
        print(seconds, flush=True)


if __name__ == "__main__":
    main()
