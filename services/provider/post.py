"""A provider's reply as a record for its replies topic.

Knows the topic, the key and how a free text is sealed for the trust. Must never judge a reply: the trust does.
"""

from __future__ import annotations

from services.log.codec import encode
from services.log.record import Draft
from services.log.sealing import PublicKey, associated_data, seal
from services.words.answers import INWARD
from services.words.envelope import CHECKPOINTS_SEEN, Envelope
from services.words.replies import Decline, Reply
from services.words.topics import replies_topic


def source_of(provider_id: str) -> str:
    """The `ce_source` of what a provider says."""
    return f"/provider/{provider_id}"


def posted(
    reply: Reply, *, provider_id: str, handover_id: str, id: str, time: str, public: PublicKey, seen: bytes = b""
) -> Draft:
    """The draft of a reply; the same `id` whenever the same thing is said again. `time` is RFC 3339.

    `seen`: the checkpoints that this provider has seen (`witnessing`), for which the reply is a witness.
    """
    envelope = Envelope(id=id, type=reply.TYPE, source=source_of(provider_id), subject=handover_id, time=time)
    sealed = _sealed(reply, envelope, provider_id, public)
    witnessed = [(CHECKPOINTS_SEEN, seen)] if seen else []
    headers = [*envelope.headers(), *witnessed]
    return Draft(replies_topic(provider_id), 0, handover_id.encode(), headers, encode(sealed))


def _sealed(reply: Reply, envelope: Envelope, provider_id: str, public: PublicKey) -> Reply:
    """The reply with its free text sealed, bound to the word that it becomes inside the trust (`answers.INWARD`)."""
    if not isinstance(reply, Decline) or reply.text is None:
        return reply
    aad = associated_data(envelope.source, envelope.id, INWARD[reply.TYPE].TYPE, provider_id)
    return reply.model_copy(update={"text": None, "sealed": seal({"text": reply.text}, public, aad)})
