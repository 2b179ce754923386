"""Closes Kafka clients that do not close themselves: after a failed start, or with something still under way.

aiokafka's producer waits for ever for what a frozen broker has not taken. Its consumer, stopped while a failed fetch
backs off, raises the cancellation of that fetch as if its caller had been cancelled. kafka-python leaves its
connections open when a start fails, and a socket for every attempt that is refused.

Knows where the clients hang or leak. Must never know a topic or a record.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from services.log.errors import BrokerAway, Spent

_CLOSE_SECONDS = 2.0


async def let_go(producer: Any) -> None:
    """Close an aiokafka producer without waiting for what it has not sent; its own stop would wait for ever."""
    sending = producer._sender.sender_task
    if sending is not None:
        sending.cancel()
        await producer.client.close()  # what is under way fails, so that the sending task can end
        await asyncio.wait([sending], timeout=_CLOSE_SECONDS)
        producer._message_accumulator.fail_all(Spent("closed before it was kept"))
    with suppress(asyncio.CancelledError):  # of the sending task, which comes out of stop
        await producer.stop()


async def stop_reading(consumer: Any) -> None:
    """Stop an aiokafka consumer. A cancellation of its own fetching ends there; one of the caller goes on to him."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait([stopping])
    if stopping.cancelled():
        await consumer._client.close()  # which its stop did not come to
    else:
        stopping.result()


def knock(bootstrap: str, seconds: float) -> None:
    """Wait until a server of `bootstrap` takes connections; else `BrokerAway` after so many seconds."""
    until = time.monotonic() + seconds
    while not any(takes_connections(server) for server in bootstrap.split(",")):
        if time.monotonic() >= until:
            raise BrokerAway(f"nobody takes connections at {bootstrap} for {seconds:g} s: is the broker running?")
        time.sleep(0.05)


def takes_connections(server: str) -> bool:
    """Whether anybody takes a connection at host:port within a second."""
    host, _, port = server.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def closed_on_failure(client: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Gives kafka-python's classes a `kafka_client` that is closed if their start fails; they leave theirs open."""
    made: list[Any] = []

    def make(**settings: Any) -> Any:
        made.append(client(**settings))
        return made[-1]

    try:
        yield make
    except BaseException:
        for one in made:
            one.close()
        raise
