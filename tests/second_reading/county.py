"""Second reading: a county that hears a feed, refuses what it must and keeps the rest (design §7, rulings 3 to 46).

The refusals are one table in the order of ruling 8: the first that applies is given. Written from the page; shares
nothing with the program but the county's code lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.county.codes import code_list
from tests.second_reading.lives import Line, Person, cap, row
from tests.second_reading.shapes import LISTS, OWN, SHAPES, fits, is_day, is_id, is_shaped

Event = dict[str, Any]
DAY = "kmpt.calendar.v1.DayBegan"
TEAMS = "kmpt.episodes.v1."
_STEPS = {
    *("ReferralRejected", "ReferralAccepted", "EnablementStarted", "EnablementCompleted", "ReviewHeld"),
    *("EpisodePlacedOnHold", "EpisodeResumed", "EpisodeEnded", "EpisodeMovedToTeam", "HandoverDeclinedByPerson"),
}
_NOT_BEFORE_OWN_START = {"ContactRecorded", "ReviewHeld", "EnablementCompleted", "EpisodeEnded"}
_OPENING = {"ReferralReceived", "LegacyCssCaseIdentified"}


@dataclass
class Said:
    """One shaped word of a team, with whom and what it is about."""

    name: str
    data: Mapping[str, Any]
    today: date | None
    holders: dict[str, str]
    subject: str
    person: Person | None
    order: int

    @property
    def on(self) -> date | None:
        """The day that it is about, if it is about a day (ruling 23)."""
        if self.name == "ContactRecorded":
            return datetime.fromisoformat(self.data["started_at"]).astimezone(ZoneInfo("Europe/London")).date()
        text = self.data.get("on") or self.data.get("last_day") or self.data.get("since")
        return date.fromisoformat(text) if text else None

    @property
    def line(self) -> Line | None:
        """The line of support that it names, if the person has it."""
        return self.person.line(self.data["episode_id"]) if self.person and "episode_id" in self.data else None

    @property
    def number(self) -> str | None:
        """The NHS number, if it can be one."""
        text = self.data["details"]["nhs_number"]
        if re.fullmatch(r"\d{10}|\d{3} \d{3} \d{4}", text, re.ASCII) is None:
            return None
        digits = text.replace(" ", "")
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
        good = digits.startswith("999") and len(set(digits)) > 1 and check % 11 == int(digits[9]) and check != 10
        return digits if good else None


def _duplicate(said: Said) -> bool:
    if said.name == "PersonRegistered" and said.person:
        return True
    number = said.number if "details" in said.data else None
    return number is not None and said.holders.get(number, said.subject) != said.subject


def _died(said: Said) -> bool:
    if said.person is None or said.person.died is None:
        return False
    return said.name in _OPENING | {"PersonDied"} or (said.on is not None and said.on > said.person.died)


def _unknown_code(said: Said) -> bool:
    given = [(name, said.data[field]) for field, name in LISTS.get(said.name, {}).items() if field in said.data]
    return any(code not in code_list(name) for name, value in given for code in _each(value))


def _unknown_contact(said: Said) -> bool:
    if said.name not in ("ContactCorrected", "ContactEnteredInError") or said.line is None:
        return False
    return said.data["contact_id"] not in said.line.contacts or said.data["contact_id"] in said.line.struck


def _wrong_phase(said: Said) -> bool:
    line = said.line
    if line is None:
        return False
    wrong = {
        "ReferralAccepted": line.phase != "REFERRED",
        "ReferralRejected": line.phase != "REFERRED",
        "EnablementStarted": line.phase != "ACCEPTED",
        "EnablementCompleted": line.phase != "ENABLEMENT" or line.completed is not None,
        "ReviewHeld": line.s is None,
        "EpisodePlacedOnHold": line.held,
        "EpisodeResumed": not line.held,
        "HandoverDeclinedByPerson": not line.request_stands,
    }
    return wrong.get(said.name, False)


def _before_start(said: Said) -> bool:
    line, on = said.line, said.on
    if line is None or on is None or said.name in _OPENING:
        return False
    if said.name == "ContactRecorded" and line.model == "STR" and line.s is None:
        return True
    return on < line.opened or bool(said.name in _NOT_BEFORE_OWN_START and line.started and on < line.started)


def _after_cap(said: Said) -> bool:
    line = said.line
    return bool(said.name == "ContactRecorded" and line and line.s and said.on and said.on > cap(line.s))


def _after_end(said: Said) -> bool:
    return bool(said.line and said.line.ended and said.on and said.on > said.line.ended)


REFUSALS: tuple[tuple[str, Callable[[Said], bool]], ...] = (
    ("UNKNOWN_PERSON", lambda said: said.person is None and said.name != "PersonRegistered"),
    ("DUPLICATE_PERSON", _duplicate),
    ("INVALID_NHS_NUMBER", lambda said: "details" in said.data and said.number is None),
    ("PERSON_DIED", _died),
    ("UNKNOWN_TEAM", lambda said: "team" in said.data and said.data["team"] not in code_list("team")),
    ("UNKNOWN_CODE", _unknown_code),
    ("UNKNOWN_EPISODE", lambda said: "episode_id" in said.data and said.name not in _OPENING and said.line is None),
    ("UNKNOWN_CONTACT", _unknown_contact),
    (
        "ID_REUSED",
        lambda said: said.name == "ContactRecorded" and said.line is not None and _contact(said) in said.line.contacts,
    ),
    ("EPISODE_EXISTS", lambda said: said.name in _OPENING and said.line is not None),
    ("EPISODE_NOT_OPEN", lambda said: _is_over(said.line, step=said.name in _STEPS)),
    ("WRONG_PHASE", _wrong_phase),
    ("HANDOVER_OPEN", lambda said: said.line is not None and _asks(said) and said.line.asked),
    ("STR_ALREADY_OPEN", lambda said: said.name == "ReferralReceived" and _has_open_str(said.person)),
    ("STR_BEFORE_2003", lambda said: said.name == "ReferralReceived" and (said.on or date.max) < date(2003, 1, 1)),
    (
        "CSS_CLOSED",
        lambda said: said.name == "LegacyCssCaseIdentified" and (said.today or date.min).isoformat() >= "2012-10-01",
    ),
    ("BEFORE_START", _before_start),
    ("AFTER_CAP", _after_cap),
    ("AFTER_END", _after_end),
    ("IN_THE_FUTURE", lambda said: said.on is not None and (said.today is None or said.on > said.today)),
)
"""Ruling 8 from UNKNOWN_PERSON on; what stands before it is asked in `County.refusal`."""


class County:
    """Hears events one by one. `now` is the London day on which they are emitted."""

    def __init__(self, now: date) -> None:
        self.now = now
        self.today: date | None = None
        self.people: dict[str, Person] = {}
        self.holders: dict[str, str] = {}
        self.refused: list[tuple[str, str]] = []
        self._recorded: dict[tuple[str, str], str] = {}
        self._had: set[tuple[str, str, str]] = set()

    def hear(self, event: Mapping[str, Any]) -> None:
        """One event of a feed."""
        subject, event_id = event.get("subject", ""), event["id"]
        content = json.dumps([_said(event[name]) for name in ("source", "type", "time", "data")], sort_keys=True)
        if (subject, event_id, content) in self._had:
            return
        reused = self._recorded.get((subject, event_id), content) != content
        if event["type"] == DAY and not reused and self._has_passed(event["data"]):
            return
        code = "ID_REUSED" if reused else self.refusal(event["type"], subject, event["data"])
        self._had.add((subject, event_id, content))
        if code:
            self.refused.append((event_id, code))
        else:
            self._recorded[subject, event_id] = content

    def rows(self) -> list[dict[str, Any]]:
        """The whole caseload by episode and person, ended lines too."""
        today = self.today or date.min
        rows = [row(person, line, today) for person in self.people.values() for line in person.lines]
        return sorted(rows, key=lambda shown: (shown["episode_id"], shown["person_id"]))

    def refusal(self, type: str, subject: str, data: Any) -> str | None:
        """Why it is refused; None if it was taken."""
        if type == DAY:
            return self._day(data)
        name = type.removeprefix(TEAMS)
        if name in OWN:
            return "NOT_YOURS"
        if name == type or name not in SHAPES:
            return "UNKNOWN_TYPE"
        if not is_id(subject) or not is_shaped(name, data):
            return "INVALID_DATA"
        given = {field: value for field, value in data.items() if value is not None}
        said = Said(name, given, self.today, self.holders, subject, self.people.get(subject), len(self._had))
        code = next((code for code, applies in REFUSALS if applies(said)), None)
        if code is None:
            self._take(said)
        return code

    def _has_passed(self, data: Any) -> bool:
        known = self.today is not None and fits(data, {"date": is_day})
        return known and date.fromisoformat(data["date"]) <= (self.today or date.min)

    def _day(self, data: Any) -> str | None:
        if not fits(data, {"date": is_day}):
            return "INVALID_DATA"
        day = date.fromisoformat(data["date"])
        if day > self.now:
            return "IN_THE_FUTURE"
        self.today = day
        for person in self.people.values():
            for line in person.lines:
                line.settle(day)
        return None

    def _take(self, said: Said) -> None:
        if said.name == "PersonRegistered":
            self.people[said.subject] = Person(said.subject, said.data["district"])
            self.holders[said.number or ""] = said.subject
            return
        assert said.person is not None
        if said.name == "PersonDetailsCorrected":
            for number in [number for number, holder in self.holders.items() if holder == said.subject]:
                del self.holders[number]
            self.holders[said.number or ""] = said.subject
        take(said, said.person)
        for line in said.person.lines:
            line.settle(self.today or date.min)


def take(said: Said, person: Person) -> None:
    """What an admitted word changes."""
    data, on, line, today = said.data, said.on or date.min, said.line, said.today or date.min
    match said.name:
        case "PersonDetailsCorrected":
            person.district = data.get("district", person.district)
        case "PersonDied":
            person.died = on
            for open_line in (x for x in person.lines if x.ended is None):
                open_line.end(on)
        case "AccommodationChanged" if data["moved"]:
            person.moved = max(on, person.moved or on)
        case "MoveCheckDone":
            person.checks[data["check"]] = max(on, person.checks.get(data["check"], on))
        case "ReferralReceived":
            person.lines.append(Line(data["episode_id"], "STR", on, [(on, said.order, data["team"])]))
        case "LegacyCssCaseIdentified":
            legacy = Line(data["episode_id"], "CSS", on, [(on, said.order, data["team"])])
            legacy.asked = legacy.request_stands = True
            person.lines.append(legacy)
        case _ if line is not None:
            _take_of_line(said, person, line, on, today)


def _take_of_line(said: Said, person: Person, line: Line, on: date, today: date) -> None:
    data = said.data
    match said.name:
        case "ReferralAccepted":
            line.accepted = True
        case "ReferralRejected" | "EpisodeEnded":
            line.end(on)
        case "EpisodeEnteredInError":
            line.in_error = True
            line.end(line.ended or today)
        case "EnablementStarted":
            before = person.last_clock()
            line.started = line.s = on
            if before and before.ended and before.s:
                continues = (on - before.ended).days <= 5
                line.clock = "CLOCK_CONTINUED" if continues else "RE_REFERRAL"
                line.s = before.s if continues else on
        case "EnablementCompleted":
            line.completed = on
        case "ReviewHeld":
            line.reviews.append((on, said.order, data["outcome"]))
            line.asked |= _asks(said)
            line.request_stands |= _asks(said)
        case "HandoverDeclinedByPerson":
            line.request_stands = False
        case "WorkerAssigned":
            line.workers.append((on, said.order, data["worker_id"]))
        case "EpisodeMovedToTeam":
            line.teams.append((on, said.order, data["team"]))
        case "ContactRecorded":
            line.contacts[data["contact_id"]] = on, data["minutes"], data["attendance"]
        case "ContactCorrected":
            day, minutes, attendance = line.contacts[data["contact_id"]]
            line.contacts[data["contact_id"]] = day, data.get("minutes", minutes), data.get("attendance", attendance)
        case "ContactEnteredInError":
            line.struck.add(data["contact_id"])
        case "ChargeExemptionRecorded":
            line.exempt_from.append(date.fromisoformat(data["from_on"]))
        case "EpisodePlacedOnHold" | "EpisodeResumed":
            line.held = said.name == "EpisodePlacedOnHold"


def _is_over(line: Line | None, *, step: bool) -> bool:
    return line is not None and (line.in_error or (step and line.ended is not None))


def _has_open_str(person: Person | None) -> bool:
    return person is not None and any(line.model == "STR" and line.ended is None for line in person.lines)


def _asks(said: Said) -> bool:
    return said.name == "ReviewHeld" and said.data["outcome"] == "LONG_TERM_SUPPORT"


def _contact(said: Said) -> str:
    return str(said.data["contact_id"])


def _each(value: Any) -> list[str]:
    return value if type(value) is list else [value]


def _said(value: Any) -> Any:
    """Null counts as absent (ruling 14)."""
    if type(value) is dict:
        return {name: _said(inner) for name, inner in value.items() if inner is not None}
    return [_said(inner) for inner in value] if type(value) is list else value
