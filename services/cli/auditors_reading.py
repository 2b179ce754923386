"""How the auditors' commands read the log: as the principal that may send nothing, and with a word for what is gone.

Knows where a running system's broker is. Must never know what a record says.
"""

from __future__ import annotations

from functools import partial

from services.audit.gone import topic_gone
from services.audit.partition_reading import ReaderOf
from services.log.errors import UnknownTopic
from services.log.kafka_reader import KafkaReader
from services.log.system import Running


class AuditorsReader(KafkaReader):
    """Reads as `KafkaReader` does; of a topic that is gone it says what that means, and not to make it anew."""

    async def start(self) -> None:
        """Raises `TopicGone`."""
        try:
            await super().start()
        except UnknownTopic as absent:
            raise topic_gone(absent) from absent


def reading_for_auditors(running: Running) -> ReaderOf:
    """Makes readers of a running system; processes of their own may be given it."""
    return partial(AuditorsReader, running.address("auditor"))
