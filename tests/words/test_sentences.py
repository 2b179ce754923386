"""Every fact of the episodes ledger reads as one plain sentence."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from services.words import guarding, recorded, work
from services.words.calendar import DayBegan
from services.words.catalogue import EpisodesFact
from services.words.keeping import RulesAdopted
from services.words.people import AccommodationChanged, PersonDetailsCorrected
from services.words.sentences import day_in_words, meaning, sentence_of
from services.words.word import Word
from tests.episodes import words_said as say
from tests.shown_caseload import dossier_changed, handover_requested, sis_started

HANDOVER, SIS = say.an_id("a handover"), say.an_id("a sis episode")

BY = {"by": "ann", "public_key": "11", "signature": "22"}
ASKED = {"request_id": say.an_id("a request"), **BY}
HELD = {"hold_id": say.an_id("a hold"), **BY}
GUARDED: list[tuple[Word, str]] = [
    (
        guarding.DisclosureRequested(purpose="COURT_ORDER", legal_basis="GDPR_6_1_C", **ASKED),
        (
            "ann asked to be told who the person is: a court has ordered it; "
            "basis: UK GDPR Art. 6(1)(c), legal obligation."
        ),
    ),
    (guarding.DisclosureApproved(**ASKED), "ann approved that it be disclosed who the person is."),
    (
        guarding.ErasureRequested(purpose="MISDIRECTED", legal_basis="NEW", **ASKED),
        "ann asked to erase the person's records: the data came here by mistake; basis: NEW.",
    ),
    (guarding.ErasureApproved(**ASKED), "ann approved that the person's records be erased."),
    (
        guarding.LegalHoldPlaced(legal_basis="GDPR_9_2_F", **HELD),
        "ann placed a legal hold on the person's records: UK GDPR Art. 9(2)(f), legal claims.",
    ),
    (guarding.LegalHoldLifted(**HELD), "ann lifted a legal hold on the person's records."),
    (
        guarding.ReleasedOutside(recipient="COURT", **ASKED),
        "ann released who the person is to a court or tribunal, outside the trust.",
    ),
    (
        guarding.PersonErased(request_id=say.an_id("a request")),
        "The person's key was destroyed: what identified them is [erased].",
    ),
]
SAID: list[tuple[Word, str]] = [
    (say.registered(), "The person was registered, living in Maidstone."),
    (say.corrected(), "The details of the person were corrected."),
    (
        say.corrected(district="folkestone-and-hythe"),
        "The details of the person, who lives in Folkestone and Hythe, were corrected.",
    ),
    (say.died("2012-12-10"), "The person died on 10 December 2012."),
    (
        say.rehoused("2013-05-01"),
        "On 1 May 2013 the accommodation became: Rough sleeper (not settled); the person moved.",
    ),
    (
        AccommodationChanged(on=say.d("2013-05-01"), accommodation="01", settled="Y", moved=False),
        "On 1 May 2013 the accommodation became: Owner occupier (settled); the person did not move.",
    ),
    (say.checked("2013-05-02"), "On 2 May 2013 it was checked after a move: the person has money."),
    (
        say.referred("2012-09-24"),
        (
            "On 24 September 2012 a referral reached Maidstone Community Mental Health Team "
            "(from: General practitioner; for: first-episode psychosis; priority: emergency)."
        ),
    ),
    (say.rejected("2012-09-25"), "The referral was rejected on 25 September 2012: duplicate referral."),
    (say.accepted("2012-09-26"), "The referral was accepted on 26 September 2012."),
    (say.started("2012-10-01"), "Support began on 1 October 2012."),
    (
        say.completed("2012-10-20", "FURTHER_SUPPORT"),
        "Enablement was completed early, with 20 October 2012 as its last day: further support needed.",
    ),
    (say.reviewed("2012-11-09"), "A review was held on 9 November 2012: further support agreed."),
    (
        say.reviewed("2012-11-09", "LONG_TERM_SUPPORT"),
        (
            "A review was held on 9 November 2012: further support agreed, and long-term support needed, "
            "240 minutes a week."
        ),
    ),
    (
        say.exempted("2012-11-01"),
        "The person is exempt from charges from 1 November 2012: Aftercare under section 117 of the Mental Health Act.",
    ),
    (say.held("2012-11-02"), "Support was placed on hold on 2 November 2012; the clock runs on."),
    (say.resumed("2012-11-03"), "Support was resumed on 3 November 2012."),
    (say.moved_to_team("2012-11-04"), "From 4 November 2012 the episode is with Recovery, West Kent."),
    (say.declined("2012-11-05"), "On 5 November 2012 the person declined to move to an external provider."),
    (say.ended("2013-01-18", reason="02"), "The episode ended on 18 January 2013: treatment completed."),
    (say.in_error(), "The episode was entered in error and counts for nothing."),
    (
        say.legacy("2008-03-10"),
        (
            "Long-term support in house since 10 March 2008 was identified at Maidstone Community Mental Health Team: "
            "120 minutes a week, low risk, needs: basic skills."
        ),
    ),
    (
        say.contact("2012-09-30", time="T23:05:00Z"),
        "A contact of 30 minutes began on 1 October 2012 at 00:05 (face to face; the person's home; attended on time).",
    ),
    (say.contact_corrected(), "A contact was corrected: 45 minutes."),
    (
        work.ContactCorrected(episode_id=say.EPISODE, contact_id=say.CONTACT, attendance="3", minutes=15),
        "A contact was corrected: 15 minutes, did not attend.",
    ),
    (say.contact_in_error(), "A contact was entered in error and counts no more."),
    (say.worker("2012-10-01"), "A worker was given the case from 1 October 2012 on."),
    (say.assessed("2012-10-04"), "Needs were assessed on 4 October 2012: basic skills; low risk."),
    (say.planned("2012-10-05"), "A plan was agreed on 5 October 2012: 90 minutes of support a week."),
    (say.indirect("2012-10-06"), "15 minutes of indirect work on 6 October 2012: keeping records."),
    (say.onward("2012-10-07"), "On 7 October 2012 the person was referred on to an agency: housing agency."),
    (say.enablement_ended("2012-11-11"), "Enablement ended; its last day was 11 November 2012."),
    (say.charged_from("2012-11-12"), "Support is chargeable from 12 November 2012."),
    (say.cap_near("2013-03-03", "2013-03-31"), "The last permitted day, 31 March 2013, is near."),
    (say.cap_reached("2013-03-31"), "The six months are over; 31 March 2013 was the last permitted day."),
    (
        handover_requested(HANDOVER, "2012-11-09"),
        "A handover was asked for on 9 November 2012, 240 minutes a week: long-term support is needed.",
    ),
    (dossier_changed(HANDOVER), "The details that go with the request for a handover were replaced."),
    (
        say.withdrawn(HANDOVER, "2012-12-01", "DECLINED_BY_PERSON"),
        "The request for a handover was withdrawn on 1 December 2012: the person does not want to move.",
    ),
    (
        sis_started(HANDOVER, SIS, "2013-01-07"),
        "Provider weald-support supports the person from 7 January 2013: long-term support is needed.",
    ),
    (
        say.sis_ended(HANDOVER, SIS, "2013-05-31", "06"),
        "External support ended; its last day was 31 May 2013: died.",
    ),
    (say.set_aside(HANDOVER, "ENDED"), "An outcome of the handover came too late: the episode ended."),
    *GUARDED,
    (DayBegan(date=say.d("2012-10-01")), "1 October 2012 began."),
    (RulesAdopted(release="2026.1"), "The rules of release 2026.1 hold from here on."),
]


@pytest.mark.parametrize(("fact", "sentence"), SAID, ids=[type(fact).__name__ for fact, _ in SAID])
def test_each_fact_is_one_plain_sentence(fact: Word, sentence: str) -> None:
    """A fact is said in the words of people who know the field, and of people who do not."""
    assert sentence_of(fact) == sentence  # type: ignore[arg-type]  # each of the table is a fact


def test_no_fact_is_left_without_a_sentence() -> None:
    """The table above holds every type that may stand in the episodes ledger."""
    assert {type(fact) for fact, _ in SAID} == set(get_args(EpisodesFact))


def test_no_sentence_says_who_somebody_is() -> None:
    """A sentence names no person, no worker and no episode: not by name, not by number, not by id."""
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")
    for fact, _ in SAID:
        sentence = sentence_of(fact)  # type: ignore[arg-type]  # each of the table is a fact
        assert not uuid.search(sentence)
        assert not [word for word in ("Relf", "Sheila", "999", "ME14") if word in sentence]


def test_a_reason_in_free_text_is_never_said() -> None:
    """Free text may say anything of anybody, so no sentence repeats it."""
    assert "misheard" not in sentence_of(PersonDetailsCorrected(reason="misheard"))


@pytest.mark.parametrize(
    ("why", "said"),
    [("DIED", "the person died"), ("WITHDRAWN", "the request was withdrawn"), ("NEW_REASON", "NEW_REASON")],
)
def test_a_code_that_no_list_knows_is_said_as_it_stands(why: str, said: str) -> None:
    """History may hold codes of another release; a sentence is made of them all the same (ruling 65)."""
    fact = recorded.HandoverOutcomeSetAside(handover_id=HANDOVER, lot="WEST_KENT", why=why)

    assert sentence_of(fact) == f"An outcome of the handover came too late: {said}."
    assert meaning("closure", "77") == "77"


def test_a_day_is_said_as_people_say_it() -> None:
    """1 October 2012, in English whatever the machine's language."""
    assert day_in_words(say.d("2012-10-01")) == "1 October 2012"
