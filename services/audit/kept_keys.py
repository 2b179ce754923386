"""Content keys as they were kept when an input was decided: with its facts, or with its refusal, under a person's key.

Knows where a content key lies once its month's key is gone. Must never hold one beyond a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from services.audit.outcomes import Outcome
from services.audit.recompute_words import data_of
from services.log.arrival import Arrival, Unreadable, read_arrival
from services.log.keys import TurnKeys
from services.log.record import Record


class KeptKeys:
    """The kept content keys of a batch of inputs; what each was sealed as is looked up at the first question."""

    def __init__(
        self, records: Sequence[Record], outcomes: Callable[[], Mapping[int, Outcome]], keys: TurnKeys
    ) -> None:
        self._records = records
        self._outcomes = outcomes
        self._keys = keys
        self._sealed: dict[bytes, Arrival] | None = None

    def __call__(self, sealed_key: bytes) -> bytes | None:
        """The content key that was sealed so; None if none was kept. Raises `Erased`."""
        if self._sealed is None:
            self._sealed = dict(self._read())
        arrival = self._sealed.get(sealed_key)
        return None if arrival is None else self._opened(arrival)

    def _read(self) -> list[tuple[bytes, Arrival]]:
        found = []
        for record in self._records:
            with suppress(Unreadable):
                arrival = read_arrival(record)
                if arrival.sealed is not None:
                    found.append((arrival.sealed.key, arrival))
        return found

    def _opened(self, arrival: Arrival) -> bytes | None:
        record = arrival.record
        for written in self._outcomes().get(record.offset, ()):
            sealed = data_of(written.value).get("sealed")
            if sealed is not None:
                return self._keys.unwrap(sealed["key_id"], sealed["key"])
        return self._keys.refused_key(record.topic, record.partition, record.offset, arrival.envelope.subject)
