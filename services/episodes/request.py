"""The recorder's words of a handover request: asked, dossier changed, withdrawn.

Knows what a request must tell the other side (H4: no identity but the sealed dossier). Must never know the other side.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from services.county.places import area_of
from services.county.policy import policy_on
from services.episodes.episode import Request
from services.episodes.person import Person
from services.episodes.str_clock import ONE_DAY, cap_on
from services.words import course
from services.words.recorded import Dossier, DossierChanged, HandoverRequested, HandoverRequestWithdrawn

_BANDS = (
    (75, "75+"),
    (65, "65-74"),
    (55, "55-64"),
    (45, "45-54"),
    (35, "35-44"),
    (25, "25-34"),
    (18, "18-24"),
    (10, "10-17"),
)


def handover_id_of(episode_id: str) -> str:
    """The id of the one handover that an episode can ask for (ruling 93)."""
    return str(uuid5(UUID(episode_id), "handover"))


def age_band(birth_year: int | None, year: int) -> str:
    """The band of the age reached in a year (ruling 96); UNKNOWN below 10 and where no year of birth is known."""
    age = -1 if birth_year is None else year - birth_year
    return next((band for least, band in _BANDS if age >= least), "UNKNOWN")


def requested(
    told: course.ReviewHeld | course.LegacyCssCaseIdentified, person: Person, subject: str, today: date
) -> HandoverRequested:
    """The request that a long-term review or a legacy case makes (S6, ruling 44)."""
    episode = person.episode(told.episode_id)
    assert episode is not None
    assert told.weekly_minutes is not None
    assert told.needs is not None
    assert told.risk is not None
    return HandoverRequested(
        handover_id=handover_id_of(told.episode_id),
        episode_id=told.episode_id,
        on=today,
        wanted_on=cap_on(episode.course.s) + ONE_DAY if episode.course else None,
        district=person.district,
        lot=area_of(person.district),
        weekly_minutes=told.weekly_minutes,
        needs=told.needs,
        risk=told.risk,
        age_band=age_band(person.birth_year, today.year),
        cause="LEGACY_CSS" if isinstance(told, course.LegacyCssCaseIdentified) else "LONG_TERM_SUPPORT",
        dossier=dossier_of(person, subject),
        policy=policy_on(today).version,
    )


def dossier_changed(request: Request, person: Person, subject: str) -> DossierChanged:
    """The newest papers, for a request in being."""
    return DossierChanged(handover_id=request.handover_id, lot=request.lot, dossier=dossier_of(person, subject))


def withdrawn(request: Request, on: date, why: str) -> HandoverRequestWithdrawn:
    """The request is no more; `on` is the day of what withdrew it."""
    return HandoverRequestWithdrawn(handover_id=request.handover_id, lot=request.lot, on=on, why=why)


def dossier_of(person: Person, subject: str) -> Dossier:
    """The person's papers as bytes to be passed on, with what their sealing is bound to (design §6)."""
    papers = person.papers
    assert papers is not None, "whoever is registered has papers: an input without details is INVALID_DATA"
    return Dossier(
        key_id=papers.key_id,
        key=papers.key,
        blob=papers.blob,
        source=papers.source,
        id=papers.id,
        type=papers.type,
        subject=subject,
    )
