"""What the log itself says: refusals, redrives, and whose rules hold.

Knows codes and positions. Must never hold the content of what it speaks of.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.words.fields import Text
from services.words.word import Word


class LogWord(Word, prefix="kmpt.log.v1"):
    """A word of the log about itself."""


class Refused(LogWord):
    """An input was not recorded; its content stays in the inbox only, and a redrive decides it again.

    `parameters` are names of fields, limits and dates, never a value that failed. `redrive_id` and `redrive_digest`
    name the redrive that led to this refusal, so that the same redrive is known when it comes again.
    """

    type: str
    source: str
    code: str
    parameters: dict[str, str]
    redrive_id: str | None = None
    redrive_digest: bytes | None = None


class Redriven(LogWord):
    """A refused input is to be decided again; key and subject are those of it, `offset` is where it lies."""

    offset: Annotated[int, Field(ge=0)]


class RulesAdopted(LogWord):
    """From here on the rules of this release hold; said to every inbox partition, key `calendar`."""

    release: Text


class MonthKeyPublished(LogWord):
    """The public key of a month, to which emitters seal; said by the stack on the keys topic, key `key_id`."""

    key_id: Text
    public_key: bytes
