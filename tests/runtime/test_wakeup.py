"""The descriptor by which one thread wakes up another."""

from __future__ import annotations

import select

from refexec.runtime.wakeup import WakeUp


def readable(wakeup: WakeUp) -> bool:
    return bool(select.select([wakeup], [], [], 0)[0])


def test_it_is_readable_from_wake_to_clear() -> None:
    wakeup = WakeUp()
    assert not readable(wakeup)
    wakeup.clear()
    wakeup.wake()
    wakeup.wake()
    assert readable(wakeup)
    wakeup.clear()
    assert not readable(wakeup)
    wakeup.close()


def test_waking_has_no_effect_after_the_end() -> None:
    wakeup = WakeUp()
    wakeup.close()
    wakeup.close()
    wakeup.wake()
