"""The outcomes door: that support has started or ended, brought from the allocator to the person's ledger.

Knows the two words that cross (ruling 94) and that their subject becomes the person. Must never judge one.
"""

from __future__ import annotations

from services.doors.reading import kept_of
from services.doors.saying import Saying, caused_by
from services.log.codec import encode_data
from services.log.record import Record
from services.words import allocated, outcomes
from services.words.envelope import Envelope
from services.words.topics import EPISODES_INBOX

NAME = "outcomes"
SOURCE = "/kmpt/outcomes-door"
_OUTWARD = {
    allocated.StartConfirmed.TYPE: outcomes.StartConfirmed.TYPE,
    allocated.SupportEndReported.TYPE: outcomes.SupportEndReported.TYPE,
}


def said(record: Record) -> list[Saying]:
    """What a record of the handover ledger says to the recorder."""
    fact = kept_of(record, _OUTWARD)
    if fact is None:
        return []
    data = dict(fact.data)
    person_id = data.pop("person_id")
    envelope = Envelope(caused_by(fact.id, NAME), _OUTWARD[fact.type], SOURCE, person_id, fact.time)
    return [Saying(EPISODES_INBOX, envelope, encode_data(envelope.type, data, None))]
