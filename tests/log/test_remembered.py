from __future__ import annotations

import sys
from collections import defaultdict
from hashlib import sha256
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.log.remembered import Entry, Had, Remembered, entry_of, had, had_recorded, name_of

names = st.sampled_from(["ada", "ben", ""])
ids = st.sampled_from([f"id{number}" for number in range(6)])
contents = st.sampled_from([sha256(bytes((number,))).digest() for number in range(4)])
entries = st.lists(st.tuples(names, ids, contents, st.booleans()), max_size=40)

MANY = 100_000


class Plain:
    """The same as a plain dict of lists, without any thrift."""

    def __init__(self) -> None:
        self.had_of: dict[tuple[str, str], list[tuple[bytes, bool]]] = defaultdict(list)

    def remember(self, subject: str, id: str, digest: bytes, recorded: bool) -> None:
        """Keep a content."""
        self.had_of[subject, id].append((digest, recorded))

    def had(self, subject: str, id: str, digest: bytes) -> Had:
        """The same content first, then any recorded one."""
        known = self.had_of[subject, id]
        if any(content == digest for content, _ in known):
            return Had.SAME
        return Had.OTHER if any(recorded for _, recorded in known) else Had.NEVER

    def recorded(self, subject: str, id: str, digest: bytes) -> Had:
        """Only recorded contents count; there is at most one of an id."""
        known = [content for content, recorded in self.had_of[subject, id] if recorded]
        if not known:
            return Had.NEVER
        return Had.SAME if known == [digest] else Had.OTHER


def filled(many: int) -> Remembered:
    """So many contents of one subject."""
    remembered = Remembered()
    for number in range(many):
        entry = entry_of(number.to_bytes(32, "little"), recorded=number % 10 > 0)
        remembered.remember(name_of("ada", f"id{number}"), entry)
    return remembered


def size_of(remembered: Remembered) -> int:
    """Bytes of all buckets and of the list that holds them."""
    return sum(map(sys.getsizeof, remembered._buckets)) + sys.getsizeof(remembered._buckets)


@given(before=entries, after=entries, asked=st.lists(st.tuples(names, ids, contents), max_size=20))
def test_answers_are_those_of_a_plain_memory(
    before: list[tuple[str, str, bytes, bool]],
    after: list[tuple[str, str, bytes, bool]],
    asked: list[tuple[str, str, bytes]],
) -> None:
    """Ruling 3: thrift changes no answer, whether contents came at once or were taken over from a turn."""
    plain, remembered = Plain(), Remembered()
    turn: dict[bytes, list[Entry]] = defaultdict(list)
    for number, (subject, id_, digest, is_recorded) in enumerate([*before, *after]):
        if is_recorded and plain.recorded(subject, id_, digest) is not Had.NEVER:
            continue  # an id is recorded once
        entry = entry_of(digest, recorded=is_recorded)
        if number < len(before):
            remembered.remember(name_of(subject, id_), entry)
        else:
            turn[name_of(subject, id_)].append(entry)
        plain.remember(subject, id_, digest, is_recorded)
    remembered.take_over(turn)

    for subject, id_, digest in asked:
        known = remembered.entries(name_of(subject, id_))
        assert had(known, digest) is plain.had(subject, id_, digest)
        assert had_recorded(known, digest) is plain.recorded(subject, id_, digest)
    assert len(remembered) == sum(map(len, plain.had_of.values()))


@pytest.mark.parametrize("many", [1, 96, 97, 193, 5_000])
def test_nothing_is_lost_when_buckets_are_split(many: int) -> None:
    """Ruling 3: however many contents there are, each is known as it was kept, and nothing else is."""
    remembered = filled(many)

    for number in range(many):
        digest = number.to_bytes(32, "little")
        known = remembered.entries(name_of("ada", f"id{number}"))
        assert had(known, digest) is Had.SAME
        assert had(known, b"other" * 7) is (Had.OTHER if number % 10 else Had.NEVER)
        assert had_recorded(known, digest) is (Had.SAME if number % 10 else Had.NEVER)
        assert not remembered.entries(name_of("ben", f"id{number}"))
    assert len(remembered) == many


def test_a_content_costs_hardly_more_than_its_32_bytes() -> None:
    """Ruling 5: a hundred thousand contents take at most 33 bytes each, with all that holds them."""
    assert size_of(filled(MANY)) / MANY <= 33


def test_a_look_up_stays_short() -> None:
    """A look-up among a hundred thousand contents takes about as long as among a hundred."""
    few, many = filled(100), filled(MANY)

    assert _seconds(many) < 10 * _seconds(few)


def test_nothing_that_was_said_can_be_read_in_it() -> None:
    """What is remembered holds neither subject nor id: only parts of hashes."""
    remembered = Remembered()
    remembered.remember(name_of("ada-lovelace", "registration"), entry_of(sha256(b"x").digest(), recorded=True))

    (held,) = [bucket for bucket in remembered._buckets if bucket]
    assert b"ada" not in held
    assert b"registration" not in held
    assert sha256(b"x").digest() not in held


def _seconds(remembered: Remembered) -> float:
    """The best of some goes at two thousand look-ups, half of them in vain."""
    times = []
    for _ in range(5):
        start = perf_counter()
        for number in range(1000):
            remembered.entries(name_of("ada", f"id{number}"))
            remembered.entries(name_of("ben", f"id{number}"))
        times.append(perf_counter() - start)
    return min(times)
