"""When a system answers: all that lies in its inboxes is decided, and its view shows it.

Knows the two waits. Must never wait for what was emitted after it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from services.episodes.view import View
from services.episodes.view_folder import ViewFolder
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_reader import KafkaReader
from services.log.ports import Place
from services.log.record import Record
from services.log.settling import Onlooker, decided, outputs
from services.settings import Settings
from services.words.topics import EPISODES, EPISODES_INBOX, HANDOVER, HANDOVER_INBOX

_POLL = 0.05


async def until_level(settings: Settings, bootstrap: str, meanwhile: Callable[[], None]) -> None:
    """Wait until engines and view have caught up with the inboxes; call `meanwhile` often, to mind processes."""
    inboxes: list[Place] = [
        *((EPISODES_INBOX, number) for number in range(settings.episodes_partitions)),
        (HANDOVER_INBOX, 0),
    ]
    places = [*outputs(EPISODES, settings.episodes_partitions), *outputs(HANDOVER, 1)]
    view = View(settings.view_url or ViewFolder(settings.data / "view").current())
    try:
        positions = view.reload()
        starts = {place: positions.get(place, 0) for place in places}
        async with KafkaReader(bootstrap, {**starts, **dict.fromkeys(inboxes, 0)}) as reader:
            last = {place: end - 1 for place, end in (await reader.end_offsets(inboxes)).items()}
            while not await decided(reader, last):
                await asyncio.sleep(_POLL)
                meanwhile()
        async with KafkaReader(bootstrap, starts) as reader, KafkaGroupOffsets(bootstrap) as offsets:
            await Onlooker(reader, offsets, starts, _pass_over).until_visible(view.reload)
    finally:
        view.close()


def _pass_over(_: Sequence[Record]) -> None:
    """What the records say is nothing to a wait."""
