"""The county's code lists: whatever is not in them is refused (ruling 7)."""

import re
from datetime import date

import pytest

from services.county.codes import CODES, code_list, is_known, label

EXPECTED = {
    "team": """
        access-east access-west recovery-east recovery-west outreach-east outreach-west eip-east eip-west
        maidstone-cmht cjld
    """,
    "district": """
        ashford canterbury dover folkestone-and-hythe swale thanet dartford gravesham maidstone sevenoaks
        tonbridge-and-malling tunbridge-wells medway
    """,
    "source": "A1 B1 B2 C1 C3 D1 E1 E2 E3 E4 E5 G3 G4 H1 H2 I1 I2 M3 M5 M6 M7 P1 Q1",
    "reason": "01 02 03 04 05 09 11 14 15 18 19 22 24 25 26 31",
    "priority": "1 2 3 4",
    "rejection": "01 02 03",
    "closure": "01 02 03 04 05 06 07 08 09",
    "attendance": "2 3 4 5 6 7",
    "mechanism": "01 02 04 05 09 10 11 12 13 98",
    "place": "HOME COMMUNITY MENTAL_HEALTH_UNIT PROBATION_OFFICE CLINIC COURT HOSPITAL POLICE_HEADQUARTERS",
    "activity": """
        TREATMENT_QUESTIONS BELONGINGS_AND_MONEY PROPERTY_SECURE PLANNING_MEETING ACCOMPANYING OVERCOME_OBSTACLES
        INDEPENDENT_LIVING SOCIAL_INCLUSION DAILY_LIVING ORDINARY_LIVES COMMUNITY_RESOURCES CONTROL_OF_TREATMENT
        BUDGETING_AND_BENEFITS EMPLOYMENT_AND_HOUSING INTERNET_ACCESS LEISURE_AND_FITNESS SOCIAL_NETWORKS
        SPIRITUALITY_AND_IDENTITY SELF_HELP_GROUPS MEDICINES_MANAGEMENT HEALTH_CHECKS NUTRITION_ADVICE GP_AND_DENTIST
        ADVOCACY HEALTHY_EATING WEIGHT_CONTROL SMOKING_CESSATION SUBSTANCE_MISUSE_ADVICE NEEDS_ASSESSMENT
        BUILDING_RELATIONSHIP SUPPORT_PLANNING FAMILY_AND_FRIENDS ONWARD_REFERRAL RECORD_KEEPING
    """,
    "need": "HOMELESSNESS ALCOHOL_MISUSE DRUG_MISUSE SOCIAL_EXCLUSION CHALLENGING_BEHAVIOUR UNEMPLOYMENT BASIC_SKILLS",
    "risk": "LOW MEDIUM HIGH",
    "agency": "HOUSING POLICE TRAINING_PROVIDER ACCOMMODATION_PROVIDER",
    "completion": "GOALS_MET FURTHER_SUPPORT",
    "outcome": "GOALS_MET FURTHER_SUPPORT LONG_TERM_SUPPORT",
    "exemption": "S117 CJD NHS_CHC LOCAL_POLICY",
    "accommodation": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 98",
    "settled": "Y N Z 9",
    "check": "BELONGINGS MONEY PROPERTY",
    "decline": """
        NO_CAPACITY OUT_OF_AREA CANNOT_MEET_NEED RISK_TOO_HIGH START_DATE_NOT_MET INCOMPLETE_INFORMATION DUPLICATE
        NOT_ELIGIBLE FAILED_CONTACT OTHER
    """,
    "change": "ADMISSION DEATH SAFEGUARDING ADDRESS OTHER",
}


@pytest.mark.parametrize(("name", "members"), EXPECTED.items())
def test_each_list_has_exactly_its_codes(name: str, members: str) -> None:
    """A list has the codes that the county agreed, no more and no fewer."""
    assert code_list(name) == frozenset(members.split())


def test_there_are_no_other_lists() -> None:
    """The county keeps these lists only."""
    assert set(CODES) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_code_is_known_and_explained_in_one_line(name: str) -> None:
    """Whoever meets a code can read what it means, in a line that no other code of the list has."""
    labels = [label(name, code) for code in code_list(name)]

    assert all(is_known(name, code) for code in code_list(name))
    assert all(text.strip() == text != "" and "\n" not in text for text in labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_code_names_requirements_that_exist(name: str) -> None:
    """Where a code comes from a requirement, it names it by its number, R1 to R116."""
    named = {number for code in CODES[name].values() for number in code.requirements}

    assert all(re.fullmatch(r"R[0-9]+", number) and 1 <= int(number[1:]) <= 116 for number in named)


@pytest.mark.parametrize(
    ("name", "code", "mhsds"),
    [
        ("closure", "08", "ReferClosReason 08"),
        ("attendance", "5", "AttendStatus 5"),
        ("mechanism", "11", "ConsMechanismMH 11"),
        ("source", "P1", "SourceOfReferralMH P1"),
        ("reason", "18", "PrimReasonReferralMH 18"),
        ("need", "UNEMPLOYMENT", "EmployStatus 02"),
        ("need", "HOMELESSNESS", "AccommodationType 12-19"),
        ("need", "BASIC_SKILLS", None),
        ("team", "outreach-west", "ServTeamTypeRefToMH A08"),
        ("team", "cjld", "ServTeamTypeRefToMH D02"),
        ("district", "medway", None),
        ("risk", "HIGH", None),
    ],
)
def test_a_code_tells_its_national_meaning(name: str, code: str, mhsds: str | None) -> None:
    """A code that the Mental Health Services Data Set has too names its field and value there."""
    assert CODES[name][code].mhsds == mhsds


@pytest.mark.parametrize(
    ("name", "code", "requirement"),
    [
        ("activity", "TREATMENT_QUESTIONS", "R35"),
        ("activity", "ORDINARY_LIVES", "R49"),
        ("activity", "SUBSTANCE_MISUSE_ADVICE", "R65"),
        ("activity", "RECORD_KEEPING", "R93"),
        ("need", "HOMELESSNESS", "R82"),
        ("place", "COURT", "R94"),
        ("agency", "HOUSING", "R97"),
        ("check", "PROPERTY", "R37"),
        ("team", "maidstone-cmht", "R13"),
    ],
)
def test_a_code_names_the_requirement_it_comes_from(name: str, code: str, requirement: str) -> None:
    """A code that was taken from the specification names the sentence it stands for."""
    assert requirement in CODES[name][code].requirements


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("team", "Access-East"),
        ("team", ""),
        ("district", "shepway"),
        ("source", "a1"),
        ("reason", "1"),
        ("attendance", "05"),
        ("mechanism", "03"),
        ("accommodation", "MA00"),
        ("risk", " LOW"),
        ("settled", "y"),
    ],
)
def test_a_code_that_is_not_in_its_list_is_not_known(name: str, code: str) -> None:
    """Near misses, retired codes and other spellings are not known, on no day."""
    assert not is_known(name, code)
    assert not is_known(name, code, date(2012, 10, 1))


@pytest.mark.parametrize(
    ("name", "code", "on", "known"),
    [
        ("district", "medway", date(1998, 3, 31), False),
        ("district", "medway", date(1998, 4, 1), True),
        ("district", "thanet", date(1974, 3, 31), False),
        ("district", "thanet", date(1974, 4, 1), True),
        ("district", "folkestone-and-hythe", date(2012, 10, 1), True),
        ("team", "access-east", date(2002, 12, 31), True),
        ("closure", "08", date(2012, 10, 1), True),
    ],
)
def test_a_code_is_known_on_the_days_it_was_in_use(name: str, code: str, on: date, known: bool) -> None:
    """Asked about a day, a code is known only from its first to its last day; without such days, always."""
    assert is_known(name, code, on) is known


def test_an_unknown_list_is_an_error() -> None:
    """Asking a list that the county does not keep is a mistake of the asker, never a plain no."""
    with pytest.raises(KeyError):
        code_list("colour")
    with pytest.raises(KeyError):
        is_known("colour", "RED")
    with pytest.raises(KeyError):
        label("risk", "EXTREME")
