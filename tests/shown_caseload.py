"""A ledger told by hand and the read view of it, for tests of what a caseload shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.episodes.view import View
from services.episodes.view_folder import url_of
from services.words import recorded
from services.words.topics import EPISODES_LEDGER
from services.words.word import Word
from tests.episodes.words_said import EPISODE, PERSON, POLICY, d
from tests.ledgers import Ledger

PROVIDER = "weald-support"
DOSSIER = recorded.Dossier(
    key_id="a key",
    key=b"sealed key",
    blob=b"sealed details",
    source="/kmpt/x",
    id="an id",
    type="a type",
    subject=PERSON,
)


def handover_requested(handover: str, on: str, episode: str = EPISODE, cause: str = "LONG_TERM_SUPPORT") -> Word:
    """Long-term support is needed and belongs to an external provider."""
    return recorded.HandoverRequested(
        handover_id=handover,
        episode_id=episode,
        on=d(on),
        wanted_on=None,
        district="maidstone",
        lot="WEST_KENT",
        weekly_minutes=240,
        needs=["BASIC_SKILLS"],
        risk="LOW",
        age_band="35-44",
        cause=cause,
        dossier=DOSSIER,
        policy=POLICY,
    )


def dossier_changed(handover: str) -> Word:
    """The person's details were corrected while a request is in being."""
    return recorded.DossierChanged(handover_id=handover, lot="WEST_KENT", dossier=DOSSIER)


def sis_started(
    handover: str, sis: str, on: str, episode: str | None = EPISODE, cause: str = "LONG_TERM_SUPPORT"
) -> Word:
    """An external provider supports the person."""
    return recorded.SisSupportStarted(
        handover_id=handover,
        episode_id=episode,
        sis_episode_id=sis,
        provider_id=PROVIDER,
        contract_id="weald-2012",
        lot="WEST_KENT",
        weekly_minutes=240,
        on=d(on),
        cause=cause,
    )


class ShownCaseload:
    """What is told to it stands in a ledger partition; what it shows is read from a view in SQLite."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger()
        self._url = url_of(folder / "view.sqlite")

    def tell(self, today: str, *facts: Word, person: str = PERSON) -> ShownCaseload:
        """A day begins and these facts are recorded on it, one input each."""
        self.ledger.day(d(today))
        for fact in facts:
            self.ledger.add(fact, person=person)
        return self

    def reading(self) -> Reading:
        """The view, level with the ledger."""
        view = View(self._url)
        view.apply(EPISODES_LEDGER, 0, self.ledger.records)
        view.close()
        return Reading(self._url)

    def rows(self, asked: Asked = Asked(ended_too=True)) -> dict[str, dict[str, Any]]:  # noqa: B008  # it is frozen
        """The rows by episode id."""
        reading = self.reading()
        try:
            return {row["episode_id"]: row for row in reading.caseload(asked)}
        finally:
            reading.close()

    def row(self, episode: str = EPISODE) -> dict[str, Any]:
        """One row."""
        return self.rows()[episode]

    def episode(self, episode: str = EPISODE) -> dict[str, Any]:
        """One episode with its timeline and explanation."""
        reading = self.reading()
        try:
            found = reading.episode(episode)
        finally:
            reading.close()
        assert found is not None
        return found
