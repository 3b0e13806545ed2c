"""The committed binaries are what their sources say, and no more than Gate accepts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from example_programs import EXAMPLES, NAMES, program

# WebAssembly 1.0 and what Gate's compiler takes beyond it. Of bulk memory it takes only two
# instructions, which the validator cannot express; see the tests below.
FEATURES = "mvp,sign-extension,saturating-float-to-int,bulk-memory"

SECTION_CUSTOM = 0
SECTION_DATA_COUNT = 12


def wasm_tools(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = Path(sysconfig.get_path("scripts")) / "wasm-tools"
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False)


def build(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / "build.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def read_leb(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def sections(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    at = 8
    while at < len(data):
        kind = data[at]
        size, at = read_leb(data, at + 1)
        found.append((kind, data[at : at + size]))
        at += size
    return found


@pytest.fixture
def copy_of_examples(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))


def need_the_compiler() -> None:
    """Skip unless binaries can be compared on this machine."""
    recorded = json.loads((EXAMPLES / "toolchain.json").read_text())["clang"]
    major = recorded.split(".")[0]
    for command in (f"clang-{major}", "clang"):
        if shutil.which(command):
            version = subprocess.run(
                [command, "--version"], capture_output=True, text=True, check=True
            ).stdout
            if f"version {major}." in version:
                return
    pytest.skip(f"clang {major}, which made the binaries, is not installed")


def test_there_are_at_least_seven_examples() -> None:
    assert len(NAMES) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_source_and_binary_and_description_belong_together(name: str) -> None:
    assert (EXAMPLES / f"{name}.wasm").exists()
    assert f"\n## {name}\n" in (EXAMPLES / "README.md").read_text()


def test_nothing_is_left_over() -> None:
    assert sorted(binary.stem for binary in EXAMPLES.glob("*.wasm")) == NAMES
    headings = re.findall(r"^## ([a-z]+)$", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert sorted(headings) == NAMES


def test_binaries_match_their_sources() -> None:
    need_the_compiler()
    done = build(EXAMPLES, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in NAMES:
        assert re.search(rf"^{name}\.wasm: (same|not compared)", done.stdout, re.MULTILINE)


def test_a_binary_that_differs_is_found(copy_of_examples: Path) -> None:
    need_the_compiler()
    source = copy_of_examples / "hello.c"
    source.write_text(source.read_text().replace("hello, world", "howdy, world"))
    done = build(copy_of_examples, "--check")
    assert done.returncode == 1
    assert "hello.wasm: DIFFERS" in done.stdout
    assert "echo.wasm: same" in done.stdout
    assert (copy_of_examples / "hello.wasm").read_bytes() == program("hello")


def test_building_gives_the_committed_binaries(copy_of_examples: Path) -> None:
    need_the_compiler()
    gate_program = copy_of_examples / "counter.wasm"
    gate_program.unlink()
    done = build(copy_of_examples)
    if "wasi" not in done.stdout:
        pytest.skip("wasi-libc for clang is not installed")
    assert done.returncode == 0, done.stderr
    assert gate_program.read_bytes() == program("counter")


def test_a_source_that_does_not_compile_is_an_error(copy_of_examples: Path) -> None:
    need_the_compiler()
    (copy_of_examples / "hello.c").write_text("int main(void) { return nothing; }\n")
    done = build(copy_of_examples, "--check")
    assert done.returncode == 1
    assert "hello.c" in done.stderr


def test_another_compiler_is_not_compared(copy_of_examples: Path) -> None:
    need_the_compiler()
    toolchain = copy_of_examples / "toolchain.json"
    fields = json.loads(toolchain.read_text())
    toolchain.write_text(json.dumps({**fields, "clang": "3.1.4"}))
    # Only a compiler that is named is used, so that there is one, and it is another one.
    major = fields["clang"].split(".")[0]
    command = f"clang-{major}" if shutil.which(f"clang-{major}") else "clang"
    done = build(copy_of_examples, "--check", "--clang", command)
    assert done.returncode == 3
    assert "not compared" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_binary_is_valid_with_the_features_of_gate(name: str) -> None:
    done = wasm_tools("validate", f"--features={FEATURES}", EXAMPLES / f"{name}.wasm")
    assert done.returncode == 0, done.stderr


def test_the_validator_is_strict_about_features(tmp_path: Path) -> None:
    text = tmp_path / "simd.wat"
    text.write_text("(module (func (result i32 i32) i32.const 1 i32.const 2))")
    done = wasm_tools("validate", f"--features={FEATURES}", text)
    assert done.returncode != 0
    assert "multi-value" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_binary_uses_no_more_of_bulk_memory_than_gate_takes(name: str) -> None:
    assert SECTION_DATA_COUNT not in [kind for kind, _ in sections(program(name))]
    text = wasm_tools("print", EXAMPLES / f"{name}.wasm").stdout
    assert "i32." in text
    for instruction in ("memory.init", "data.drop", "table.init", "elem.drop", "table.copy"):
        assert instruction not in text


@pytest.mark.parametrize("name", NAMES)
def test_binary_holds_function_names_and_nothing_about_its_making(name: str) -> None:
    customs = [content for kind, content in sections(program(name)) if kind == SECTION_CUSTOM]
    assert [content[1 : 1 + content[0]] for content in customs] == [b"name"]


@pytest.mark.parametrize("name", NAMES)
def test_entries_in_the_readme_are_exported(name: str) -> None:
    readme = (EXAMPLES / "README.md").read_text()
    text = wasm_tools("print", EXAMPLES / f"{name}.wasm").stdout
    exports = re.findall(r'\(export "(\w+)" \(func', text)
    entries = re.findall(rf"examples/{name}\.wasm(?: --entry (\w+))?", readme)
    assert entries
    for entry in entries:
        assert (entry or "_start") in exports
