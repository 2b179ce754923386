"""Whoever was told something of a person is listed: a provider, a colleague, somebody outside the trust."""

from __future__ import annotations

from pathlib import Path

from services.audit.disclosures import disclosures
from services.words import answers, guarding
from services.words.word import Word
from tests.episodes import words_said as said
from tests.episodes.words_said import PERSON, an_id
from tests.handover.story import handover, with_providers
from tests.shown_caseload import ShownCaseload
from tests.shown_handovers import ledger_of, read

ASKED = an_id("a request")
SIGNED = {"public_key": "00", "signature": "00", "request_id": ASKED}


def requested() -> Word:
    """Ann asks who somebody is, because of a complaint."""
    return guarding.DisclosureRequested(by="ann", purpose="COMPLAINT", legal_basis="GDPR_6_1_E", **SIGNED)


def test_a_request_alone_discloses_nothing(tmp_path: Path) -> None:
    """Only an approval tells the requester; a release tells whoever received it."""
    caseload = ShownCaseload(tmp_path).tell("2012-10-01", said.registered(), requested())
    assert disclosures(caseload.reading().person_facts(PERSON), []) == []

    caseload.tell(
        "2012-10-02",
        guarding.DisclosureApproved(by="ben", **SIGNED),
        guarding.ReleasedOutside(by="ann", recipient="OMBUDSMAN", **SIGNED),
    )

    rows = disclosures(caseload.reading().person_facts(PERSON), [])
    assert [(row["what"], row["to"], row["by"], row["purpose"], row["legal_basis"]) for row in rows] == [
        ("REIDENTIFIED", "ann", "ben", "COMPLAINT", "GDPR_6_1_E"),
        ("RELEASED_OUTSIDE", "OMBUDSMAN", "ann", "COMPLAINT", "GDPR_6_1_E"),
    ]


def test_every_provider_that_was_told_something_is_listed_with_the_names_of_the_fields(tmp_path: Path) -> None:
    """Who declined was told an offer; who accepted got an offer, and then the details in a pack."""
    story = with_providers(("oak", "ash"))
    story.request("ann")
    story.decline("oak", "ann")
    story.tell(answers.Acknowledge(offer_id=story.newest_offer("ann")), "ash")
    story.accept("ash", "ann", "2012-10-02")
    with read(tmp_path, ledger_of(story).records) as reading:
        told = reading.handover(handover("ann"))
    assert told is not None

    rows = disclosures([], [told])

    assert [(row["what"], row["to"]) for row in rows] == [("OFFER", "oak"), ("OFFER", "ash"), ("PACK", "ash")]
    assert rows[0]["details"] == []
    assert "nhs_number" in rows[2]["details"]  # type: ignore[operator]  # the names of the fields, in a list
