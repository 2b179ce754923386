"""The guardian door: what authenticated people ask and approve of a person's records, signed and put into the inbox.

Knows how a request becomes an event, and how it stands in the ledger. Must never judge one: the recorder does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.episodes.guarding import NO_GUARD, Guard, guarded
from services.log.doors import signed
from services.log.kept import Kept, read_kept
from services.log.ports import Place, Reader
from services.log.posting import posted
from services.log.record import Draft, Record
from services.log.sealing import PublicKey
from services.vault.signing_keys import public_hex
from services.vault.vault import Vault
from services.words import envelope as named
from services.words.catalogue import GUARD_WORDS, GuardWord
from services.words.guarding import ErasureApproved, PersonErased, signed_content
from services.words.referred import ProviderConnected
from services.words.topics import EPISODES_INBOX, HANDOVER_LEDGER
from services.words.word import Word

NAME = "guardian"
SOURCE = "/kmpt/guardian-door"
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody in house with a key of their own."""

    name: str
    key: Ed25519PrivateKey

    def event(self, word: type[Word], person_id: str, about: str, time: str, data: Mapping[str, str]) -> dict[str, Any]:
        """A signed event; `about` is the id of the request or hold: said twice at one `time`, it is the same."""
        event_id = str(uuid5(UUID(about), f"{word.__name__}/{self.name}/{time}"))
        said: dict[str, object] = {**data, "by": self.name, "public_key": public_hex(self.key)}
        content = signed_content(word.TYPE, event_id, person_id, said)
        return _event(word, event_id, person_id, time, {**said, "signature": self.key.sign(content).hex()})


def erased_event(person_id: str, approval: Kept) -> dict[str, Any]:
    """That an approved erasure was carried out: the same event whenever it is said of the same approval."""
    request_id = approval.data["request_id"]
    event_id = str(uuid5(UUID(request_id), PersonErased.__name__))
    return _event(PersonErased, event_id, person_id, approval.time, {"request_id": request_id})


def draft_of(event: Mapping[str, Any], partitions: int, public: PublicKey, door: bytes) -> Draft:
    """The inbox record of an event of this door."""
    return signed(posted(event, EPISODES_INBOX, partitions, public), NAME, door)


@dataclass(slots=True)
class Standing:
    """How a person's records stand: the facts of this door in order, and the guard that they make."""

    facts: list[Kept] = field(default_factory=list)
    guard: Guard = NO_GUARD

    def approval(self) -> Kept | None:
        """The approval of an erasure, if there is one."""
        return next((fact for fact in self.facts if fact.type == ErasureApproved.TYPE), None)


async def standings(reader: Reader, places: Iterable[Place]) -> dict[str, Standing]:
    """How everybody stands of whom this door ever spoke; `reader` reads these ledger partitions from 0."""
    found: dict[str, Standing] = {}
    for kept in [read_kept(record) async for record in _all(reader, list(places)) if _type_of(record) in GUARD_WORDS]:
        standing = found.setdefault(kept.subject, Standing())
        standing.facts.append(kept)
        standing.guard = guarded(standing.guard, cast(GuardWord, kept.word()))
    return found


def erase_again(vault: Vault, found: Mapping[str, Standing]) -> int:
    """Erase all whose erasure the ledger says is approved, whatever this vault was restored from; how many it was.

    An approval cannot be called back, so whoever was approved is erased, even if the fact is still missing.
    """
    due = {person_id for person_id, standing in found.items() if standing.guard.to_be_erased}
    return sum(vault.erase(person_id) for person_id in sorted(due - vault.erased()))


async def read_all(reader: Reader, places: Iterable[Place]) -> list[Record]:
    """Every record of these partitions, which `reader` reads from 0."""
    return [record async for record in _all(reader, list(places))]


def connected(records: Iterable[Record]) -> set[str]:
    """Every provider that ever was connected, by the handover ledger."""
    facts = [one for one in records if one.topic == HANDOVER_LEDGER and _type_of(one) == ProviderConnected.TYPE]
    return {read_kept(fact).data["provider_id"] for fact in facts}


async def _all(reader: Reader, places: list[Place]) -> Any:
    ends = await reader.end_offsets(places)
    while True:
        batches = await reader.read(_MOST, 0.05)
        for records in batches.values():
            for record in records:
                yield record
        if not batches and all([await reader.position(place) >= ends[place] for place in places]):
            return


def _type_of(record: Record) -> str:
    return next((content for name, content in record.headers if name == named.TYPE), b"").decode(errors="replace")


def _event(word: type[Word], event_id: str, person_id: str, time: str, data: Mapping[str, object]) -> dict[str, Any]:
    return {"id": event_id, "source": SOURCE, "type": word.TYPE, "subject": person_id, "time": time, "data": dict(data)}
