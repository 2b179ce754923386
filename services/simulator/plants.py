"""Events beside a contact that should never have been told, one for each reason for which a rule refuses them.

Knows, for an open episode, an event that breaks one rule. Must never spoil what comes after it: what is refused
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from services.county.policy import policy_on
from services.simulator.cases import Case, Plant, referral
from services.simulator.told import Event, Told, moment_of

_ONE_DAY = timedelta(days=1)
_Change = Callable[[Case, Told], Event]


def _beside_contact(code: str, change: _Change, name: str | None = None) -> Plant:
    """A wrong event right after a contact, made of it."""

    def plant(case: Case) -> Told | None:
        like = case.contact
        if like is None:
            return None
        data = {**like.event["data"], "contact_id": case.fresh("contact")} if name is None else {}
        data |= change(case, like)
        return case.wrong(code, like, data, day=like.day, minute=like.minute + 1, name=name)

    return plant


def _episode(like: Told) -> Event:
    return {"episode_id": like.event["data"]["episode_id"]}


def _dated(like: Told) -> Event:
    return {**_episode(like), "on": like.day.isoformat()}


def _nothing(_case: Case, _like: Told) -> Event:
    return {}


def _malformed(case: Case, _like: Told) -> Event:
    return case.chance.choice(
        [
            {"minutes": 0},
            {"minutes": "30"},
            {"minutes": 1441},
            {"started_at": "yesterday"},
            {"activities": []},
            {"mood": "good"},
        ]
    )


def _known_episode_again(case: Case, like: Told) -> Event:
    return referral(like.event["data"]["episode_id"], case.telling.team, like.day)


def _second_episode(case: Case, like: Told) -> Event:
    return referral(case.fresh("second"), case.telling.team, like.day)


def _unknown_contact(case: Case, like: Told) -> Event:
    return {**_episode(like), "contact_id": case.fresh("contact"), "minutes": 45, "reason": "The minutes were wrong."}


def _before_the_referral(case: Case, _like: Told) -> Event:
    return {"started_at": moment_of(case.telling.person.arrives_on - _ONE_DAY, 600).isoformat()}


def _tomorrow(_case: Case, like: Told) -> Event:
    return {"started_at": moment_of(like.day + _ONE_DAY, 600).isoformat()}


def _same_contact(_case: Case, like: Told) -> Event:
    return {"contact_id": like.event["data"]["contact_id"], "minutes": 55}


def _same_event(case: Case) -> Told | None:
    """The id of a contact again, with other minutes."""
    like = case.contact
    if like is None:
        return None
    data = {**like.event["data"], "minutes": 55}
    return Told(like.day, like.minute + 1, None, {**like.event, "data": data}, planted="ID_REUSED")


def _long_term_case_too_late(case: Case) -> Told | None:
    like = case.contact
    if like is None or like.day < policy_on(like.day).css_closed_from:
        return None
    case_found = {
        "episode_id": case.fresh("legacy"),
        "team": case.telling.team,
        "since": "2009-05-05",
        "weekly_minutes": 120,
        "needs": ["ALCOHOL_MISUSE"],
        "risk": "LOW",
    }
    name = "LegacyCssCaseIdentified"
    return case.wrong("CSS_CLOSED", like, case_found, day=like.day, minute=like.minute + 1, name=name)


BESIDE_CONTACT: tuple[Plant, ...] = (
    _beside_contact("UNKNOWN_TYPE", _nothing, "ContactRecalled"),
    _beside_contact("NOT_YOURS", lambda _case, like: _dated(like), "ChargeablePeriodStarted"),
    _beside_contact("INVALID_DATA", _malformed),
    _beside_contact(
        "UNKNOWN_TEAM", lambda _case, like: {**_dated(like), "team": "recovery-north"}, "EpisodeMovedToTeam"
    ),
    _beside_contact("UNKNOWN_CODE", lambda _case, _like: {"attendance": "1"}),
    _beside_contact("UNKNOWN_EPISODE", lambda case, _like: {"episode_id": case.fresh("episode")}),
    _beside_contact("UNKNOWN_CONTACT", _unknown_contact, "ContactCorrected"),
    _beside_contact("EPISODE_EXISTS", _known_episode_again, "ReferralReceived"),
    _beside_contact("STR_ALREADY_OPEN", _second_episode, "ReferralReceived"),
    _beside_contact("WRONG_PHASE", lambda _case, like: _dated(like), "ReferralAccepted"),
    _beside_contact("BEFORE_START", _before_the_referral),
    _beside_contact("IN_THE_FUTURE", _tomorrow),
    _beside_contact("ID_REUSED", _same_contact),
    _same_event,
    _long_term_case_too_late,
)
"""One for each wrong event that has its place beside a contact."""
