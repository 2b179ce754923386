"""The replies door: what providers answer, each on its own topic, brought to the allocator under the provider's id.

The topic is the identity, whatever a reply says of itself. Of what is no reply the door says only that it lies there,
so that its sender hears of it (decision 0029): the garbage itself stays where it is, for a year. A reply keeps its id,
source, time and sealed text, so that the same reply is known again (ruling 68) and its text opens. Must never judge it.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from services.doors.reading import kept_of
from services.doors.saying import Saying
from services.log.arrival import Arrival, Unreadable, read_arrival
from services.log.codec import encode, encode_data
from services.log.record import Record
from services.log.scribe import rfc3339
from services.words import envelope as named
from services.words.answers import INWARD, ReplyUnreadable
from services.words.envelope import AVRO, JSON, Envelope
from services.words.fields import is_uuid
from services.words.referred import ProviderConnected
from services.words.topics import HANDOVER_INBOX, HANDOVER_LEDGER, provider_of_replies, replies_topic

NAME = "replies"
_PLACES = UUID("0d0c6f0e-59a2-5d0b-8f6b-6a3f2c8e7d41")
_LONGEST = 200
"""Characters of an id, a source or a time; a host reads up to 4,000 bytes, and no reply needs more than these."""


def follows(record: Record) -> str | None:
    """The topic that is read from a record of the handover ledger on."""
    fact = kept_of(record, (ProviderConnected.TYPE,)) if record.topic == HANDOVER_LEDGER else None
    return replies_topic(fact.data["provider_id"]) if fact else None


def said(record: Record) -> list[Saying]:
    """What a record of a provider's topic says to the allocator."""
    if record.topic == HANDOVER_LEDGER:
        return []
    provider_id = provider_of_replies(record.topic)
    arrival = _reply(record)
    return [_unreadable(record, provider_id) if arrival is None else _inward(arrival, provider_id)]


def _reply(record: Record) -> Arrival | None:
    try:
        arrival = read_arrival(record)
    except Unreadable:
        return None
    said = arrival.envelope
    is_fit = all(0 < len(text) <= _LONGEST for text in (said.id, said.source, said.time))
    return arrival if is_fit and said.type in INWARD else None


def _inward(arrival: Arrival, provider_id: str) -> Saying:
    said, value = arrival.envelope, arrival.record.value
    envelope = Envelope(said.id, INWARD[said.type].TYPE, said.source, provider_id, said.time)
    if arrival.whole:
        assert value is not None
        return Saying(HANDOVER_INBOX, envelope, value, JSON)
    return Saying(HANDOVER_INBOX, envelope, encode_data(envelope.type, arrival.fields, arrival.sealed), AVRO)


def _unreadable(record: Record, provider_id: str) -> Saying:
    """That there lies something in a provider's topic that is no reply; under one id whenever it is read again."""
    where = f"{record.topic}/{record.partition}/{record.offset}"
    word = ReplyUnreadable(reply_id=_own_id(record) or where, reply=_own_name(record))
    said_at = rfc3339(record.timestamp)
    envelope = Envelope(str(uuid5(_PLACES, where)), word.TYPE, f"/provider/{provider_id}", provider_id, said_at)
    return Saying(HANDOVER_INBOX, envelope, encode(word))


def _own_id(record: Record) -> str | None:
    """Its id if it has one that is a UUID: nothing else of a stranger's bytes crosses."""
    ids = [(content or b"").decode(errors="replace") for name, content in record.headers if name == named.ID]
    return ids[0] if len(ids) == 1 and is_uuid(ids[0]) else None


def _own_name(record: Record) -> str:
    """The name of the reply that it says it is."""
    known = (word.__name__ for name, word in INWARD.items() if (named.TYPE, name.encode()) in record.headers)
    return next(known, "Unknown")
