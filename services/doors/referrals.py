"""The referrals door: what the recorder says of handovers, brought to the allocator with the person it was said of.

Knows which words cross and that their subject becomes the lot. Must never judge one.
"""

from __future__ import annotations

from services.county.places import Area
from services.doors.reading import kept_of
from services.doors.saying import Saying, caused_by
from services.log.codec import encode_data
from services.log.kept import Kept
from services.log.record import Record
from services.words import guarding, referred
from services.words.envelope import Envelope
from services.words.handover_catalogue import REFERRED_WORDS
from services.words.topics import HANDOVER_INBOX

NAME = "referrals"
SOURCE = "/kmpt/referrals-door"
_INWARD = {f"kmpt.episodes.v1.{word.__name__}": word.TYPE for word in REFERRED_WORDS.values()}


def said(record: Record) -> list[Saying]:
    """What a record of the episodes ledger says to the allocator."""
    fact = kept_of(record, _INWARD)
    if fact is None:
        return []
    if fact.type == guarding.PersonErased.TYPE:
        return [_erased(fact, lot) for lot in Area]
    envelope = Envelope(caused_by(fact.id, NAME), _INWARD[fact.type], SOURCE, fact.data["lot"], fact.time)
    data = {**fact.data, "person_id": fact.subject}
    return [Saying(HANDOVER_INBOX, envelope, encode_data(envelope.type, data, None))]


def _erased(fact: Kept, lot: str) -> Saying:
    """An erasure is said of each lot, because which of them had the person's handovers only the allocator knows."""
    word = referred.PersonErased
    envelope = Envelope(caused_by(fact.id, f"{NAME}/{lot}"), word.TYPE, SOURCE, lot, fact.time)
    data = {"person_id": fact.subject, "lot": lot, "request_id": fact.data["request_id"]}
    return Saying(HANDOVER_INBOX, envelope, encode_data(word.TYPE, data, None))
