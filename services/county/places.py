"""Teams, districts and areas of Kent and Medway, with the dates on which a name or a place came and went.

Knows which area (and so which lot) a district belongs to. Never knows who lives there or who holds a contract.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.county.packaged import table


class Area(StrEnum):
    """A part of the county (R14). It is also the lot of the SIS contracts (ruling 45)."""

    EAST_KENT = "EAST_KENT"
    WEST_KENT = "WEST_KENT"
    MEDWAY = "MEDWAY"


@dataclass(frozen=True, slots=True)
class Team:
    """An in-house team (R3, R13, R81).

    `team_type` is the MHSDS code of its type, `area` is None if it serves the whole county, `parent` is the ODS code
    of its trust; `valid_from` and `valid_to` are its first and last day.
    """

    label: str
    team_type: str
    area: Area | None
    parent: str
    requirements: tuple[str, ...]
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class District:
    """A district council's area, or the unitary Medway.

    `gss` is its Government Statistical Service code, `label` its present name, `former_names` what it was called up to
    and including a day, oldest first; `valid_from` and `valid_to` are its first and last day.
    """

    label: str
    gss: str
    area: Area
    former_names: tuple[tuple[date, str], ...]
    valid_from: date
    valid_to: date


def area_of(district: str) -> Area:
    """Return the area in which a known district lies; KeyError for any other."""
    return DISTRICTS[district].area


def district_label(district: str, on: date) -> str:
    """Return what a known district was called on that day (Folkestone and Hythe was Shepway until 31 March 2018).

    KeyError for an unknown district.
    """
    place = DISTRICTS[district]
    return next((name for until, name in place.former_names if on <= until), place.label)


def _team(row: dict[str, Any]) -> Team:
    return Team(
        label=row["label"],
        team_type=row["team_type"],
        area=Area(row["area"]) if "area" in row else None,
        parent=row["parent"],
        requirements=tuple(row["requirements"]),
        valid_from=row.get("valid_from", date.min),
        valid_to=row.get("valid_to", date.max),
    )


def _district(row: dict[str, Any]) -> District:
    return District(
        label=row["label"],
        gss=row["gss"],
        area=Area(row["area"]),
        former_names=tuple((name["until"], name["label"]) for name in row.get("former_names", ())),
        valid_from=row.get("valid_from", date.min),
        valid_to=row.get("valid_to", date.max),
    )


TEAMS = MappingProxyType({team: _team(row) for team, row in table("teams").items()})
DISTRICTS = MappingProxyType({district: _district(row) for district, row in table("districts").items()})
