#!/usr/bin/env python3
"""Compile the example programs from C to WebAssembly, or check the committed binaries.

    python3 examples/build.py            compile all, and note the tools used in toolchain.json
    python3 examples/build.py --check    compile to a temporary folder and compare the bytes

It needs clang and wasm-ld of one release of LLVM, and wasi-libc with clang's runtime library for
the one program that uses a C library (Debian: clang-19 lld-19 wasi-libc
libclang-rt-19-dev-wasm32). Another compiler makes other bytes, so `--check` compares only where
the major version of clang, and for `wasi.c` the C library, are those of toolchain.json.

Exit status: 0 all well, 1 a program does not compile or its binary differs, 2 wrong usage,
3 nothing was compared because the tools are missing or are others.

It is not part of refexec, and knows nothing about running the programs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLCHAIN = HERE / "toolchain.json"

GATE_PROGRAMS = ("hello", "echo", "counter", "copier", "discover", "dice", "shout")
WASI_PROGRAMS = ("wasi",)
# Not optimised, and with DWARF: programs to be looked into.
DEBUGGING_PROGRAMS = ("debugging/ledger",)
PROGRAMS = GATE_PROGRAMS + WASI_PROGRAMS + DEBUGGING_PROGRAMS

# Gate accepts WebAssembly 1.0 with sign extension, saturating truncation, memory.copy and
# memory.fill. "mvp" switches everything off that the compiler would use by itself.
FEATURE_FLAGS = (
    "-mcpu=mvp",
    "-msign-ext",
    "-mnontrapping-fptoint",
    "-mbulk-memory",
    "-Wall",
    "-Wextra",
    "-Werror",
    # The stack lies below the data, so that a stack that is too deep traps.
    "-Wl,--stack-first",
)
COMMON_FLAGS = (
    *FEATURE_FLAGS,
    "-Os",
    # No notes about the compiler, but the names of functions: a backtrace is worth the bytes.
    "-Wl,--strip-all",
    "-Wl,--keep-section=name",
)
DEBUGGING_FLAGS = (*FEATURE_FLAGS, "-O0", "-g", "-ffile-compilation-dir=.")
GATE_FLAGS = (
    "--target=wasm32",
    "-std=c11",
    "-ffreestanding",
    "-nostdlib",
    "-Iinclude",
    "-Wl,--no-entry",
    "-Wl,-z,stack-size=16384",
)
WASI_FLAGS = ("--target=wasm32-wasi", "-std=gnu11")


@dataclass(frozen=True)
class Toolchain:
    """The tools that binaries are made with, as far as they decide about the bytes."""

    clang: str
    """Version of clang, such as 19.1.7."""

    wasi_libc: str | None
    """SHA-256 of the static C library, or None where there is none."""

    @property
    def major(self) -> str:
        """The part of clang's version that decides whether bytes can be compared at all."""
        return self.clang.split(".", 1)[0]


def recorded_toolchain() -> Toolchain:
    """Return what the committed binaries were made with."""
    fields = json.loads(TOOLCHAIN.read_text())
    return Toolchain(fields["clang"], fields["wasi_libc"])


def find_clang(major: str) -> str | None:
    """Return the command of clang of that major version, else of any clang, else None."""
    return shutil.which(f"clang-{major}") or shutil.which("clang")


def installed_toolchain(clang: str) -> Toolchain:
    """Ask the compiler what it is."""
    text = subprocess.run([clang, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"version (\d+(?:\.\d+)*)", text)
    if match is None:
        raise SystemExit(f"cannot tell the version of {clang}")
    where = subprocess.run(
        [clang, "--target=wasm32-wasi", "-print-file-name=libc.a"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # clang prints the bare name when it does not find the file.
    library = Path(where)
    digest = None
    if library.is_absolute() and library.exists():
        digest = hashlib.sha256(library.read_bytes()).hexdigest()
    return Toolchain(match[1], digest)


def compile_program(clang: str, name: str, folder: Path) -> Path:
    """Compile one program into `folder`; raises CalledProcessError if that fails."""
    binary = folder / f"{name}.wasm"
    binary.parent.mkdir(exist_ok=True)
    flags = WASI_FLAGS if name in WASI_PROGRAMS else GATE_FLAGS
    common = DEBUGGING_FLAGS if name in DEBUGGING_PROGRAMS else COMMON_FLAGS
    # Started in this folder, so that no path of this machine gets into the binary.
    subprocess.run([clang, *flags, *common, f"{name}.c", "-o", str(binary)], cwd=HERE, check=True)
    binary.chmod(0o644)
    return binary


def build(clang: str) -> int:
    """Compile all programs next to their sources. Returns the exit status."""
    for name in PROGRAMS:
        binary = compile_program(clang, name, HERE)
        print(f"{binary.name}: {binary.stat().st_size} bytes")
    installed = installed_toolchain(clang)
    fields = {"clang": installed.clang, "wasi_libc": installed.wasi_libc}
    TOOLCHAIN.write_text(json.dumps(fields, indent=4) + "\n")
    return 0


def check(clang: str) -> int:
    """Compile all programs and compare with the committed binaries. Returns the exit status."""
    recorded = recorded_toolchain()
    installed = installed_toolchain(clang)
    if installed.major != recorded.major:
        print(f"not compared: clang is {installed.clang}, the binaries are of {recorded.clang}")
        return 3

    status = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in PROGRAMS:
            if name in WASI_PROGRAMS and installed.wasi_libc != recorded.wasi_libc:
                print(f"{name}.wasm: not compared: another wasi-libc, or none")
                continue
            binary = compile_program(clang, name, Path(folder))
            if binary.read_bytes() == (HERE / f"{name}.wasm").read_bytes():
                print(f"{binary.name}: same")
            else:
                print(f"{binary.name}: DIFFERS from its source")
                status = 1
    return status


def main() -> int:
    """Read the command line and do what it says. Returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--clang", metavar="COMMAND", help="the compiler to use")
    arguments = parser.parse_args()

    clang = arguments.clang or find_clang(recorded_toolchain().major)
    if clang is None:
        print("not compared: there is no clang" if arguments.check else "there is no clang")
        return 3
    try:
        return check(clang) if arguments.check else build(clang)
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
