"""Which refused events can be decided again, and the word of the redrive door that asks for it (design §4, ruling 3).

Knows refusals as they were written and where their inputs lie. Must never know the content of what was refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from services.log.codec import decode
from services.log.doors import signed
from services.log.kept import Kept
from services.log.ports import Place, Reader
from services.log.posting import posted
from services.log.record import Draft, Record
from services.log.sealing import PublicKey
from services.words.calendar import DayBegan
from services.words.keeping import Redriven, RulesAdopted
from services.words.topics import EPISODES, HANDOVER

SOURCE = "/kmpt/redrive"
INBOX_OF: Mapping[str, str] = {flow.refused: flow.inbox for flow in (EPISODES, HANDOVER)}
"""Refused topic to the inbox of its inputs; partition n of one belongs to partition n of the other."""
_NAMESPACE = uuid5(NAMESPACE_URL, "https://kmpt.example/redrive")
_BATCH = 5_000
_SEND_AGAIN = "nobody can decide it again: mend it where it was made and send it again"
_NEVER: Mapping[str, str] = {
    "UNREADABLE": f"the event could not be read, so {_SEND_AGAIN}",
    "MISROUTED": f"the event lies in the wrong place, so {_SEND_AGAIN}",
}
_NEVER_TYPES: Mapping[str, str] = {
    DayBegan.TYPE: "a day is not redriven: emit it again when it has come, or emit the day after it",
    RulesAdopted.TYPE: "rules are not redriven: the system adopts its own when it starts",
    Redriven.TYPE: "a redrive is not redriven itself: redrive the event that it was about",
}


@dataclass(frozen=True, slots=True)
class Redrivable:
    """A refused event: the newest refusal of its newest content, and the inbox offset of that content."""

    refusal: Kept
    offset: int

    @property
    def event_id(self) -> str:
        """The id of the event that was refused."""
        return self.refusal.causation_id

    @property
    def why_not(self) -> str | None:
        """Why it cannot be redriven, in plain words with what to do instead; None if it can."""
        return _NEVER.get(self.refusal.data["code"]) or _NEVER_TYPES.get(self.refusal.data["type"])

    def draft(self, partitions: int, public: PublicKey, door: bytes) -> Draft:
        """The signed inbox record that asks for it. `partitions` is the number of them in that inbox.

        Id and time come from the refusal, so that asking twice about one refusal is asking once (ruling 5).
        """
        event = {
            "id": str(uuid5(_NAMESPACE, self.refusal.id)),
            "source": SOURCE,
            "type": Redriven.TYPE,
            "subject": self.refusal.subject,
            "time": self.refusal.recorded_time,
            "data": {"offset": self.offset},
        }
        return signed(posted(event, INBOX_OF[self.refusal.topic], partitions, public), "redrive", door)


def redrivable(refusals: Iterable[tuple[Kept, int]]) -> list[Redrivable]:
    """One for each event of each subject, from refusals in the order of the log, each with its content's offset."""
    found: dict[tuple[str, int, str, str], Redrivable] = {}
    for kept, offset in refusals:
        event = kept.topic, kept.partition, kept.subject, kept.causation_id
        if event not in found or offset >= found[event].offset:
            found[event] = Redrivable(kept, offset)
    return list(found.values())


def content_offset(refusal: Kept, inbox: Mapping[int, Record]) -> int:
    """Where the refused content lies: what a redrive was about, if one led to this refusal, else its own input."""
    if refusal.data["redrive_id"] is None:
        return refusal.inbox_offset
    _, redrive = decode(inbox[refusal.inbox_offset].value)
    return int(redrive["offset"])


async def records_at(reader: Reader, place: Place, offsets: Collection[int]) -> dict[int, Record]:
    """The records at these offsets of a partition that `reader` reads from the lowest of them on, and no other."""
    found: dict[int, Record] = {}
    for offset in sorted(offsets):
        if offset - await reader.position(place) > _BATCH:
            reader.seek(place, offset)
        while await reader.position(place) <= offset:
            records = (await reader.read(_BATCH, 0.1)).get(place, ())
            found.update((record.offset, record) for record in records if record.offset in offsets)
    return found
