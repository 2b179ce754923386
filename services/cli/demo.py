"""`sis demo`: a synthetic county's year on a fresh system, with providers that answer, and what came of it.

Knows how a performance is put together and shown. Must never touch a data folder that no demo made.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from services.audit.point import Point
from services.cli.audit_as_of import as_of_point, check_now
from services.cli.audit_history import history_of, print_history
from services.cli.burn_down import show_transfer
from services.cli.failures import FINDING, USAGE, Failed
from services.cli.output import heading, lines
from services.cli.performance import Performance, perform
from services.cli.proof import print_report, verified
from services.cli.running import start_detached, stop
from services.cli.system import System, running_on
from services.episodes.asked import Asked
from services.episodes.reading import Reading
from services.settings import load
from services.simulator.feed import write_feed

_MARK = "made-by-demo"
_FIRST, _LAST = date(2012, 8, 1), date(2013, 7, 31)
_BEFORE_CONTRACTS = "2012-09-30"
"""The evening before the contracts with providers began."""


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the system running afterwards.")] = False,
    people: Annotated[int, typer.Option(help="How many people.", min=1, max=20_000)] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.")] = 2012,
    data: Annotated[Path, typer.Option(help="The demo's own data folder, made anew.")] = Path("data/demo"),
) -> None:
    """Show a year of support and handover, from nothing, in a few minutes."""
    _fresh(data)
    system = System(load(data=data))
    typer.echo("Starting a real Apache Kafka and the services …", err=True)
    bootstrap = start_detached(data)
    try:
        feed = write_feed(people, _FIRST, _LAST, seed)
        done = asyncio.run(perform(system, bootstrap, feed, seed, _progress))
        typer.echo("", err=True)
        with system.reading() as reading:
            _show(reading, done)
            _history(reading)
            _as_of(system)
            proved = _proof(system)
            _next(reading, data, keep=keep)
    finally:
        if not keep:
            stop(data)
    if not all(balance.balances for balance in done.balances.values()):
        raise Failed("the balance does not hold: something was lost or invented", FINDING)
    if not proved:
        raise Failed("the proof does not hold: see the findings above", FINDING)


def _fresh(data: Path) -> None:
    """An empty folder: one that an earlier demo made is cleared away, any other is left alone."""
    if (data / _MARK).exists():
        stop(data)
        shutil.rmtree(data)
    if data.exists() and any(data.iterdir()):
        raise Failed(f"{data} was not made by a demo, so it is left alone; name another folder: --data DIR", USAGE)
    data.mkdir(parents=True, exist_ok=True)
    (data / _MARK).touch()


def _progress(today: date, events: int, replies: int) -> None:
    done = (today - _FIRST).days + 1
    line = f"{today:%d %b %Y}  day {done:>3} of {(_LAST - _FIRST).days + 1}  {events:>7,} events  {replies:>5,} replies"
    if sys.stderr.isatty():
        typer.echo(f"\r{line}", err=True, nl=False)
    elif today.day == 1:
        typer.echo(line, err=True)


def _show(reading: Reading, done: Performance) -> None:
    rows = reading.caseload(Asked())
    _caseload(rows)
    _over_six_weeks(rows)
    _handovers(reading)
    _offers(reading)
    show_transfer(reading)
    _refusals(reading)
    _balance(done)


def _caseload(rows: list[dict[str, Any]]) -> None:
    phases = [phase for phase in _PHASES if any(row["phase"] == phase for row in rows)]
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row["holder"]["id"], Counter())[row["phase"]] += 1
    heading("Caseload by team and phase")
    lines(("team or provider", *phases), [(who, *(counts[who][phase] for phase in phases)) for who in sorted(counts)])


def _over_six_weeks(rows: list[dict[str, Any]]) -> None:
    overdue = sorted((row for row in rows if row["review_overdue"]), key=lambda row: -row["day"])
    heading(f"Over 6 weeks without a review: {len(overdue)}")
    lines(("episode", "team", "day"), [(row["episode_id"], row["holder"]["id"], row["day"]) for row in overdue[:5]])


def _handovers(reading: Reading) -> None:
    counts = Counter((row["provider_id"] or "-", row["state"]) for row in reading.handovers(ended_too=True))
    heading("Handovers by provider and state")
    lines(("provider", "state", "handovers"), [(*key, count) for key, count in sorted(counts.items())])


def _offers(reading: Reading) -> None:
    """What became of each provider's offers: one refuses many, and one hardly ever answers."""
    offers = [offer for row in reading.handovers(ended_too=True) for offer in row["offers"]]
    counts = Counter((offer["provider_id"], offer["answer"]) for offer in offers)
    heading("Offers by provider and what became of them")
    rows = [(who, *(counts[who, answer] for answer in _ANSWERS)) for who in sorted({who for who, _ in counts})]
    lines(("provider", *(words for words in _ANSWERS.values())), rows)


def _refusals(reading: Reading) -> None:
    examples: dict[str, Mapping[str, Any]] = {}
    counts: Counter[str] = Counter()
    for refusal in reading.refused():
        counts[refusal["code"]] += 1
        examples.setdefault(refusal["code"], refusal)
    heading("Refusals by code, each with one example")
    lines(
        ("code", "count", "for example"),
        [
            (code, count, f"{examples[code]['type'].rpartition('.')[2]}: {examples[code]['sentence']}")
            for code, count in counts.most_common()
        ],
    )


def _balance(done: Performance) -> None:
    heading("Nothing lost, nothing invented")
    for name, balance in done.balances.items():
        typer.echo(
            f"{name}: inbox {balance.inbox:,} = recorded {balance.recorded:,} + refused {balance.refused:,} "
            f"+ repeats {balance.repeats:,}  {'holds' if balance.balances else 'DOES NOT HOLD'}"
        )
    rate = done.events / done.seconds
    typer.echo(
        f"{done.events:,} events and {done.replies:,} replies of providers in {done.seconds:.0f} s: "
        f"{rate:,.0f} events/s, {done.days} days, each settled before the next began"
    )


def _history(reading: Reading) -> None:
    """What became of one handover that was completed, as an auditor reads it."""
    placed = [row["handover_id"] for row in reading.handovers(ended_too=False) if row["state"] == "COMPLETED"]
    if placed:
        heading("One history in words")
        print_history(history_of(reading, placed[0]))


def _as_of(system: System) -> None:
    """How things stood on the last day before the contracts began, and that the same fold gives today's view."""
    heading(f"As of {_BEFORE_CONTRACTS}, the evening before the contracts began: long-term support in house")
    standing = as_of_point(system, Point.read(_BEFORE_CONTRACTS))
    held = Counter(row["holder"]["id"] for row in standing["caseload"] if row["phase"] == "LEGACY_CSS")
    lines(("team", "LEGACY_CSS"), sorted(held.items()))
    typer.echo(check_now(system))


def _proof(system: System) -> bool:
    """Verify it all as an auditor would; whether nothing was found."""
    heading("Proof: chains, signed checkpoints, and every input against what came of it")
    report = verified(system.settings.data, running_on(system))
    print_report(report)
    typer.echo("1 finding or more: something was altered, removed or invented" if report.findings else "no finding")
    return not report.findings


def _next(reading: Reading, data: Path, *, keep: bool) -> None:
    """Commands that work on what was played; each of them is tried by a test."""
    sis = f"{_program()} --data {data}"
    chargeable = [row["episode_id"] for row in reading.caseload(Asked(phase="CHARGEABLE"))]
    placed = [row["handover_id"] for row in reading.handovers(ended_too=False) if row["state"] == "COMPLETED"]
    heading("What to type next")
    if not keep:
        typer.echo(f"{sis} up --detach")
    typer.echo(f"{sis} status")
    typer.echo(f"{sis} caseload --team maidstone-cmht")
    for episode_id in chargeable[:1]:
        typer.echo(f"{sis} episode {episode_id}")
    for handover_id in placed[:1]:
        typer.echo(f"{sis} handover show {handover_id}")
    for episode_id in chargeable[:1]:
        typer.echo(f"{sis} audit history {episode_id}")
    typer.echo(f"{sis} handover due")
    typer.echo(f"{sis} wave list")
    typer.echo(f"{sis} contracts")
    typer.echo(f"{sis} refused list")
    typer.echo(f"{sis} audit as-of {_BEFORE_CONTRACTS}")
    typer.echo(f"{sis} audit verify")
    typer.echo(f"{sis} down")


def _program() -> str:
    """What to type for `sis` here: its name if the shell finds it, else where it was started from."""
    return "sis" if shutil.which("sis") else sys.argv[0]


_ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "LAPSED": "not answered",
    "WITHDRAWN": "withdrawn",
    "START_FAILED": "start failed",
    None: "open",
}
_PHASES = (
    "REFERRED",
    "ACCEPTED",
    "ENABLEMENT",
    "AWAITING_REVIEW",
    "CHARGEABLE",
    "CAP_REACHED",
    "LEGACY_CSS",
    "SIS",
)
