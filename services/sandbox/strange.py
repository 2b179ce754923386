"""Messages that no allocator of today writes: said twice, with a field too many, of a type that nobody knows.

Knows how such a message is put where the program finds it. Must never judge what the program makes of it.
"""

from __future__ import annotations

import json
import struct
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import fastavro

from services.log.codec import plain
from services.log.record import Draft
from services.log.schemas import released
from services.provider.exchange_files import put
from services.sandbox.papers import papers_of_nobody
from services.sandbox.script import request
from services.sandbox.trial import Case, Trial
from services.words.envelope import Envelope
from services.words.messages import Offer
from services.words.topics import offers_topic

NEWER_ID, UNKNOWN_ID = 900_001, 900_002
"""Registry ids that no release has given."""
_FIELD = {"name": "greeting", "type": ["null", "string"], "default": None}
_SOURCE = "/kmpt/allocator"


def newer_schema() -> dict[str, Any]:
    """The schema of an offer as a later release might have it: one field more, with a default."""
    schema = released(Offer.TYPE)
    return {**schema, "fields": [*schema["fields"], _FIELD]}


def write_newer_schema(folder: Path) -> None:
    """Put the newer schema where a provider's program may look for it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{NEWER_ID}.avsc").write_text(json.dumps(newer_schema(), indent=1) + "\n", "utf-8")


async def repeat(trial: Trial, message_id: str) -> None:
    """Say a message again, byte for byte."""
    record = await trial.trust.record_of(message_id)
    await trial.trust.put(Draft(record.topic, 0, record.key, list(record.headers), record.value))


async def newer_offer(trial: Trial) -> Case:
    """Say an offer with one field more. The trust does not know it: whoever accepts it is told so, and is right."""
    case = Case(str(uuid4()), str(uuid4()), str(uuid4()))
    asked = request(papers_of_nobody(trial.trust.vault), trial.today, trial.today)
    word = Offer(
        offer_id=case.offer_id,
        handover_id=case.handover_id,
        contract_id="sandbox",
        lot=asked.lot,
        district=asked.district,
        age_band=asked.age_band,
        needs=asked.needs,
        risk=asked.risk,
        weekly_minutes=asked.weekly_minutes,
        wanted_on=asked.wanted_on,
        respond_by=trial.today,
    )
    fields = {**{name: plain(value) for name, value in word}, "greeting": "good day"}
    await _put(trial, case, Offer.TYPE, NEWER_ID, fields)
    return case


async def unknown_message(trial: Trial) -> None:
    """Say something of a type that does not exist."""
    await _put(
        trial, Case(str(uuid4()), "", str(uuid4())), "kmpt.sis.v1.SandboxGreeting", UNKNOWN_ID, {"text": "hello"}
    )


async def _put(trial: Trial, case: Case, type_name: str, schema_id: int, fields: dict[str, Any]) -> None:
    envelope = Envelope(case.message_id, type_name, _SOURCE, case.handover_id, trial.now())
    if trial.folder is not None:
        event = {"specversion": "1.0", "id": envelope.id, "type": type_name, "source": _SOURCE}
        event |= {"subject": case.handover_id, "time": envelope.time}
        order = max((message.offset for message in await trial.trust.told()), default=-1)
        put(trial.folder / "in", envelope.id, {**event, "data": fields}, type=type_name, sent=trial.now(), order=order)
        return
    topic = offers_topic(trial.trust.provider_id)
    value = _framed(schema_id, fields)
    await trial.trust.put(Draft(topic, 0, case.handover_id.encode(), envelope.headers(), value))


def _framed(schema_id: int, fields: dict[str, Any]) -> bytes:
    body = BytesIO()
    body.write(struct.pack(">bI", 0, schema_id))
    if schema_id == NEWER_ID:
        fastavro.schemaless_writer(body, fastavro.parse_schema(newer_schema()), fields)
    else:
        body.write(b"\x0ahello")
    return body.getvalue()
