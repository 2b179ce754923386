"""`sis emit`: a feed into the inboxes.

Knows the command line, and how a run is connected. Must never judge an event.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.failures import FINDING, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find, running_on
from services.episodes.feed import Feed, FeedBroken
from services.episodes.intake import Intake, Post, Report, Reporting
from services.log.kafka_public_key import ask
from services.log.kafka_sender import BatchSender
from services.log.settling import Settling
from services.stack.watching import watching
from services.vault.emitter_keys import signing_keys
from services.vault.key_files import door_key
from services.words.refusals import sentence

_STDIN = Path("-")
_NOT_PACED = (
    "sis: this feed speaks of handovers, and its days will overtake what follows from them: "
    "with --paced each day waits until the one before has settled"
)


def emit(
    ctx: typer.Context,
    feed: Annotated[Path, typer.Argument(help="A file of CloudEvents JSON, one event a line; - for standard input.")],
    wait: Annotated[
        bool, typer.Option("--wait", help="Return when all of it is decided and visible; 1 if any was refused.")
    ] = False,
    paced: Annotated[
        bool,
        typer.Option(
            "--paced", help="Settle before each day: for feeds in which handovers and the commissioner take part."
        ),
    ] = False,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Send events into the inboxes, in order and sealed; safe to do again, wherever it was cut."""
    system = find(ctx, data)
    lines = Feed.spooled(sys.stdin.buffer) if feed == _STDIN else _opened(feed)
    try:
        events = lines.check()
        if lines.of_handovers and not paced:
            typer.echo(_NOT_PACED, err=True)
        report = asyncio.run(Emission(system, lines, events).go(wait=wait or json, paced=paced))
    except FeedBroken as fault:
        raise Failed(str(fault), USAGE) from fault
    finally:
        lines.close()
    if report is None:
        typer.echo(f"{events} events sent; what became of them: sis refused list, sis caseload")
        return
    print_report(report, json)
    raise typer.Exit(FINDING if report.refused else 0)


def _opened(path: Path) -> Feed:
    try:
        return Feed.open(path)
    except OSError as fault:
        raise Failed(f"{path} cannot be read: {fault.strerror}", USAGE) from fault


class Emission:
    """One run of emitting so many events: connections, waits, progress."""

    def __init__(self, system: System, feed: Iterable[Mapping[str, Any]], events: int) -> None:
        self._data = system.settings.data
        self._running = running_on(system)
        self._view_url = system.view_url()
        self._feed = feed
        self._events = events
        self._month = ""

    async def go(self, *, wait: bool, paced: bool) -> Report | None:
        """Emit; with `wait` also see it decided and visible, and tell what became of it."""
        bootstrap = self._running.address()
        public, partitions = await asyncio.to_thread(ask, bootstrap)
        ticker = door_key(self._data, "ticker") if self._running.calendar == "feed" else None
        reporting = Reporting()
        async with AsyncExitStack() as connections:
            watch = await connections.enter_async_context(
                watching(bootstrap, self._view_url, partitions, reporting.note)
            )
            sender = BatchSender(bootstrap)
            await sender.start()
            connections.push_async_callback(sender.close)
            settling = Settling(watch.offsets, partitions)
            intake = Intake(sender, watch.reader, Post(partitions, public, ticker, signing_keys(self._data)))

            async def settled() -> None:
                if not paced:
                    await intake.until_decided()
                    return
                await settling.until_settled()
                await watch.until_visible()

            await intake.emit(self._feed, self._pause(paced), settled, self._progress)
            if not wait:
                return None
            await intake.until_decided()
            if intake.of_handovers:
                await settling.until_settled()
            await watch.until_visible()
            return reporting.made(intake.runs)

    def _pause(self, paced: bool) -> Callable[[str], bool]:
        """Before which days to settle: each if paced, else the first of each month (design §4)."""

        def pause(day: str) -> bool:
            new_month = day[:7] != self._month
            self._month = day[:7]
            return paced or new_month

        return pause

    def _progress(self, sent: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{sent:,} of {self._events:,} events", err=True, nl=False)


def print_report(report: Report, as_json: bool) -> None:
    """What became of a run, each refusal with its sentence."""
    if as_json:
        counts = {"sent": report.sent, "recorded": report.recorded, "repeated": report.repeated}
        print_json({**counts, "refused": report.refused})
        return
    typer.echo(f"{report.recorded} recorded, {len(report.refused)} refused, {report.repeated} repeated")
    for refusal in report.refused:
        said = sentence(refusal["code"], refusal["parameters"])
        typer.echo(f"  {refusal['code']:<18} {refusal['event_id']}  {said}")
