"""What must be there before any service starts: topics, the month's public key, and the rules adopted in every inbox.

Knows each of these once. Safe to do again: what is there already is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from services.doors.guardian import erase_again, standings
from services.log.connection import Address, Connection
from services.log.doors import signed
from services.log.kafka_admin import apply, wait_until_ready
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.month_key import SOURCE
from services.log.posting import posted_to_all
from services.log.sealing import PublicKey
from services.stack.admitting import Admission
from services.stack.months import publish_if_new
from services.vault.key_files import door_key
from services.vault.vault import Vault
from services.words.keeping import RulesAdopted
from services.words.release import RELEASE, RELEASED_AT
from services.words.topics import EPISODES_INBOX, EPISODES_LEDGER, HANDOVER_INBOX, catalogue

_READY_WITHIN = 60.0


async def prepare(data: Path, bootstrap: Address, partitions: int) -> None:
    """Make a broker's topics, key and rules what this release needs."""
    wait_until_ready(bootstrap, _READY_WITHIN)
    apply(bootstrap, catalogue(partitions))
    if isinstance(bootstrap, Connection):
        Admission(bootstrap.bootstrap, data / "keys").apply()
    vault = Vault(data)
    month = vault.public_key_of_month()
    vault.close()
    public = PublicKey(month.key_id, month.key)
    await publish_if_new(bootstrap, public, datetime.now(UTC))
    await _adopt_rules(bootstrap, data, partitions, public)
    await _erase_again(bootstrap, data, partitions)


async def _erase_again(bootstrap: Address, data: Path, partitions: int) -> None:
    """Erase anew whom a restored copy of the vault would bring back: the ledger says who was erased."""
    places = [(EPISODES_LEDGER, number) for number in range(partitions)]
    async with KafkaReader(bootstrap, dict.fromkeys(places, 0)) as reader:
        found = await standings(reader, places)
    with closing(Vault(data)) as vault:
        erase_again(vault, found)


async def _adopt_rules(bootstrap: Address, data: Path, partitions: int, public: PublicKey) -> None:
    """Put this release into every inbox partition, once; a note in the data folder says that it was done.

    Without the note it is put again, under the same id, which changes nothing.
    """
    note = data / f"rules-{RELEASE}.adopted"
    if note.exists():
        return
    key = door_key(data, "stack")
    event: Mapping[str, object] = {
        "id": f"rules-{RELEASE}",
        "source": SOURCE,
        "type": RulesAdopted.TYPE,
        "time": RELEASED_AT,
        "data": {"release": RELEASE},
    }
    sender = BatchSender(bootstrap)
    await sender.start()
    try:
        for topic, number in ((EPISODES_INBOX, partitions), (HANDOVER_INBOX, 1)):
            for draft in posted_to_all(event, topic, number, public):
                await sender.add(signed(draft, "stack", key))
        await sender.flush()
    finally:
        await sender.close()
    note.touch()
