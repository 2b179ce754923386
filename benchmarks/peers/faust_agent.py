"""A plain Faust agent that makes the same view: one message at a time, folded and committed by the same `View.apply`.

`python -m benchmarks.peers.faust_agent bootstrap url group` runs until it is killed.
"""

from __future__ import annotations

import sys
from typing import Any

import faust

from services.episodes.view import View
from services.log.memory import MemoryRecord
from services.words.topics import EPISODES_LEDGER


def build(bootstrap: str, url: str, group: str) -> faust.App:
    """The app, with Faust's own settings but for what raw bytes and a single process need."""
    view = View(url)
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
    )
    topic = app.topic(EPISODES_LEDGER, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(topic)
    async def project(stream: Any) -> None:
        async for event in stream.events():
            record = _record(event.message)
            view.apply(record.topic, record.partition, [record])

    return app


def _record(message: Any) -> MemoryRecord:
    milliseconds = int(message.timestamp * 1000)
    place = (message.topic, message.partition, message.offset)
    return MemoryRecord(*place, milliseconds, message.key, list(message.headers), message.value)


def main() -> None:
    """Run the worker."""
    worker = faust.Worker(build(*sys.argv[1:4]), quiet=True, loglevel="WARN", redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
