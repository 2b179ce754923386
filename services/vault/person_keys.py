"""One key for each person: destroy it, and nothing that was sealed under it opens again.

Knows wrapped keys and, for a while, some of them unwrapped. Must never know what they open.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from services.vault.store import Store
from services.words.errors import Erased

_KEY_BYTES = 32
_MOST_HELD = 10_000


@dataclass(slots=True)
class PersonKey:
    """A person's key in the clear (32 bytes) and, once asked for, the key of their content digests."""

    key: bytes
    _digest: bytes | None = None

    def digest_key(self) -> bytes:
        """32 bytes derived by HKDF-SHA256 (RFC 5869), for the digests of this person's sealed content."""
        if self._digest is None:
            self._digest = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"kmpt content digest").derive(self.key)
        return self._digest

    def pack_salt(self) -> bytes:
        """32 bytes derived by HKDF-SHA256, without which no key of this person's packs can be made."""
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"kmpt pack").derive(self.key)


class PersonKeys:
    """The keys of all persons, wrapped (AES key wrap, RFC 3394) by a key that is not in the database.

    At most 10,000 are held unwrapped, those least lately used going first.
    """

    def __init__(self, store: Store, vault_key: bytes, now: Callable[[], datetime]) -> None:
        self._store = store
        self._vault_key = vault_key
        self._now = now
        self._held: OrderedDict[str, PersonKey | None] = OrderedDict()

    def of(self, person_id: str) -> PersonKey:
        """Return a person's key, made (and committed) at first sight; raises `Erased`."""
        if person_id not in self._held:
            self.make((person_id,))
        self._held.move_to_end(person_id)
        held = self._held[person_id]
        if held is None:
            raise Erased("This person's key was destroyed.")
        return held

    def erased(self) -> frozenset[str]:
        """All whose key was destroyed: few, so they are read at once, and no key has to be held to know it."""
        erased = self._store.erased_people()
        self._held.update(dict.fromkeys(erased & self._held.keys()))  # another process may have destroyed them
        return erased

    def destroy(self, person_id: str) -> bool:
        """Destroy a person's key and what the vault keeps beside it; whether there was still something to destroy.

        Durable and scrubbed on return; safe to do again. Every other process hears of it at its next turn.
        """
        was = person_id in self._store.erased_people()
        with self._store.at_once():
            self._store.destroy_person_key(person_id, self._now().isoformat())
            self._store.forget_person(person_id)
        self._store.scrub()
        self.forget(person_id)
        return not was

    def had(self, person_id: str) -> bool:
        """Whether there is a key of this person, or the mark of its destruction; none is made by asking."""
        return person_id in self._store.person_keys((person_id,))

    def make(self, person_ids: Iterable[str]) -> None:
        """Make and commit a key for each person seen for the first time, and hold the keys of all."""
        unheld = {person_id for person_id in person_ids if person_id not in self._held}
        found = self._store.person_keys(unheld)
        if unseen := sorted(unheld - found.keys()):
            made_at = self._now().isoformat()
            with self._store.at_once():
                self._store.add_person_keys((person_id, self._new(), made_at) for person_id in unseen)
            # Read back: another process may have been first, and there is one key only.
            found |= self._store.person_keys(unseen)
        self._hold(found)

    def forget(self, person_id: str) -> None:
        """Hold this person's key no longer; the next use asks the database, and so sees a key destroyed since."""
        self._held.pop(person_id, None)

    def _new(self) -> bytes:
        return aes_key_wrap(self._vault_key, os.urandom(_KEY_BYTES))

    def _hold(self, found: dict[str, bytes | None]) -> None:
        for person_id, wrapped in found.items():
            self._held[person_id] = None if wrapped is None else PersonKey(aes_key_unwrap(self._vault_key, wrapped))
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
