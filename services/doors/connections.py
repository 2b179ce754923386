"""The connections door: a registered provider gets its two topics, and the allocator hears that they are there.

Knows which fact names a provider. Must never know what is written on the topics.
"""

from __future__ import annotations

from services.doors.reading import kept_of
from services.doors.saying import Saying, caused_by
from services.log.codec import encode
from services.log.record import Record
from services.words.commissioning import ProviderRegistered
from services.words.envelope import Envelope
from services.words.referred import ProviderConnected
from services.words.topics import HANDOVER_INBOX, Topic, provider_topics

NAME = "connections"
SOURCE = "/kmpt/connections-door"


def topics_for(record: Record) -> tuple[Topic, ...]:
    """The topics that must be there before what follows from a record of the handover ledger is said."""
    fact = kept_of(record, (ProviderRegistered.TYPE,))
    return provider_topics(fact.data["provider_id"]) if fact else ()


def said(record: Record) -> list[Saying]:
    """That a provider can be reached (H1)."""
    fact = kept_of(record, (ProviderRegistered.TYPE,))
    if fact is None:
        return []
    word = ProviderConnected(provider_id=fact.data["provider_id"])
    envelope = Envelope(caused_by(fact.id, NAME), word.TYPE, SOURCE, word.provider_id, fact.time)
    return [Saying(HANDOVER_INBOX, envelope, encode(word))]
