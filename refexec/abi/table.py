"""The functions of the ABI, one row each: name, type, implementation.

Types are written as `refexec.abi.function.signature` reads them: `i` is i32, `I` is i64.
`refuse(n)` is a function that only looks at whether the descriptor in argument n exists.
"""

from __future__ import annotations

from refexec.abi import clocks, environment, files, gate, polling, primitives, process
from refexec.abi.files import refuse
from refexec.abi.function import ABIFunction, Implementation, signature


def _table(*rows: tuple[str, str, Implementation]) -> dict[str, ABIFunction]:
    return {name: ABIFunction(name, signature(text), code) for name, text, code in rows}


# Columns make the tables comparable at a glance.
# fmt: off

WASI = _table(
    ("args_get",                "i i -> i",                environment.args_get),
    ("args_sizes_get",          "i i -> i",                environment.args_sizes_get),
    ("clock_res_get",           "i i -> i",                clocks.clock_res_get),
    ("clock_time_get",          "i I i -> i",              clocks.clock_time_get),
    ("environ_get",             "i i -> i",                environment.environ_get),
    ("environ_sizes_get",       "i i -> i",                environment.environ_sizes_get),
    ("fd_advise",               "i I I i -> i",            refuse(0)),
    ("fd_allocate",             "i I I -> i",              refuse(0)),
    ("fd_close",                "i -> i",                  files.fd_close),
    ("fd_datasync",             "i -> i",                  refuse(0)),
    ("fd_fdstat_get",           "i i -> i",                files.fd_fdstat_get),
    ("fd_fdstat_set_flags",     "i i -> i",                refuse(0)),
    ("fd_fdstat_set_rights",    "i I I -> i",              files.fd_fdstat_set_rights),
    ("fd_filestat_get",         "i i -> i",                refuse(0)),
    ("fd_filestat_set_size",    "i I -> i",                refuse(0)),
    ("fd_filestat_set_times",   "i I I i -> i",            refuse(0)),
    ("fd_pread",                "i i i I i -> i",          refuse(0)),
    ("fd_prestat_dir_name",     "i i i -> i",              files.fd_prestat_dir_name),
    ("fd_prestat_get",          "i i -> i",                refuse(0)),
    ("fd_pwrite",               "i i i I i -> i",          refuse(0)),
    ("fd_read",                 "i i i i -> i",            files.fd_read),
    ("fd_readdir",              "i i i I i -> i",          refuse(0)),
    ("fd_renumber",             "i i -> i",                files.fd_renumber),
    ("fd_seek",                 "i I i i -> i",            refuse(0)),
    ("fd_sync",                 "i -> i",                  refuse(0)),
    ("fd_tell",                 "i i -> i",                refuse(0)),
    ("fd_write",                "i i i i -> i",            files.fd_write),
    ("path_create_directory",   "i i i -> i",              refuse(0)),
    ("path_filestat_get",       "i i i i i -> i",          refuse(0)),
    ("path_filestat_set_times", "i i i i I I i -> i",      refuse(0)),
    ("path_link",               "i i i i i i i -> i",      refuse(0, 4)),
    ("path_open",               "i i i i i I I i i -> i",  refuse(0)),
    ("path_readlink",           "i i i i i i -> i",        refuse(0)),
    ("path_remove_directory",   "i i i -> i",              refuse(0)),
    ("path_rename",             "i i i i i i -> i",        refuse(0, 3)),
    ("path_symlink",            "i i i i i -> i",          refuse(2)),
    ("path_unlink_file",        "i i i -> i",              refuse(0)),
    ("poll_oneoff",             "i i i i -> i",            polling.poll_oneoff),
    ("proc_exit",               "i ->",                    process.proc_exit),
    ("proc_raise",              "i -> i",                  process.proc_raise),
    ("random_get",              "i i -> i",                process.random_get),
    ("sched_yield",             "-> i",                    process.sched_yield),
    ("sock_recv",               "i i i i i i -> i",        files.sock_recv),
    ("sock_send",               "i i i i i -> i",          files.sock_send),
    ("sock_shutdown",           "i i -> i",                refuse(0)),
)
"""WASI preview 1, as far as it exists here."""

GATE = _table(
    ("fd",                      "-> i",                    gate.fd),
    ("io",                      "i i i i i i I i ->",      gate.io),
)
"""Gate functions, by the base of their names: programs import `<base>_<size>`."""

OLDER_TYPES = {
    "io":                       signature("i i i i i i I ->"),
}
"""Second types of Gate functions, from before the last parameter was added."""

PRIMITIVES = _table(
    ("rt_write8",               "I ->",                    primitives.rt_write8),
    ("rt_read8",                "-> I",                    primitives.rt_read8),
    ("rt_trap",                 "i ->",                    primitives.rt_trap),
    ("rt_debug",                "i i ->",                  primitives.rt_debug),
)
"""For tests of embedders; see `refexec.abi.primitives`."""

# fmt: on
