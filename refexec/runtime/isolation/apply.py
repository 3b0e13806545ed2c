"""All measures of a worker, in the order in which they have to come."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from refexec.record import field, record
from refexec.runtime.isolation import (
    descriptors,
    landlock,
    limits,
    linux,
    namespaces,
    seccomp,
)
from refexec.runtime.isolation.measures import Settings

LANDLOCK = ("landlock-files", "landlock-tcp", "landlock-scope")
"""Measures that come together, or not at all."""

LATE = ("rlimit-as",)
"""Measures that come when the worker knows its program's limits."""

Step = tuple[str, Callable[[], object]]
"""The name of a measure, and what puts it in force or raises `OSError`."""


@record()
class Applied:
    """What has been applied to this process."""

    address_space: int = 0
    """Bytes of address space that it had taken."""

    failures: dict[str, str] = field(default_factory=dict)
    """Measures that were tried, and why each is not in force; empty text if it is."""

    def names(self) -> list[str]:
        """Names of the measures that are in force."""
        return [name for name, failure in self.failures.items() if not failure]


class RequiredMeasureError(Exception):
    """A measure that the parent insists on is not in force."""


def apply(settings: Settings, parent: int, highest: int) -> Applied | None:
    """Apply all measures but those that are left out, and tell which are in force.

    `parent` is the process to die with; None if it is gone already. `highest` is the last of the
    descriptors that the process keeps. Raises `RequiredMeasureError` for a required measure that
    could not be applied.
    """
    applied = Applied(limits.address_space())
    # Made first, because of the number that the user has outside a namespace.
    last = _last_steps(highest, os.getuid())
    if settings.nice:
        limits.be_nice(settings.nice)
    _apply_each(settings, applied, _first_steps(highest))
    if not set(LANDLOCK) & set(settings.leave_out):
        applied.failures |= _landlock()
    _apply_each(settings, applied, last)
    check_required(settings, applied)
    # Asking to die with the parent has no effect if it died before that.
    return applied if os.getppid() == parent else None


def apply_memory_limit(settings: Settings, applied: Applied, more: int) -> None:
    """Limit the address space to `more` bytes beyond what there was.

    This one comes when the worker knows what its program may need, and is reported by its name
    among the others. Raises `RequiredMeasureError` like `apply`.
    """
    if "rlimit-as" not in settings.leave_out:
        applied.failures["rlimit-as"] = _try(
            lambda: limits.limit_address_space(applied.address_space + more)
        )
        check_required(settings, applied)


def check_required(settings: Settings, applied: Applied) -> None:
    """Raise `RequiredMeasureError` if one has failed that is required."""
    for name in settings.require:
        failure = applied.failures.get(name)
        if failure:
            raise RequiredMeasureError(f"required protection {name} is not in force: {failure}")


def _first_steps(highest: int) -> list[Step]:
    return [
        ("descriptors", partial(descriptors.check_highest, highest)),
        ("environment", descriptors.check_environment),
        ("umask", descriptors.mask_files),
        ("directory", descriptors.leave_directory),
        # Needs a permission that the user namespace takes away.
        ("oom-first", limits.first_out_of_memory),
        ("user-namespace", namespaces.enter_user),
        ("ipc-namespace", partial(linux.unshare, linux.CLONE_NEWIPC)),
        ("uts-namespace", partial(linux.unshare, linux.CLONE_NEWUTS)),
        ("cgroup-namespace", partial(linux.unshare, linux.CLONE_NEWCGROUP)),
        ("net-namespace", partial(linux.unshare, linux.CLONE_NEWNET)),
        ("empty-root", namespaces.empty_root),
        ("no-capabilities", linux.drop_capabilities),
        # A change of user, such as that of the namespace, would undo these.
        ("parent-death", limits.die_with_parent),
        ("no-new-privs", limits.no_new_privileges),
        ("not-dumpable", limits.not_dumpable),
        *((name, partial(limits.set_zero, limit)) for name, limit in limits.ZERO.items()),
    ]


def _last_steps(highest: int, user: int) -> list[Step]:
    return [
        # Landlock takes a descriptor while it is set up.
        ("rlimit-nofile", partial(limits.freeze_descriptors, highest)),
        ("rlimit-nproc", partial(limits.no_processes, user)),
        # The last one: the others need system calls that it takes away.
        ("seccomp", seccomp.install),
    ]


def _landlock() -> dict[str, str]:
    try:
        return landlock.install()
    except OSError as error:
        return dict.fromkeys(LANDLOCK, _reason(error))


def _apply_each(settings: Settings, applied: Applied, steps: list[Step]) -> None:
    for name, step in steps:
        if name not in settings.leave_out:
            applied.failures[name] = _try(step)


def _try(step: Callable[[], object]) -> str:
    """Apply a measure; why that failed, if it did."""
    try:
        step()
    except OSError as error:
        return _reason(error)
    return ""


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
