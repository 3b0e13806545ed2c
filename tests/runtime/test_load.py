"""Load, faults and hostile programs. Small here; `tox -e soak` runs the same at full size."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import load
from refexec.errors import InternalError
from refexec.runtime.executor import Config, Executor
from refexec.trap import TrapID

FULL = pytest.mark.soak
MEGABYTE = 1 << 20


def sizes(small: int, full: int) -> pytest.MarkDecorator:
    """The size in ordinary runs, and that of the soak."""
    return pytest.mark.parametrize("count", [small, pytest.param(full, marks=FULL)])


@sizes(24, 500)
def test_workers_killed_at_random_moments(count: int) -> None:
    with load.nothing_left(), Executor() as executor:
        ends = load.kill_at_random_moments(executor, count, seed=count)
    assert sum(ends.values()) == count
    assert ends["closed"] == count // 4
    assert ends["killed"] > 0


@sizes(20, 2000)
def test_one_after_another_leaves_the_parent_as_it_was(count: int) -> None:
    with load.nothing_left(), Executor() as executor:
        memory, files = load.one_after_another(executor, count)
    # The first tenth may fill caches.
    assert max(files[1:]) == min(files[1:])
    assert memory[-1] - memory[1] < 2 * MEGABYTE


@sizes(8, 100)
def test_many_at_once(count: int) -> None:
    with load.nothing_left(), Executor() as executor:
        times = load.at_once(executor, count)
    # None waits for ever while others run: all are done within a few times of the median.
    assert max(times) < 5 * sorted(times)[count // 2] + 5


@sizes(4, 200)
def test_many_threads_with_different_ends(count: int) -> None:
    with load.nothing_left(), Executor() as executor:
        ends = load.race(executor, count, threads=24, seed=count)
    assert sum(ends.values()) == count


@pytest.mark.parametrize("name", load.HOSTILE)
def test_a_hostile_program_ends_as_it_should(executor: Executor, name: str) -> None:
    grown = load.endure(executor, name, 1.0)
    # The state of a suspended program is handed over, so its limits count.
    assert grown < (300 if name in ("memory", "objects") else 32) * MEGABYTE


@sizes(4, 200)
def test_reserved_codes(executor: Executor, count: int) -> None:
    codes = [-2, -32768, *range(-3, -32767, -(32764 // (count - 2)) - 1)]
    load.reserved_codes(executor, codes[:count])


@pytest.mark.soak
@pytest.mark.parametrize("name", load.HOSTILE)
def test_a_good_neighbour_keeps_half_of_its_throughput(executor: Executor, name: str) -> None:
    share, beside_plain = load.neighbours_share(executor, name, samples=7, seconds=0.5)
    assert share > min(0.5, 0.75 * beside_plain)


PARENT = """
import os, signal, sys, threading
sys.path.insert(0, sys.argv[1])
import load
from refexec import Executor, image
kinds = load.Kinds()
executor = Executor()
processes = []
for code in kinds.all() * int(sys.argv[2]):
    process = executor.new_process()
    processes.append(process)
    if code is kinds.quick:
        continue  # this one gets no program
    process.start(code, image.Instance(code, entry="main"))
    if code is not kinds.spin:
        threading.Thread(target=process.serve, args=(None, load.Answers()), daemon=True).start()
processes[0].suspend()
print(*(process.pid for process in processes), flush=True)
sys.stdin.read()
"""


@sizes(2, 25)
def test_all_workers_die_with_their_parent(tmp_path: Path, count: int) -> None:
    script = tmp_path / "script.py"
    script.write_text(PARENT)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, script, root / "tests/support", str(count)],
        env=os.environ | {"PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 4 * count
        watched = [os.pidfd_open(pid) for pid in pids]
        parent.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        for descriptor in watched:
            assert select.select([descriptor], [], [], 20)[0]
            os.close(descriptor)
        assert time.monotonic() - killed < 2


@pytest.mark.parametrize("seconds", [8.0, pytest.param(600.0, marks=FULL)])
def test_everything_at_once(seconds: float) -> None:
    """All of it at the same time, by one executor with a bound on its processes."""
    end = time.monotonic() + seconds
    failures: list[BaseException] = []
    rounds = [0] * 5

    with load.nothing_left(), Executor(Config(max_procs=8)) as executor:
        names = list(load.HOSTILE)

        def keep(index: int) -> None:
            number = 0
            try:
                while time.monotonic() < end:
                    number += 1
                    if index == 0:
                        load.kill_at_random_moments(executor, 4, seed=number)
                    elif index == 1:
                        load.one_after_another(executor, 4)
                    elif index == 2:
                        load.race(executor, 1, threads=8, seed=number)
                    elif index == 3:
                        load.endure(executor, names[number % len(names)], 1.0)
                    else:
                        load.reserved_codes(executor, [-2 - number])
                    rounds[index] += 1
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=keep, args=(index,)) for index in range(len(rounds))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert all(rounds)


def test_a_worker_killed_by_the_system_is_an_internal_error(executor: Executor) -> None:
    end = load._kill_one(executor, load.Kinds().spin, "serve", 0.0)
    assert end == "killed"
    assert InternalError.trap is TrapID.INTERNAL_ERROR
