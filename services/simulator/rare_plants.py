"""Events that should never have been told at the two ends of a life: at registration, at an end, a cap or a death.

Knows, for a life as it is told, an event that breaks one rule. Must never spoil what comes after it: what is refused
changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from services.simulator.cases import Case, Plant, referral
from services.simulator.people import wrong_number
from services.simulator.told import Told, moment_of

_ONE_DAY = timedelta(days=1)
_EARLY = 300
_LATE_IN_THE_DAY = 1260


def _registration(case: Case) -> Told:
    return case.told[0]


def _before_registration(case: Case) -> Told | None:
    like = _registration(case)
    data = {"on": like.day.isoformat(), "accommodation": "02", "settled": "Y", "moved": False}
    return case.wrong("UNKNOWN_PERSON", like, data, day=like.day, minute=_EARLY, name="AccommodationChanged")


def _registered_twice(case: Case) -> Told | None:
    like = _registration(case)
    return case.wrong("DUPLICATE_PERSON", like, like.event["data"], day=like.day, minute=_LATE_IN_THE_DAY)


def _registered_as_another(case: Case) -> Told | None:
    """Somebody registers the same number under another id; in a later month, when it is taken for certain."""
    like = _registration(case)
    if case.telling.person.number_given_up_on is not None:
        return None
    day = (like.day.replace(day=1) + 32 * _ONE_DAY).replace(day=1) + _ONE_DAY
    wrong = case.wrong("DUPLICATE_PERSON", like, like.event["data"], day=day, minute=_EARLY)
    return replace(wrong, event={**wrong.event, "subject": case.fresh("person")})


def _before_there_was_str(case: Case) -> Told | None:
    like = _registration(case)
    data = referral(case.fresh("old"), case.telling.team, date(2002, 11, 4))
    minute = like.minute + 1
    return case.wrong("STR_BEFORE_2003", like, data, day=like.day, minute=minute, name="ReferralReceived")


def _after_end(case: Case) -> Told | None:
    end = case.ended
    if end is None or end.on is None:
        return None
    episode_id = end.event["data"]["episode_id"]
    like = case.first("ContactRecorded", episode_id)
    on = end.on + _ONE_DAY
    if like is None or on > case.telling.caps[episode_id]:
        return None
    data = {**like.event["data"], "contact_id": case.fresh("contact"), "started_at": moment_of(on, 600).isoformat()}
    return case.wrong("AFTER_END", like, data, day=end.day + _ONE_DAY, minute=_LATE_IN_THE_DAY)


def _step_after_end(case: Case) -> Told | None:
    end = case.ended
    if end is None:
        return None
    day = end.day + _ONE_DAY
    data = {"episode_id": end.event["data"]["episode_id"], "on": day.isoformat()}
    return case.wrong("EPISODE_NOT_OPEN", end, data, day=day, minute=_LATE_IN_THE_DAY, name="EpisodePlacedOnHold")


def _after_cap(case: Case) -> Told | None:
    started = case.first("EnablementStarted")
    if started is None or case.death is not None:
        return None
    episode_id = started.event["data"]["episode_id"]
    like, cap = case.first("ContactRecorded", episode_id), case.telling.caps.get(episode_id)
    if like is None or cap is None:
        return None
    day = cap + case.chance.randint(1, 5) * _ONE_DAY
    data = {**like.event["data"], "contact_id": case.fresh("contact"), "started_at": moment_of(day, 600).isoformat()}
    return case.wrong("AFTER_CAP", like, data, day=day, minute=_LATE_IN_THE_DAY)


def _after_death(case: Case) -> Told | None:
    if case.death is None:
        return None
    day = case.death.day + _ONE_DAY
    data = referral(case.fresh("late"), case.telling.team, day)
    return case.wrong("PERSON_DIED", case.death, data, day=day, minute=_LATE_IN_THE_DAY, name="ReferralReceived")


def _asked_twice(case: Case) -> Told | None:
    asked = next((one for one in case.told if one.event["data"].get("outcome") == "LONG_TERM_SUPPORT"), None)
    if asked is None or case.death is not None:
        return None
    day = asked.day + _ONE_DAY
    data = {**asked.event["data"], "on": day.isoformat()}
    return case.wrong("HANDOVER_OPEN", asked, data, day=day, minute=_EARLY)


def planted_number(case: Case) -> Told:
    """The registration with a wrong digit in its NHS number, a minute before it comes mended under the same id."""
    right = _registration(case)
    details = right.event["data"]["details"]
    data = {**right.event["data"], "details": {**details, "nhs_number": wrong_number(details["nhs_number"])}}
    event = {**right.event, "data": data}
    return Told(right.day, right.minute - 1, None, event, planted="INVALID_NHS_NUMBER")


AT_REGISTRATION: tuple[Plant, ...] = (
    _before_registration,
    _registered_twice,
    _registered_as_another,
    _before_there_was_str,
)
"""What every life has room for."""
RARE: tuple[tuple[Plant, float], ...] = (
    (_after_death, 0.5),
    (_asked_twice, 0.06),
    (_after_cap, 0.06),
    (_after_end, 0.02),
    (_step_after_end, 0.02),
)
"""What only some lives have room for, and how likely each is where there is room."""
