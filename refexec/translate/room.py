"""Room on the call stack: how many frames may be above one, as a number made of tuples.

Three is `((((),),),)`, a tuple with two in it. So `(d,) = d` counts down, and where there is
no room Python raises ValueError, for nothing is there to be unpacked. That takes three of Python's
instructions and makes no object; to subtract and to compare takes eight and makes one. It is done
in each function that calls another, and functions that call themselves do little else.

All rooms are parts of the largest one, and are never freed, since any frame may hold any of them.
"""

from __future__ import annotations

import threading
from typing import Any

Room = tuple[Any, ...]

LONGEST = 1 << 16
"""Frames of the largest room there is: who has used it up is given another one."""

_rooms: list[Room] = [()]
"""Rooms by the number of frames in them."""

_sizes: dict[int, int] = {id(()): 0}
"""Frames in a room by its identity; filled when it is first asked for."""

_lock = threading.Lock()


def room(frames: int) -> Room:
    """The room for so many frames; at least none, and at most `LONGEST`."""
    frames = max(0, min(frames, LONGEST))
    if frames >= len(_rooms):
        with _lock:
            while frames >= len(_rooms):
                _rooms.append((_rooms[-1],))
    return _rooms[frames]


def frames_in(d: Room) -> int:
    """For how many frames there is room."""
    found = _sizes.get(id(d))
    if found is None:
        with _lock:
            for frames in range(len(_sizes), len(_rooms)):
                _sizes[id(_rooms[frames])] = frames
        found = _sizes[id(d)]
    return found
