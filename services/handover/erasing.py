"""A person was erased: every provider that holds a pack of theirs hears of it, in the transaction of the fact.

Knows handovers and who was given a pack. Must never know who the person was.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.handover.deciding import Deciding
from services.handover.handover import Handover
from services.words import referred
from services.words.messages import ErasureNotice


def erasure_told(page: Deciding, word: referred.PersonErased) -> None:
    """Record it for the lot, and tell each provider once for each handover of which it was given a pack."""
    page.copy(word.lot)
    mine = (one for one in page.book.handovers.values() if (one.person_id, one.lot) == (word.person_id, word.lot))
    for handover in sorted(mine, key=lambda one: one.order):
        for provider_id in dict.fromkeys(_holders(handover)):
            page.tell(provider_id, handover.id, ErasureNotice(handover_id=handover.id))


def _holders(handover: Handover) -> Iterator[str]:
    """Providers with a pack: whose start failed, and who has accepted and was sent one."""
    yield from (past.provider_id for past in handover.past if past.end == "FAILED")
    if handover.offer is not None and handover.offer.issue:
        yield handover.offer.provider_id
