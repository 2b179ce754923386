"""What can be asked of the view about waves, follow-up and the transfer; every answer is of its connection's instant.

Knows SQL and the tables of episodes and handovers. Must never write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, select

from services.county.places import area_of
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_due import LISTED_FOR, StrangeReply, due
from services.episodes.handover_page import CONTRACT_JSON, HANDOVER_JSON, PROVIDER_JSON, WAVE_JSON
from services.episodes.handover_reading import read_today
from services.episodes.shown import EpisodeShown
from services.episodes.transfer import burn_down
from services.episodes.view_page import EPISODE_JSON, PERSON_JSON
from services.episodes.view_tables import CONTRACTS, EPISODES, HANDOVER_TIMELINE, HANDOVERS, PEOPLE, PROVIDERS, WAVES
from services.episodes.wave_shown import WaveShown
from services.words.allocated import ForeignReplyNoted, ReplySetAside


def read_due(connection: Connection) -> list[dict[str, Any]]:
    """What is to be followed up, oldest first."""
    contracts = [CONTRACT_JSON.validate_json(shown) for (shown,) in connection.execute(select(CONTRACTS.c.shown))]
    providers = [PROVIDER_JSON.validate_json(shown) for (shown,) in connection.execute(select(PROVIDERS.c.shown))]
    return due(
        _cases(connection).values(),
        {contract.contract_id: contract for contract in contracts},
        {provider.provider_id: provider for provider in providers},
        _strange_replies(connection, read_today(connection)),
        read_today(connection),
    )


def _strange_replies(connection: Connection, today: date) -> Iterator[StrangeReply]:
    """What could not be read, and what was said about another's case, counted by day, provider and case."""
    since = (today - min(LISTED_FOR, today - date.min)).isoformat()
    noted = HANDOVER_TIMELINE.c.type.in_((ReplySetAside.TYPE, ForeignReplyNoted.TYPE))
    wanted = select(HANDOVER_TIMELINE.c.today, HANDOVER_TIMELINE.c.type, HANDOVER_TIMELINE.c.data)
    found: Counter[tuple[str, str, str | None]] = Counter()
    for day, type_name, text in connection.execute(wanted.where(noted, HANDOVER_TIMELINE.c.today >= since)):
        data = orjson.loads(text)
        if type_name == ForeignReplyNoted.TYPE or data["why"] == "UNREADABLE":
            found[day, data["provider_id"], data.get("handover_id")] += 1
    for (day, provider_id, handover_id), times in found.items():
        yield StrangeReply(date.fromisoformat(day), provider_id, handover_id, times)


def read_waves(connection: Connection) -> list[dict[str, Any]]:
    """Every wave by lot, freeze and id; `fates` counts the states in which its cases are now."""
    cases = _cases(connection)
    wanted = select(WAVES.c.shown).order_by(WAVES.c.lot, WAVES.c.freeze_on, WAVES.c.wave_id)
    return [_wave(WAVE_JSON.validate_json(shown), cases) for (shown,) in connection.execute(wanted)]


def read_burn_down(connection: Connection) -> list[dict[str, Any]]:
    """In-house CSS by area at the end of each month."""
    found = [(episode, district) for episode, _, district in _in_house(connection) if not episode.in_error]
    return burn_down(found, read_today(connection))


def read_still_in_house(connection: Connection) -> list[dict[str, Any]]:
    """Long-term support that is still in house, by area and beginning, with where its handover stands."""
    cases = {(case.person_id, case.episode_id): case for case in _cases(connection).values()}
    rows = [
        _still(episode, person_id, district, cases.get((person_id, episode.episode_id)))
        for episode, person_id, district in _in_house(connection)
        if episode.ended_on is None
    ]
    return sorted(rows, key=lambda row: (row["area"], row["since"], row["episode_id"]))


def _wave(wave: WaveShown, cases: dict[str, HandoverCase]) -> dict[str, Any]:
    states = Counter(cases[case].state for case in wave.cases if case in cases)
    return {
        "wave_id": wave.wave_id,
        "lot": wave.lot,
        "state": wave.state,
        "freeze_on": wave.freeze_on.isoformat(),
        "start_on": wave.start_on.isoformat(),
        "cases": list(wave.cases),
        "deferred": list(wave.deferred),
        "fates": dict(sorted(states.items())),
        "counts": dict(wave.counts) if wave.counts is not None else None,
    }


def _still(episode: EpisodeShown, person_id: str, district: str, case: HandoverCase | None) -> dict[str, Any]:
    return {
        "episode_id": episode.episode_id,
        "person_id": person_id,
        "team": episode.holder.id,
        "area": area_of(district).value,
        "district": district,
        "since": episode.opened_on.isoformat(),
        "handover_id": case.handover_id if case else None,
        "state": case.state if case else None,
        "why": case.why if case else None,
        "wave_id": case.wave_id if case else None,
    }


def _in_house(connection: Connection) -> list[tuple[EpisodeShown, str, str]]:
    """Every episode of long-term support that a team holds or held, with the person and their district."""
    wanted = select(EPISODES.c.shown, EPISODES.c.person_id, PEOPLE.c.shown.label("person")).join(
        PEOPLE, PEOPLE.c.person_id == EPISODES.c.person_id
    )
    found = connection.execute(wanted.where(EPISODES.c.holder_kind == "team").order_by(EPISODES.c.episode_id))
    read = ((EPISODE_JSON.validate_json(one.shown), one.person_id, one.person) for one in found)
    return [
        (episode, person_id, PERSON_JSON.validate_json(person).district)
        for episode, person_id, person in read
        if episode.model != "STR"
    ]


def _cases(connection: Connection) -> dict[str, HandoverCase]:
    shown = connection.execute(select(HANDOVERS.c.shown))
    cases = [HANDOVER_JSON.validate_json(one) for (one,) in shown]
    return {case.handover_id: case for case in cases}
