"""The shapes that fields have: days, instants, ids, codes, texts and numbers (rulings 14 to 18).

Knows when a value is well shaped, and of which list it must be a code. Must never know whether it is in that list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.county.civil_dates import parse_date, parse_instant

TEXT_LIMIT = 4000
LIST_LIMIT = 100

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_uuid(text: str) -> bool:
    """A UUID in canonical lower case (ruling 16)."""
    return _UUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Marks a field as a code of the named list of `county.codes`; what is not in the list is refused by the rules."""

    list_name: str


def _day(value: object) -> object:
    return parse_date(value) if type(value) is str else value


@lru_cache(maxsize=4096)
def _instant(value: str) -> str:
    parse_instant(value)
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A civil date of Europe/London, written YYYY-MM-DD."""
Instant = Annotated[str, StringConstraints(max_length=TEXT_LIMIT), AfterValidator(_instant)]
"""An RFC 3339 instant with seconds and offset, kept as it was written; a text, so not longer than one (ruling 14)."""
Id = Annotated[str, StringConstraints(pattern=_UUID.pattern.join(("^", "$")))]
"""A UUID in canonical lower case."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]
"""A text of 1 to 4,000 characters."""
Minutes = Annotated[int, Field(ge=1, le=1440)]
"""Minutes of one day's work."""
WeeklyMinutes = Annotated[int, Field(ge=1, le=10080)]
"""Minutes of support a week."""

Team = Annotated[Text, CodeOf("team")]
District = Annotated[Text, CodeOf("district")]
ReferralSource = Annotated[Text, CodeOf("source")]
ReferralReason = Annotated[Text, CodeOf("reason")]
Priority = Annotated[Text, CodeOf("priority")]
Rejection = Annotated[Text, CodeOf("rejection")]
Closure = Annotated[Text, CodeOf("closure")]
Attendance = Annotated[Text, CodeOf("attendance")]
Mechanism = Annotated[Text, CodeOf("mechanism")]
Place = Annotated[Text, CodeOf("place")]
Risk = Annotated[Text, CodeOf("risk")]
Agency = Annotated[Text, CodeOf("agency")]
Completion = Annotated[Text, CodeOf("completion")]
Outcome = Annotated[Text, CodeOf("outcome")]
Exemption = Annotated[Text, CodeOf("exemption")]
Accommodation = Annotated[Text, CodeOf("accommodation")]
Settled = Annotated[Text, CodeOf("settled")]
MoveCheck = Annotated[Text, CodeOf("check")]
Activity = Annotated[Text, CodeOf("activity")]
Need = Annotated[Text, CodeOf("need")]

Activities = Annotated[list[Activity], Field(min_length=1, max_length=LIST_LIMIT)]
Needs = Annotated[list[Need], Field(min_length=1, max_length=LIST_LIMIT)]
Lines = Annotated[list[Text], Field(min_length=1, max_length=LIST_LIMIT)]
