"""What teams say of a person: registration, details, home, death.

Knows the words alone. Must never hold an identifier outside a sealed field.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.words.fields import Accommodation, Day, District, Lines, MoveCheck, Settled, Text
from services.words.word import Sealed, Word


class Details(BaseModel):
    """Who a person is. Complete: a correction replaces all of it (ruling 20)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    nhs_number: Text
    family_name: Text
    given_names: Text
    birth_date: Day
    address_lines: Lines
    postcode: Text
    telephone: Text | None = None
    gp_practice: Text | None = None


class TeamWord(Word, prefix="kmpt.episodes.v1"):
    """Whatever an in-house team may emit; its subject is the person's id."""


class PersonRegistered(TeamWord):
    """A person becomes known to the service, under an opaque id made by whoever registers them."""

    SEALED: ClassVar = ("details",)
    NEEDS: ClassVar = ("details",)
    FILLED: ClassVar = ("birth_year", "sealed")

    district: District
    birth_year: int | None = None
    details: Details | None = None
    sealed: Sealed | None = None


class PersonDetailsCorrected(TeamWord):
    """What was recorded of a person is put right; the details given are complete, an absent district is unchanged."""

    SEALED: ClassVar = ("details", "reason")
    NEEDS: ClassVar = ("details", "reason")
    FILLED: ClassVar = ("birth_year", "sealed")

    district: District | None = None
    birth_year: int | None = None
    details: Details | None = None
    reason: Text | None = None
    sealed: Sealed | None = None


class PersonDied(TeamWord):
    """A person has died; open episodes end that day (S11)."""

    on: Day


class AccommodationChanged(TeamWord):
    """A person's home is another; if they moved, belongings, money and property are to be checked (R36, R37)."""

    on: Day
    accommodation: Accommodation
    settled: Settled
    moved: bool


class MoveCheckDone(TeamWord):
    """Belongings, money or property were seen to after a move (R36, R37)."""

    check: MoveCheck
    on: Day
