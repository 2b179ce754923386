"""Long-term cases of old: those found in house, which wait for their wave, and those that a provider has already.

Knows how such a case is told and commissioned (R24, H7, H8). Must never know who takes it over.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.county.places import Area, area_of
from services.simulator.contacts import needs, tell_contacts, weekly_minutes
from services.simulator.contracts import CONTRACTS_FROM, WAVES, contract_for, wave_id
from services.simulator.seeded import derived
from services.simulator.telling import Telling

_ONE_DAY = timedelta(days=1)


def tell_legacy(telling: Telling) -> None:
    """A case of long-term support in house is found, and waits for the wave in which it is handed over (R24, H7)."""
    chance, person, found = telling.chance, telling.person, telling.person.arrives_on
    episode_id = derived(person.id, "legacy")
    data = {
        "episode_id": episode_id,
        "team": telling.team,
        "since": _long_ago(telling).isoformat(),
        "weekly_minutes": weekly_minutes(telling),
        **needs(telling),
    }
    telling.say("LegacyCssCaseIdentified", data, told_on=found)
    wave = chance.choices(range(len(WAVES)), (5, 3, 2))[0]
    ended = found + chance.randint(10, 300) * _ONE_DAY if chance.random() < 0.08 else None
    reason = "03"
    if (
        ended is None and area_of(person.district) is Area.MEDWAY
    ):  # no county contract covers it: its council takes over
        ended, reason = max(found, WAVES[wave].start_on) + chance.randint(10, 80) * _ONE_DAY, "08"
    if ended is not None:
        telling.say("EpisodeEnded", {"episode_id": episode_id, "on": ended.isoformat(), "reason": reason}, on=ended)
    else:
        wave = _tell_wave(telling, episode_id, wave)
    last = min(ended or telling.county.last, WAVES[wave].start_on)
    if last >= found:
        tell_contacts(telling, episode_id, found, last, None)


def _tell_wave(telling: Telling, episode_id: str, wave: int) -> int:
    """The case is added to a wave before the freeze; a few are deferred to the next. Returns the one it stays in."""
    chance, lot = telling.chance, area_of(telling.person.district)
    handover = {"handover_id": derived(episode_id, "handover")}
    telling.commission(
        "CaseAddedToWave", lot, {"wave_id": wave_id(telling.county, lot, wave), **handover}, WAVES[wave].filled_on
    )
    if wave + 1 == len(WAVES) or chance.random() > 0.08:
        return wave
    deferred = {"wave_id": wave_id(telling.county, lot, wave), **handover, "reason": "The person is in hospital."}
    telling.commission("CaseDeferred", lot, deferred, WAVES[wave].freeze_on + 2 * _ONE_DAY)
    following = {"wave_id": wave_id(telling.county, lot, wave + 1), **handover}
    telling.commission("CaseAddedToWave", lot, following, WAVES[wave + 1].filled_on)
    return wave + 1


def tell_external(telling: Telling) -> None:
    """Somebody has had external support for years; it is re-contracted, without offer or pack (H8)."""
    person = telling.person
    lot = area_of(person.district)
    if lot is Area.MEDWAY:
        return
    provider_id, contract_id = contract_for(telling.county, lot, telling.chance)
    on = max(CONTRACTS_FROM, person.arrives_on) + telling.chance.randint(0, 9) * _ONE_DAY
    data = {
        "episode_id": derived(person.id, "external"),
        "person_id": person.id,
        "provider_id": provider_id,
        "contract_id": contract_id,
        "since": _long_ago(telling).isoformat(),
        "weekly_minutes": 60,
        "on": on.isoformat(),
    }
    telling.commission("ExternalCssRecontracted", lot, data, on)


def _long_ago(telling: Telling) -> date:
    return date(telling.chance.randint(2004, 2011), telling.chance.randint(1, 12), telling.chance.randint(1, 28))
