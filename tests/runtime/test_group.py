"""Control groups, on directories that look like some where the machine offers none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from refexec import image
from refexec.errors import UnavailableError
from refexec.runtime import group
from refexec.runtime.executor import Config, Executor
from refexec.runtime.group import ProcessGroup, open_cgroup
from refexec.trap import TrapID
from runtime_world import NoServices, program


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(group, "_ROOT", str(tmp_path))
    (tmp_path / "cgroup.controllers").touch()
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/cgroup.procs").touch()
    return tmp_path


def test_a_process_is_added_by_its_number(hierarchy: Path) -> None:
    with open_cgroup("programs") as programs:
        programs.add(123)
    assert (hierarchy / "programs/cgroup.procs").read_text() == "123"


def test_a_closed_group_is_no_group(hierarchy: Path) -> None:
    programs = open_cgroup("/programs")
    programs.close()
    programs.close()
    programs.add(123)
    assert (hierarchy / "programs/cgroup.procs").read_text() == ""


def test_a_group_that_is_not_there(hierarchy: Path) -> None:
    with pytest.raises(UnavailableError, match=f"open directory {hierarchy}/none: No such file"):
        open_cgroup("none")


def test_a_name_that_no_directory_can_have(hierarchy: Path) -> None:
    with pytest.raises(UnavailableError, match=r"open directory .*: .*embedded null"):
        open_cgroup("a\0b")


def test_a_link_at_the_end_is_not_followed(hierarchy: Path) -> None:
    (hierarchy / "link").symlink_to("programs")
    with pytest.raises(UnavailableError, match="open directory"):
        open_cgroup("link")


def test_hosts_with_both_versions_have_the_second_one_below(
    hierarchy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(hierarchy / "cgroup.controllers")
    monkeypatch.setattr(group, "_UNIFIED", str(hierarchy / "programs"))
    (hierarchy / "programs/inner").mkdir()
    open_cgroup("inner").close()


# -- real groups ---------------------------------------------------------------------------------


@pytest.fixture
def delegated() -> Iterator[ProcessGroup]:
    """A group below the one that we are in, if we may make one."""
    with open("/proc/self/cgroup") as file:
        mine = next((line[3:].strip() for line in file if line.startswith("0::")), None)
    if mine is None:
        pytest.skip("there is no version 2 hierarchy")
    name = f"{mine.lstrip('/')}/refexec-test-{os.getpid()}"
    root = "/sys/fs/cgroup"
    if not os.path.exists(f"{root}/cgroup.controllers"):
        root += "/unified"
    path = f"{root}/{name}"
    try:
        os.mkdir(path)
    except OSError as error:
        pytest.skip(f"no control group can be made: {error.strerror}")
    try:
        with open_cgroup(name) as opened:
            try:
                opened.add(os.getpid())
                ProcessGroup(os.open(os.path.dirname(path), os.O_RDONLY)).add(os.getpid())
            except UnavailableError as error:
                pytest.skip(str(error))
            yield opened
    finally:
        os.rmdir(path)


def groups_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()


def test_a_worker_is_in_its_group_before_it_sees_its_program(delegated: ProcessGroup) -> None:
    code = program('(module (func (export "main")))')
    with Executor() as executor, executor.new_group_process(None, delegated) as process:
        assert f"0::{delegated.path.partition('unified')[2] or '/'}" in groups_of(process.pid)
        process.start(code, image.Instance(code, entry="main"))
        assert process.serve(None, NoServices())[1] is TrapID.EXIT


def test_a_group_can_be_the_default_and_be_overridden(delegated: ProcessGroup) -> None:
    own = groups_of(os.getpid())
    with Executor(Config(group=delegated)) as executor:
        with executor.new_process() as process:
            assert "refexec-test" in groups_of(process.pid)
        delegated.close()
        with executor.new_process() as process:
            assert groups_of(process.pid) == own


def test_a_group_that_takes_nobody(hierarchy: Path) -> None:
    (hierarchy / "programs/cgroup.procs").unlink()
    programs = open_cgroup("programs")
    text = (
        f"^control group {hierarchy}/programs takes no worker: No such file or directory "
        r"\(the group has been removed\)$"
    )
    with Executor() as executor:
        with pytest.raises(UnavailableError, match=text):
            executor.new_group_process(None, programs)
        # The id is free again, and the worker is gone.
        executor.new_process().close()
    programs.close()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, r"Permission denied \(the group has to be delegated to this user, and"),
        (errno.EBUSY, r"resource busy \(a group whose children have controllers"),
        (errno.EIO, "Input/output error$"),
    ],
)
def test_why_a_group_takes_nobody(
    hierarchy: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    programs = open_cgroup("programs")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(UnavailableError, match=reason):
            programs.add(1)
    programs.close()
