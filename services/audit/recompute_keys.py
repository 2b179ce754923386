"""The keys of a recomputation: what the vault answered once it answers again, and nothing is written.

Knows which of a turn's questions would write. Must never let one through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from services.log.keys import TurnKeys
from services.vault.vault import Vault
from services.words.errors import CannotOpen


class Covered:
    """A vault in whose log of openings one entry stands for a whole recomputation, as for a list.

    One a turn would be written by processes that give way, and who decides would wait for the slowest of them.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def turn(self, who: str, why: str) -> TurnKeys:
        """The keys of the next turn."""
        return self._vault.turn(who, why, logged=True)

    def turn_for_each(self, who: str, _: Iterable[str]) -> TurnKeys:
        """The keys of a turn that opens something for each of these reasons."""
        return self._vault.turn(who, "", logged=True)

    def pack_key(self, person_id: str, offer_id: str, issue: int) -> bytes:
        """The content key of one issue of a person's pack. Raises `Erased`."""
        return self._vault.pack_key(person_id, offer_id, issue)


class OnlyReading:
    """The keys of one turn, for reading. An input that took a number has the answer "free" kept for its place.

    A month's private key is destroyed after its time (design §6); from then on a content key is asked of `kept`, which
    finds it by how it was sealed, under its person's own key.
    """

    def __init__(self, keys: TurnKeys, kept: Callable[[bytes], bytes | None]) -> None:
        self._keys = keys
        self._kept = kept
        self.is_erased = keys.is_erased
        self.wrap = keys.wrap
        self.unwrap = keys.unwrap
        self.digest_key = keys.digest_key
        self.refused_key = keys.refused_key

    def content_key(self, month_key_id: str, sealed_key: bytes) -> bytes:
        """By the month's key, else as it was kept. Raises `CannotOpen`."""
        try:
            return self._keys.content_key(month_key_id, sealed_key)
        except CannotOpen:
            if (key := self._kept(sealed_key)) is None:
                raise
            return key

    def make_keys(self, person_ids: Iterable[str]) -> None:
        """Every subject that was ever decided about has its key, or was erased."""

    def holder(
        self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str
    ) -> Literal["free", "taken"]:
        """The answer kept for this place."""
        return self._keys.holder(topic, partition, offset, nhs_number, person_id)

    def claim(
        self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str, event_id: str, replaces: bool
    ) -> bool:
        """As if it was won: one that was lost has the answer "taken" kept, and is not tried."""
        return True

    def keep_refused_key(self, topic: str, partition: int, offset: int, person_id: str, content_key: bytes) -> None:
        """It is kept already."""

    def commit(self) -> None:
        """There is nothing to keep."""

    def discard(self) -> None:
        """Take back what was only asked."""
        self._keys.discard()
