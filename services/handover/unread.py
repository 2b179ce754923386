"""What a provider says that is no reply: it cannot be read, or has a form or a code that none has (decision 0029).

Knows what its sender hears. Must never repeat more of it than its name and ids.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.handover.book import Book
from services.handover.deciding import Deciding
from services.words.allocated import ReplySetAside
from services.words.answers import ReplyUnreadable
from services.words.deciding import Message
from services.words.envelope import Envelope
from services.words.fields import is_uuid
from services.words.handover_catalogue import ANSWER_WORDS
from services.words.messages import ReplyNotTaken
from services.words.refusals import Refusal

UNREADABLE = "UNREADABLE"
ANSWERED = frozenset({"INVALID_DATA", "UNKNOWN_CODE"})
"""Codes of refusals that a reply's sender hears; all others are the trust's own business, or of no known provider."""


def unreadable_told(page: Deciding, word: ReplyUnreadable, provider_id: str) -> None:
    """It is recorded as a reply set aside, and its sender hears so (H5)."""
    aside = ReplySetAside(provider_id=provider_id, reply_id=word.reply_id, reply=word.reply, why=UNREADABLE)
    page.say(provider_id, aside)
    page.tell(provider_id, word.reply_id, ReplyNotTaken(reply_id=word.reply_id, reply=word.reply, why=UNREADABLE))


def told_of_refusal(said: Envelope, data: object, refusal: Refusal, book: Book) -> Sequence[Message]:
    """What the sender of a reply hears that was refused for its form or for a code that no list has.

    Both are judged after the door's signature, so the subject is the provider whose topic it lay in.
    """
    provider = book.providers.get(said.subject)
    if refusal.code not in ANSWERED or said.type not in ANSWER_WORDS or provider is None or not provider.connected:
        return ()
    offer_id, handover_id = _id(data, "offer_id"), _id(data, "handover_id")
    word = ReplyNotTaken(
        reply_id=said.id,
        reply=ANSWER_WORDS[said.type].__name__,
        offer_id=offer_id,
        handover_id=handover_id,
        why=refusal.code,
    )
    return (Message(provider.id, handover_id or offer_id or said.id, word),)


def _id(data: object, field: str) -> str | None:
    """The id that a reply named, if it is one."""
    named = data.get(field) if isinstance(data, dict) else None
    return named if isinstance(named, str) and is_uuid(named) else None
