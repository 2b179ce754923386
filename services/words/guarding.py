"""What authenticated people ask and approve of a person's records: disclosure, erasure, legal holds, release outside.

Knows the words alone, and which of their content a signature covers. Must never hold an identifier or free text: who
asks is named by the name of their key, why by codes.
"""

from __future__ import annotations

import json

from services.words.fields import Id, Text
from services.words.word import Word


class GuardingWord(Word, prefix="kmpt.episodes.v1"):
    """Whatever the guardian door says; its subject is the person's id."""


class SignedWord(GuardingWord):
    """What somebody signed with a key of their own: `by` is its name, `public_key` and `signature` are hexadecimal.

    The signature is Ed25519 (RFC 8032) over `signed_content`.
    """

    by: Text
    public_key: Text
    signature: Text


class DisclosureRequested(SignedWord):
    """Somebody asks to be told who a person is, for a purpose and on a legal basis that the lists know."""

    request_id: Id
    purpose: Text
    legal_basis: Text


class DisclosureApproved(SignedWord):
    """Another person agrees to a disclosure that was asked for."""

    request_id: Id


class ErasureRequested(SignedWord):
    """Somebody asks that all that identifies a person be made unreadable (UK GDPR Art. 17, retention)."""

    request_id: Id
    purpose: Text
    legal_basis: Text


class ErasureApproved(SignedWord):
    """Another person agrees to an erasure that was asked for; from here on it is carried out and not called back."""

    request_id: Id


class LegalHoldPlaced(SignedWord):
    """A person's records are to be kept whatever their age: while it lasts no erasure is approved."""

    hold_id: Id
    legal_basis: Text


class LegalHoldLifted(SignedWord):
    """The reason of a legal hold is gone."""

    hold_id: Id


class ReleasedOutside(SignedWord):
    """What identifies a person was given to somebody outside the trust, on a disclosure that was approved."""

    request_id: Id
    recipient: Text


class PersonErased(GuardingWord):
    """A person's key is destroyed: what was sealed under it opens for nobody, for ever (design §6)."""

    request_id: Id


def signed_content(type_name: str, id: str, subject: str, data: dict[str, object]) -> bytes:
    """What a signature covers: type, id, subject and all data but the signature, as JSON with sorted names, no spaces.

    All values are texts, so this is the canonical JSON of RFC 8785.
    """
    clear = {name: value for name, value in data.items() if name != "signature"}
    content = {"type": type_name, "id": id, "subject": subject, "data": clear}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
