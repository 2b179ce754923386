"""A plain Faust agent that makes the same view: one message at a time, folded and committed by the same `View.apply`.

`python -m benchmarks.peers.faust_agent bootstrap url folder` runs until it is killed. What Faust keeps on disk lies in
the folder; its name is the group's too, so that a run in a new one reads from the beginning.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import faust

from services.episodes.view import View
from services.log.memory import MemoryRecord
from services.words.topics import EPISODES_LEDGER


def build(bootstrap: str, url: str, folder: Path) -> faust.App:
    """The app, with Faust's own settings but for what raw bytes and a single process need."""
    view = View(url)
    app = faust.App(
        folder.name,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=str(folder),
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
    bootstrap, url, folder = sys.argv[1:]
    worker = faust.Worker(build(bootstrap, url, Path(folder)), quiet=True, loglevel="WARN", redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
