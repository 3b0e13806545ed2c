"""Generated code on disk: it is used, does the same, and is never taken from somebody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assemble import assemble
from differential import run
from refexec import wasm
from refexec.cli.main import main
from refexec.errors import ConfigError
from refexec.translate import cache as cache_module
from refexec.translate.errors import Untranslatable
from refexec.translate.folder import MAGIC, Folder

TEXT = """(module
  (memory 1) (global $g (mut f64) (f64.const nan:0x8000000000001))
  (type $t (func (param i32) (result i32)))
  (table 4 funcref) (elem (i32.const 0) $double $double)
  (func $double (type $t) (i32.add (local.get 0) (local.get 0)))
  (func (export "all") (param i32) (result i32 v128 f64) (local i32)
    (loop
      (local.set 1
        (i32.add (local.get 1)
          (call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
      (i32.store8 (local.get 0) (local.get 1))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)
    (i8x16.add (v128.load (i32.const 0)) (v128.const i32x4 1 2 3 4))
    (f64.copysign (f64.const inf) (global.get $g)))
  (func (export "catch") (block $h (try_table (catch_all $h)))))"""
DATA = assemble(TEXT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "refexec" / "code"


@pytest.fixture
def translations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Indices of the functions that are really translated."""
    done = []
    real = cache_module.translate

    def translate(module: Any, code: Any, *more: Any) -> Any:
        done.append(code.index)
        return real(module, code, *more)

    monkeypatch.setattr(cache_module, "translate", translate)
    return done


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.code"))


def stops(folder: Path, *cuts: int, thaw: bool = False) -> Any:
    with wasm.CodeCache(folder) as cache:
        module = wasm.Module(DATA, cache=cache)
        return run(module, "translated", "all", [40], cuts, thaw=thaw)


@pytest.mark.parametrize(("cuts", "thaw"), [((), False), ((100, 7, 90), False), ((111, 50), True)])
def test_code_out_of_the_cache_does_the_same(
    folder: Path, translations: list[int], cuts: tuple[int, ...], thaw: bool
) -> None:
    expected = run(wasm.Module(DATA), "reference", "all", [40], cuts, thaw=thaw)
    assert stops(folder, *cuts, thaw=thaw) == expected
    assert sorted(set(translations)) == [0, 1, 2]
    translations.clear()
    assert stops(folder, *cuts, thaw=thaw) == expected
    # The heads of loops are in it too.
    assert translations == []
    assert len(entries(folder)) == 1


def test_what_is_missing_is_translated_and_kept(folder: Path, translations: list[int]) -> None:
    with wasm.CodeCache(folder) as cache:
        instance = wasm.Instance(wasm.Module(DATA, cache=cache), engine="translated")
        for _ in range(500):
            instance.invoke("catch")
    # A function that is left to the machine is kept as such.
    assert translations == [2]
    assert stops(folder) == run(wasm.Module(DATA), "reference", "all", [40])
    assert sorted(translations) == [0, 1, 2]
    translations.clear()
    with wasm.CodeCache(folder) as cache:
        instance = wasm.Instance(wasm.Module(DATA, cache=cache), engine="translated")
        instance.translate()
        instance.invoke("catch")
        instance.invoke("all", 40)
    assert translations == []


def test_limits_and_modules_have_code_of_their_own(folder: Path, translations: list[int]) -> None:
    stops(folder)
    count = len(translations)
    with wasm.CodeCache(folder) as cache:
        limits = wasm.Limits(memory_pages=77)
        module = wasm.Module(DATA, cache=cache)
        run(module, "translated", "all", [40], limits=limits)
    assert len(translations) == 2 * count
    assert len(entries(folder)) == 1
    with wasm.CodeCache(folder) as cache:
        module = wasm.Module(DATA + b"\0\2\1x", cache=cache)
        run(module, "translated", "all", [40])
    assert len(translations) == 3 * count
    assert len(entries(folder)) == 2


@pytest.mark.parametrize("what", ["version", "sources", "python"])
def test_other_code_is_not_looked_at(
    folder: Path, translations: list[int], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    stops(folder)
    count = len(translations)
    if what == "version":
        monkeypatch.setattr("refexec.__version__", "another")
    elif what == "sources":
        monkeypatch.setattr(cache_module, "_SOURCES", ["another"])
    else:
        monkeypatch.setattr(cache_module, "MAGIC_NUMBER", b"other")
    stops(folder)
    assert len(translations) == 2 * count


def test_everything_is_for_its_owner_only(folder: Path) -> None:
    old = os.umask(0)
    try:
        stops(folder)
    finally:
        os.umask(old)
    (entry,) = entries(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert entry.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [entry.name]


def test_a_folder_of_others_is_refused(folder: Path, tmp_path: Path) -> None:
    stops(folder)
    for mode in (0o720, 0o702, 0o755):
        folder.chmod(mode)
        with pytest.raises(ConfigError, match="expected a folder of this user with mode 0700"):
            wasm.CodeCache(folder)
    folder.chmod(0o700)
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(ConfigError):
        wasm.CodeCache(link)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError):
        wasm.CodeCache(tmp_path / "file")
    with pytest.raises(ConfigError):
        wasm.CodeCache(tmp_path / "file" / "below")


def test_a_folder_that_somebody_else_owns_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Folder(folder, 1000)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(ConfigError, match=f"found user {user}"):
        Folder(folder, 1000)


def test_a_folder_that_has_been_opened_to_others_meanwhile_is_refused(folder: Path) -> None:
    cache = wasm.CodeCache(folder)
    wasm.Instance(wasm.Module(DATA, cache=cache), engine="translated").translate()
    folder.chmod(0o777)
    with pytest.raises(ConfigError):
        cache.save()
    assert entries(folder) == []


def _link(entry: Path) -> None:
    entry.rename(entry.parent / "elsewhere")
    entry.symlink_to(entry.parent / "elsewhere")


def _hard_link(entry: Path) -> None:
    os.link(entry, entry.parent / "elsewhere")


def _pipe(entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry, 0o600)


def _other_bytes(entry: Path) -> None:
    data = bytearray(entry.read_bytes())
    data[-1] ^= 1
    entry.write_bytes(data)


def _cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


TAMPERING = {
    "link": _link,
    "hard link": _hard_link,
    "pipe": _pipe,
    "writable": lambda entry: entry.chmod(0o622),
    "readable": lambda entry: entry.chmod(0o640),
    "changed": _other_bytes,
    "cut": _cut,
    "empty": lambda entry: entry.write_bytes(b""),
    "magic": lambda entry: entry.write_bytes(b"x" + entry.read_bytes()[1:]),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_an_entry_that_others_could_have_made_is_not_loaded(
    folder: Path, translations: list[int], how: str
) -> None:
    expected = stops(folder)
    count = len(translations)
    (entry,) = entries(folder)
    TAMPERING[how](entry)
    assert stops(folder) == expected
    assert len(translations) == 2 * count
    # It has been put right.
    for path in folder.iterdir():
        if path != entry:
            path.unlink()
    assert stops(folder) == expected
    assert len(translations) == 2 * count


def test_the_entries_that_were_not_used_for_longest_make_room(folder: Path) -> None:
    kept = Folder(folder, 900)
    for number, name in enumerate(("a", "b", "c")):
        kept.write(name, bytes(200))
        os.utime(folder / f"{name}.code", (number, number))
    assert kept.read("a") == bytes(200)
    kept.write("d", bytes(200))
    assert [path.stem for path in entries(folder)] == ["a", "c", "d"]
    assert kept.read("a") == bytes(200)
    kept.write("e", bytes(600))
    assert [path.stem for path in entries(folder)] == ["a", "e"]
    kept.write("f", bytes(900 - len(MAGIC)))
    assert [path.stem for path in entries(folder)] == ["a", "e"]
    assert kept.read("f") is None
    assert Folder(folder, 600).read("e") is None


def test_a_full_disk_is_one_clear_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Folder(folder, 1000)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ConfigError, match="No space left"):
        kept.write("a", b"content")
    assert list(folder.iterdir()) == []


def test_the_command_line_keeps_code_where_the_user_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, translations: list[int]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "m.wasm"
    path.write_bytes(DATA)
    words = ["invoke", "--engine", "translated", str(path), "all", "900"]
    runner = CliRunner()
    outputs = {runner.invoke(main, words).stdout}
    assert not (tmp_path / "cache").exists()
    # The command line asks for no more than it runs: two functions of the module.
    for expected in ([1, 0], [1, 0], [1, 0]):
        outputs.add(runner.invoke(main, [*words, "--cache"]).stdout)
        assert translations == expected
    assert len(outputs) == 1
    assert len(entries(tmp_path / "cache" / "refexec" / "code")) == 1
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    wasm.CodeCache()
    assert (tmp_path / "home" / ".cache" / "refexec" / "code").is_dir()


def test_processes_share_the_folder(folder: Path, translations: list[int]) -> None:
    code = (
        "import sys; from pathlib import Path; from refexec import wasm\n"
        "with wasm.CodeCache(Path(sys.argv[1])) as cache:\n"
        "    module = wasm.Module(sys.stdin.buffer.read(), cache=cache)\n"
        "    instance = wasm.Instance(module, engine='translated')\n"
        "    instance.translate()\n"
        "    print(instance.invoke('all', 40))\n"
    )
    for options in ([], ["-O"], ["-X", "no_debug_ranges"]):
        done = subprocess.run(
            [sys.executable, *options, "-c", code, str(folder)],
            input=DATA,
            capture_output=True,
            check=True,
        )
        assert done.stdout.startswith(b"[1640, ")
    assert stops(folder) == run(wasm.Module(DATA), "reference", "all", [40])
    assert translations == []


def test_a_loop_that_is_missing_is_translated_and_kept(
    folder: Path, translations: list[int]
) -> None:
    stops(folder)
    translations.clear()
    expected = run(wasm.Module(DATA), "reference", "all", [40], (111, 50), thaw=True)
    for made in ([1], []):
        assert stops(folder, 111, 50, thaw=True) == expected
        assert translations == made
        translations.clear()


def test_a_loop_that_is_left_to_the_machine_is_kept_as_such(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(_: object, pc: int) -> None:
        asked.append(pc)
        raise Untranslatable("for this test")

    monkeypatch.setattr(cache_module.FunctionTranslator, "at_loop", refuse)
    expected = run(wasm.Module(DATA), "reference", "all", [40], (111, 50), thaw=True)
    for _ in range(2):
        assert stops(folder, 111, 50, thaw=True) == expected
        assert len(asked) == 1


def test_what_refers_to_something_that_cannot_be_kept_is_translated_again(
    folder: Path, translations: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("unmarshallable object")

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "_pack_constant", refuse)
        expected = stops(folder)
    translations.clear()
    assert stops(folder) == expected
    # The other function has no such constants.
    assert translations == [1]


EVERY_KIND = """(module
  (memory 1) (table 2 funcref) (type $t (func (param i32) (result i32)))
  (func $f (type $t) (local.get 0)) (elem (i32.const 0) $f $f) (elem $e funcref (ref.func $f))
  (func (export "run") (param i32) (result i32 v128)
    (table.init $e (i32.const 0) (i32.const 0) (i32.const 1))
    (i32.store (i32.const 4) (i32.const 99))
    (call_indirect (type $t) (local.get 0) (i32.const 1))
    (v128.load32_lane offset=2 1 (i32.const 2)
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
        (v128.const i64x2 7 8) (v128.const i64x2 9 10)))))"""


def test_constants_of_every_kind_are_kept(folder: Path, translations: list[int]) -> None:
    data = assemble(EVERY_KIND)
    expected = run(wasm.Module(data), "reference", "run", [40])
    for made in ([0, 1], []):
        with wasm.CodeCache(folder) as cache:
            assert run(wasm.Module(data, cache=cache), "translated", "run", [40]) == expected
        assert translations == made
        translations.clear()
