"""When a system answers: all that lies in its inboxes is decided, and its view shows it.

Knows the two waits. Must never wait for what was emitted after it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from services.episodes.views import views_of
from services.log.connection import Address
from services.log.ports import Place
from services.log.settling import decided
from services.settings import Settings
from services.stack.watching import watching
from services.words.topics import EPISODES_INBOX, HANDOVER_INBOX

_POLL = 0.05


async def until_level(settings: Settings, bootstrap: Address, meanwhile: Callable[[], None]) -> None:
    """Wait until engines and view have caught up with the inboxes; call `meanwhile` often, to mind processes."""
    partitions = settings.episodes_partitions
    inboxes: list[Place] = [*((EPISODES_INBOX, number) for number in range(partitions)), (HANDOVER_INBOX, 0)]
    view_url = views_of(settings.view.get_secret_value(), settings.data).current()
    async with watching(bootstrap, view_url, partitions) as watch:
        last = {place: end - 1 for place, end in (await watch.reader.end_offsets(inboxes)).items()}
        while not await decided(watch.reader, last):
            await asyncio.sleep(_POLL)
            meanwhile()
        await watch.until_visible()
