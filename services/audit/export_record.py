"""A record of a ledger or refused partition as an export reads it: only what is exported, as fast as it goes.

Knows headers, and which sources and days may be shown. Must never pass on a text that an emitter was free to choose.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from services.county.civil_dates import LONDON, london_day, parse_instant
from services.county.places import TEAMS
from services.log.codec import decode
from services.log.record import Record
from services.words import envelope as named
from services.words.catalogue import EVERY_WORD
from services.words.topics import is_provider_id
from services.words.word import Word

_HOUR_MS = 3_600_000
_HOUR = len("2012-10-01T09")
_OURS = {
    **{f"/kmpt/{team}": team for team in TEAMS},
    **{f"/kmpt/{name}": name for name in ("recorder", "allocator", "redrive", "stack", "ticker", "exchange")},
    **{f"/kmpt/{door}-door": f"{door}-door" for door in ("referrals", "outcomes", "connections", "guardian")},
    "/kcc/commissioning": "commissioner",
    "/county/calendar": "calendar",
}
_PROVIDER = "/provider/"


class Told(NamedTuple):
    """One fact or refusal; days are of London. `happened_on` is None where the emitter's time is no instant."""

    id: str
    type: str
    key: str
    subject: str
    source: str
    sequence: int
    happened_on: date | None
    received_on: date
    known_on: date
    data: dict[str, Any]

    def word(self) -> Word:
        """The data as its model; sealed fields are absent."""
        return EVERY_WORD[self.type].model_validate(self.data)


def told_in(record: Record) -> Told:
    """Read a record that a host wrote; anything else is an error of the log."""
    headers = dict(record.headers)
    type_name, data = decode(record.value)
    return Told(
        headers[named.ID].decode(),
        type_name,
        (record.key or b"").decode(),
        headers.get(named.SUBJECT, b"").decode(),
        source_shown(headers[named.SOURCE].decode()),
        int(headers[named.SEQUENCE]),
        happened_on(headers[named.TIME].decode()),
        _day_of_hour(headers[named.RECORDED_TIME][:_HOUR]),
        _day_of_epoch_hour(record.timestamp // _HOUR_MS),
        data,
    )


@lru_cache(1024)
def source_shown(source: str) -> str:
    """A source that we know, by its name; whatever else an emitter called itself is OTHER (ruling 13)."""
    if source.startswith(_PROVIDER) and is_provider_id(source.removeprefix(_PROVIDER)):
        return "provider"
    return _OURS.get(source, "OTHER")


@lru_cache(65_536)
def happened_on(time: str) -> date | None:
    """The London day of an emitter's time, which nobody has judged (ruling 13)."""
    try:
        return london_day(parse_instant(time))
    except ValueError:
        return None


@lru_cache(65_536)
def _day_of_hour(hour: bytes) -> date:
    """The London day of an hour of UTC: summer time begins and ends with an hour."""
    return datetime.fromisoformat(hour.decode() + ":00+00:00").astimezone(LONDON).date()


@lru_cache(65_536)
def _day_of_epoch_hour(hour: int) -> date:
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(LONDON).date()
