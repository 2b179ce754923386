"""Teams, districts and areas of Kent and Medway (R3, R13, R14, R81; ruling 45)."""

import re
from datetime import date

import pytest

from services.county.places import DISTRICTS, TEAMS, Area, area_of, district_label

EAST = "ashford canterbury dover folkestone-and-hythe swale thanet"
WEST = "dartford gravesham maidstone sevenoaks tonbridge-and-malling tunbridge-wells"

GSS = {
    "ashford": "E07000105",
    "canterbury": "E07000106",
    "dartford": "E07000107",
    "dover": "E07000108",
    "gravesham": "E07000109",
    "maidstone": "E07000110",
    "sevenoaks": "E07000111",
    "folkestone-and-hythe": "E07000112",
    "swale": "E07000113",
    "thanet": "E07000114",
    "tonbridge-and-malling": "E07000115",
    "tunbridge-wells": "E07000116",
    "medway": "E06000035",
}

TEAM_ROWS = {
    "access-east": ("A18", "EAST_KENT"),
    "access-west": ("A18", "WEST_KENT"),
    "recovery-east": ("A06", "EAST_KENT"),
    "recovery-west": ("A06", "WEST_KENT"),
    "outreach-east": ("A08", "EAST_KENT"),
    "outreach-west": ("A08", "WEST_KENT"),
    "eip-east": ("A14", "EAST_KENT"),
    "eip-west": ("A14", "WEST_KENT"),
    "maidstone-cmht": ("A06", "WEST_KENT"),
    "cjld": ("D02", None),
}


@pytest.mark.parametrize(
    ("district", "area"),
    [(name, "EAST_KENT") for name in EAST.split()]
    + [(name, "WEST_KENT") for name in WEST.split()]
    + [("medway", "MEDWAY")],
)
def test_each_district_lies_in_its_area(district: str, area: str) -> None:
    """Ruling 45: six districts are East Kent, six West Kent, and Medway stands alone."""
    assert area_of(district) is Area(area)
    assert area_of(district) == area


def test_the_districts_carry_their_official_codes() -> None:
    """Thirteen districts, each with the code under which the nation's statistics know it."""
    assert {name: district.gss for name, district in DISTRICTS.items()} == GSS


def test_the_areas_are_the_three_lots() -> None:
    """Ruling 45: the lot is the area, and there are three."""
    assert [str(area) for area in Area] == ["EAST_KENT", "WEST_KENT", "MEDWAY"]


def test_an_unknown_district_has_no_area() -> None:
    """A district that the county does not have lies nowhere, whatever it was called once."""
    with pytest.raises(KeyError):
        area_of("shepway")
    with pytest.raises(KeyError):
        district_label("shepway", date(2012, 10, 1))


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(1974, 4, 1), "Shepway"),
        (date(2012, 10, 1), "Shepway"),
        (date(2017, 12, 31), "Shepway"),
        (date(2018, 3, 31), "Shepway"),
        (date(2018, 4, 1), "Folkestone and Hythe"),
        (date(2026, 1, 1), "Folkestone and Hythe"),
    ],
)
def test_folkestone_and_hythe_was_shepway(on: date, name: str) -> None:
    """A district is shown under the name it had on the day: Shepway until the end of March 2018."""
    assert district_label("folkestone-and-hythe", on) == name


@pytest.mark.parametrize("district", sorted(GSS.keys() - {"folkestone-and-hythe"}))
def test_the_other_districts_never_changed_their_names(district: str) -> None:
    """Every other district is shown under the same name on any day, and its id spells that name."""
    names = {district_label(district, on) for on in (date(1974, 4, 1), date(2012, 10, 1), date(2026, 1, 1))}

    assert {name.lower().replace(" ", "-") for name in names} == {district}


def test_the_teams_have_their_type_and_area() -> None:
    """Ten teams, each with its national type; the liaison and diversion team serves the whole county."""
    assert {name: (team.team_type, team.area) for name, team in TEAMS.items()} == TEAM_ROWS


def test_all_teams_are_in_house() -> None:
    """R7: every team is the trust's own, known to the NHS as RXY."""
    assert {team.parent for team in TEAMS.values()} == {"RXY"}


def test_ids_of_places_can_stand_in_a_path() -> None:
    """Ids of teams and districts are small letters and hyphens, so they can name a source or a topic."""
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in [*TEAMS, *DISTRICTS])
