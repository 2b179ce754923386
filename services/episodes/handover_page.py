"""What a batch of the handover ledger changes in the tables of the view, gathered first and written at once.

Knows tables and the fold. Must never know where a partition stands, nor what the episodes ledger says: the two meet
only when read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, bindparam, select

from services.episodes.contract_shown import ContractShown, ProviderShown
from services.episodes.handover_case import HandoverCase
from services.episodes.handover_shown import Kind, Shown, Told, evolve, told_of
from services.episodes.request import handover_id_of
from services.episodes.view_tables import CONTRACTS, HANDOVER_TIMELINE, HANDOVERS, PROVIDERS, WAVES, insert_rows
from services.episodes.wave_shown import WaveShown
from services.log.kept import Kept
from services.words.allocated import ReplySetAside
from services.words.calendar import DayBegan
from services.words.commissioning import ExternalCssRecontracted
from services.words.handover_catalogue import HandoverFact

HANDOVER_JSON = TypeAdapter(HandoverCase)
CONTRACT_JSON = TypeAdapter(ContractShown)
PROVIDER_JSON = TypeAdapter(ProviderShown)
WAVE_JSON = TypeAdapter(WaveShown)

_SEALINGS = frozenset({"sealed", "dossier"})
_TABLES: Mapping[Kind, tuple[Table, TypeAdapter[Any]]] = {
    "handover": (HANDOVERS, HANDOVER_JSON),
    "contract": (CONTRACTS, CONTRACT_JSON),
    "provider": (PROVIDERS, PROVIDER_JSON),
    "wave": (WAVES, WAVE_JSON),
}
_AT_ONCE = 500
"""Ids asked for in one statement; databases limit the number of its values."""


class HandoverPage:
    """The rows of one batch of one handover partition; `today` is that partition's, moved on by the days in it."""

    def __init__(self, partition: int, today: date | None) -> None:
        self._partition = partition
        self.today = today
        self._timeline: list[dict[str, Any]] = []
        self._told: list[tuple[Told, HandoverFact, str]] = []
        self._before: Mapping[Told, Shown] = {}
        self._after: Mapping[Told, Shown] = {}

    def add(self, kept: Kept) -> None:
        """Take the next fact."""
        if kept.type == DayBegan.TYPE:
            self.today = date.fromisoformat(kept.data["date"])
            return
        fact: HandoverFact = kept.word()  # type: ignore[assignment]  # a ledger holds no other words
        self._told += [(told, fact, kept.key) for told in told_of(fact)]
        self._note(kept)

    def _note(self, kept: Kept) -> None:
        named = _named(kept)
        if named["handover_id"] or named["offer_id"] or kept.type == ReplySetAside.TYPE:
            self._timeline.append({**named, **self._timeline_row(kept)})

    def fold(self, connection: Connection) -> None:
        """Fold all facts onto what stands."""
        self._before = _load(connection, {told for told, _, _ in self._told})
        after = dict(self._before)
        for told, fact, key in self._told:
            shown = evolve(told[0], after.get(told), fact, key)
            if shown is not None:
                after[told] = shown
        self._after = after

    def write(self, connection: Connection) -> None:
        """Write all rows."""
        insert_rows(connection, HANDOVER_TIMELINE, self._timeline)
        _save(connection, self._before, self._after)

    def _timeline_row(self, kept: Kept) -> dict[str, Any]:
        return {
            "partition": self._partition,
            "offset": kept.offset,
            "type": kept.type,
            "source": kept.source,
            "happened": kept.time,
            "recorded": kept.recorded_time,
            "known_ms": kept.known_ms,
            "today": self.today.isoformat() if self.today else None,
            "data": orjson.dumps(_clear(kept.data)).decode(),
        }


def _named(kept: Kept) -> dict[str, str | None]:
    """The handover and the offer that a fact names; a re-contracting names its handover by the episode (ruling 93)."""
    if kept.type == ExternalCssRecontracted.TYPE:
        return {"handover_id": handover_id_of(kept.data["episode_id"]), "offer_id": None}
    return {"handover_id": kept.data.get("handover_id"), "offer_id": kept.data.get("offer_id")}


def _clear(data: Mapping[str, Any]) -> dict[str, Any]:
    """The clear fields; bytes, which only a hash is, in hexadecimal digits."""
    clear = {name: value for name, value in data.items() if value is not None and name not in _SEALINGS}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in clear.items()}


def _load(connection: Connection, wanted: Iterable[Told]) -> dict[Told, Shown]:
    found: dict[Told, Shown] = {}
    for kind, (table, json) in _TABLES.items():
        (key,) = (column for column in table.primary_key)
        ids = sorted(one for of, one in wanted if of == kind)
        for start in range(0, len(ids), _AT_ONCE):
            rows = connection.execute(select(key, table.c.shown).where(key.in_(ids[start : start + _AT_ONCE])))
            found.update({(kind, one): json.validate_json(shown) for one, shown in rows})
    return found


def _save(connection: Connection, before: Mapping[Told, Shown], after: Mapping[Told, Shown]) -> None:
    for kind, (table, _) in _TABLES.items():
        (key,) = (column for column in table.primary_key)
        changed = {told: shown for told, shown in after.items() if told[0] == kind and before.get(told) is not shown}
        insert_rows(connection, table, [_columns(shown) for told, shown in changed.items() if told not in before])
        old = [{"key": told[1], **_columns(shown)} for told, shown in changed.items() if told in before]
        if old:
            connection.execute(table.update().where(key == bindparam("key")), old)


def _columns(shown: Shown) -> dict[str, Any]:
    match shown:
        case HandoverCase():
            return _handover_columns(shown)
        case ContractShown():
            return {
                "contract_id": shown.contract_id,
                "provider_id": shown.provider_id,
                "shown": CONTRACT_JSON.dump_json(shown).decode(),
            }
        case ProviderShown():
            return {"provider_id": shown.provider_id, "shown": PROVIDER_JSON.dump_json(shown).decode()}
        case WaveShown():
            return {
                "wave_id": shown.wave_id,
                "lot": shown.lot,
                "freeze_on": shown.freeze_on.isoformat(),
                "shown": WAVE_JSON.dump_json(shown).decode(),
            }


def _handover_columns(case: HandoverCase) -> dict[str, Any]:
    return {
        "handover_id": case.handover_id,
        "person_id": case.person_id,
        "episode_id": case.episode_id,
        "requested_on": case.requested_on.isoformat(),
        "is_over": case.is_over,
        "contract_id": case.contract_id,
        "takes": case.takes,
        "weekly_minutes": case.weekly_minutes,
        "shown": HANDOVER_JSON.dump_json(case, exclude_defaults=True).decode(),
    }
