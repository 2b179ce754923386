"""The register of NHS numbers: whose a number is, and that no two persons hold the same.

Knows numbers only as keyed hashes: without the register key nobody can try all numbers against the database. Must
never know names, or anything else of a person but the opaque id.
"""

from __future__ import annotations

import hmac

from services.vault.store import Store


class Register:
    """Numbers are ten digits without spaces; what else is asked is held by nobody."""

    def __init__(self, store: Store, register_key: bytes) -> None:
        self._store = store
        self._key = register_key

    def holder(self, nhs_number: str) -> str | None:
        """Return the person who holds a number."""
        return self._store.holder(self._index(nhs_number))

    def claim(self, nhs_number: str, person_id: str, event_id: str, *, replaces: bool) -> bool:
        """Give a number to a person in the open transaction; False if another holds it.

        With `replaces` the person's other numbers become free.
        """
        index = self._index(nhs_number)
        won = self._store.add_holder(index, person_id, event_id) or self._store.holder(index) == person_id
        if won and replaces:
            self._store.free_all_but(index, person_id)
        return won

    def _index(self, nhs_number: str) -> bytes:
        return hmac.digest(self._key, nhs_number.encode(), "sha256")
