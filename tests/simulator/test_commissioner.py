"""The commissioner of a synthetic county: providers, contracts, capacity and waves (section 8)."""

from base64 import b64decode
from collections import defaultdict
from datetime import date
from uuid import UUID, uuid5

from services.county.places import DISTRICTS, area_of
from services.simulator.contracts import CONTRACTS_FROM
from services.simulator.provider_keys import private_key, public_key
from services.simulator.told import Event, Told

SEED = 2012


def said(year: tuple[Told, ...], name: str) -> list[Event]:
    """Return all that the commissioner says under this name."""
    return [told.event for told in year if told.event["type"] == f"kmpt.handover.v1.{name}"]


def test_providers_can_open_what_is_sealed_to_them(year: tuple[Told, ...]) -> None:
    """A provider registers the raw 32-byte X25519 key, in base64, whose private half follows from seed and id."""
    providers = {event["data"]["provider_id"]: event for event in said(year, "ProviderRegistered")}
    assert 3 <= len(providers) <= 5
    for provider_id, event in providers.items():
        raw = private_key(SEED, provider_id).public_key().public_bytes_raw()
        assert b64decode(event["data"]["public_key"], validate=True) == raw
        assert event["subject"] == provider_id
    assert len({event["data"]["public_key"] for event in providers.values()}) == len(providers)
    assert public_key(SEED, "cobnut-support") != public_key(SEED + 1, "cobnut-support")


def test_contracts_cover_both_lots_from_october(year: tuple[Told, ...]) -> None:
    """Three to six contracts a lot, of known providers; all but two begin as in-house support closes (R22, R25).

    Those are bought in summer, when the waves have shown that places are missing (H7).
    """
    providers = {event["data"]["provider_id"] for event in said(year, "ProviderRegistered")}
    lots: dict[str, list[Event]] = defaultdict(list)
    for event in said(year, "ContractActivated"):
        assert event["subject"] == event["data"]["lot"]
        lots[event["subject"]].append(event["data"])
    assert set(lots) == {"EAST_KENT", "WEST_KENT"}
    for lot, contracts in lots.items():
        assert 3 <= len(contracts) <= 6
        assert len({contract["tier"] for contract in contracts}) > 1
        covered = {name for contract in contracts for name in contract["districts"]}
        assert covered == {name for name, place in DISTRICTS.items() if place.area == lot}
        assert CONTRACTS_FROM.isoformat() == "2012-10-01"
        begin = ["2012-10-01"] * (len(contracts) - 2) + ["2013-06-03", "2013-06-24"]
        assert sorted(one["from_on"] for one in contracts) == begin
        for contract in contracts:
            assert contract["provider_id"] in providers
            assert 1 <= contract["weekly_minutes"] <= 10_080


def test_no_more_is_declared_than_is_contracted(year: tuple[Told, ...]) -> None:
    """Capacity follows its contract's activation and stays within it (ruling 72)."""
    contracted: dict[str, int] = {}
    declared = 0
    for told in year:
        data = told.event["data"]
        if told.name == "ContractActivated":
            contracted[data["contract_id"]] = data["weekly_minutes"]
        elif told.name == "CapacityDeclared":
            declared += 1
            assert 0 <= data["weekly_minutes"] <= contracted[data["contract_id"]]
    assert declared > len(contracted)


def test_more_is_asked_for_than_there_is_room(year: tuple[Told, ...]) -> None:
    """Some must wait until summer: each lot is asked for more minutes than its contracts from October have (H10)."""
    asked: dict[str, int] = defaultdict(int)
    district: dict[str, str] = {}
    for told in year:
        data = told.event["data"]
        if told.planted is not None:
            continue
        if told.name == "PersonRegistered":
            district[told.event["subject"]] = data["district"]
        if told.name == "LegacyCssCaseIdentified" or data.get("outcome") == "LONG_TERM_SUPPORT":
            asked[area_of(district[told.event["subject"]])] += data["weekly_minutes"]
    for lot in ("EAST_KENT", "WEST_KENT"):
        room = sum(
            event["data"]["weekly_minutes"]
            for event in said(year, "ContractActivated")
            if event["subject"] == lot and event["data"]["from_on"] == CONTRACTS_FROM.isoformat()
        )
        assert asked[lot] > room


def test_waves_are_filled_before_they_freeze(year: tuple[Told, ...]) -> None:
    """A legacy case goes into one wave of its lot before the freeze; who is deferred goes into the next (ruling 90)."""
    waves: dict[str, Event] = {}
    in_wave: dict[str, str] = {}
    deferred = 0
    for told in year:
        data = told.event["data"]
        match told.name:
            case "WavePlanned":
                assert told.day < date.fromisoformat(data["freeze_on"]) < date.fromisoformat(data["start_on"])
                waves[data["wave_id"]] = data
            case "CaseAddedToWave" if told.planted is None:
                assert told.day < date.fromisoformat(waves[data["wave_id"]]["freeze_on"])
                assert told.event["subject"] == waves[data["wave_id"]]["lot"]
                assert in_wave.setdefault(data["handover_id"], data["wave_id"]) == data["wave_id"]
            case "CaseDeferred":
                deferred += 1
                assert in_wave.pop(data["handover_id"], data["wave_id"]) == data["wave_id"]
            case "WaveClosed":
                assert told.day > date.fromisoformat(waves[data["wave_id"]]["start_on"])
    assert len(waves) == 6
    assert len(in_wave) > 40
    assert deferred > 0


def test_cases_in_waves_are_the_handovers_of_legacy_cases(year: tuple[Told, ...]) -> None:
    """Ruling 93: a handover's id is the UUIDv5 of its episode's id and the word handover."""
    cases = {told.event["data"]["episode_id"] for told in year if told.name == "LegacyCssCaseIdentified"}
    handovers = {str(uuid5(UUID(episode_id), "handover")) for episode_id in cases}
    assert {event["data"]["handover_id"] for event in said(year, "CaseAddedToWave")} <= handovers


def test_external_support_of_old_is_recontracted(year: tuple[Told, ...]) -> None:
    """H8: people who are registered already, under a contract of their lot, dated not after the day it is said."""
    contracts = {event["data"]["contract_id"]: event["data"] for event in said(year, "ContractActivated")}
    registered = {told.event["subject"] for told in year if told.name == "PersonRegistered"}
    told = [one for one in year if one.name == "ExternalCssRecontracted"]
    assert told
    for one in told:
        data = one.event["data"]
        assert data["person_id"] in registered
        assert contracts[data["contract_id"]]["lot"] == one.event["subject"]
        assert contracts[data["contract_id"]]["provider_id"] == data["provider_id"]
        assert CONTRACTS_FROM <= date.fromisoformat(data["on"]) <= one.day
