"""The projector: a Faust app that moves the read view on by whole fetched batches.

Knows Faust, and where it must be led: read committed, on from where the **view** says, one message a batch. Must never
hold state of its own: what it applied stands in the view, and any fault ends the process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from services.episodes.postgres import ViewAway
from services.episodes.view import TOPICS, ChainBroken, PositionMoved, View
from services.log.collector import spare_the_collector
from services.log.connection import MECHANISM, Address, bootstrap_of
from services.log.watchdog import EXIT_CODE, Watchdog

GROUP = "kmpt.projector"
TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: begin again from where the view stands."""
LIMIT_SECONDS = 60.0
"""Longest time of one step: joining a group may wait for a former member's session."""
_SESSION_SECONDS = 10.0
_BATCH = 10_000
"""Most records in one fold: behind, about half a second's work, after which other partitions have their turn."""
_FETCH_BYTES = 8 * 1024 * 1024
"""Most bytes of one fetch of a partition: a batch is never more than one fetch, and facts have 600 to 900 bytes."""
_KICK_SECONDS = 1.0


class ReadCommitted(driver.AIOKafkaConsumerThread):
    """Faust reads uncommitted records unless its own transactions are on; aborted ones would be projected."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        self.consumer.in_transaction = True
        try:
            return super()._create_worker_consumer(transport)
        finally:
            self.consumer.in_transaction = False


class BatchConsumer(driver.Consumer):
    """Hands out one message for each fetched batch of a partition: Faust's cost is by the message."""

    transport: ViewTransport

    def _new_consumer_thread(self) -> ReadCommitted:
        return ReadCommitted(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109  # Faust names it
        """The next batches, each as the message of its last record, with all of it in `batch`."""
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return
        for place, batch in records.items():
            if not self.flow_active:
                break
            if batch and (active is None or place in active):
                message = self._to_message(place, batch[-1])
                message.batch = batch  # type: ignore[attr-defined]  # Faust hands a message on as it is
                yield place, message

    async def seek_to_committed(self) -> Mapping[Any, int]:
        """Go on where the view says; the group's offset may lie before or behind it."""
        with or_the_end():
            stands = self.transport.view.reload()
        positions = {place: stands.get((place.topic, place.partition), 0) for place in self.assignment()}
        await self.seek_wait({TP(*place): offset for place, offset in positions.items()})
        return positions


class ViewTransport(driver.Transport):
    """Faust's transport, for one view."""

    Consumer = BatchConsumer

    def __init__(self, bootstrap: Address, app: faust.App, view: View) -> None:
        super().__init__([URL(f"kafka://{bootstrap_of(bootstrap)}")], app)
        self.view = view


def build(bootstrap: Address, view: View, folder: Path, instance: str = "projector-0") -> faust.App:
    """The app, whose empty folders for tables lie in `folder`.

    It answers to group `kmpt.projector` as the member `instance`, so a killed one is back in seconds.
    """
    app = faust.App(
        GROUP,
        broker=f"kafka://{bootstrap_of(bootstrap)}",
        broker_credentials=_credentials(bootstrap),
        store="memory://",
        datadir=str(folder),
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_group_instance_id=instance,
        broker_session_timeout=_SESSION_SECONDS,
        broker_heartbeat_interval=_SESSION_SECONDS / 5,
        broker_request_timeout=_SESSION_SECONDS * 4,
        broker_max_poll_records=_BATCH,
        consumer_max_fetch_size=_FETCH_BYTES,
    )
    app.transport = ViewTransport(bootstrap, app, view)
    topic = app.topic(*TOPICS, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(topic)
    async def project(stream: Any) -> None:
        async for event in stream.events():
            batch = event.message.batch
            with or_the_end():
                view.apply(batch[0].topic, batch[0].partition, batch)

    return app


def _credentials(address: Address) -> faust.SASLCredentials | None:
    """What Faust is told of a principal; None where nothing is secured. Raises `SecretUnusable`."""
    if isinstance(address, str):
        return None
    return faust.SASLCredentials(
        mechanism=MECHANISM,
        username=address.principal,
        password=address.password(),
        ssl_context=address.context(),
    )


@contextmanager
def or_the_end() -> Iterator[None]:
    """End the process on any fault, with one plain line: Faust would go on with the next message."""
    try:
        yield
    except (PositionMoved, ViewAway) as fault:
        _end(TRY_AGAIN, str(fault))
    except ChainBroken as broken:
        _end(EXIT_CODE, str(broken))
    except BaseException as fault:  # noqa: BLE001  # nothing of a batch may be passed over, whatever went wrong
        _end(EXIT_CODE, f"a batch could not be folded ({type(fault).__name__})")


def run(bootstrap: Address, url: str, folder: Path, instance: str = "projector-0") -> NoReturn:
    """Project until the process is told to stop; SIGTERM and SIGINT end it in order.

    `folder` is the same at each start and stays: a projector that is killed could remove none.
    """
    with or_the_end():
        view = View(url)
    folder.mkdir(parents=True, exist_ok=True)
    with Watchdog(LIMIT_SECONDS, "projector") as watchdog:
        app = build(bootstrap, view, folder, instance)
        spare_the_collector()
        logging.basicConfig(level=logging.WARNING)
        worker = faust.Worker(app, quiet=True, loglevel="WARN", override_logging=False, redirect_stdouts=False)
        worker.spinner = None  # it would write to a log as if that were a terminal
        _kick(worker.loop, watchdog)
        worker.execute_from_commandline()
    raise AssertionError("execute_from_commandline returned")


def _kick(loop: asyncio.AbstractEventLoop, watchdog: Watchdog) -> None:
    """A fold blocks the loop: as long as the loop turns, every fold has come to its end."""
    watchdog.kick("folding")
    loop.call_later(_KICK_SECONDS, _kick, loop, watchdog)


def _end(code: int, words: str) -> NoReturn:
    os.write(sys.stderr.fileno(), f"projector: {words}; the process ends\n".encode())
    os._exit(code)
