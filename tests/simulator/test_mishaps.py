"""What goes wrong in a synthetic county, and that each reason for a refusal has its example."""

from collections import Counter

from pydantic import ValidationError

from services.county.nhs_number import is_valid
from services.simulator.told import Told
from services.words.catalogue import EVERY_WORD, RECORDER_WORDS
from services.words.refusals import SENTENCES

# A feed cannot hold what cannot be read or lies in a wrong partition, nor a fault of the service, nor an erasure.
NOT_BY_A_FEED = {"UNREADABLE", "MISROUTED", "CANNOT_DECIDE", "PERSON_ERASED"}
OF_AN_EPISODE = set(list(SENTENCES)[: list(SENTENCES).index("UNKNOWN_PROVIDER")]) - NOT_BY_A_FEED


def test_every_reason_for_a_refusal_occurs(year: tuple[Told, ...]) -> None:
    """Section 7: a year of 2,000 people shows each refusal code that a feed can cause."""
    assert {told.planted for told in year} - {None} == OF_AN_EPISODE


def test_few_things_go_wrong(year: tuple[Told, ...]) -> None:
    """One or two in a hundred events are late, repeated or wrong."""
    seen: Counter[tuple[str, str]] = Counter()
    mishaps = 0
    for told in year:
        key = (told.event.get("subject", ""), told.event["id"])
        seen[key] += 1
        late = told.movable and told.on is not None and told.on < told.day
        mishaps += late or seen[key] > 1 or told.planted is not None
    assert 0.01 < mishaps / len(year) < 0.025


def test_some_events_come_twice(year: tuple[Told, ...]) -> None:
    """A sender who did not hear that an event had arrived sends it again, unchanged, on the same day or later."""
    seen: dict[str, Told] = {}
    again = [(seen[told.event["id"]], told) for told in year if seen.setdefault(told.event["id"], told) is not told]
    same = [(one, other) for one, other in again if one.event == other.event]
    assert len(same) > 100
    assert any(one.day == other.day for one, other in same)
    assert any(one.day < other.day for one, other in same)


def test_some_ids_come_again_with_other_content(year: tuple[Told, ...]) -> None:
    """An id used for something else, and a contact's id used for another contact, are both among the wrong events."""
    ids = {told.event["id"] for told in year if told.planted is None}
    reused = [told.event["id"] in ids for told in year if told.planted == "ID_REUSED"]
    assert set(reused) == {True, False}


def test_some_records_of_a_day_come_in_another_order(year: tuple[Told, ...]) -> None:
    """A person's work of one day is at times told later first."""
    before: dict[str, Told] = {}
    swapped = 0
    for told in year:
        former = before.get(told.event.get("subject", ""))
        if former and told.movable and former.movable and former.on == told.on == told.day == former.day:
            swapped += told.event["time"] < former.event["time"]
        if told.planted is None and "subject" in told.event:
            before[told.event["subject"]] = told
    assert swapped > 10


def test_malformed_data_does_not_fit_its_word(year: tuple[Told, ...]) -> None:
    """What is planted as INVALID_DATA is refused by the word itself, and nothing else of a known type is."""
    for told in year:
        word = EVERY_WORD.get(told.event["type"])
        if word is None or word.TYPE in RECORDER_WORDS:
            continue
        try:
            word.model_validate(told.event["data"])
        except ValidationError:
            assert told.planted == "INVALID_DATA"
        else:
            assert told.planted != "INVALID_DATA"


def test_a_wrong_number_is_mended_under_the_same_id(year: tuple[Told, ...]) -> None:
    """A registration with a wrong digit is refused, and decided anew when it comes mended (ruling 3)."""
    wrong = {told.event["id"]: told for told in year if told.planted == "INVALID_NHS_NUMBER"}
    mended = {told.event["id"]: told for told in year if told.event["id"] in wrong and told.planted is None}
    assert wrong.keys() == mended.keys()
    for event_id, told in wrong.items():
        assert not is_valid(told.event["data"]["details"]["nhs_number"], synthetic=True)
        assert is_valid(mended[event_id].event["data"]["details"]["nhs_number"], synthetic=True)
