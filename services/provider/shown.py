"""A provider's messages as plain fields, in order; a pack opened if the provider's private key is given.

Knows what each message says. Must never keep what a pack holds.
"""

from __future__ import annotations

from typing import Any

from services.log.codec import plain
from services.log.sealing import DoesNotOpen
from services.provider.headings import under_headings
from services.provider.kit import details_in
from services.provider.reading import Message
from services.words.messages import Pack, PackReissued, ReplyNotTaken
from services.words.not_taken import in_words


def shown(message: Message, provider_id: str, private_key: bytes | None) -> dict[str, Any]:
    """`{type, offer_id, handover_id, ...}`; a pack has `details`, or why they cannot be shown, and `headings`.

    A reply that changed nothing has `sentence`, which says why in plain words.
    """
    word = message.word
    fields = {name: plain(value) for name, value in word if value is not None and type(value) is not bytes}
    row: dict[str, Any] = {
        "type": fields.pop("type_name", type(word).__name__),
        "offer_id": fields.pop("offer_id", None),
        "handover_id": fields.pop("handover_id", message.handover_id),
        "message_id": message.id,
        "time": message.time,
        **fields,
    }
    if isinstance(word, Pack | PackReissued):
        row["details"] = _details(word, provider_id, private_key)
        row["headings"] = under_headings({*fields, *(row["details"] if type(row["details"]) is dict else ())})
    if isinstance(word, ReplyNotTaken):
        row["sentence"] = f"{word.reply} changed nothing: {in_words(word.why)}."
    return row


def _details(pack: Pack | PackReissued, provider_id: str, private_key: bytes | None) -> Any:
    if private_key is None:
        return "sealed; name the private key's file: --key FILE"
    try:
        return details_in(pack, provider_id, private_key)
    except DoesNotOpen:
        return "sealed to another key than the one in this file"
