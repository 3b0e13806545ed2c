"""Programs by people who never heard of refexec: the example modules of pywasm 2.2.3."""

from __future__ import annotations

import hashlib
import math
import subprocess
from pathlib import Path

import pytest

from command_line import spawn
from pywasm_examples import modules
from refexec import wasm

ZEN = """\
Beautiful is better than ugly.
Explicit is better than implicit.
Simple is better than complex.
Complex is better than complicated.
Flat is better than nested.
Sparse is better than dense.
Readability counts.
Special cases aren't special enough to break the rules.
Although practicality beats purity.
Errors should never pass silently.
Unless explicitly silenced.
In the face of ambiguity, refuse the temptation to guess.
There should be one-- and preferably only one --obvious way to do it.
Although that way may not be obvious at first unless you're Dutch.
Now is better than never.
Although never is often better than *right* now.
If the implementation is hard to explain, it's a bad idea.
If the implementation is easy to explain, it may be a good idea.
Namespaces are one honking great idea -- let's do more of those!
"""


def file_of(name: str, folder: Path) -> Path:
    path = folder / f"{name}.wasm"
    path.write_bytes(modules()[name])
    return path


def run(name: str, folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    return spawn("run", file_of(name, folder), *options)


def instance(name: str) -> wasm.Instance:
    return wasm.Instance(wasm.Module(modules()[name]))


# -- WASI commands, as Gate processes ------------------------------------------------------------


def test_zen_is_printed_to_the_debug_log(tmp_path: Path) -> None:
    done = run("wasi_zen", tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == ZEN


def test_zen_is_printed_where_the_debug_log_is_sent(tmp_path: Path) -> None:
    done = run("wasi_zen", tmp_path, "--debug-log", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == ZEN


def test_stdout_is_the_debug_log(tmp_path: Path) -> None:
    done = run("wasi_stdout", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"Hello World!\n")


def test_a_program_that_lists_a_folder_finds_none(tmp_path: Path) -> None:
    # Gate has no files: fd_prestat_get(3) says "bad file descriptor", so that the program knows of
    # no folder that it could open. It ends by proc_exit(1).
    done = run("wasi_ll", tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"failed to find a pre-opened file descriptor" in done.stderr


def test_a_program_that_wants_a_socket_finds_none(tmp_path: Path) -> None:
    # sock_send(3) says "bad file descriptor" too; this program panics, which is `unreachable`.
    done = run("wasi_httpbin", tmp_path)
    assert (done.returncode, done.stdout) == (103, b"")
    assert b"Bad file descriptor" in done.stderr
    assert b"refexec: trap 3: unreachable" in done.stderr.splitlines()


# -- modules that are no commands ----------------------------------------------------------------


def test_a_module_without_start_runs_as_a_program_that_does_nothing(tmp_path: Path) -> None:
    done = run("fibonacci", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_function_with_parameters_is_no_entry(tmp_path: Path) -> None:
    done = run("fibonacci", tmp_path, "--entry", "fibonacci")
    assert done.returncode == 2
    assert b"cannot be used as entry function" in done.stderr


def test_an_import_that_gate_does_not_have_is_refused(tmp_path: Path) -> None:
    done = run("fibonacci_env", tmp_path)
    assert done.returncode == 2
    assert b'import function not supported: "env" "fibonacci_host"' in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_that_import_can_be_given_by_an_embedder() -> None:
    module = wasm.Module(modules()["fibonacci_env"])
    asked = []

    def host(number: int) -> int:
        asked.append(number)
        return 55

    type_ = wasm.FunctionType((wasm.I32,), (wasm.I32,))
    function = wasm.HostFunction(type_, host)
    linked = wasm.Instance(module, imports={("env", "fibonacci_host"): function})
    assert linked.invoke("fibonacci", 10) == [55]
    assert asked == [10]


def test_fibonacci_by_the_command(tmp_path: Path) -> None:
    done = spawn("invoke", file_of("fibonacci", tmp_path), "fibonacci", "10")
    assert (done.returncode, done.stdout) == (0, b"i32:55\n")


def test_pi() -> None:
    (value,) = instance("pi").invoke("pi", 7)
    assert value == pytest.approx(math.pi, abs=1e-12)


def digest(hasher: wasm.Instance, data: bytes) -> bytes:
    """Let a module with `alloc`, `blake2b` and `dealloc` hash `data`."""
    memory = hasher.memory
    assert memory is not None
    (source,) = hasher.invoke("alloc", len(data))
    (target,) = hasher.invoke("alloc", 64)
    memory.write(source, data)
    hasher.invoke("blake2b", source, len(data), target, 64)
    result = memory.read(target, 64)
    hasher.invoke("dealloc", source, len(data))
    hasher.invoke("dealloc", target, 64)
    return bytes(result)


TEXTS = [b"abc", bytes(range(256)) * 3]


@pytest.mark.parametrize("data", TEXTS)
def test_blake2b(data: bytes) -> None:
    assert digest(instance("blake2b"), data) == hashlib.blake2b(data).digest()


def test_blake2b_with_vectors() -> None:
    # The exports are those of blake2b, the inner loop is written with 128-bit vectors.
    assert digest(instance("blake2b_simd"), TEXTS[0]) == hashlib.blake2b(TEXTS[0]).digest()


def test_blake2b_direct() -> None:
    hasher = instance("blake2b_direct")
    memory = hasher.memory
    assert memory is not None
    (source,) = hasher.invoke("alloc", 3)
    memory.write(source, b"abc")
    (target,) = hasher.invoke("blake2b", source, 3)
    assert memory.read(target, 64) == hashlib.blake2b(b"abc").digest()


def test_blake2b_iter() -> None:
    data = bytes(64)
    total = 0
    for _ in range(20):
        data = hashlib.blake2b(data).digest()
        total += sum(data)
    assert instance("blake2b_iter").invoke("blake2b_iter", 20) == [total % 256]
