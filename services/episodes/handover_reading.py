"""What can be asked of the view about handovers and contracts, and what a row of the caseload shows of a handover.

Knows SQL and the handover's tables; every answer is of the instant of its connection. Must never write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from services.episodes.disclosed import NOBODY, disclosures, heard
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_page import CONTRACT_JSON, HANDOVER_JSON, PROVIDER_JSON
from services.episodes.handover_row import contract_row, handover_row
from services.episodes.shown import EpisodeShown, HandoverShown
from services.episodes.told import said
from services.episodes.view_tables import CONTRACTS, EPISODES, HANDOVER_TIMELINE, HANDOVERS, POSITION, PROVIDERS
from services.words.topics import HANDOVER_LEDGER

Standing: TypeAlias = Mapping[tuple[str, str], HandoverShown]
"""How handovers stand, by person and handover, and by person and the episode that asked."""


def read_handovers(connection: Connection, *, ended_too: bool) -> list[dict[str, Any]]:
    """Every handover by the day of its request, then id; those that are over only if asked for (ruling 97)."""
    wanted = select(HANDOVERS.c.shown).order_by(HANDOVERS.c.requested_on, HANDOVERS.c.handover_id)
    if not ended_too:
        wanted = wanted.where(HANDOVERS.c.is_over.is_(False))
    return [handover_row(HANDOVER_JSON.validate_json(shown)) for (shown,) in connection.execute(wanted)]


def read_handover(connection: Connection, handover_id: str) -> dict[str, Any] | None:
    """One handover with `cause`, `why`, `visit_on`, its `timeline`, and in `told` who was told what and when."""
    shown = connection.execute(select(HANDOVERS.c.shown).where(HANDOVERS.c.handover_id == handover_id)).scalar()
    if shown is None:
        return None
    case = HANDOVER_JSON.validate_json(shown)
    facts = facts_of(connection, case)
    return {
        **handover_row(case),
        "cause": case.cause,
        "why": case.why,
        "visit_on": case.visit_on.isoformat() if case.visit_on else None,
        "timeline": [_told_of(fact) for fact in facts],
        "told": list(_disclosed(facts)),
    }


def read_contracts(connection: Connection) -> list[dict[str, Any]]:
    """Every contract by lot, tier and id, with its minutes as they are on the handover ledger's today."""
    providers = {one: PROVIDER_JSON.validate_json(shown) for one, shown in connection.execute(select(PROVIDERS))}
    contracts = [CONTRACT_JSON.validate_json(shown) for (shown,) in connection.execute(select(CONTRACTS.c.shown))]
    taken, today = _taken(connection), read_today(connection)
    return [
        contract_row(one, providers.get(one.provider_id), taken[one.contract_id], today)
        for one in sorted(contracts, key=lambda one: (one.lot, one.tier, one.contract_id))
    ]


def read_standing(connection: Connection, condition: ColumnElement[bool]) -> Standing:
    """How the handovers stand of people who have episodes that fulfil a condition, as the handover ledger says."""
    wanted = select(HANDOVERS.c.shown).where(HANDOVERS.c.person_id.in_(select(EPISODES.c.person_id).where(condition)))
    standing = {}
    for (shown,) in connection.execute(wanted):
        case = HANDOVER_JSON.validate_json(shown)
        now = HandoverShown(case.handover_id, case.state, case.provider_id if case.is_held else None)
        standing[case.person_id, case.handover_id] = standing[case.person_id, case.episode_id] = now
    return standing


def handover_of(person_id: str, episode: EpisodeShown, standing: Standing) -> HandoverShown | None:
    """The handover of an episode: as its own ledger says if that knows it yet, else as the person's ledger says.

    Whichever ledger was folded first, the row is the same. It must be the person's own: two people may have an episode
    of one id, and with it a handover of one id (rulings 10 and 93).
    """
    named = episode.handover.handover_id if episode.handover else episode.episode_id
    return standing.get((person_id, named), episode.handover)


def facts_of(connection: Connection, case: HandoverCase) -> list[Row[Any]]:
    """The facts that name the handover or one of its offers, in the order of the ledger."""
    offers = [offer.offer_id for offer in case.offers]
    named = or_(HANDOVER_TIMELINE.c.handover_id == case.handover_id, HANDOVER_TIMELINE.c.offer_id.in_(offers))
    wanted = select(HANDOVER_TIMELINE).where(named)
    ordered = wanted.order_by(HANDOVER_TIMELINE.c.partition, HANDOVER_TIMELINE.c.offset)
    return list(connection.execute(ordered))


def _told_of(fact: Row[Any]) -> dict[str, Any]:
    return {
        "type": fact.type,
        "happened": fact.happened,
        "recorded": fact.recorded,
        "source": fact.source,
        "sentence": said(fact.type, orjson.loads(fact.data)),
    }


def _disclosed(facts: Iterable[Row[Any]]) -> Iterator[dict[str, Any]]:
    """What the facts of one handover disclosed, on which of the county's days and when that was recorded."""
    hearers = NOBODY
    for fact in facts:
        data = orjson.loads(fact.data)
        for told in disclosures(hearers, fact.type, data):
            yield {"on": fact.today, "recorded": fact.recorded, **told}
        hearers = heard(hearers, fact.type, data)


def _taken(connection: Connection) -> Mapping[str, Mapping[str, int]]:
    """Minutes of a week reserved and used, by contract."""
    by_use = (HANDOVERS.c.contract_id, HANDOVERS.c.takes)
    wanted = select(*by_use, func.sum(HANDOVERS.c.weekly_minutes)).where(HANDOVERS.c.takes.is_not(None))
    taken: dict[str, dict[str, int]] = defaultdict(dict)
    for contract_id, use, minutes in connection.execute(wanted.group_by(*by_use)):
        taken[contract_id][use] = int(minutes)
    return taken


def read_today(connection: Connection) -> date:
    """The handover ledger's today; `date.min` before its first day."""
    today = connection.execute(select(POSITION.c.today).where(POSITION.c.topic == HANDOVER_LEDGER)).scalar()
    return date.fromisoformat(today) if today else date.min
