"""What a word is: one thing that may be said on a topic, frozen, with its full name and its sealed fields.

Knows how words are made and named. Must never know who keeps or carries them.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Word(BaseModel):
    """A statement as a frozen model: its fields are those of its schema, its docstring says when in life it is said.

    The prefix is given once (`class TeamWord(Word, prefix="kmpt.episodes.v1")`) and inherited by the words under it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    NAMESPACE: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""
    """Full name, e.g. `kmpt.episodes.v1.ContactRecorded`; stands in `ce_type` and names the schema."""
    SEALED: ClassVar[tuple[str, ...]] = ()
    """Fields that identify a person or are free text: plain in a feed, one sealed blob on the wire, absent in facts."""
    NEEDS: ClassVar[tuple[str, ...]] = ()
    """Sealed fields without which an input is INVALID_DATA, though a fact never shows them."""
    FILLED: ClassVar[tuple[str, ...]] = ()
    """Fields that the host fills; an emitter that sends one is INVALID_DATA."""

    def __init_subclass__(cls, *, prefix: str | None = None) -> None:
        """Give the class its full name."""
        cls.NAMESPACE = prefix or cls.NAMESPACE
        cls.TYPE = f"{cls.NAMESPACE}.{cls.__name__}"

    def missing(self) -> tuple[str, ...]:
        """Names of fields that an input of this type must have and this one lacks; asked of inputs, never of facts."""
        return tuple(name for name in self.NEEDS if getattr(self, name) is None) if self.NEEDS else ()


class Sealed(BaseModel):
    """What is left of sealed fields on the wire.

    `key_id` names the key that `key` (the content key) is sealed under: a month's in an inbox, the subject's own in a
    ledger. `blob` is a 12-byte nonce and AES-256-GCM of the canonical JSON of the fields; both carry the same blob.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key_id: str
    key: bytes
    blob: bytes
