"""How many inputs a second the allocator decides, by providers and by handovers that are open.

First its rules alone, in memory: no engine, log or sealing, nor the making of the words. Then the allocator as it runs,
on a real broker, exactly once: doors' signatures, headers, chain, and packs that are sealed for their provider. One
round is a handover's whole way from request to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle

from benchmarks.figures import Figure, Profile
from benchmarks.ground import Ground, ground
from benchmarks.handovers import SOURCE, TIME, Handovers, Said
from benchmarks.owner import Owner, Took, alarm, timed
from benchmarks.profiled import profiled
from benchmarks.size import Size
from services.handover.allocator import DOORS, allocator_rules
from services.handover.book import Book
from services.log.codec import encode
from services.log.desk import Desk
from services.log.doors import signed
from services.log.kafka_admin import apply
from services.log.record import Draft
from services.sandbox.papers import papers_of_nobody
from services.vault.key_files import door_key, door_keys
from services.vault.vault import Vault
from services.words.calendar import CALENDAR_KEY
from services.words.envelope import Envelope
from services.words.recorded import Dossier
from services.words.topics import HANDOVER, HANDOVER_INBOX, provider_topics

_TARGET = 8_000
_PROVIDERS = 20
_PEOPLE = 100
"""Whose papers there are; every case is one of theirs."""


def measure(size: Size) -> Iterator[Figure | Profile]:
    """Inputs a second with few and many providers, and with few and many open handovers."""
    rounds, many = size.of(1_000, 200), size.of(50_000, 5_000)
    for providers in (1, 20, 200):
        yield _of_rules(size, rounds, providers, 100)
    for open_ones in (1_000, many):
        yield _of_rules(size, rounds, _PROVIDERS, open_ones)
    for open_ones in (100, many):
        yield from _on_kafka(size, size.of(5_000, 200), open_ones)


def _of_rules(size: Size, rounds: int, providers: int, open_ones: int) -> Figure:
    handovers = _opened(Handovers(providers), open_ones)
    speeds = tuple(handovers.timed(f"run {run}", rounds) for run in range(size.repetitions))
    name = f"allocator's rules, {providers} providers, {open_ones:,} open"
    return Figure(name, "inputs/s", speeds, target=_TARGET)


def _opened(handovers: Handovers, number: int) -> Handovers:
    for one in range(number):
        handovers.place(f"open {one}")
    return handovers


def _on_kafka(size: Size, rounds: int, open_ones: int) -> Iterator[Figure | Profile]:
    name = f"allocator, {_PROVIDERS} providers, {open_ones:,} open"
    with ground(1) as here, asyncio.Runner() as runner:
        handovers = _opened(Handovers(_PROVIDERS, _papers(here)), open_ones)
        apply(here.bootstrap, [topic for one in handovers.book.providers for topic in provider_topics(one)])
        owner = _owner(here)
        runner.run(owner.start())
        _send(here, owner.doors, handovers.taken())
        runner.run(owner.decide_all())
        took = [_took(here, runner, owner, handovers, f"run {run}", rounds) for run in range(size.repetitions)]
        figure = Figure(name, "inputs/s", tuple(one.rate for one in took), _TARGET)
        yield figure
        yield Figure(f"{name}, processor time", "us/input", tuple(one.microseconds for one in took))
        if size.profile or figure.missed:
            yield profiled(name, lambda: _took(here, runner, owner, handovers, "profiled", rounds))
        owner.must_have_recorded()
        assert owner.state == handovers.book, "the allocator decided otherwise than the rules alone"
        runner.run(owner.close())


def _took(
    here: Ground, runner: asyncio.Runner, owner: Owner[Book], handovers: Handovers, name: str, rounds: int
) -> Took:
    """Time the next so many handovers, whose words all lie in the inbox by then."""
    handovers.whole_ways(name, rounds)
    return timed(runner, owner.decide, _send(here, owner.doors, handovers.taken()))


def _papers(here: Ground) -> Callable[[str], Dossier]:
    """Papers that open, as long as the vault of this ground has their keys; whoever asks gets the next."""
    vault = Vault(here.data)
    papers = cycle([papers_of_nobody(vault) for _ in range(_PEOPLE)])
    vault.close()
    return lambda _: next(papers)


def _owner(here: Ground) -> Owner[Book]:
    """The allocator's engine; the commissioner does not sign here, and says nothing in what is timed."""
    vault = Vault(here.data)
    desk = Desk(allocator_rules(vault), 1, {door: door_keys(here.data, door) for door in DOORS}, alarm)
    return Owner(here, HANDOVER, desk, vault)


def _send(here: Ground, doors: Mapping[str, str], said: Iterable[Said]) -> int:
    """Put what was said into the inbox as its doors would, by type of word; how much it is."""
    keys = {door: door_key(here.data, door) for door in DOORS}
    drafts = [_draft(one, doors.get(one.word.TYPE), keys) for one in said]
    here.send(drafts)
    return len(drafts)


def _draft(said: Said, door: str | None, keys: Mapping[str, bytes]) -> Draft:
    headers = Envelope(said.id, said.word.TYPE, SOURCE, said.subject, TIME).headers()
    draft = Draft(HANDOVER_INBOX, 0, (said.subject or CALENDAR_KEY).encode(), headers, encode(said.word))
    return signed(draft, door, keys[door]) if door else draft
