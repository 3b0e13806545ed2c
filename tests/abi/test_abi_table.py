"""The function tables against a second listing, ordered by type as the specification groups it."""

from __future__ import annotations

from refexec.abi.function import signature
from refexec.abi.table import GATE, OLDER_TYPES, PRIMITIVES, WASI
from refexec.wasm import I32, I64, FunctionType

EXPECTED = {
    "() -> i32": "sched_yield",
    "(i32) -> i32": "fd_close fd_datasync fd_sync proc_raise",
    "(i32) -> ()": "proc_exit",
    "(i32, i32) -> i32": """
        args_get args_sizes_get clock_res_get environ_get environ_sizes_get fd_fdstat_get
        fd_fdstat_set_flags fd_filestat_get fd_prestat_get fd_renumber fd_tell random_get
        sock_shutdown
    """,
    "(i32, i64) -> i32": "fd_filestat_set_size",
    "(i32, i64, i32) -> i32": "clock_time_get",
    "(i32, i64, i64) -> i32": "fd_allocate fd_fdstat_set_rights",
    "(i32, i32, i32) -> i32": """
        fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file
    """,
    "(i32, i64, i64, i32) -> i32": "fd_advise fd_filestat_set_times",
    "(i32, i64, i32, i32) -> i32": "fd_seek",
    "(i32, i32, i32, i32) -> i32": "fd_read fd_write poll_oneoff",
    "(i32, i32, i32, i64, i32) -> i32": "fd_pread fd_pwrite fd_readdir",
    "(i32, i32, i32, i32, i32) -> i32": "path_filestat_get path_symlink sock_send",
    "(i32, i32, i32, i32, i32, i32) -> i32": "path_readlink path_rename sock_recv",
    "(i32, i32, i32, i32, i32, i32, i32) -> i32": "path_link",
    "(i32, i32, i32, i32, i64, i64, i32) -> i32": "path_filestat_set_times",
    "(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> i32": "path_open",
}


def show(function_type: FunctionType) -> str:
    names: dict[object, str] = {I32: "i32", I64: "i64"}
    results = "".join(names[result] for result in function_type.results)
    return f"({', '.join(names[param] for param in function_type.params)}) -> {results or '()'}"


def test_every_wasi_function_has_its_type() -> None:
    assert {name: show(function.type) for name, function in WASI.items()} == {
        name: text for text, names in EXPECTED.items() for name in names.split()
    }
    assert len(WASI) == 45


def test_gate_functions_have_their_types() -> None:
    assert {name: show(function.type) for name, function in GATE.items()} == {
        "fd": "() -> i32",
        "io": "(i32, i32, i32, i32, i32, i32, i64, i32) -> ()",
    }
    assert {name: show(older) for name, older in OLDER_TYPES.items()} == {
        "io": "(i32, i32, i32, i32, i32, i32, i64) -> ()"
    }


def test_primitives_have_their_types() -> None:
    assert {name: show(function.type) for name, function in PRIMITIVES.items()} == {
        "rt_write8": "(i64) -> ()",
        "rt_read8": "() -> i64",
        "rt_trap": "(i32) -> ()",
        "rt_debug": "(i32, i32) -> ()",
    }


def test_rows_carry_their_names() -> None:
    for table in (WASI, GATE, PRIMITIVES):
        assert all(function.name == name for name, function in table.items())


def test_signature_notation() -> None:
    assert signature("i I -> i") == FunctionType((I32, I64), (I32,))
    assert signature("->") == FunctionType((), ())
