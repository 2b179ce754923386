"""The emitter that an in-house system imports to say what happened.

    with Emitter("127.0.0.1:9092", source="/kmpt/maidstone-cmht") as team:
        team.emit(ReferralAccepted(episode_id=..., on=...), id=..., subject=person_id, time=now)

At least once: what was not confirmed may be emitted again under the same id, and changes nothing if it had arrived.
Knows how a word is sealed and posted. Must never judge it, nor keep an identifier.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import Self

from services.log.codec import plain
from services.log.connection import Address
from services.log.emitters import signed_by
from services.log.errors import BrokerAway
from services.log.kafka_public_key import ask
from services.log.kafka_sender import ReliableSender
from services.log.ports import Delivery
from services.log.posting import posted
from services.log.record import Draft
from services.words.emitting import emitter_of
from services.words.envelope import ID
from services.words.people import TeamWord
from services.words.topics import EPISODES_INBOX

_KEY_GOOD_FOR = timedelta(hours=24).total_seconds()


class NotDelivered(Exception):
    """The broker did not confirm these events; emit them again under the same ids. `event_ids` names every one."""

    def __init__(self, event_ids: tuple[str, ...], why: str) -> None:
        super().__init__(f"{len(event_ids)} events are not known to have arrived: {why}")
        self.event_ids = event_ids


class Emitter:
    """A connection of one system, for one thread. `key`: the 32 bytes with which it signs what its source says."""

    def __init__(self, bootstrap: Address, source: str, *, key: bytes | None = None, away_after: float = 30.0) -> None:
        self._bootstrap = bootstrap
        self._source = source
        self._key = key
        self._away_after = away_after
        self._sender = ReliableSender(bootstrap, away_after)
        self._public, self._partitions = ask(bootstrap)
        self._asked = monotonic()

    def emit(self, word: TeamWord, *, id: str, subject: str, time: datetime) -> Delivery:
        """Hand a word over. `id` is the sender's own and the same whenever the same thing is said again.

        Returns before it has arrived: `flush`, or ask the delivery. Raises `NotDelivered`, `DraftTooLarge`, and
        `ValueError` if `time` has no offset.
        """
        if time.tzinfo is None:
            raise ValueError("time needs an offset: say in which zone it was that time")
        if monotonic() - self._asked > _KEY_GOOD_FOR:
            self._public, self._partitions = ask(self._bootstrap)
            self._asked = monotonic()
        event = {
            "id": id,
            "source": self._source,
            "type": word.TYPE,
            "subject": subject,
            "time": time.isoformat(),
            "data": {name: plain(value) for name, value in word if value is not None},
        }
        try:
            return self._sender.send(self._signed(posted(event, EPISODES_INBOX, self._partitions, self._public)))
        except BrokerAway as away:
            raise _not_delivered(away) from away

    def _signed(self, draft: Draft) -> Draft:
        emitter = emitter_of(self._source)
        return draft if self._key is None or emitter is None else signed_by(draft, emitter, self._key)

    def flush(self) -> None:
        """Wait until everything handed over has arrived. Raises `NotDelivered`."""
        try:
            self._sender.flush(self._away_after)
        except BrokerAway as away:
            raise _not_delivered(away) from away

    def close(self) -> None:
        """Let go of the connection; waits for nothing that was not flushed."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()


def _not_delivered(away: BrokerAway) -> NotDelivered:
    ids = [dict(draft.headers)[ID].decode() for draft in away.undelivered]
    return NotDelivered(tuple(ids), str(away))
