"""What the commands share that ask, approve and hold: who signs, how it is sent, and how a person's records stand.

Knows the command line's options and how a run is connected. Must never judge a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.system import System, running_on
from services.doors.guardian import NAME, Signer, Standing, connected, draft_of, read_all, standings
from services.episodes.intake import Report, Reporting
from services.log.connection import Address
from services.log.kafka_group_offsets import KafkaGroupOffsets
from services.log.kafka_public_key import ask
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.partition import partition_of
from services.log.ports import Place
from services.log.record import Record
from services.log.settling import Onlooker, Settling, outputs, until_decided
from services.vault.key_files import KeyFileExposed, door_key
from services.vault.signing_keys import NoSigningKey, signing_key
from services.words.fields import is_uuid
from services.words.refusals import sentence
from services.words.topics import EPISODES, EPISODES_LEDGER, HANDOVER, offers_topic

PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="The opaque id of the person.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="The name your key is registered under.")]
KeyOption = Annotated[Path, typer.Option("--key", metavar="FILE", help="Your private key, of `sis keys person`.")]


@dataclass(frozen=True, slots=True)
class Guarding:
    """One run against a running system, about one person."""

    system: System
    person_id: str
    bootstrap: Address
    partitions: int

    def standing(self) -> Standing:
        """How the person's records stand, from the ledger."""
        place = EPISODES_LEDGER, partition_of(self.person_id.encode(), self.partitions)
        return asyncio.run(self._standings([place])).get(self.person_id, Standing())

    def say(self, event: Mapping[str, Any]) -> Report:
        """Send an event, see it decided; what became of it."""
        return asyncio.run(self._say(event))

    def say_or_fail(self, event: Mapping[str, Any]) -> None:
        """Send an event. Raises `Failed` with the reason if it was refused."""
        for refusal in self.say(event).refused:
            raise Failed(f"{refusal['code']}: {sentence(refusal['code'], refusal['parameters'])}", FINDING)

    def must_be_known(self) -> None:
        """Raises `Failed` if nobody is registered under the id: then nothing else is worth saying."""
        with self.system.reading() as reading:
            if not reading.person_facts(self.person_id):
                raise Failed("UNKNOWN_PERSON: nobody is registered under this id", FINDING)

    def settle(self) -> None:
        """Wait until doors and engines rest: what follows from it has left then."""
        asyncio.run(self._settle())

    def records(self) -> list[Record]:
        """Every record of both flows, and what providers were sent: what an erasure has to be proved against."""
        return asyncio.run(self._records())

    async def _standings(self, places: list[Place]) -> dict[str, Standing]:
        async with KafkaReader(self.bootstrap, dict.fromkeys(places, 0)) as reader:
            return await standings(reader, places)

    async def _records(self) -> list[Record]:
        places = [
            (topic, number)
            for flow, count in ((EPISODES, self.partitions), (HANDOVER, 1))
            for topic in (flow.inbox, flow.ledger, flow.refused)
            for number in range(count)
        ]
        async with KafkaReader(self.bootstrap, dict.fromkeys(places, 0)) as reader:
            records = await read_all(reader, places)
        offers = [(offers_topic(provider_id), 0) for provider_id in sorted(connected(records))]
        if not offers:
            return records
        async with KafkaGroupOffsets(self.bootstrap) as offsets:
            begins = await offsets.begins(offers)  # they are kept for a year
        async with KafkaReader(self.bootstrap, begins) as reader:
            return [*records, *await read_all(reader, offers)]

    async def _settle(self) -> None:
        async with KafkaGroupOffsets(self.bootstrap) as offsets:
            await Settling(offsets, self.partitions).until_settled()

    async def _say(self, event: Mapping[str, Any]) -> Report:
        public, partitions = await asyncio.to_thread(ask, self.bootstrap)
        door = door_key(self.system.settings.data, NAME)
        draft = draft_of(event, partitions, public, door)
        places = [place for place in outputs(EPISODES, partitions) if place[1] == draft.partition]
        async with AsyncExitStack() as connections:
            ends = await connections.enter_async_context(KafkaGroupOffsets(self.bootstrap))
            starts = {place: end or 0 for place, end in (await ends.ends(places)).items()}
            reader = await connections.enter_async_context(KafkaReader(self.bootstrap, starts))
            sender = BatchSender(self.bootstrap)
            await sender.start()
            connections.push_async_callback(sender.close)
            await sender.add(draft)
            runs = await sender.flush()
            await until_decided(reader, {place: ranges[-1].stop - 1 for place, ranges in runs.items()})
            reporting = Reporting()
            await Onlooker(reader, ends, starts, reporting.note).look()
        return reporting.made(runs)


def guarding(system: System, person_id: str) -> Guarding:
    """A run about a person. Raises `Failed` if the system is not running or the id is none."""
    if not is_uuid(person_id):
        raise Failed("name the person by their opaque id; `sis person find` gives it", USAGE)
    running = running_on(system)
    return Guarding(system, person_id, running.address(), running.partitions)


def signer(system: System, name: str, key: Path) -> Signer:
    """Whoever signs. Raises `Failed` if the key is not the one that is registered for the name."""
    try:
        return Signer(name, signing_key(system.settings.data, name, key))
    except (NoSigningKey, KeyFileExposed) as fault:
        raise Failed(str(fault), USAGE) from fault


def now() -> str:
    """This moment, as an event says it; to the microsecond, for what is said twice at one moment is one event."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
