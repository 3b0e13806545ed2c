"""What the translator says when it leaves a function to the machine. Not an error for users."""

from __future__ import annotations


class Untranslatable(Exception):
    """A function is not worth translating, or CPython could not take the result.

    The machine runs it, by the same contract. The message says why.
    """

    def again(self) -> Untranslatable:
        """The same, to be kept or raised: one that has been raised keeps frames alive."""
        return Untranslatable(*self.args)
