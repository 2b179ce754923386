"""The host's side of decisions: packs are sealed for their provider, and sealed texts wrapped under the person's key.

Knows how a dossier is opened, and that only `details` of it goes out (design §6). All packs of a turn are opened
together: the entries of hundreds in the log of openings cost one commit. Must never keep what it opened, nor let a pack
leave of an erased person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, Protocol

from services.handover.messages import PackToSeal
from services.log.keys import Keys, TurnKeys
from services.log.packing import pack_aad, pack_blob, sealed_pack_key
from services.log.rules import Place
from services.log.sealing import DoesNotOpen, associated_data, open_blob
from services.words.allocated import PackReleased
from services.words.deciding import Decision, Fact, Input, Message
from services.words.errors import NoKey
from services.words.messages import Pack, PackReissued
from services.words.provider_fields import raw_public_key
from services.words.recorded import Dossier
from services.words.word import Sealed, Word

WHO = "kmpt.allocator"


class PackKeys(Keys, Protocol):
    """What the hooks ask of the vault beside a turn's keys."""

    def turn_for_each(self, who: str, whys: Iterable[str]) -> TurnKeys:
        """The keys of a turn that opens something for each of these reasons; each has its entry in the log by then."""

    def pack_key(self, person_id: str, offer_id: str, issue: int) -> bytes:
        """The content key of one issue of a person's pack: the same whenever it is asked for. Raises `Erased`."""


def texts_wrapped(told: Input[Word], decision: Decision, _: Place, keys: TurnKeys) -> Decision:
    """The hook after a decision: what was said of a person in free text is kept under that person's key."""
    if told.sealed is None:
        return decision
    return decision._replace(facts=tuple(_wrapped(fact, told, keys) for fact in decision.facts))


def pack_sealer(vault: PackKeys) -> Callable[[Sequence[Decision]], Sequence[Decision]]:
    """The hook at a turn's end, with this vault's keys."""

    def sealed(decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Seal every pack and fill in its fact; an entry a pack is in the log of openings before the first is opened.

        The keys of all their people are asked for at once.
        """
        messages = [message for decision in decisions for message in decision.messages]
        packs = [message.word for message in messages if isinstance(message.word, PackToSeal)]
        if not packs:
            return decisions
        keys = vault.turn_for_each(WHO, [f"pack {one.pack.issue} of offer {one.pack.offer_id}" for one in packs])
        keys.make_keys({one.dossier.subject for one in packs})
        return [_with_packs(one, keys, vault) if _has_pack(one) else one for one in decisions]

    return sealed


def _has_pack(decision: Decision) -> bool:
    return any(isinstance(message.word, PackToSeal) for message in decision.messages)


def _with_packs(decision: Decision, keys: TurnKeys, vault: PackKeys) -> Decision:
    facts, messages = decision.facts, list[Message]()
    for message in decision.messages:
        if not isinstance(message.word, PackToSeal):
            messages.append(message)
        elif (sealed := _sealed(message.word, keys, vault)) is not None:
            word, fields = sealed
            messages.append(message._replace(word=word))
            facts = tuple(_filled(fact, word, fields) for fact in facts)
    return decision._replace(facts=facts, messages=tuple(messages))


def _sealed(to_seal: PackToSeal, keys: TurnKeys, vault: PackKeys) -> tuple[Pack | PackReissued, list[str]] | None:
    """The pack as it leaves, and the names of the details in it; None if nothing opens the dossier any more."""
    pack = to_seal.pack
    try:
        details = _details(to_seal.dossier, keys)
        content_key = vault.pack_key(to_seal.dossier.subject, pack.offer_id, pack.issue)
    except (NoKey, DoesNotOpen):
        return None
    blob = pack_blob(details, content_key, pack_aad(pack.TYPE, pack.offer_id, to_seal.provider_id, pack.issue))
    key = sealed_pack_key(content_key, raw_public_key(to_seal.public_key))
    return pack.model_copy(update={"key": key, "blob": blob}), sorted(details)


def _details(dossier: Dossier, keys: TurnKeys) -> dict[str, Any]:
    aad = associated_data(dossier.source, dossier.id, dossier.type, dossier.subject)
    opened = open_blob(dossier.blob, keys.unwrap(dossier.subject, dossier.key), aad)
    details = opened.get("details") if isinstance(opened, dict) else None
    if not isinstance(details, dict):
        raise DoesNotOpen("The dossier holds no details.")
    return details


def _filled(fact: Fact, pack: Pack | PackReissued, fields: list[str]) -> Fact:
    word = fact.word
    if not isinstance(word, PackReleased) or (word.offer_id, word.issue) != (pack.offer_id, pack.issue):
        return fact
    update = {"fields": fields, "ciphertext_hash": sha256(pack.blob).digest()}
    return fact._replace(word=word.model_copy(update=update))


def _wrapped(fact: Fact, told: Input[Word], keys: TurnKeys) -> Fact:
    """A text about a person, sealed under the lot's or the provider's key so far, wrapped under the person's own."""
    sealed = getattr(fact.word, "sealed", None)
    if not isinstance(sealed, Sealed) or sealed.key_id == told.subject:
        return fact
    content_key = keys.unwrap(told.subject, sealed.key)
    try:
        kept = sealed.model_copy(update={"key": keys.wrap(sealed.key_id, content_key)})
    except NoKey:
        kept = None
    return fact._replace(word=fact.word.model_copy(update={"sealed": kept}))
