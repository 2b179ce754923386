"""`sis refused redrive`: has refused events decided again, once what they lacked is there.

Knows the command line, and how a run is connected. Must never judge an event, nor see its content.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Annotated, Any

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json, print_table
from services.cli.system import System, find, running_on
from services.episodes.intake import Report, Reporting
from services.log.kafka_public_key import ask
from services.log.kafka_reader import KafkaReader
from services.log.kafka_sender import BatchSender
from services.log.kept import read_kept
from services.log.ports import Place
from services.log.record import Record
from services.log.redriving import INBOX_OF, Redrivable, content_offset, records_at, redrivable
from services.log.settling import until_decided
from services.stack.watching import watching
from services.vault.key_files import door_key
from services.words.refusals import SENTENCES, sentence
from services.words.topics import EPISODES_INBOX, HANDOVER_INBOX

_UNCHANGED = "Nothing changed: it is recorded already, or this redrive was made before."
_COLUMNS = ("event_id", "type", "refused_as", "outcome", "sentence")


def redrive(
    ctx: typer.Context,
    event_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The id of one refused event; its newest content counts.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every event whose last refusal has the code.")] = False,
    code: Annotated[str | None, typer.Option(help="With --all: the code, such as UNKNOWN_PERSON.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be redriven, and send nothing.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Have a refused event decided again, as it was sent, and say what became of it; 1 if it is refused again."""
    if (event_id is None) != every or every != (code is not None):
        raise Failed("name one event, or all of a code: sis refused redrive ID, or --all --code CODE", USAGE)
    if code is not None and code not in SENTENCES:
        raise Failed("no refusal has this code; `sis refused list` shows those there are", USAGE)
    system = find(ctx, data)
    places = _places(system, event_id, code)
    if event_id is not None and not places:
        raise Failed("no event with this id was refused", FINDING)
    rows = asyncio.run(_Run(system).go(places, code, dry_run=dry_run))
    _print(rows, json)
    raise typer.Exit(FINDING if any(row["outcome"] in ("refused", "not redriven") for row in rows) else 0)


def _places(system: System, event_id: str | None, code: str | None) -> dict[Place, set[int]]:
    """Where the refusals lie that have to be looked at: all of each event in question."""
    with system.reading() as reading:
        events = [event_id] if event_id else {one["event_id"] for one in reading.refused() if one["code"] == code}
        refusals = [refusal for event in events for refusal in reading.refusal(event)]
    places: dict[Place, set[int]] = defaultdict(set)
    for refusal in refusals:
        places[refusal["topic"], refusal["partition"]].add(refusal["offset"])
    return places


def _print(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    print_table(_COLUMNS, rows)
    counts = [f"{sum(row['outcome'] == outcome for row in rows)} {outcome}" for outcome in _outcomes(rows)]
    typer.echo(
        f"{len(rows)} refused events: {', '.join(counts)}" if counts else "there is nothing to redrive", err=True
    )


def _outcomes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({row["outcome"] for row in rows})


class _Run:
    """One run: connections, waits, answers."""

    def __init__(self, system: System) -> None:
        self._running = running_on(system)
        self._door = door_key(system.settings.data, "redrive")
        self._view_url = system.view_url()

    async def go(self, places: Mapping[Place, set[int]], code: str | None, *, dry_run: bool) -> list[dict[str, Any]]:
        """Redrive what can be; one row for each event."""
        found = [one for place, offsets in sorted(places.items()) for one in await self._redrivable(place, offsets)]
        wanted = [one for one in found if code in (None, one.refusal.data["code"])]
        able = [one for one in wanted if one.why_not is None]
        answers = {} if dry_run or not able else dict(zip(map(id, able), await self._redrive(able), strict=True))
        return [_row(one, answers.get(id(one))) for one in wanted]

    async def _redrivable(self, place: Place, offsets: set[int]) -> list[Redrivable]:
        refusals = [read_kept(record) for _, record in sorted((await self._records(place, offsets)).items())]
        redriven = {kept.inbox_offset for kept in refusals if kept.data["redrive_id"] is not None}
        inbox = await self._records((INBOX_OF[place[0]], place[1]), redriven)
        return redrivable((kept, content_offset(kept, inbox)) for kept in refusals)

    async def _records(self, place: Place, offsets: set[int]) -> dict[int, Record]:
        if not offsets:
            return {}
        async with KafkaReader(self._running.address("redrive"), {place: min(offsets)}) as reader:
            return await records_at(reader, place, offsets)

    async def _redrive(self, able: Sequence[Redrivable]) -> list[Report]:
        """Send a redrive of each, see it decided and visible; what became of each."""
        bootstrap = self._running.address("redrive")
        public, partitions = await asyncio.to_thread(ask, bootstrap)
        counts = {EPISODES_INBOX: partitions, HANDOVER_INBOX: 1}
        reporting = Reporting()
        async with AsyncExitStack() as connections:
            watch = await connections.enter_async_context(
                watching(bootstrap, self._view_url, partitions, reporting.note)
            )
            sender = BatchSender(bootstrap)
            await sender.start()
            connections.push_async_callback(sender.close)
            drafts = [one.draft(counts[INBOX_OF[one.refusal.topic]], public, self._door) for one in able]
            for draft in drafts:
                await sender.add(draft)
            runs = await sender.flush()
            await until_decided(watch.reader, {place: ranges[-1].stop - 1 for place, ranges in runs.items()})
            await watch.until_visible()
        offsets = {place: iter([offset for run in ranges for offset in run]) for place, ranges in runs.items()}
        sent = [((draft.topic, draft.partition), next(offsets[draft.topic, draft.partition])) for draft in drafts]
        return [reporting.made({place: [range(offset, offset + 1)]}) for place, offset in sent]


def _row(one: Redrivable, answer: Report | None) -> dict[str, Any]:
    outcome, said = _outcome(one, answer)
    was = one.refusal
    return {
        "event_id": one.event_id,
        "type": was.data["type"],
        "subject": was.subject,
        "refused_as": was.data["code"],
        "outcome": outcome,
        "sentence": said,
    }


def _outcome(one: Redrivable, answer: Report | None) -> tuple[str, str]:
    if one.why_not is not None:
        return "not redriven", f"{one.why_not[0].upper()}{one.why_not[1:]}."
    if answer is None:
        return "would be redriven", "Nothing was sent."
    for refusal in answer.refused:
        return "refused", f"{refusal['code']}: {sentence(refusal['code'], refusal['parameters'])}"
    return ("recorded", "It is recorded now.") if answer.recorded else ("unchanged", _UNCHANGED)
