"""The contacts of a person as facts told them: what counts of them after each (S10, ruling 53).

Must never know SQL; the view counts the same with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.county.civil_dates import london_day, parse_instant
from services.episodes.caseload_row import DELIVERED, Contacts
from services.words.word import Word
from services.words.work import ContactCorrected, ContactEnteredInError, ContactRecorded


@dataclass(frozen=True, slots=True)
class _Contact:
    day: date
    minutes: int
    attendance: str
    in_error: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Every contact so far, by episode and contact id."""

    known: Mapping[tuple[str, str], _Contact] = field(default_factory=dict)

    def after(self, fact: Word) -> Told:
        """The contacts after one fact; of what is not known nothing changes."""
        match fact:
            case ContactRecorded():
                day = london_day(parse_instant(fact.started_at))
                contact = _Contact(day, fact.minutes, fact.attendance)
                return Told({**self.known, (fact.episode_id, fact.contact_id): contact})
            case ContactCorrected() | ContactEnteredInError():
                key = (fact.episode_id, fact.contact_id)
                known = self.known.get(key)
                return self if known is None else Told({**self.known, key: _corrected(known, fact)})
            case _:
                return self

    def of(self, episode_id: str) -> Contacts:
        """What counts of an episode."""
        counted = [
            contact
            for (episode, _), contact in self.known.items()
            if episode == episode_id and contact.attendance in DELIVERED and not contact.in_error
        ]
        last_on = max((contact.day for contact in counted), default=None)
        return Contacts(len(counted), sum(contact.minutes for contact in counted), last_on)


def _corrected(contact: _Contact, fact: ContactCorrected | ContactEnteredInError) -> _Contact:
    if isinstance(fact, ContactEnteredInError):
        return replace(contact, in_error=True)
    return replace(
        contact,
        minutes=contact.minutes if fact.minutes is None else fact.minutes,
        attendance=fact.attendance or contact.attendance,
    )
