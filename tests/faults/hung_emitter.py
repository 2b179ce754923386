"""`python -m tests.faults.hung_emitter BOOTSTRAP TOPIC`: a team's system that hangs in the middle of sending.

Idempotent and plain, as every emitter is: it has sent one record that nobody expects an answer to, has another in a
batch that it never finishes, and hangs for ever.
"""

from __future__ import annotations

import asyncio
import sys

from aiokafka import AIOKafkaProducer

_FOR_EVER_MS = 3_600_000


async def hang(bootstrap: str, topic: str) -> None:
    """Begin a batch and never finish it."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=_FOR_EVER_MS)
    await producer.start()
    await producer.send(topic, b"never finished", key=b"nobody", partition=0)
    sys.stdout.write("hanging\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(hang(*sys.argv[1:]))
