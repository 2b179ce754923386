"""The port to the keys that an engine needs for one turn; the vault answers it.

Knows what may be asked. Must never keep a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol


class TurnKeys(Protocol):
    """Keys for one turn. What it writes is kept by `commit`, before the turn's records are written to the log.

    Raises `words.errors.CannotOpen` and `words.errors.Erased`.
    """

    def content_key(self, month_key_id: str, sealed_key: bytes) -> bytes:
        """The content key that was sealed to a month's public key."""

    def is_erased(self, person_id: str) -> bool:
        """Whether this subject's key was destroyed."""

    def make_keys(self, person_ids: Iterable[str]) -> None:
        """Make a key for each subject that has none and was not erased."""

    def wrap(self, person_id: str, content_key: bytes) -> bytes:
        """The content key under the subject's own key."""

    def unwrap(self, person_id: str, wrapped: bytes) -> bytes:
        """A content key that `wrap` wrapped."""

    def digest_key(self, person_id: str) -> bytes:
        """The key under which contents with sealed fields of this subject are digested."""

    def holder(
        self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str
    ) -> Literal["free", "taken"]:
        """Whether somebody else has this number; the same answer for this place for ever."""

    def claim(
        self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str, event_id: str, replaces: bool
    ) -> bool:
        """Take a number for a person, giving up their former one if it `replaces`; False if somebody was faster."""

    def keep_refused_key(self, topic: str, partition: int, offset: int, person_id: str, content_key: bytes) -> None:
        """Keep the content key of a refused input, so that a redrive can open it."""

    def refused_key(self, topic: str, partition: int, offset: int, person_id: str) -> bytes | None:
        """The content key kept for a refused input; None if none was."""

    def commit(self) -> None:
        """Keep what this turn wrote."""

    def discard(self) -> None:
        """Forget what this turn wrote."""


class Keys(Protocol):
    """Gives the keys of one turn after another."""

    def turn(self, who: str, why: str) -> TurnKeys:
        """The keys of the next turn, asked for by `who` for the reason `why`."""
