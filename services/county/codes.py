"""The county's code lists: which codes a fact may carry, and what each means in words.

Knows the codes, their MHSDS meaning and the requirement each comes from. Never knows which field of which event uses
a list. Teams and districts are lists like any other, named `team` and `district` (ruling 7).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from services.county.packaged import table
from services.county.places import DISTRICTS, TEAMS


@dataclass(frozen=True, slots=True)
class Code:
    """What one code means.

    `mhsds` is its field and value in the Mental Health Services Data Set, None where it has none; `requirements` are
    the R-numbers it comes from; `valid_from` and `valid_to` are the first and last day on which it may be used.
    """

    label: str
    mhsds: str | None
    requirements: tuple[str, ...]
    valid_from: date
    valid_to: date


def code_list(name: str) -> frozenset[str]:
    """Return all codes of a list; KeyError if there is no such list."""
    return _MEMBERS[name]


def is_known(list_name: str, code: str, on: date | None = None) -> bool:
    """Tell whether a list has this code and, if a day is given, whether it was in use on that day.

    KeyError if there is no such list.
    """
    if on is None:
        return code in _MEMBERS[list_name]
    known = CODES[list_name].get(code)
    return known is not None and known.valid_from <= on <= known.valid_to


def label(list_name: str, code: str) -> str:
    """Return the one-line meaning of a known code; KeyError for any other list or code."""
    return CODES[list_name][code].label


def _shipped() -> Iterator[tuple[str, Mapping[str, Code]]]:
    for name, rows in table("codes").items():
        field = rows.get("mhsds")
        yield name, {code: _code(code, field, row) for code, row in rows["codes"].items()}


def _code(code: str, field: str | None, row: dict[str, Any]) -> Code:
    return Code(
        label=row["label"],
        mhsds=f"{field} {code}" if field else row.get("mhsds"),
        requirements=tuple(row.get("requirements", ())),
        valid_from=row.get("valid_from", date.min),
        valid_to=row.get("valid_to", date.max),
    )


def _teams() -> Mapping[str, Code]:
    return {
        name: Code(
            team.label, f"ServTeamTypeRefToMH {team.team_type}", team.requirements, team.valid_from, team.valid_to
        )
        for name, team in TEAMS.items()
    }


def _districts() -> Mapping[str, Code]:
    return {
        name: Code(place.label, None, ("R14",), place.valid_from, place.valid_to) for name, place in DISTRICTS.items()
    }


CODES: Mapping[str, Mapping[str, Code]] = MappingProxyType(
    {"team": _teams(), "district": _districts(), **dict(_shipped())}
)
# Asked several times for every event: a ready frozenset answers in a fraction of the time of the meanings above.
_MEMBERS = {name: frozenset(codes) for name, codes in CODES.items()}
