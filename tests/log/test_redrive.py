from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.log.record import Draft
from services.vault.vault import Vault
from services.words.topics import EPISODES_INBOX
from tests.log.engine_county import (
    EngineCounty,
    adopted,
    an_id,
    corrected,
    day,
    days,
    died,
    event,
    has_repeats,
    moved,
    person,
    redriven,
    registered,
)

ADA, BEN = person("ada"), person("ben")
NOT_REFUSED = {"field": "offset", "problem": "NOT_REFUSED"}


@pytest.fixture
def county(tmp_path: Path) -> Iterable[EngineCounty]:
    """A county in August 2012 in which nobody is registered."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"))
    yield county
    county.close()


def refused(county: EngineCounty, said: dict[str, object]) -> int:
    """Say something that is refused; its offset."""
    offset = county.put(said)
    county.settle()
    assert county.refused()[-1].inbox_offset == offset
    return offset


@pytest.mark.parametrize("restarted", [False, True])
def test_refused_event_is_decided_anew(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: what was refused because nobody was registered is recorded when it is redriven afterwards."""
    offset = refused(county, moved(ADA, "2012-08-02"))
    county.tell(registered(ADA, 0))
    if restarted:
        county.start()

    county.tell(redriven(ADA, offset))

    assert (county.codes(), county.types()[-1]) == (["UNKNOWN_PERSON"], "AccommodationChanged")
    fact = county.ledger()[-1]
    assert (fact.causation_id, fact.inbox_offset) == (moved(ADA, "2012-08-02")["id"], offset + 2)
    assert (fact.source, fact.time) == (moved(ADA, "2012-08-02")["source"], moved(ADA, "2012-08-02")["time"])


@pytest.mark.parametrize("restarted", [False, True])
def test_redrive_works_after_the_months_key_is_gone(tmp_path: Path, restarted: bool) -> None:
    """Design §6: the content key of what was refused is kept under the subject's own key, so it opens years later."""
    county = EngineCounty(tmp_path / "data")
    county.start()
    county.tell(adopted(), *days("2012-08-01", "2012-08-04"))
    offset = refused(county, corrected(ADA, 0))
    county.tell(registered(ADA, 1))
    destroyed = _destroy_month_keys(county)
    if restarted:
        county.restart_vault()
        county.start()

    never_refused = county.put(corrected(ADA, 2))
    county.put(redriven(ADA, offset))
    county.settle()

    assert destroyed
    assert county.codes() == ["UNKNOWN_PERSON", "UNREADABLE"]
    assert county.refused()[-1].inbox_offset == never_refused
    assert county.types()[-1] == "PersonDetailsCorrected"
    county.close()


@pytest.mark.parametrize("restarted", [False, True])
def test_same_redrive_twice_does_nothing_the_second_time(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: a redrive is an input of its own, and the same one again does nothing, whatever the first one did."""
    offset = refused(county, moved(ADA, "2012-08-02"))
    still_refused = redriven(ADA, offset, an_id("too early"))
    county.tell(still_refused)
    county.tell(registered(ADA, 0))
    taken = redriven(ADA, offset, an_id("now"))
    county.tell(taken)
    before = county.raw()
    if restarted:
        county.start()

    county.tell(still_refused, taken, taken)

    assert county.raw() == before
    assert county.codes() == ["UNKNOWN_PERSON", "UNKNOWN_PERSON"]
    assert county.types().count("AccommodationChanged") == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_redrive_that_led_to_a_refusal_is_known_when_it_comes_again(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: nothing has changed since, and the same redrive is not answered twice."""
    offset = refused(county, moved(ADA, "2012-08-02"))
    county.tell(redriven(ADA, offset))
    if restarted:
        county.start()

    county.tell(redriven(ADA, offset))

    assert county.codes() == ["UNKNOWN_PERSON", "UNKNOWN_PERSON"]


def test_redrive_refused_again_can_be_redriven_again(county: EngineCounty) -> None:
    """Ruling 3: each redrive decides anew, and each refusal that it leads to is one of its own."""
    offset = refused(county, corrected(ADA, 0))
    for number in range(3):
        county.tell(redriven(ADA, offset, an_id(f"redrive {number}")))
    county.tell(registered(ADA, 1), redriven(ADA, offset, an_id("at last")))

    assert county.codes() == ["UNKNOWN_PERSON"] * 4
    assert [kept.data["redrive_id"] for kept in county.refused()] == [None, *(an_id(f"redrive {n}") for n in range(3))]
    assert not has_repeats(county.refused())
    assert county.types()[-1] == "PersonDetailsCorrected"


@pytest.mark.parametrize("restarted", [False, True])
def test_redrive_of_what_is_recorded_does_nothing(county: EngineCounty, restarted: bool) -> None:
    """Ruling 3: what is recorded already, be it redriven, does nothing."""
    county.tell(registered(ADA, 0))
    offset = county.put(moved(ADA, "2012-08-02"))
    county.settle()
    before = county.raw()
    if restarted:
        county.start()

    county.tell(redriven(ADA, offset))

    assert county.raw() == before
    assert county.engines[0].counts.repeated == 1


def test_redrive_of_what_was_mended_meanwhile_is_reused(county: EngineCounty) -> None:
    """Ruling 3: once mended content is recorded under its id, the refused content can no longer be."""
    offset = refused(county, moved(ADA, "2012-08-02", an_id("mended")))
    county.tell(registered(ADA, 0), moved(ADA, "2012-08-03", an_id("mended")))

    county.tell(redriven(ADA, offset))

    assert county.codes() == ["UNKNOWN_PERSON", "ID_REUSED"]
    assert county.refused()[-1].data["type"].endswith("AccommodationChanged")


@pytest.mark.parametrize("which", ["itself", "far", "unreadable", "misrouted", "a redrive", "a day"])
def test_redrive_of_nothing_is_refused(county: EngineCounty, which: str) -> None:
    """Ruling 3: a redrive that names no earlier refused event of this subject says so in plain words."""
    offset = _offset_of_nothing(county, which)

    county.tell(redriven(ADA, offset, an_id("of nothing")))

    assert county.codes()[-1] == "INVALID_DATA"
    assert county.refused()[-1].data["parameters"] == NOT_REFUSED
    assert "AccommodationChanged" not in county.types()


def test_redrive_of_what_comes_after_it_is_refused(county: EngineCounty) -> None:
    """Ruling 3: only what was refused before can be redriven, though event and a later redrive are in the same turn."""
    offset = county.put(redriven(ADA, county.log.end_offset((EPISODES_INBOX, 0)) + 1, an_id("too early")))
    county.emit([moved(ADA, "2012-08-02"), redriven(ADA, offset + 1)])

    county.settle()

    assert [(kept.inbox_offset, kept.data["code"]) for kept in county.refused()] == [
        (offset, "INVALID_DATA"),
        (offset + 1, "UNKNOWN_PERSON"),
        (offset + 2, "UNKNOWN_PERSON"),
    ]


@pytest.mark.parametrize("offset", [-1, "3", None, 1.5, True])
def test_redrive_needs_an_offset(county: EngineCounty, offset: object) -> None:
    """Ruling 16: an offset is a whole number from 0 on."""
    county.tell(redriven(ADA, offset))  # type: ignore[arg-type]  # what a stranger may write

    (refusal,) = county.refused()
    assert (refusal.data["code"], refusal.data["parameters"]["field"]) == ("INVALID_DATA", "offset")


def test_redrive_by_a_stranger_is_not_yours(county: EngineCounty) -> None:
    """Ruling 13: only the redrive door may have something decided anew."""
    offset = refused(county, moved(ADA, "2012-08-02"))
    county.tell(registered(ADA, 0))
    (unsigned,) = county.unsigned(redriven(ADA, offset))
    county.put(unsigned)
    (by_ticker,) = county.said_by("ticker", redriven(ADA, offset, an_id("another")))
    county.put(by_ticker)

    county.settle()

    assert county.codes() == ["UNKNOWN_PERSON", "NOT_YOURS", "NOT_YOURS"]
    assert "AccommodationChanged" not in county.types()


def test_redrive_of_anothers_event_is_refused(county: EngineCounty) -> None:
    """Ruling 3: the subject of a redrive is that of the refused event; another's is nothing of this subject."""
    offset = refused(county, moved(ADA, "2012-08-02"))
    county.tell(registered(ADA, 0), registered(BEN, 1))

    county.tell(redriven(BEN, offset))

    assert county.refused()[-1].data["parameters"] == NOT_REFUSED
    assert county.refused()[-1].subject == BEN
    assert "AccommodationChanged" not in county.types()


def test_redrive_of_a_system_word_still_needs_its_door(county: EngineCounty) -> None:
    """Ruling 13: a redrive does not lend its signature to what it is about."""
    outcome = {"handover_id": an_id("h"), "lot": "WEST_KENT", "on": "2012-08-02", "reason": "01"}
    (unsigned,) = county.unsigned(event("SupportEndReported", ADA, outcome))
    offset = county.put(unsigned)

    county.tell(redriven(ADA, offset))

    assert county.codes() == ["NOT_YOURS", "NOT_YOURS"]
    assert county.types()[-1] == "DayBegan"


def test_refused_day_can_be_redriven(tmp_path: Path) -> None:
    """Ruling 3: a day that was refused comes through by a redrive under the calendar's key, and only so."""
    now = [int(datetime(2012, 8, 1, 12, tzinfo=UTC).timestamp() * 1000)]
    county = EngineCounty(tmp_path / "data")
    county.log._clock = lambda: now[0]
    county.start()
    county.tell(day("2012-08-01"))
    offset = refused(county, day("2012-08-02"))
    now[0] += 86_400_000

    county.tell(day("2012-08-02"))
    again = county.types()
    county.tell(redriven("", offset))

    assert (county.codes(), again, county.types()) == (["IN_THE_FUTURE"], ["DayBegan"], ["DayBegan", "DayBegan"])
    assert county.engines[0].memory.state.today == datetime(2012, 8, 2, tzinfo=UTC).date()
    county.close()


def test_original_and_redrive_in_one_turn(county: EngineCounty) -> None:
    """Ruling 3: an event, what it lacked, and its redrive may all stand in one turn."""
    offset = county.put(corrected(ADA, 0))
    county.emit([registered(ADA, 1), redriven(ADA, offset)])

    county.settle()

    assert (county.codes(), county.types()[-1]) == (["UNKNOWN_PERSON"], "PersonDetailsCorrected")


def test_redrive_after_death_is_judged_as_of_now(county: EngineCounty) -> None:
    """Ruling 24: decided anew means by what is known now, not by what was known then."""
    offset = refused(county, moved(ADA, "2012-08-04"))
    county.tell(registered(ADA, 0), died(ADA, "2012-08-02"))

    county.tell(redriven(ADA, offset))

    assert county.codes() == ["UNKNOWN_PERSON", "PERSON_DIED"]


def test_redriven_registration_asks_the_vault_anew(county: EngineCounty) -> None:
    """Ruling 1: a redrive is another offset, so a new question: a number that has become free can be claimed."""
    county.tell(registered(ADA, 0))
    offset = refused(county, registered(BEN, 0))
    county.tell(corrected(ADA, 1))

    county.tell(redriven(BEN, offset))

    assert county.codes() == ["DUPLICATE_PERSON"]
    assert (county.ledger()[-1].subject, county.types()[-1]) == (BEN, "PersonRegistered")


def _destroy_month_keys(county: EngineCounty) -> list[str]:
    """Let the vault destroy its month keys, as one that is opened a quarter of a year later does."""
    later = Vault(county.folder, lambda: datetime.now(UTC) + timedelta(days=100))
    destroyed = later.destroy_month_keys_due()
    later.close()
    return destroyed


def _offset_of_nothing(county: EngineCounty, which: str) -> int:
    end = county.log.end_offset((EPISODES_INBOX, 0))
    (good,) = county.draft(moved(ADA, "2012-08-02"))
    match which:
        case "itself":
            return end
        case "far":
            return 10**12
        case "unreadable":
            return county.put(Draft(good.topic, 0, good.key, good.headers, None))
        case "misrouted":
            county.tell(registered(ADA, 0))
            return county.put(Draft(good.topic, 0, BEN.encode(), good.headers, good.value))
        case "a redrive":
            return county.put(redriven(ADA, 10**6))
        case _:
            return 1
