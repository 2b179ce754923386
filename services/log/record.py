"""A record as it lies in a partition, and a draft of one that is still to be written.

Knows bytes and positions. Must never know what the bytes say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]


class Record(Protocol):
    """One record of a partition; what a Kafka client hands out already has this shape and is used as it is."""

    @property
    def topic(self) -> str:
        """Name of its topic."""

    @property
    def partition(self) -> int:
        """Number of its partition."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """Append time in milliseconds since 1970 UTC."""

    @property
    def key(self) -> bytes | None:
        """Its key, by which its partition was chosen."""

    @property
    def headers(self) -> Headers:
        """Its headers in order."""

    @property
    def value(self) -> bytes | None:
        """Its value."""


class Draft(NamedTuple):
    """What is to be appended to a partition; position and append time come from the log."""

    topic: str
    partition: int
    key: bytes | None
    headers: Headers
    value: bytes | None
