"""What the commissioner may say, and why it is refused (rulings 72, 73, 89 to 92)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from services.words import commissioning, referred
from services.words.deciding import Decision
from services.words.messages import Recontracted
from services.words.word import Word
from tests.handover.story import (
    EAST,
    MEDWAY,
    WEST,
    Story,
    day_of,
    episode,
    handover,
    one_provider,
    person,
    with_providers,
)

Said = Callable[[Story], Decision]


def wave(story: Story, freeze_on: str, start_on: str, wave_id: str = "w", lot: str = EAST) -> Decision:
    """A wave is planned."""
    days = {"freeze_on": day_of(freeze_on), "start_on": day_of(start_on)}
    return story.tell(commissioning.WavePlanned(wave_id=wave_id, lot=lot, **days), lot)


def added(story: Story, case: str, wave_id: str = "w") -> Decision:
    """A case is added to a wave."""
    return story.tell(commissioning.CaseAddedToWave(wave_id=wave_id, handover_id=handover(case)), EAST)


def deferred(story: Story, case: str, wave_id: str = "w") -> Decision:
    """A case is deferred."""
    word = commissioning.CaseDeferred(wave_id=wave_id, handover_id=handover(case), reason="in hospital")
    return story.tell(word, EAST)


def closed(story: Story, wave_id: str = "w") -> Decision:
    """A wave is closed."""
    return story.tell(commissioning.WaveClosed(wave_id=wave_id), EAST)


def recontracted(
    story: Story, case: str = "old", minutes: int = 120, on: str = "2012-10-01", **change: str
) -> Decision:
    """Support by a provider is contracted anew."""
    fields = {"provider_id": "oak", "contract_id": "c-oak", **change}
    word = commissioning.ExternalCssRecontracted(
        episode_id=episode(case),
        person_id=person(case),
        since=day_of("2010-04-01"),
        weekly_minutes=minutes,
        on=day_of(on),
        **fields,
    )
    return story.tell(word, EAST)


def ends(contract_id: str, on: str, lot: str = EAST) -> Said:
    """A contract is ended."""
    return lambda story: story.tell(commissioning.ContractEnded(contract_id=contract_id, on=day_of(on)), lot)


def registers(provider_id: str) -> Said:
    """A provider is registered; on a secured broker its id is its principal (decision 0012)."""
    return lambda story: story.provider(provider_id, connected=False).last


def suspends(provider_id: str, subject: str) -> Said:
    """A provider is suspended."""
    return lambda story: story.tell(commissioning.ProviderSuspended(provider_id=provider_id), subject)


REFUSALS: dict[str, tuple[Said, str]] = {
    "a word about another provider than its subject": (suspends("oak", "ash"), "INVALID_DATA"),
    "a provider that is called as an auditor": (registers("auditor"), "INVALID_DATA"),
    "a provider that is called as the super user": (registers("stack"), "INVALID_DATA"),
    "a provider that is called as a team": (registers("maidstone-cmht"), "INVALID_DATA"),
    "suspending nobody": (suspends("elm", "elm"), "UNKNOWN_PROVIDER"),
    "connecting nobody": (
        lambda story: story.tell(referred.ProviderConnected(provider_id="elm"), "elm"),
        "UNKNOWN_PROVIDER",
    ),
    "a contract that ends before it begins": (
        lambda story: story.contract("c", "oak", to_on="2012-08-31"),
        "INVALID_DATA",
    ),
    "a contract for a district that there is not": (
        lambda story: story.contract("c", "oak", districts=["shepway"]),
        "UNKNOWN_CODE",
    ),
    "a contract of nobody": (lambda story: story.contract("c", "elm"), "UNKNOWN_PROVIDER"),
    "a contract's id again": (lambda story: story.contract("c-oak", "oak"), "CONTRACT_EXISTS"),
    "a district outside the lot": (lambda story: story.contract("c", "oak", districts=["maidstone"]), "OUT_OF_LOT"),
    "a contract for Medway": (
        lambda story: story.contract("c", "oak", lot=MEDWAY, districts=["medway"]),
        "OUT_OF_LOT",
    ),
    "ending what there is not": (ends("c", "2012-12-31"), "UNKNOWN_CONTRACT"),
    "ending another lot's contract": (ends("c-oak", "2012-12-31", WEST), "UNKNOWN_CONTRACT"),
    "ending a contract later than agreed": (ends("c-oak", "2015-10-01"), "CONTRACT_NOT_ACTIVE"),
    "ending a contract before it began": (ends("c-oak", "2012-08-31"), "CONTRACT_NOT_ACTIVE"),
    "declaring for what there is not": (lambda story: story.declared("c", 1, "2012-10-01"), "UNKNOWN_CONTRACT"),
    "declaring more than the contract": (lambda story: story.declared("c-oak", 601, "2012-10-01"), "OVER_CONTRACT"),
    "a wave frozen today": (lambda story: wave(story, "2012-10-01", "2012-11-01"), "IN_THE_PAST"),
    "a wave that starts before its freeze": (lambda story: wave(story, "2012-11-02", "2012-11-01"), "INVALID_DATA"),
    "a wave of Medway": (lambda story: wave(story, "2012-11-01", "2012-11-01", lot=MEDWAY), "OUT_OF_LOT"),
    "a wave's id again": (lambda story: wave(story, "2012-11-01", "2012-11-02", "known"), "WAVE_EXISTS"),
    "adding to no wave": (lambda story: added(story, "leo", "none"), "UNKNOWN_WAVE"),
    "adding nobody": (lambda story: added(story, "nobody", "known"), "UNKNOWN_HANDOVER"),
    "adding a case that is offered at once": (lambda story: added(story, "ann", "known"), "WRONG_STATE"),
    "adding a case twice": (lambda story: added(story, "leo", "known"), "WRONG_STATE"),
    "deferring who is not in it": (lambda story: deferred(story, "ann", "known"), "UNKNOWN_HANDOVER"),
    "closing before the start": (lambda story: closed(story, "known"), "WAVE_NOT_STARTED"),
    "closing what there is not": (lambda story: closed(story, "none"), "UNKNOWN_WAVE"),
    "re-contracting for a day to come": (lambda story: recontracted(story, on="2012-10-02"), "IN_THE_FUTURE"),
    "re-contracting with nobody": (lambda story: recontracted(story, provider_id="elm"), "UNKNOWN_PROVIDER"),
    "re-contracting without a contract": (lambda story: recontracted(story, contract_id="c"), "UNKNOWN_CONTRACT"),
    "re-contracting under another's contract": (
        lambda story: recontracted(story, contract_id="c-ash"),
        "UNKNOWN_CONTRACT",
    ),
    "re-contracting before the contract": (lambda story: recontracted(story, on="2012-08-31"), "CONTRACT_NOT_ACTIVE"),
    "re-contracting without room": (lambda story: recontracted(story, minutes=481), "NO_ROOM"),
    "re-contracting what is a handover already": (lambda story: recontracted(story, "ann", 60), "WRONG_STATE"),
    "asking for a handover again": (lambda story: story.request("ann"), "WRONG_STATE"),
    "withdrawing what there is not": (lambda story: story.withdrawn("nobody"), "UNKNOWN_HANDOVER"),
    "an end of support that never began": (lambda story: story.support_ended("ann"), "WRONG_STATE"),
}


@pytest.mark.parametrize(
    ("word", "field", "wrong"),
    [
        (commissioning.ContractActivated, "weekly_minutes", 0),
        (commissioning.ContractActivated, "weekly_minutes", -60),
        (commissioning.ContractActivated, "districts", []),
        (commissioning.CapacityDeclared, "weekly_minutes", -1),
        (commissioning.ExternalCssRecontracted, "weekly_minutes", 0),
    ],
)
def test_ruling_16_minutes_and_lists_that_cannot_be_are_no_word(word: type[Word], field: str, wrong: object) -> None:
    """What has such a field is no word at all, and so is refused as INVALID_DATA before any rule sees it."""
    with pytest.raises(ValidationError) as told:
        word.model_validate({field: wrong})

    assert [fault["loc"] for fault in told.value.errors() if fault["type"] != "missing"] == [(field,)]


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_refused_and_with_which_code(what: str) -> None:
    """Each thing that cannot be recorded is refused with its own code, and changes and announces nothing."""
    story = with_providers(("oak", "ash"))
    story.request("ann", 120)
    story.request("leo", 120, cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-12", "known")
    added(story, "leo", "known")
    before = story.book
    say, code = REFUSALS[what]

    say(story)

    assert story.refused() == [code]
    assert story.last.facts == ()
    assert story.last.messages == ()
    assert story.book == before


def test_ruling_73_a_contract_ends_on_a_day_to_come() -> None:
    """Until its last day it is asked, from the next day on it is not."""
    story = one_provider()
    ends("c-oak", "2012-10-02")(story)
    story.day("2012-10-02")
    story.request("ann")
    assert story.at("ann") == ("OFFERED", "oak")

    story.day("2012-10-03")

    assert story.said() == ["DayBegan", "OfferWithdrawn", "HandoverWaiting"]
    assert story.at("ann") == ("WAITING", None)


def test_ruling_74_contracts_of_one_provider_may_overlap() -> None:
    """A second contract for the same lot and days is another candidate, with room of its own."""
    story = one_provider(minutes=120)
    story.request("ann", 120)

    story.contract("d-oak", "oak", weekly_minutes=120)
    story.request("bob", 120)

    assert story.refused() == []
    assert [story.case(case).offer.contract_id for case in ("ann", "bob")] == ["c-oak", "d-oak"]


def test_ruling_72_nothing_declared_pauses_offers() -> None:
    """A declaration of 0 is allowed, and nobody is asked while it holds."""
    story = one_provider()

    story.declared("c-oak", 0, "2012-10-01")
    story.request("ann")

    assert story.at("ann") == ("WAITING", None)


def test_h7_a_legacy_case_waits_for_its_wave() -> None:
    """It is received, collected, frozen with the wave, and offered from the wave's start, as wanted from that day."""
    story = one_provider()
    story.request("leo", cause="LEGACY_CSS")
    assert story.said() == ["HandoverRequested", "HandoverReceived"]
    wave(story, "2012-10-10", "2012-10-15")
    added(story, "leo")
    assert story.at("leo") == ("IN_WAVE", None)

    story.day("2012-10-10")
    assert story.said() == ["DayBegan", "WaveFrozen"]
    story.day("2012-10-15")

    assert story.said() == ["DayBegan", "WaveStarted", "OfferMade"]
    (message,) = story.last.messages
    assert message.word.model_dump()["wanted_on"] == day_of("2012-10-15")


def test_design_4_what_is_said_of_a_wave_is_correlated_with_its_lot() -> None:
    """A wave has no episode and no handover, so its planning, freeze and start are correlated with their subject."""
    story = one_provider()
    wave(story, "2012-10-10", "2012-10-15")
    planned = story.last.facts

    story.day("2012-10-15")

    told = [(type(fact.word).__name__, fact.correlation) for fact in (*planned, *story.last.facts[1:])]
    assert told == [("WavePlanned", EAST), ("WaveFrozen", EAST), ("WaveStarted", EAST)]


def test_ruling_89_days_that_are_skipped_freeze_and_start_a_wave_at_once() -> None:
    """The first day that is late enough does both."""
    story = one_provider()
    story.request("leo", cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-15")
    added(story, "leo")

    story.day("2012-10-20")

    assert story.said() == ["DayBegan", "WaveFrozen", "WaveStarted", "OfferMade"]


def test_ruling_89_nothing_is_added_after_the_freeze() -> None:
    """From the freeze on a wave takes no further case."""
    story = one_provider()
    wave(story, "2012-10-10", "2012-10-15")
    story.request("leo", cause="LEGACY_CSS")
    story.day("2012-10-10")

    added(story, "leo")

    assert story.refused() == ["WAVE_FROZEN"]


def test_ruling_90_a_deferred_case_is_requested_again_and_not_tried() -> None:
    """It is in no wave, waits in no line, and may be added to another wave."""
    story = one_provider(minutes=60)
    story.request("leo", 120, cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-12")
    wave(story, "2012-11-10", "2012-11-12", "later")
    added(story, "leo")
    story.day("2012-10-12")
    assert story.at("leo") == ("WAITING", None)

    deferred(story, "leo")
    story.contract("d-oak", "oak")
    assert story.at("leo") == ("REQUESTED", None)
    added(story, "leo", "later")

    assert story.at("leo") == ("IN_WAVE", None)


def test_ruling_90_a_case_that_is_asked_about_is_not_deferred() -> None:
    """Once somebody is asked, the case takes its course."""
    story = one_provider()
    story.request("leo", cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-12")
    added(story, "leo")
    story.day("2012-10-12")

    deferred(story, "leo")

    assert story.refused() == ["WRONG_STATE"]


def test_ruling_70_the_counts_of_a_closed_wave_balance() -> None:
    """Of all that were in at the freeze: started, waiting (in flight too), deferred, withdrawn, not possible."""
    story = one_provider(minutes=240)
    for case in ("early", "leo", "mia", "noa", "pip", "tom"):
        story.request(case, 120, cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-12")
    for case in ("early", "leo", "mia", "noa", "pip", "tom"):
        added(story, case)
    deferred(story, "early")
    story.day("2012-10-10")
    deferred(story, "noa")
    story.withdrawn("pip")
    story.day("2012-10-12")
    story.accept("oak", "leo", "2012-10-13")
    story.day("2012-10-13")
    story.start("oak", "leo", "2012-10-13")

    closed(story)

    counts = story.last.facts[0].word.model_dump(exclude={"wave_id"})
    assert counts == {"cases": 5, "started": 1, "waiting": 2, "deferred": 1, "withdrawn": 1, "not_possible": 0}
    closed(story)
    assert story.refused() == ["WAVE_CLOSED"]


@pytest.mark.parametrize(("say", "code"), [(added, "WAVE_FROZEN"), (deferred, "WAVE_CLOSED"), (closed, "WAVE_CLOSED")])
def test_ruling_90_nothing_changes_in_a_closed_wave(say: Callable[..., Decision], code: str) -> None:
    """Nothing is added or deferred, and it is closed once; a case that still waits goes on as it is (ruling 70)."""
    story = one_provider(minutes=60)
    story.request("leo", 120, cause="LEGACY_CSS")
    wave(story, "2012-10-10", "2012-10-12")
    added(story, "leo")
    story.day("2012-10-12")
    closed(story)

    say(story) if say is closed else say(story, "leo")

    assert story.refused() == [code]
    story.contract("d-oak", "oak")
    assert story.at("leo") == ("OFFERED", "oak")


def test_ruling_91_re_contracted_support_takes_room_without_offer_or_pack() -> None:
    """It is running from the first word on; the provider hears of its contract, the recorder of the start."""
    story = one_provider()

    recontracted(story)

    assert story.said() == ["ExternalCssRecontracted", "HandoverReceived", "StartConfirmed"]
    assert story.announced() == [("oak", "Recontracted")]
    assert story.at("old") == ("STARTED", "oak")
    assert story.book.contracts["c-oak"].used == 120


def test_ruling_91_re_contracting_does_not_judge_suspension_or_toolkit() -> None:
    """Support that runs already is contracted even with a suspended provider whose toolkit is out of date."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak", "2012-09-30").contract("c-oak", "oak")
    suspends("oak", "oak")(story)

    recontracted(story)

    assert story.at("old") == ("STARTED", "oak")


def test_h8_a_provider_that_is_not_connected_hears_of_its_support_when_it_is() -> None:
    """Without topics nothing can be said to it; with them it is told of all its re-contracted support, once."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak", connected=False).contract("c-oak", "oak")
    recontracted(story)
    story.support_started("old")
    assert story.messages == []

    story.tell(referred.ProviderConnected(provider_id="oak"), "oak")
    assert story.announced() == [("oak", "Recontracted")]
    story.tell(referred.ProviderConnected(provider_id="oak"), "oak")

    assert story.announced() == []


def test_h8_who_is_connected_late_hears_from_which_day_its_support_is_under_its_contract() -> None:
    """Support that moved to a renewed contract before its provider had topics is under it since it moved."""
    story = Story()
    story.day("2012-10-01")
    story.provider("oak", connected=False).contract("c-oak", "oak")
    recontracted(story)
    story.day("2012-10-05")
    story.contract("d-oak", "oak", from_on="2012-10-05")
    moved = commissioning.SupportRecontracted(handover_id=handover("old"), contract_id="d-oak", on=day_of("2012-10-05"))
    story.tell(moved, EAST)

    story.tell(referred.ProviderConnected(provider_id="oak"), "oak")

    (message,) = story.last.messages
    assert isinstance(message.word, Recontracted)
    assert (message.word.contract_id, message.word.on) == ("d-oak", day_of("2012-10-05"))


def test_h8_running_support_moves_to_a_renewed_contract() -> None:
    """It takes room of the new contract and frees that of the old one, which is a raise there."""
    story = one_provider(minutes=120)
    recontracted(story)
    story.request("ann", 120)
    story.contract("d-oak", "oak", weekly_minutes=120, districts=["thanet"])
    assert story.at("ann") == ("WAITING", None)

    word = commissioning.SupportRecontracted(handover_id=handover("old"), contract_id="d-oak", on=day_of("2012-10-01"))
    story.tell(word, EAST)

    assert story.said() == ["SupportRecontracted", "OfferMade"]
    assert story.announced()[0] == ("oak", "Recontracted")
    assert story.at("ann") == ("OFFERED", "oak")


@pytest.mark.parametrize(
    ("case", "contract_id", "code"),
    [
        ("old", "none", "UNKNOWN_CONTRACT"),
        ("old", "c-ash", "UNKNOWN_CONTRACT"),
        ("nobody", "c-oak", "UNKNOWN_HANDOVER"),
        ("old", "late", "CONTRACT_NOT_ACTIVE"),
        ("old", "small", "NO_ROOM"),
        ("old", "c-oak", "WRONG_STATE"),
        ("ann", "d-oak", "WRONG_STATE"),
    ],
)
def test_h8_when_running_support_cannot_move(case: str, contract_id: str, code: str) -> None:
    """Only running support moves, to another contract of its provider that is active and has room."""
    story = with_providers(("oak", "ash"))
    recontracted(story)
    story.request("ann", 60)
    story.contract("d-oak", "oak")
    story.contract("late", "oak", from_on="2012-10-02")
    story.contract("small", "oak", weekly_minutes=119)

    word = commissioning.SupportRecontracted(
        handover_id=handover(case), contract_id=contract_id, on=day_of("2012-10-01")
    )
    story.tell(word, EAST)

    assert story.refused() == [code]
