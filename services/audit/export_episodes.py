"""One partition of the episodes ledger as rows: people, episodes, charges, reviews, contacts, who was accountable.

Knows the caseload's own fold, so that an export says what the caseload says. Must never judge whether it is right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from services.audit.export_accountable import Accountable
from services.audit.export_loading import Rows
from services.audit.export_record import Told, happened_on
from services.audit.pseudonyms import Naming
from services.county.places import area_of
from services.episodes.caseload import evolve
from services.episodes.caseload_row import counted_to
from services.episodes.shown import Case, EpisodeShown
from services.episodes.str_clock import cap_on, free_until
from services.words import course, people, recorded, work
from services.words.calendar import DayBegan
from services.words.catalogue import EpisodesFact

_BAND = 5
"""Years of birth that an export does not tell apart."""


@dataclass(slots=True)
class _Beside:
    """What the caseload does not show of an episode."""

    line: str
    closure: str | None = None
    completed_on: date | None = None
    exemption: str | None = None
    policy: str | None = None
    put_right: int = 0


@dataclass(slots=True)
class _Person:
    case: Case = field(default_factory=Case)
    birth_year: int | None = None
    beside: dict[str, _Beside] = field(default_factory=dict)
    accountable: Accountable = field(default_factory=Accountable)

    def of(self, episode_id: str) -> _Beside:
        return self.beside.setdefault(episode_id, _Beside(episode_id))


class EpisodesExport:
    """Takes the facts of one partition in their order; `end` gives the rows of what they come to."""

    def __init__(self, name: Naming, add: Rows) -> None:
        self._name = name
        self._add = add
        self._people: dict[str, _Person] = defaultdict(_Person)
        self.today: date | None = None

    def take(self, told: Told) -> None:
        """Take the next fact."""
        if told.type == work.ContactRecorded.TYPE:
            self._contact(told)
        else:
            self._fold(told, cast("EpisodesFact", told.word()))
        self._fact(told)

    def end(self) -> None:
        """There are no more facts."""
        for person_id, person in self._people.items():
            if person.case.person.district:
                self._person(person_id, person)
            for episode in person.case.episodes.values():
                self._episode(person_id, person, episode)
            for row in person.accountable.rows(person.case):
                line, episode_id, *rest = row
                self._add("accountable", *self._of(person_id, episode_id), self._name("episode", line), *rest)

    def _fold(self, told: Told, fact: EpisodesFact) -> None:
        if isinstance(fact, DayBegan):
            self.today = fact.date
        if not told.subject:
            return
        person = self._people[told.subject]
        person.case = evolve(person.case, fact, self.today or date.min)
        person.accountable.take(fact)
        self._beside(told, person, fact)

    def _beside(self, told: Told, person: _Person, fact: EpisodesFact) -> None:
        match fact:
            case people.PersonRegistered() | people.PersonDetailsCorrected():
                person.birth_year = fact.birth_year or person.birth_year
            case course.EpisodeEnded():
                person.of(fact.episode_id).closure = fact.reason
            case course.EnablementCompleted():
                person.of(fact.episode_id).completed_on = fact.last_day
            case course.ChargeExemptionRecorded():
                person.of(fact.episode_id).exemption = fact.exemption
            case recorded.EnablementEnded() | recorded.ChargeablePeriodStarted():
                person.of(fact.episode_id).policy = fact.policy
            case recorded.SisSupportStarted():
                person.of(fact.sis_episode_id).line = fact.episode_id or fact.sis_episode_id
            case recorded.SisSupportEnded():
                person.of(fact.sis_episode_id).closure = fact.reason
            case course.ReviewHeld():
                self._review(told, fact)
            case work.ContactCorrected() | work.ContactEnteredInError():
                self._put_right(told, person, fact)
            case _:
                pass

    def _contact(self, told: Told) -> None:
        data, name = told.data, self._name
        self._add(
            "contacts_said",
            *self._of(told.subject, data["episode_id"]),
            name("contact", data["contact_id"]),
            name("worker", data["worker_id"]),
            happened_on(data["started_at"]),
            data["minutes"],
            data["place"],
            data["mechanism"],
            data["attendance"],
            " ".join(data["activities"]),
        )

    def _put_right(self, told: Told, person: _Person, fact: work.ContactCorrected | work.ContactEnteredInError) -> None:
        beside = person.of(fact.episode_id)
        beside.put_right += 1
        said = (fact.minutes, fact.attendance, False) if isinstance(fact, work.ContactCorrected) else (None, None, True)
        names = *self._of(told.subject, fact.episode_id), self._name("contact", fact.contact_id)
        self._add("contacts_put_right", *names, beside.put_right, *said)

    def _review(self, told: Told, fact: course.ReviewHeld) -> None:
        needs = " ".join(fact.needs) if fact.needs else None
        said = (fact.on, told.known_on, fact.outcome, fact.weekly_minutes, needs, fact.risk)
        self._add("reviews", *self._of(told.subject, fact.episode_id), *said)

    def _fact(self, told: Told) -> None:
        name, data = self._name, told.data
        episode, handover = data.get("episode_id") or data.get("sis_episode_id"), data.get("handover_id")
        self._add(
            "facts",
            name("fact", told.id),
            "episodes",
            told.type,
            name("person", told.subject) if told.subject else None,
            name("episode", episode) if episode else None,
            name("handover", handover) if handover else None,
            told.source,
            told.sequence,
            told.happened_on,
            told.received_on,
            told.known_on,
            self.today,
        )

    def _person(self, person_id: str, person: _Person) -> None:
        district = person.case.person.district
        self._add(
            "people", self._name("person", person_id), district, area_of(district).value, years(person.birth_year)
        )

    def _episode(self, person_id: str, person: _Person, episode: EpisodeShown) -> None:
        beside = person.of(episode.episode_id)
        names = self._of(person_id, episode.episode_id)
        self._add(
            "episodes",
            *names,
            self._name("episode", beside.line),
            episode.handover and self._name("handover", episode.handover.handover_id),
            episode.model,
            "EXTERNAL" if episode.model == "SIS" else "IN_HOUSE",
            episode.phase,
            episode.holder.kind,
            episode.holder.id,
            episode.worker_id and self._name("worker", episode.worker_id),
            episode.opened_on,
            episode.started_on if episode.model == "STR" else episode.opened_on,
            episode.ended_on,
            counted_to(episode, self.today or episode.opened_on),
            beside.closure,
            episode.held and episode.ended_on is None,
            episode.gap is not None and not episode.continued,
            episode.continued,
            episode.in_error,
        )
        if episode.s is not None:
            self._charge(names, episode, episode.s, beside)

    def _charge(self, names: tuple[str, str], episode: EpisodeShown, s: date, beside: _Beside) -> None:
        self._add(
            "charges",
            *names,
            s,
            free_until(s),
            cap_on(s),
            episode.enablement_last_day,
            beside.completed_on,
            episode.reviewed_on,
            episode.agreed_on,
            episode.chargeable_from,
            beside.exemption,
            episode.exempt_from,
            episode.capped,
            beside.policy,
        )

    def _of(self, person_id: str, episode_id: str) -> tuple[str, str]:
        return self._name("person", person_id), self._name("episode", episode_id)


def years(birth_year: int | None) -> str | None:
    """The five years among which a year of birth lies: 1971 is in 1970-1974."""
    if birth_year is None:
        return None
    first = birth_year - birth_year % _BAND
    return f"{first}-{first + _BAND - 1}"
