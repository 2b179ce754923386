"""What teams and doors say in the stories of these tests: one short name for each word, with everyday values."""

from __future__ import annotations

from datetime import date
from uuid import NAMESPACE_URL, uuid5

from services.words import course, outcomes, people, recorded, work
from services.words.word import Word

POLICY = "2012.1"


def an_id(name: str) -> str:
    """A UUID that is the same for the same name."""
    return str(uuid5(NAMESPACE_URL, f"https://county.example/{name}"))


PERSON = an_id("a person")
EPISODE = an_id("the first episode")
SECOND = an_id("the second episode")
LEGACY = an_id("a legacy case")
WORKER = an_id("a worker")
CONTACT = an_id("a contact")
NUMBER, OTHER_NUMBER, THIRD_NUMBER = "9990000018", "9990000026", "9990000034"
"""NHS numbers that are never issued; their check digits are right."""


def d(text: str) -> date:
    """A day, as people write it."""
    return date.fromisoformat(text)


# What teams say of a person


def details(number: str = NUMBER, born: str = "1970-05-01") -> people.Details:
    """The details of somebody who does not exist."""
    return people.Details(
        nhs_number=number,
        family_name="Relf",
        given_names="Sheila",
        birth_date=d(born),
        address_lines=["79 Hop Row"],
        postcode="ME14 9ZZ",
    )


def registered(number: str = NUMBER, district: str = "maidstone", born: str = "1970-05-01") -> Word:
    """The person becomes known."""
    return people.PersonRegistered(district=district, details=details(number, born))


def corrected(number: str = NUMBER, district: str | None = None, born: str = "1970-05-01") -> Word:
    """The person's details are put right."""
    return people.PersonDetailsCorrected(district=district, details=details(number, born), reason="misheard")


def died(on: str) -> Word:
    """The person has died."""
    return people.PersonDied(on=d(on))


def rehoused(on: str) -> Word:
    """The person's home is another."""
    return people.AccommodationChanged(on=d(on), accommodation="12", settled="N", moved=True)


def checked(on: str) -> Word:
    """The person's money was seen to after a move."""
    return people.MoveCheckDone(check="MONEY", on=d(on))


# What teams say of an episode


def referred(on: str, episode: str = EPISODE, team: str = "maidstone-cmht", priority: str = "1") -> Word:
    """Somebody asks for support."""
    return course.ReferralReceived(episode_id=episode, team=team, on=d(on), source="A1", reason="01", priority=priority)


def rejected(on: str, episode: str = EPISODE) -> Word:
    """The team does not take the referral."""
    return course.ReferralRejected(episode_id=episode, on=d(on), reason="01")


def accepted(on: str, episode: str = EPISODE) -> Word:
    """The team takes the referral."""
    return course.ReferralAccepted(episode_id=episode, on=d(on))


def started(on: str, episode: str = EPISODE) -> Word:
    """Support begins."""
    return course.EnablementStarted(episode_id=episode, on=d(on))


def completed(last_day: str, reason: str = "GOALS_MET", episode: str = EPISODE) -> Word:
    """Enablement ends early."""
    return course.EnablementCompleted(episode_id=episode, last_day=d(last_day), reason=reason)


def reviewed(on: str, outcome: str = "FURTHER_SUPPORT", episode: str = EPISODE) -> Word:
    """Team and person look at what was reached; long-term support says what is needed."""
    if outcome != "LONG_TERM_SUPPORT":
        return course.ReviewHeld(episode_id=episode, on=d(on), outcome=outcome)
    return course.ReviewHeld(
        episode_id=episode, on=d(on), outcome=outcome, weekly_minutes=240, needs=["BASIC_SKILLS"], risk="LOW"
    )


def exempted(from_on: str, exemption: str = "S117", episode: str = EPISODE) -> Word:
    """The person is not to be charged from a day on."""
    return course.ChargeExemptionRecorded(episode_id=episode, exemption=exemption, from_on=d(from_on))


def held(on: str, episode: str = EPISODE) -> Word:
    """Support pauses."""
    return course.EpisodePlacedOnHold(episode_id=episode, on=d(on), reason="in hospital")


def resumed(on: str, episode: str = EPISODE) -> Word:
    """Support goes on."""
    return course.EpisodeResumed(episode_id=episode, on=d(on))


def moved_to_team(on: str, team: str = "recovery-west", episode: str = EPISODE) -> Word:
    """Another team supports the person."""
    return course.EpisodeMovedToTeam(episode_id=episode, on=d(on), team=team)


def declined(on: str, episode: str = EPISODE) -> Word:
    """The person does not want to move."""
    return course.HandoverDeclinedByPerson(episode_id=episode, on=d(on), reason="likes the team")


def ended(on: str, episode: str = EPISODE, reason: str = "01") -> Word:
    """Support is over."""
    return course.EpisodeEnded(episode_id=episode, on=d(on), reason=reason)


def in_error(episode: str = EPISODE) -> Word:
    """The episode should never have been recorded."""
    return course.EpisodeEnteredInError(episode_id=episode, reason="wrong person")


def legacy(since: str, episode: str = LEGACY, team: str = "maidstone-cmht") -> Word:
    """A long-term case is found in house."""
    return course.LegacyCssCaseIdentified(
        episode_id=episode, team=team, since=d(since), weekly_minutes=120, needs=["BASIC_SKILLS"], risk="LOW"
    )


# What teams say of their work


def contact(
    day: str,
    contact_id: str = CONTACT,
    episode: str = EPISODE,
    time: str = "T10:00:00Z",
    attendance: str = "5",
    minutes: int = 30,
) -> Word:
    """A contact took place, or should have."""
    return work.ContactRecorded(
        episode_id=episode,
        contact_id=contact_id,
        started_at=day + time,
        minutes=minutes,
        worker_id=WORKER,
        place="HOME",
        mechanism="01",
        attendance=attendance,
        activities=["PLANNING_MEETING"],
    )


def contact_corrected(contact_id: str = CONTACT, episode: str = EPISODE, minutes: int | None = 45) -> Word:
    """The minutes of a contact were wrong."""
    return work.ContactCorrected(episode_id=episode, contact_id=contact_id, minutes=minutes, reason="misread")


def contact_in_error(contact_id: str = CONTACT, episode: str = EPISODE) -> Word:
    """A contact never took place."""
    return work.ContactEnteredInError(episode_id=episode, contact_id=contact_id, reason="other person")


def worker(on: str, episode: str = EPISODE) -> Word:
    """A worker has the case."""
    return work.WorkerAssigned(episode_id=episode, on=d(on), worker_id=WORKER)


def assessed(on: str, episode: str = EPISODE) -> Word:
    """The person's needs were assessed."""
    return work.NeedsAssessed(episode_id=episode, on=d(on), needs=["BASIC_SKILLS"], risk="LOW")


def planned(on: str, episode: str = EPISODE) -> Word:
    """A plan of support was agreed."""
    return work.SupportPlanAgreed(episode_id=episode, on=d(on), activities=["PLANNING_MEETING"], weekly_minutes=90)


def indirect(on: str, episode: str = EPISODE) -> Word:
    """Work for the person without the person."""
    return work.IndirectActivityRecorded(
        episode_id=episode, on=d(on), minutes=15, worker_id=WORKER, activity="RECORD_KEEPING"
    )


def onward(on: str, episode: str = EPISODE) -> Word:
    """The person was referred to another agency."""
    return work.OnwardReferralMade(episode_id=episode, on=d(on), agency="HOUSING")


# What the outcomes door says


def start_confirmed(handover: str, on: str, episode: str = EPISODE, cause: str = "LONG_TERM_SUPPORT") -> Word:
    """The provider has confirmed the first day of support."""
    return outcomes.StartConfirmed(
        handover_id=handover,
        episode_id=episode,
        provider_id="weald-support",
        contract_id="weald-2012",
        lot="WEST_KENT",
        weekly_minutes=240,
        on=d(on),
        cause=cause,
    )


def support_ended(handover: str, on: str, reason: str = "01") -> Word:
    """The provider has reported the last day of its support."""
    return outcomes.SupportEndReported(handover_id=handover, lot="WEST_KENT", on=d(on), reason=reason)


# What the recorder says of its own accord


def enablement_ended(last_day: str, episode: str = EPISODE) -> Word:
    """The free weeks are over."""
    return recorded.EnablementEnded(episode_id=episode, last_day=d(last_day), policy=POLICY)


def charged_from(on: str, episode: str = EPISODE) -> Word:
    """Support is chargeable."""
    return recorded.ChargeablePeriodStarted(episode_id=episode, on=d(on), policy=POLICY)


def cap_near(on: str, cap: str, episode: str = EPISODE) -> Word:
    """The last permitted day is near."""
    return recorded.CapApproaching(episode_id=episode, on=d(on), cap_on=d(cap), policy=POLICY)


def cap_reached(last_day: str, episode: str = EPISODE) -> Word:
    """The last permitted day is over."""
    return recorded.CapReached(episode_id=episode, last_day=d(last_day), policy=POLICY)


def withdrawn(handover: str, on: str, why: str, lot: str = "WEST_KENT") -> Word:
    """The request for a handover is no more."""
    return recorded.HandoverRequestWithdrawn(handover_id=handover, lot=lot, on=d(on), why=why)


def set_aside(handover: str, why: str) -> Word:
    """An outcome came too late."""
    return recorded.HandoverOutcomeSetAside(handover_id=handover, lot="WEST_KENT", why=why)


def sis_ended(handover: str, sis: str, on: str, reason: str = "01") -> Word:
    """External support is over."""
    return recorded.SisSupportEnded(handover_id=handover, sis_episode_id=sis, lot="WEST_KENT", on=d(on), reason=reason)
