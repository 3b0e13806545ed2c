"""Control groups, on directories that look like some where the machine offers none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from refexec.runtime import group
from refexec.runtime.group import open_cgroup


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
    with pytest.raises(OSError, match=f"open directory {hierarchy}/none: No such file"):
        open_cgroup("none")


def test_a_name_that_no_directory_can_have(hierarchy: Path) -> None:
    with pytest.raises(OSError, match=r"open directory .*: .*embedded null"):
        open_cgroup("a\0b")


def test_a_link_at_the_end_is_not_followed(hierarchy: Path) -> None:
    (hierarchy / "link").symlink_to("programs")
    with pytest.raises(OSError, match="open directory"):
        open_cgroup("link")


def test_hosts_with_both_versions_have_the_second_one_below(
    hierarchy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(hierarchy / "cgroup.controllers")
    monkeypatch.setattr(group, "_UNIFIED", str(hierarchy / "programs"))
    (hierarchy / "programs/inner").mkdir()
    open_cgroup("inner").close()
