"""H6, rulings 63, 65, 87, 88, 93 and 94: what the recorder makes of a handover's outcome; it has the last word."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.episodes.outcome import sis_episode_id_of
from services.episodes.request import handover_id_of
from services.words.course import EpisodeEnded
from services.words.recorded import (
    CapApproaching,
    CapReached,
    ChargeablePeriodStarted,
    EnablementEnded,
    SisSupportStarted,
)
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    SECOND,
    accepted,
    an_id,
    assessed,
    cap_reached,
    contact,
    d,
    declined,
    died,
    ended,
    exempted,
    held,
    in_error,
    legacy,
    moved_to_team,
    planned,
    referred,
    resumed,
    reviewed,
    set_aside,
    sis_ended,
    start_confirmed,
    started,
    support_ended,
    worker,
)

HANDOVER = handover_id_of(EPISODE)
SIS = sis_episode_id_of(HANDOVER)
RUNNING = an_id("support that a provider gives already")
RECONTRACTED = an_id("a handover that was contracted anew")


def asked(today: str = "2012-10-01") -> Story:
    """Somebody in support since 1 October, for whom a handover was asked that day."""
    return under_way().given(reviewed("2012-10-01", "LONG_TERM_SUPPORT")).day(today)


def sis_started(on: str, cause: str = "LONG_TERM_SUPPORT", episode: str = EPISODE) -> SisSupportStarted:
    """External support has begun."""
    handover = handover_id_of(episode)
    return SisSupportStarted(
        handover_id=handover,
        episode_id=episode,
        sis_episode_id=sis_episode_id_of(handover),
        provider_id="weald-support",
        contract_id="weald-2012",
        lot="WEST_KENT",
        weekly_minutes=240,
        on=d(on),
        cause=cause,
    )


def recontracted(on: str, episode: str = RUNNING) -> Word:
    """Running external support was contracted anew."""
    return start_confirmed(RECONTRACTED, on, episode, "RECONTRACTED")


def test_h6_a_confirmed_start_moves_responsibility() -> None:
    """The in-house episode ends the day before with reason 08, and external support begins that day, with no gap."""
    story = asked("2012-10-20").when(start_confirmed(HANDOVER, "2012-10-20"))
    story.then(sis_started("2012-10-20"), ended("2012-10-19", reason="08"))
    story.then_phase("ENDED", EPISODE).then_phase("SIS", SIS)


def test_h6_a_confirmed_start_lifts_a_hold() -> None:
    """The end lifts a hold, also this one (ruling 42)."""
    story = asked("2012-10-20").given(held("2012-10-10"), start_confirmed(HANDOVER, "2012-10-20"))
    found = story.person().episode(EPISODE)
    assert found is not None
    assert not found.held


def test_h6_a_legacy_case_moves() -> None:
    """A legacy case ends like any other when the provider starts, also after October 2012."""
    story = county_on("2012-09-10").given(legacy("2008-01-01")).day("2013-01-15")
    story.when(start_confirmed(handover_id_of(LEGACY), "2013-01-15", LEGACY, "LEGACY_CSS"))
    story.then(sis_started("2013-01-15", "LEGACY_CSS", LEGACY), ended("2013-01-14", LEGACY, "08"))


def test_r65_an_outcome_is_never_in_the_future() -> None:
    """Ruling 65: the two inboxes may have different days, so a start of tomorrow is taken today."""
    story = asked().when(start_confirmed(HANDOVER, "2012-10-02"))
    story.then(sis_started("2012-10-02"), ended("2012-10-01", reason="08"))
    story.when(support_ended(HANDOVER, "2012-10-05")).then(sis_ended(HANDOVER, SIS, "2012-10-05"))


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ([ended("2012-10-05")], "ENDED"),
        ([died("2012-10-05")], "DIED"),
        ([in_error()], "ENTERED_IN_ERROR"),
        ([declined("2012-10-05")], "DECLINED_BY_PERSON"),
        ([start_confirmed(HANDOVER, "2012-10-05")], "ALREADY_STARTED"),
        ([declined("2012-10-05"), ended("2012-10-05")], "DECLINED_BY_PERSON"),
        ([start_confirmed(HANDOVER, "2012-10-05"), died("2012-10-05")], "ALREADY_STARTED"),
    ],
)
def test_r65_a_start_that_comes_too_late_is_set_aside(before: list[Word], why: str) -> None:
    """Ruling 65: whatever happened first in the person's ledger counts, and the outcome leaves a fact that says so."""
    story = asked("2012-10-05").given(*before).when(start_confirmed(HANDOVER, "2012-10-05"))
    story.then(set_aside(HANDOVER, why))
    assert not story.decisions[-1].refusals


@pytest.mark.parametrize(
    "word",
    [
        start_confirmed(handover_id_of(SECOND), "2012-10-05", SECOND),  # no such episode
        start_confirmed(handover_id_of(SECOND), "2012-10-05"),  # not this episode's handover
        start_confirmed(HANDOVER, "2012-10-05", SECOND),  # not this handover's episode
    ],
)
def test_r65_a_start_of_an_unknown_handover(word: Word) -> None:
    """Ruling 65: episode and handover must belong together."""
    handover = getattr(word, "handover_id", "")
    asked("2012-10-05").when(word).then(set_aside(handover, "UNKNOWN_HANDOVER"))


def test_r65_a_start_of_a_handover_never_asked_for() -> None:
    """Ruling 65: an episode that asked for nothing hands nothing over."""
    under_way().when(start_confirmed(HANDOVER, "2012-10-05")).then(set_aside(HANDOVER, "UNKNOWN_HANDOVER"))


@pytest.mark.parametrize(
    ("word", "handover"),
    [
        (start_confirmed(HANDOVER, "2012-10-05"), HANDOVER),
        (recontracted("2012-10-05"), RECONTRACTED),
    ],
)
def test_r65_outcomes_of_unknown_people(word: Word, handover: str) -> None:
    """Ruling 65: an outcome of nobody is set aside like any other, not refused."""
    Story().day("2012-10-05").when(word).then(set_aside(handover, "UNKNOWN_PERSON"))


def test_r94_the_provider_reports_the_end() -> None:
    """Ruling 94: an end reported by the provider ends external support on that day."""
    story = asked("2012-10-20").given(start_confirmed(HANDOVER, "2012-10-10"))
    story.when(support_ended(HANDOVER, "2012-10-19", "04")).then(sis_ended(HANDOVER, SIS, "2012-10-19", "04"))
    story.then_phase("ENDED", SIS)
    story.when(support_ended(HANDOVER, "2012-10-20")).then(set_aside(HANDOVER, "ENDED"))


def test_r65_an_end_of_what_never_began() -> None:
    """Ruling 65: an end of support that the recorder does not know is set aside."""
    asked("2012-10-20").when(support_ended(HANDOVER, "2012-10-19")).then(set_aside(HANDOVER, "UNKNOWN_HANDOVER"))


def test_r93_a_recontracted_episode_keeps_its_id() -> None:
    """Rulings 91 and 93: running support that is contracted anew enters the ledger under its own id."""
    story = county_on("2012-10-01").when(recontracted("2012-10-01"))
    (begun,) = story.followed
    assert isinstance(begun, SisSupportStarted)
    assert (begun.sis_episode_id, begun.episode_id, begun.cause) == (RUNNING, None, "RECONTRACTED")
    story.then_phase("SIS", RUNNING)
    story.when(support_ended(RECONTRACTED, "2012-10-20")).then(sis_ended(RECONTRACTED, RUNNING, "2012-10-20"))


def test_r65_recontracting_too_late() -> None:
    """Ruling 65: nobody is contracted who has died, and nothing twice."""
    story = county_on("2012-10-01").given(recontracted("2012-10-01"))
    story.when(recontracted("2012-10-02")).then(set_aside(RECONTRACTED, "ALREADY_STARTED"))
    story = county_on("2012-10-01").given(died("2012-10-01"))
    story.when(recontracted("2012-10-01")).then(set_aside(RECONTRACTED, "DIED"))


def test_r63_str_beside_external_support() -> None:
    """Ruling 63: each line of support has one accountable organisation; STR in house beside SIS is lawful."""
    story = county_on("2012-10-01").given(recontracted("2012-10-01"))
    story.given(*(word("2012-10-01") for word in (referred, accepted, started)))
    story.then_phase("SIS", RUNNING).then_phase("ENABLEMENT", EPISODE)


def test_r88_a_second_handover_while_external_support_runs() -> None:
    """Ruling 88: a person with external support may be handed over for another episode too."""
    story = asked("2012-10-05").given(start_confirmed(HANDOVER, "2012-10-02"))
    story.given(*(word("2012-10-05", SECOND) for word in (referred, accepted, started)))
    story.given(reviewed("2012-10-05", "LONG_TERM_SUPPORT", SECOND))
    other = handover_id_of(SECOND)
    story.when(start_confirmed(other, "2012-10-06", SECOND))
    story.then(sis_started("2012-10-06", episode=SECOND), ended("2012-10-05", SECOND, "08"))
    story.then_phase("SIS", SIS).then_phase("SIS", sis_episode_id_of(other))


@pytest.mark.parametrize(
    "word",
    [
        ended("2012-10-20", SIS),
        held("2012-10-20", SIS),
        resumed("2012-10-20", SIS),
        moved_to_team("2012-10-20", episode=SIS),
        reviewed("2012-10-20", episode=SIS),
        reviewed("2012-10-20", "LONG_TERM_SUPPORT", SIS),
        accepted("2012-10-20", SIS),
        started("2012-10-20", SIS),
        declined("2012-10-20", SIS),
        contact("2012-10-20", episode=SIS),
        worker("2012-10-20", SIS),
        assessed("2012-10-20", SIS),
        planned("2012-10-20", SIS),
        exempted("2012-10-20", episode=SIS),
        in_error(SIS),
    ],
)
def test_r88_teams_take_no_step_in_external_support(word: Word) -> None:
    """Ruling 88: a team's word on external support has no place; ruling 98: it has no worker and no contacts."""
    asked("2012-10-20").given(start_confirmed(HANDOVER, "2012-10-10")).when(word).then_refused("WRONG_PHASE")


def test_r87_nobody_is_accountable_after_external_support() -> None:
    """Ruling 87: after it has ended a team's step is EPISODE_NOT_OPEN, and further need is a new referral."""
    story = asked("2012-10-20").given(start_confirmed(HANDOVER, "2012-10-10"), support_ended(HANDOVER, "2012-10-15"))
    story.when(ended("2012-10-20", SIS)).then_refused("EPISODE_NOT_OPEN")
    story.when(referred("2012-10-20", SECOND)).then_recorded()


def test_r26_work_done_before_a_handover_is_told_after_it() -> None:
    """Ruling 26: the in-house episode's contacts up to its last day are taken after the provider has started."""
    story = asked("2012-10-20").given(start_confirmed(HANDOVER, "2012-10-10"))
    story.when(contact("2012-10-09")).then_recorded()
    story.when(contact("2012-10-10", SECOND)).then_refused("AFTER_END")


def test_s5_a_late_start_after_the_cap() -> None:
    """A start confirmed after the cap ends the episode after it: the cap was reached, and that stays said."""
    story = asked("2013-04-05")
    assert cap_reached("2013-03-31") in story.followed
    story.when(start_confirmed(HANDOVER, "2013-04-05"))
    assert story.followed == [sis_started("2013-04-05"), ended("2013-04-04", reason="08")]


def test_h6_no_overlap_and_no_gap() -> None:
    """Invariant I13: the last day in house is the day before the first day outside."""
    story = asked("2012-10-20").given(start_confirmed(HANDOVER, "2012-10-20"))
    (begun,) = story.of_type(SisSupportStarted)
    (over,) = story.of_type(EpisodeEnded)
    assert isinstance(begun, SisSupportStarted)
    assert isinstance(over, EpisodeEnded)
    assert (begun.on - over.on).days == 1


@given(st.uuids())
def test_r93_the_external_episode_s_id_comes_from_the_handover(handover: UUID) -> None:
    """Ruling 93: whoever knows the handover can tell the external episode's id."""
    assert sis_episode_id_of(str(handover)) == str(uuid5(handover, "sis"))


def test_what_falls_due_before_a_start_that_lies_ahead_is_still_written() -> None:
    """Ruling 65: a start confirmed for a day to come ends the in-house episode then, and its clock runs till then."""
    story = asked().days("2012-10-02", "2012-11-05").given(start_confirmed(HANDOVER, "2012-11-15"))

    story.days("2012-11-06", "2012-11-20")

    due = [fact.word for decision in story.decisions for fact in decision.facts]
    assert [word.last_day for word in due if isinstance(word, EnablementEnded)] == [d("2012-11-11")]
    assert [word.on for word in due if isinstance(word, ChargeablePeriodStarted)] == [d("2012-11-12")]
    assert not [word for word in due if isinstance(word, CapApproaching | CapReached)]
