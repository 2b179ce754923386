"""The ids that follow from other ids (ruling 93).

Knows UUIDs of version 5 alone.
"""

from __future__ import annotations

from uuid import UUID, uuid5


def handover_id_of(episode_id: str) -> str:
    """The id of the one handover of an episode."""
    return str(uuid5(UUID(episode_id), "handover"))


def offer_id_of(handover_id: str, ordinal: int) -> str:
    """The id of a handover's first, second, ... offer."""
    return str(uuid5(UUID(handover_id), str(ordinal)))
