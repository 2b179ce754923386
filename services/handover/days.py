"""What a new day brings: answers that did not come, starts that were not confirmed, contracts over, waves, room.

Knows what falls due by the day alone (rulings 77, 78, 83 and 89).
"""

from __future__ import annotations

from services.handover.deciding import Deciding
from services.handover.handover import OPEN_OFFER
from services.handover.stopping import fail, lapse, stop
from services.handover.waves import waves_due
from services.words.calendar import CALENDAR_KEY, DayBegan


def day_begun(page: Deciding, word: DayBegan) -> None:
    """The day is recorded, and all that is due on it."""
    before = page.book
    page.copy(CALENDAR_KEY)
    for handover in page.book.due_by(word.date):
        if handover.state in OPEN_OFFER:
            lapse(page, handover)
        else:
            fail(page, handover, "NOT_CONFIRMED")
    for contract_id in sorted(before.contracts):
        if page.book.contracts[contract_id].over and not before.contracts[contract_id].over:
            stop(page, contract_id, "CONTRACT_ENDED")
    waves_due(page)
    for name in before.early:
        handover = page.book.handovers[name]
        if handover.is_to_be_placed:
            page.place_again(handover)
    page.lots |= set(page.book.waiters)
