"""Every refusal of design section 7, and the order of ruling 8: where several apply, the first is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.words.refusals import SENTENCES, sentence
from services.words.word import Word
from tests.episodes.story import Story, county_on, under_way
from tests.episodes.words_said import (
    EPISODE,
    LEGACY,
    NUMBER,
    OTHER_NUMBER,
    SECOND,
    accepted,
    an_id,
    assessed,
    completed,
    contact,
    contact_corrected,
    corrected,
    declined,
    died,
    ended,
    in_error,
    legacy,
    moved_to_team,
    referred,
    registered,
    resumed,
    reviewed,
    started,
    worker,
)

OTHER = an_id("another person")
ORDER = (
    *("UNREADABLE", "MISROUTED", "ID_REUSED", "UNKNOWN_TYPE", "NOT_YOURS", "INVALID_DATA", "UNKNOWN_PERSON"),
    *("PERSON_ERASED", "DUPLICATE_PERSON", "INVALID_NHS_NUMBER", "PERSON_DIED", "UNKNOWN_TEAM", "UNKNOWN_CODE"),
    *("UNKNOWN_EPISODE", "UNKNOWN_CONTACT", "EPISODE_EXISTS", "EPISODE_NOT_OPEN", "WRONG_PHASE", "HANDOVER_OPEN"),
    *("STR_ALREADY_OPEN", "STR_BEFORE_2003", "CSS_CLOSED", "BEFORE_START", "AFTER_CAP", "AFTER_END"),
    "IN_THE_FUTURE",
)
TODAY, TOMORROW = "2012-10-01", "2012-10-02"


def nobody() -> Story:
    """A county in which nobody is registered."""
    return Story().day(TODAY)


def somebody() -> Story:
    """A registered person."""
    return county_on(TODAY)


def somebody_before_days() -> Story:
    """A registered person in a county that has had no day yet."""
    return Story().given(registered())


def two_people() -> Story:
    """Two registered people, each with a number of their own."""
    return somebody().given(registered(OTHER_NUMBER), of=OTHER)


def dead() -> Story:
    """A person in support who has died today."""
    return under_way().given(died(TODAY))


def over() -> Story:
    """A person whose episode, with a contact, began and ended today."""
    return under_way().given(contact(TODAY), ended(TODAY))


def asked() -> Story:
    """A person for whom a handover was asked, and who is in support."""
    return under_way().given(reviewed(TODAY, "LONG_TERM_SUPPORT"))


def asked_and_over() -> Story:
    """A person for whom a handover was asked, and whose support has ended."""
    return asked().given(ended(TODAY))


def with_legacy_case() -> Story:
    """A person with a legacy case, in the last month in which one is taken."""
    return county_on("2012-09-10").given(legacy("2008-01-01"))


def in_error_with_contact() -> Story:
    """A person whose episode, with a contact, was entered in error."""
    return under_way().given(contact(TODAY), in_error())


def back_after_the_cap() -> Story:
    """A person whose second episode goes on with a clock whose cap is passed."""
    story = under_way().day("2013-03-30").given(ended("2013-03-30")).day("2013-04-04")
    return story.given(*(word("2013-04-03", SECOND) for word in (referred, accepted, started)))


def at_the_cap() -> Story:
    """A person on their last permitted day."""
    return under_way().day("2013-03-31")


ONE_EACH: list[tuple[str, Callable[[], Story], Word]] = [
    ("ID_REUSED", over, contact(TODAY)),
    ("UNKNOWN_PERSON", nobody, referred(TODAY)),
    ("DUPLICATE_PERSON", somebody, registered()),
    ("INVALID_NHS_NUMBER", nobody, registered("9990000019")),
    ("PERSON_DIED", dead, died(TODAY)),
    ("UNKNOWN_TEAM", somebody, referred(TODAY, team="maidstone")),
    ("UNKNOWN_CODE", somebody, referred(TODAY, priority="9")),
    ("UNKNOWN_EPISODE", somebody, accepted(TODAY)),
    ("UNKNOWN_CONTACT", over, contact_corrected(SECOND)),
    ("EPISODE_EXISTS", over, referred(TODAY)),
    ("EPISODE_NOT_OPEN", over, ended(TODAY)),
    ("WRONG_PHASE", under_way, accepted(TODAY)),
    ("HANDOVER_OPEN", asked, reviewed(TODAY, "LONG_TERM_SUPPORT")),
    ("STR_ALREADY_OPEN", under_way, referred(TODAY, SECOND)),
    ("STR_BEFORE_2003", somebody, referred("2002-12-31")),
    ("CSS_CLOSED", somebody, legacy("2008-01-01")),
    ("BEFORE_START", under_way, contact("2012-09-30")),
    ("AFTER_CAP", back_after_the_cap, contact("2013-04-03", episode=SECOND)),
    ("AFTER_END", over, worker(TOMORROW)),
    ("IN_THE_FUTURE", somebody, referred(TOMORROW)),
]


@pytest.mark.parametrize(("code", "story", "word"), ONE_EACH, ids=[code for code, _, _ in ONE_EACH])
def test_each_refusal_has_its_story(code: str, story: Callable[[], Story], word: Word) -> None:
    """Each refusal of the rules comes about in a story of a line or two."""
    story().when(word).then_refused(code)


PAIRS: list[tuple[str, str, Callable[[], Story], Word]] = [
    ("UNKNOWN_PERSON", "DUPLICATE_PERSON", lambda: nobody().given(registered(), of=OTHER), corrected()),
    ("UNKNOWN_PERSON", "INVALID_NHS_NUMBER", nobody, corrected("0000000000")),
    ("UNKNOWN_PERSON", "UNKNOWN_TEAM", nobody, referred(TODAY, team="maidstone")),
    ("UNKNOWN_PERSON", "UNKNOWN_CODE", nobody, corrected(district="surrey")),
    ("UNKNOWN_PERSON", "UNKNOWN_EPISODE", nobody, accepted(TODAY)),
    ("UNKNOWN_PERSON", "IN_THE_FUTURE", nobody, died(TOMORROW)),
    ("DUPLICATE_PERSON", "INVALID_NHS_NUMBER", somebody, registered("0000000000")),
    ("DUPLICATE_PERSON", "UNKNOWN_CODE", two_people, corrected(OTHER_NUMBER, district="surrey")),
    ("INVALID_NHS_NUMBER", "UNKNOWN_CODE", nobody, registered("0000000000", district="surrey")),
    ("INVALID_NHS_NUMBER", "UNKNOWN_CODE", somebody, corrected("0000000000", district="surrey")),
    ("PERSON_DIED", "UNKNOWN_TEAM", dead, referred(TODAY, SECOND, team="maidstone")),
    ("PERSON_DIED", "UNKNOWN_CODE", dead, contact(TOMORROW, attendance="9")),
    ("PERSON_DIED", "UNKNOWN_EPISODE", dead, worker(TOMORROW, SECOND)),
    ("PERSON_DIED", "EPISODE_EXISTS", dead, referred(TODAY)),
    ("PERSON_DIED", "EPISODE_NOT_OPEN", dead, ended(TOMORROW)),
    ("PERSON_DIED", "CSS_CLOSED", dead, legacy("2008-01-01")),
    ("PERSON_DIED", "IN_THE_FUTURE", dead, died(TOMORROW)),
    ("UNKNOWN_TEAM", "UNKNOWN_CODE", somebody, referred(TODAY, team="maidstone", priority="9")),
    ("UNKNOWN_TEAM", "UNKNOWN_EPISODE", somebody, moved_to_team(TODAY, "maidstone")),
    ("UNKNOWN_TEAM", "EPISODE_EXISTS", over, referred(TODAY, team="maidstone")),
    ("UNKNOWN_CODE", "UNKNOWN_EPISODE", somebody, ended(TODAY, reason="99")),
    ("UNKNOWN_CODE", "EPISODE_EXISTS", over, referred(TODAY, priority="9")),
    ("UNKNOWN_CODE", "EPISODE_NOT_OPEN", over, ended(TODAY, reason="99")),
    ("UNKNOWN_EPISODE", "UNKNOWN_CONTACT", somebody, contact_corrected()),
    ("UNKNOWN_EPISODE", "IN_THE_FUTURE", somebody, accepted(TOMORROW)),
    ("UNKNOWN_CONTACT", "EPISODE_NOT_OPEN", in_error_with_contact, contact_corrected(SECOND)),
    ("ID_REUSED", "EPISODE_NOT_OPEN", in_error_with_contact, contact(TODAY)),
    ("ID_REUSED", "AFTER_END", over, contact(TOMORROW)),
    ("EPISODE_EXISTS", "STR_ALREADY_OPEN", under_way, referred(TODAY)),
    ("EPISODE_EXISTS", "STR_BEFORE_2003", over, referred("2002-12-31")),
    ("EPISODE_EXISTS", "CSS_CLOSED", over, legacy("2008-01-01", EPISODE)),
    ("EPISODE_EXISTS", "IN_THE_FUTURE", over, referred(TOMORROW)),
    ("EPISODE_NOT_OPEN", "WRONG_PHASE", over, accepted(TODAY)),
    ("EPISODE_NOT_OPEN", "WRONG_PHASE", over, resumed(TODAY)),
    ("EPISODE_NOT_OPEN", "HANDOVER_OPEN", asked_and_over, reviewed(TODAY, "LONG_TERM_SUPPORT")),
    ("EPISODE_NOT_OPEN", "BEFORE_START", over, ended("2012-09-01")),
    ("EPISODE_NOT_OPEN", "AFTER_END", over, ended(TOMORROW)),
    ("WRONG_PHASE", "HANDOVER_OPEN", with_legacy_case, reviewed("2012-09-10", "LONG_TERM_SUPPORT", LEGACY)),
    ("WRONG_PHASE", "BEFORE_START", under_way, accepted("2012-09-01")),
    ("WRONG_PHASE", "BEFORE_START", under_way, declined("2012-09-01")),
    ("WRONG_PHASE", "IN_THE_FUTURE", under_way, started(TOMORROW)),
    ("HANDOVER_OPEN", "BEFORE_START", asked, reviewed("2012-09-01", "LONG_TERM_SUPPORT")),
    ("HANDOVER_OPEN", "IN_THE_FUTURE", asked, reviewed(TOMORROW, "LONG_TERM_SUPPORT")),
    ("STR_ALREADY_OPEN", "STR_BEFORE_2003", under_way, referred("2002-12-31", SECOND)),
    ("STR_ALREADY_OPEN", "IN_THE_FUTURE", under_way, referred(TOMORROW, SECOND)),
    ("STR_BEFORE_2003", "IN_THE_FUTURE", somebody_before_days, referred("2002-12-31")),
    ("CSS_CLOSED", "IN_THE_FUTURE", somebody, legacy(TOMORROW)),
    ("BEFORE_START", "AFTER_CAP", back_after_the_cap, contact("2013-04-02", episode=SECOND)),
    ("BEFORE_START", "IN_THE_FUTURE", lambda: somebody().given(referred(TODAY)), contact(TOMORROW)),
    ("AFTER_CAP", "AFTER_END", lambda: at_the_cap().given(ended("2013-03-31")), contact("2013-04-01")),
    ("AFTER_CAP", "IN_THE_FUTURE", at_the_cap, contact("2013-04-01")),
    ("AFTER_END", "IN_THE_FUTURE", over, assessed(TOMORROW)),
]


@pytest.mark.parametrize(
    ("first", "second", "story", "word"), PAIRS, ids=[f"{one} before {other}" for one, other, _, _ in PAIRS]
)
def test_r8_the_earlier_refusal_is_given(first: str, second: str, story: Callable[[], Story], word: Word) -> None:
    """Ruling 8: an input to which both apply is refused for the earlier one."""
    place = {**{code: n for n, code in enumerate(ORDER)}}
    if word.TYPE.endswith("ContactRecorded"):
        place["ID_REUSED"] = place["UNKNOWN_CONTACT"]  # ruling 12: a contact's id is checked there
    assert place[first] < place[second]
    story().when(word).then_refused(first)


def test_r8_the_list_of_sentences_is_in_its_order() -> None:
    """The codes are listed as ruling 8 orders them, and each pair above names two of them."""
    assert tuple(SENTENCES)[: len(ORDER)] == ORDER
    assert {code for pair in PAIRS for code in pair[:2]} <= set(ORDER)


def test_s7_every_code_of_the_rules_is_told_here() -> None:
    """What the rules can refuse is what the stories above show; the rest is the engine's (see test_inbox_refusals)."""
    engine_s = {"UNREADABLE", "MISROUTED", "UNKNOWN_TYPE", "NOT_YOURS", "INVALID_DATA", "PERSON_ERASED"}
    assert {code for code, _, _ in ONE_EACH} == set(ORDER) - engine_s


@pytest.mark.parametrize(
    ("word", "parameters"),
    [
        (completed(TOMORROW), {"limit": TODAY}),
        (contact("2012-09-30"), {"limit": TODAY}),
        (accepted(TODAY), {"phase": "ENABLEMENT"}),
    ],
)
def test_a_refusal_names_limits_never_values(word: Word, parameters: dict[str, str]) -> None:
    """A refusal says what the limit is; the value that failed stands nowhere."""
    (refusal,) = under_way().when(word).decisions[-1].refusals
    assert refusal.parameters == parameters


def test_r27_a_refusal_says_that_it_was_an_error() -> None:
    """What was entered in error has no last day, so the refusal says what happened instead."""
    (refusal,) = in_error_with_contact().when(ended(TODAY)).decisions[-1].refusals
    assert "is over since its entry in error;" in sentence(refusal.code, refusal.parameters)


def test_a_refusal_of_a_code_names_field_and_list() -> None:
    """Of an unknown code only its field and its list are said."""
    (refusal,) = somebody().when(referred(TODAY, priority="a secret")).decisions[-1].refusals
    assert refusal.parameters == {"field": "priority", "list": "priority"}
    assert NUMBER not in str(refusal)
