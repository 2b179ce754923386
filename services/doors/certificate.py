"""What of an erased person still opens, and until when: every sealed thing in the log is tried, one by one.

Knows where sealings lie and whose keys they need. Must never keep or show what one of them holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from services.log.arrival import Unreadable, read_arrival
from services.log.codec import Undecodable, decode
from services.log.packing import pack_aad
from services.log.record import Record
from services.log.sealing import DoesNotOpen, open_blob
from services.vault.turn import Turn
from services.vault.vault import Vault
from services.words.errors import CannotOpen, Erased
from services.words.topics import EPISODES, HANDOVER, provider_of_offers

_INBOXES = frozenset({EPISODES.inbox, HANDOVER.inbox})
_ORDER = [topic for flow in (EPISODES, HANDOVER) for topic in (flow.ledger, flow.inbox, flow.refused)]


@dataclass(slots=True)
class Certificate:
    """What was tried, by topic; `dead` opens no more; `until`: what a month key still opens, by its end."""

    tried: Counter[str] = field(default_factory=Counter)
    dead: int = 0
    until: Counter[datetime] = field(default_factory=Counter)
    open_for_ever: int = 0

    def as_json(self) -> dict[str, Any]:
        """The certificate for programs."""
        until = {due.date().isoformat(): count for due, count in sorted(self.until.items())}
        tried = dict(sorted(self.tried.items()))
        return {"tried": tried, "open_no_more": self.dead, "open_until": until, "open_for_ever": self.open_for_ever}

    def lines(self) -> list[str]:
        """The certificate in plain words."""
        said = [f"{sum(self.tried.values())} sealed things of this person were tried; {self.dead} open no more."]
        said += [f"  {count} in {topic}" for topic, count in sorted(self.tried.items())]
        for due, count in sorted(self.until.items()):
            said.append(
                f"{count} in an inbox can still be opened with the key of their month, "
                f"which is destroyed on {due.date().isoformat()}."
            )
        if self.open_for_ever:
            said.append(f"{self.open_for_ever} OPEN STILL with a key that is never destroyed: the erasure has failed.")
        elif not self.until:
            said.append("Nothing of the trust's opens any more.")
        else:
            said.append("Nothing of the trust's opens any more from the last of these days on.")
        return said


def certify(records: Iterable[Record], person_id: str, vault: Vault, who: str) -> Certificate:
    """Try everything sealed that is the person's, packs in the topics of providers too.

    The trial stands in the log of openings before it is made.
    """
    made = Certificate()
    vault.log_opening(who, "proof of an erasure", "every sealing of one erased person is tried")
    due = {life.key_id: life.due_at for life in vault.month_keys()}
    turn = vault.turn(who, "proof of an erasure")
    for record, sealed in _sealings(records, person_id):
        made.tried[record.topic] += 1
        if record.topic not in _ORDER:
            opens = _opens(partial(_pack_details, vault, person_id, record.topic, sealed))
            made.open_for_ever, made.dead = made.open_for_ever + opens, made.dead + (not opens)
        elif _opens_for_ever(turn, record, person_id, sealed["key"]):
            made.open_for_ever += 1
        elif record.topic in _INBOXES and _opens(partial(turn.content_key, sealed["key_id"], sealed["key"])):
            made.until[due[sealed["key_id"]]] += 1
        else:
            made.dead += 1
    turn.discard()
    return made


def _pack_details(vault: Vault, person_id: str, topic: str, pack: Mapping[str, Any]) -> bytes:
    """Open a pack as the trust could, which made its key."""
    content_key = vault.pack_key(person_id, pack["offer_id"], pack["issue"])
    aad = pack_aad(pack["type"], pack["offer_id"], provider_of_offers(topic), pack["issue"])
    open_blob(pack["blob"], content_key, aad)
    return content_key


def _opens_for_ever(turn: Turn, record: Record, person_id: str, key: bytes) -> bool:
    """Whether the person's own key still opens it, where it lies or as it was kept when it was refused."""
    kept = partial(turn.refused_key, record.topic, record.partition, record.offset, person_id)
    return _opens(partial(turn.unwrap, person_id, key)) or _opens(kept)


def _opens(attempt: Callable[[], bytes | None]) -> bool:
    try:
        return attempt() is not None
    except (CannotOpen, DoesNotOpen, Erased):
        return False


def _sealings(records: Iterable[Record], person_id: str) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Every sealing of the person: in their own partition, in what their handovers left, and the packs of these."""
    theirs = {person_id}
    for record in sorted(records, key=_in_order):
        data = _data(record)
        if (record.key or b"").decode(errors="replace") != person_id and theirs.isdisjoint(_texts(data)):
            continue
        if record.topic not in _INBOXES:
            theirs |= {value for name, value in data.items() if name in ("handover_id", "offer_id")}
        for sealed in _found(data):
            yield record, sealed


def _in_order(record: Record) -> tuple[int, str, int, int]:
    """Facts first, for they say whose a handover is; packs last."""
    order = _ORDER.index(record.topic) if record.topic in _ORDER else len(_ORDER)
    return order, record.topic, record.partition, record.offset


def _data(record: Record) -> dict[str, Any]:
    """The data of a record with its sealing as one more field; empty if nobody can read it."""
    try:
        if record.topic not in _ORDER:
            name, data = decode(record.value)
            return {**data, "type": name}
        if record.topic not in _INBOXES:
            return decode(record.value)[1]
        arrival = read_arrival(record)
    except (Undecodable, Unreadable):
        return {}
    sealed = arrival.sealed.model_dump() if arrival.sealed else None
    return {**arrival.fields, "sealed": sealed}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case _:
            return


def _found(value: object) -> Iterator[dict[str, Any]]:
    if not isinstance(value, Mapping):
        return
    if {"key_id", "key", "blob"} <= value.keys() or {"issue", "key", "blob"} <= value.keys():
        yield dict(value)
        return
    for inner in value.values():
        yield from _found(inner)
