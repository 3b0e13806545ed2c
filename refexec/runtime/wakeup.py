"""A descriptor that other threads can make readable, to end the wait of a selector."""

from __future__ import annotations

import os
import threading


class WakeUp:
    """One waiting thread, any number of waking ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closed = False
        self._raised = False

    def fileno(self) -> int:
        """The descriptor to wait on until it can be read."""
        return self._fd

    def wake(self) -> None:
        """Make it readable. Has no effect after `close`. Never blocks for long."""
        with self._lock:
            if not self._closed and not self._raised:
                self._raised = True
                os.eventfd_write(self._fd, 1)

    def clear(self) -> bool:
        """Make it unreadable until the next `wake`; look for work only after that.

        Returns whether it was readable. If not, it costs next to nothing.
        """
        if not self._raised:
            return False
        with self._lock:
            self._raised = False
            os.eventfd_read(self._fd)
        return True

    def close(self) -> None:
        """Release the descriptor."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._fd)
