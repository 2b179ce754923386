"""Exit codes, and the error that a command ends with when it cannot do what was asked.

Knows numbers and words. Must never be given an identifier of a person.
"""

from __future__ import annotations

FINDING = 1
"""What was looked at is not as it should be, or not there."""
USAGE = 2
"""What was asked cannot be asked so."""
TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: nothing is lost, ask again."""


class Failed(Exception):
    """A command could not do what was asked; the text says in plain words what to do, `code` is the exit code."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(words)
        self.code = code
