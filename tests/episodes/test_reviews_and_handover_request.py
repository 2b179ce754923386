"""S6: reviews, and the one request for a handover that long-term support makes."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.episodes.request import age_band, handover_id_of
from services.words.course import ReviewHeld
from services.words.deciding import Fact
from services.words.recorded import Dossier, DossierChanged, HandoverRequested
from services.words.word import Sealed
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    NUMBER,
    OTHER_NUMBER,
    PERSON,
    POLICY,
    SECOND,
    accepted,
    charged_from,
    corrected,
    d,
    declined,
    died,
    ended,
    in_error,
    legacy,
    referred,
    rejected,
    reviewed,
    start_confirmed,
    started,
    withdrawn,
)

HANDOVER = handover_id_of(EPISODE)


def requested(story: Story) -> HandoverRequested:
    """The one request that the last input made."""
    (request,) = [word for word in story.followed if isinstance(word, HandoverRequested)]
    return request


def papers(fact: Fact) -> Dossier:
    """The dossier that a registration or a correction makes."""
    sealed = getattr(fact.word, "sealed", None)
    assert isinstance(sealed, Sealed)
    return Dossier(
        key_id=sealed.key_id,
        key=sealed.key,
        blob=sealed.blob,
        source=fact.cause_source,
        id=fact.cause_id,
        type=fact.word.TYPE,
        subject=fact.subject,
    )


@pytest.mark.parametrize("outcome", ["GOALS_MET", "FURTHER_SUPPORT"])
def test_s6_only_long_term_support_asks_for_a_handover(outcome: str) -> None:
    """Whoever reached their goals, or goes on for a while, stays with the trust."""
    under_way().when(reviewed("2012-10-01", outcome)).then_recorded()


def test_s6_long_term_support_asks_for_a_handover() -> None:
    """The request says what the other side needs, and nothing that names the person outside the sealed dossier."""
    story = under_way().day("2012-11-05").when(reviewed("2012-11-01", "LONG_TERM_SUPPORT"))
    story.then(
        HandoverRequested(
            handover_id=HANDOVER,
            episode_id=EPISODE,
            on=d("2012-11-05"),
            wanted_on=d("2013-04-01"),
            district="maidstone",
            lot="WEST_KENT",
            weekly_minutes=240,
            needs=["BASIC_SKILLS"],
            risk="LOW",
            age_band="35-44",
            cause="LONG_TERM_SUPPORT",
            dossier=papers(story.facts[1]),
            policy=POLICY,
        )
    )


def test_s6_long_term_support_agrees_further_support_too() -> None:
    """Until the provider starts, the trust goes on, and charges."""
    story = under_way().day("2012-11-20").when(reviewed("2012-11-15", "LONG_TERM_SUPPORT"))
    assert charged_from("2012-11-15") in story.followed
    assert requested(story).on == d("2012-11-20")


def test_r96_the_wanted_start_follows_the_clock() -> None:
    """Ruling 96: a start is wanted for the day after the cap, which is that of the first clock if it goes on (S9)."""
    story = under_way().given(ended("2012-10-01")).day("2012-10-05")
    story.given(*(word("2012-10-05", SECOND) for word in (referred, accepted, started)))
    story.when(reviewed("2012-10-05", "LONG_TERM_SUPPORT", SECOND))
    assert requested(story).wanted_on == d("2013-04-01")


def test_r33_an_episode_asks_once() -> None:
    """Ruling 33: a second long-term review is refused whatever became of the first."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-05")
    story.when(reviewed("2012-10-05", "LONG_TERM_SUPPORT")).then_refused("HANDOVER_OPEN")
    story.given(declined("2012-10-05"))
    story.when(reviewed("2012-10-05", "LONG_TERM_SUPPORT")).then_refused("HANDOVER_OPEN")


def test_r33_another_episode_may_ask_again() -> None:
    """Ruling 33: it is the episode that asks once, not the person."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"), ended("2012-10-01"))
    story.given(*(word("2012-10-01", SECOND) for word in (referred, accepted, started)))
    story.when(reviewed("2012-10-01", "LONG_TERM_SUPPORT", SECOND))
    assert requested(story).handover_id == handover_id_of(SECOND)


def test_r44_a_legacy_case_asks_by_itself() -> None:
    """Ruling 44: identifying it is the request; nobody wants a day, for it has no cap."""
    story = county_on("2012-09-10", district="dover").when(legacy("2008-01-01"))
    request = requested(story)
    assert (request.cause, request.wanted_on, request.lot, request.on) == (
        "LEGACY_CSS",
        None,
        "EAST_KENT",
        d("2012-09-10"),
    )
    assert (request.episode_id, request.handover_id) == (LEGACY, handover_id_of(LEGACY))


def test_r44_a_legacy_case_has_no_reviews() -> None:
    """Ruling 44: a review has no place in a legacy case."""
    story = county_on("2012-09-10").given(legacy("2008-01-01"))
    story.when(reviewed("2012-09-10", episode=LEGACY)).then_refused("WRONG_PHASE")


@pytest.mark.parametrize(
    ("district", "lot"),
    [
        *(
            (name, "EAST_KENT")
            for name in ("ashford", "canterbury", "dover", "folkestone-and-hythe", "swale", "thanet")
        ),
        *((name, "WEST_KENT") for name in ("dartford", "gravesham", "maidstone", "sevenoaks")),
        *((name, "WEST_KENT") for name in ("tonbridge-and-malling", "tunbridge-wells")),
        ("medway", "MEDWAY"),
    ],
)
def test_r45_the_lot_is_the_area(district: str, lot: str) -> None:
    """Ruling 45: the lot follows from the person's district, not from the team."""
    story = under_way(district=district).when(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    assert (requested(story).district, requested(story).lot) == (district, lot)


def test_r45_the_district_is_the_one_at_the_request() -> None:
    """Whoever has moved since their registration is handed over where they live now."""
    story = under_way().given(corrected(district="dover"))
    story.when(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    assert (requested(story).district, requested(story).lot) == ("dover", "EAST_KENT")


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (-1, "UNKNOWN"),
        (0, "UNKNOWN"),
        (9, "UNKNOWN"),
        (10, "10-17"),
        (17, "10-17"),
        (18, "18-24"),
        (24, "18-24"),
        (25, "25-34"),
        (34, "25-34"),
        (35, "35-44"),
        (44, "35-44"),
        (45, "45-54"),
        (54, "45-54"),
        (55, "55-64"),
        (64, "55-64"),
        (65, "65-74"),
        (74, "65-74"),
        (75, "75+"),
        (110, "75+"),
    ],
)
def test_r96_age_bands(age: int, band: str) -> None:
    """Ruling 96: the band is that of the age reached in the year of the request."""
    story = county_on("2012-09-10", born=f"{2012 - age}-12-31").when(legacy("2008-01-01"))
    assert requested(story).age_band == band


def test_r96_no_year_of_birth() -> None:
    """Ruling 96: whose year of birth is not known has the band UNKNOWN."""
    assert age_band(None, 2012) == "UNKNOWN"


@given(st.uuids())
def test_r93_the_handover_s_id_comes_from_the_episode(episode: UUID) -> None:
    """Ruling 93: whoever knows the episode can tell the handover's id."""
    assert handover_id_of(str(episode)) == str(uuid5(episode, "handover"))


def test_s6_a_correction_changes_the_dossier_of_a_request_in_being() -> None:
    """Design section 6: the pack is made of the newest details, so a correction is passed on."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    story.when(corrected(born="1950-01-01"))
    newest = papers(story.facts[-2])
    story.then(DossierChanged(handover_id=HANDOVER, lot="WEST_KENT", dossier=newest))
    assert story.person().birth_year == 1950


def test_s6_a_correction_changes_every_request_in_being() -> None:
    """A person with a legacy case and STR, both waiting, has two dossiers changed."""
    story = county_on("2012-09-10").given(legacy("2008-01-01"))
    story.given(*(word("2012-09-10") for word in (referred, accepted, started)))
    story.given(reviewed("2012-09-10", "LONG_TERM_SUPPORT")).when(corrected())
    changed = [word.handover_id for word in story.followed if isinstance(word, DossierChanged)]
    assert changed == [handover_id_of(LEGACY), HANDOVER]


@pytest.mark.parametrize("closing", [declined("2012-10-01"), ended("2012-10-01"), in_error()])
def test_s6_a_withdrawn_request_has_no_dossier(closing: ReviewHeld) -> None:
    """After the request was withdrawn a correction is passed on to nobody."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"), closing)
    story.when(corrected()).then_recorded()


def test_s6_a_request_that_led_to_support_has_no_dossier() -> None:
    """After the provider has started, the pack is theirs; a correction is passed on to nobody."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    story.given(start_confirmed(HANDOVER, "2012-10-20")).when(corrected()).then_recorded()


@pytest.mark.parametrize(
    ("closing", "on", "why"),
    [
        (ended("2012-10-03"), "2012-10-03", "ENDED"),
        (declined("2012-10-04"), "2012-10-04", "DECLINED_BY_PERSON"),
        (in_error(), "2012-10-05", "ENTERED_IN_ERROR"),
    ],
)
def test_r46_what_withdraws_a_request(closing: ReviewHeld, on: str, why: str) -> None:
    """Ruling 46: the end, entry in error and the person's own word withdraw a request, on their day."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-05")
    story.when(closing).then(withdrawn(HANDOVER, on, why))


def test_r46_a_death_withdraws_a_request() -> None:
    """Ruling 46: a death ends the episode and withdraws its request."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-05")
    story.when(died("2012-10-04")).then(ended("2012-10-04", reason="06"), withdrawn(HANDOVER, "2012-10-04", "DIED"))


def test_r46_goals_met_withdraws_nothing() -> None:
    """Ruling 46: a later review that says goals met leaves the request in being."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day("2012-10-05")
    story.when(reviewed("2012-10-05", "GOALS_MET")).then_recorded()
    story.when(corrected())
    assert [type(word) for word in story.followed] == [DossierChanged]


def test_r98_declining_needs_a_request_in_being() -> None:
    """Ruling 98: nobody can decline what was not asked for, or asked for no more."""
    story = under_way().when(declined("2012-10-01")).then_refused("WRONG_PHASE")
    story.given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"), declined("2012-10-01"))
    story.when(declined("2012-10-01")).then_refused("WRONG_PHASE")


def test_r98_a_person_may_decline_the_move_of_a_legacy_case() -> None:
    """Ruling 98: a legacy case has a request in being from the first, so it can be declined."""
    story = county_on("2012-09-10").given(legacy("2008-01-01"))
    story.when(declined("2012-09-10", LEGACY))
    story.then(withdrawn(handover_id_of(LEGACY), "2012-09-10", "DECLINED_BY_PERSON"))
    story.then_phase("LEGACY_CSS", LEGACY)


def test_r46_a_rejection_has_nothing_to_withdraw() -> None:
    """A referral that is rejected never asked for anything."""
    county_on("2012-10-01").given(referred("2012-10-01")).when(rejected("2012-10-01")).then_recorded()


def test_s6_a_corrected_number_is_part_of_the_dossier() -> None:
    """The dossier is the newest sealing, whichever detail was put right."""
    story = under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT"))
    story.when(corrected(OTHER_NUMBER))
    assert [type(word) for word in story.followed] == [DossierChanged]
    assert story.numbers == {OTHER_NUMBER: PERSON}
    assert NUMBER not in story.numbers
