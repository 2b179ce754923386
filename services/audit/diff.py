"""What changed between two points, and which facts did it.

Knows rows and what identifies them, and which facts count at one point and not at the other. Must never decide what a
row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from services.audit.as_of import ledgers
from services.audit.as_of_asked import Standing
from services.audit.as_of_page import Selection
from services.audit.partition_reading import ReaderOf, read_whole
from services.audit.point import Point
from services.episodes.request import handover_id_of
from services.log.kept import Kept, read_kept
from services.words.calendar import DayBegan
from services.words.commissioning import ExternalCssRecontracted
from services.words.handover_catalogue import HANDOVER_WORDS
from services.words.handover_sentences import handover_sentence_of
from services.words.sentences import sentence_of

Row = Mapping[str, Any]
KEYS: Mapping[str, tuple[str, ...]] = {
    "caseload": ("episode_id", "person_id"),
    "handovers": ("handover_id",),
    "contracts": ("contract_id",),
}
"""What identifies a row of each list."""
_BY_THE_DAY = frozenset({"day", "days_to_cap"})
"""Fields that move with every day; a row in which nothing else moved has not changed."""


_NAMES = ("episode_id", "sis_episode_id", "handover_id", "contract_id")


class Cause(NamedTuple):
    """A fact that counts at one point and not at the other (`at`: the point at which it counts)."""

    at: str
    happened: str
    recorded: str
    by: str
    type: str
    sentence: str


class Difference(NamedTuple):
    """A row that is not the same; `fields` are pairs of before and after, None where there is no such row."""

    list: str
    id: str
    person_id: str | None
    fields: Mapping[str, tuple[Any, Any]]
    facts: Sequence[Cause]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {**self._asdict(), "facts": [fact._asdict() for fact in self.facts]}


async def diff(
    reader_of: ReaderOf, partitions: int, points: tuple[Point, Point], standings: tuple[Standing, Standing]
) -> list[Difference]:
    """Every row that differs, with the facts that name it or whose person it is of."""
    changed = list(changes(*standings))
    causes = await _causes(reader_of, partitions, points) if changed else []
    return [change._replace(facts=list(_of(change, causes))) for change in changed]


def changes(before: Standing, after: Standing) -> Iterator[Difference]:
    """Every row that differs, without facts; days counted on are no change."""
    for name, keys in KEYS.items():
        one, other = _by_key(before[name], keys), _by_key(after[name], keys)
        for key in sorted({*one, *other}):
            fields = dict(_fields(one.get(key), other.get(key)))
            if fields:
                person_id = (other.get(key) or one[key]).get("person_id")
                yield Difference(name, key[0], person_id, fields, ())


def _by_key(rows: Iterable[Row], keys: Sequence[str]) -> dict[tuple[str, ...], Row]:
    return {tuple(row[key] for key in keys): row for row in rows}


def _fields(one: Row | None, other: Row | None) -> Iterator[tuple[str, tuple[Any, Any]]]:
    names = [*(one or other or {})]
    found = [(name, ((one or {}).get(name), (other or {}).get(name))) for name in names]
    moved = [(name, pair) for name, pair in found if pair[0] != pair[1]]
    if one is None or other is None or any(name not in _BY_THE_DAY for name, _ in moved):
        yield from moved


async def _causes(reader_of: ReaderOf, partitions: int, points: tuple[Point, Point]) -> list[tuple[Kept, str]]:
    """Facts that count at one of the points only, with that point."""
    found = []
    for place in ledgers(partitions):
        one, other = (Selection(point) for point in points)
        async for records in read_whole(reader_of, place):
            for fact in map(read_kept, records):
                counts = one.counts(fact), other.counts(fact)
                if counts[0] != counts[1] and fact.type != DayBegan.TYPE:
                    found.append((fact, str(points[1] if counts[1] else points[0])))
    return found


def _of(change: Difference, causes: Iterable[tuple[Kept, str]]) -> Iterator[Cause]:
    for fact, at in causes:
        if change.id in _named(fact) or (fact.subject and fact.subject == change.person_id and not _other(fact)):
            yield Cause(at, fact.time, fact.recorded_time, fact.source, fact.type, _said(fact))


def _said(fact: Kept) -> str:
    word: Any = fact.word()  # a ledger holds no other words than these two know
    return handover_sentence_of(word) if fact.type in HANDOVER_WORDS else sentence_of(word)


def _named(fact: Kept) -> set[str]:
    """Ids of what a fact tells of."""
    names = {
        fact.data[name] for name in ("episode_id", "sis_episode_id", "handover_id", "contract_id") if name in fact.data
    }
    if fact.type == ExternalCssRecontracted.TYPE:
        names.add(handover_id_of(fact.data["episode_id"]))
    return names


def _other(fact: Kept) -> bool:
    """Whether a person's fact tells of one episode or handover, and so of no other."""
    return bool(_named(fact))
