"""One turn of a host at the vault: what it asks, claims and keeps, to be committed together or not at all.

Knows places of inputs, keys and answers. Must never know what an input says or what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from services.vault.month_keys import MonthKeys, open_content_key
from services.vault.openings import Openings
from services.vault.person_keys import PersonKeys
from services.vault.register import Register
from services.vault.store import Place, Store
from services.words.errors import CannotOpen

Answer: TypeAlias = Literal["free", "taken"]
CONTENT_KEYS = "content keys"
"""What a turn opens, in the words of the log of openings."""
_CLAIMED = "claimed"
"""What stands in place of "free" once the input has taken the number."""
_AHEAD = 2_000
"""Inputs whose answers are asked for at once: as many as a turn may have."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts of one vault that its turns work with."""

    store: Store
    persons: PersonKeys
    months: MonthKeys
    register: Register
    openings: Openings


class Turn:
    """Used from one thread; turns of one vault come one after another, those of other processes at any time.

    Nothing is written before it is needed. Two things outlive a turn that is thrown away, and are committed at once:
    the entry in the log of openings, and the keys of persons seen for the first time. What the turn claimed before
    them is then committed too, as if the process had died right after `commit`: deciding the same inputs again finds
    the same answers.
    """

    __slots__ = (
        *("_answers", "_asked", "_asked_of", "_covered", "_erased", "_logged", "_months"),
        *("_refused", "_rooms", "_stored", "_who", "_why"),
    )

    _erased: frozenset[str] | None
    _asked: range
    _asked_of: tuple[str, int] | None
    _stored: dict[int, str]

    def __init__(self, rooms: Rooms, who: str, why: str, *, logged: bool = False) -> None:
        self._rooms = rooms
        self._covered = logged
        self._who = who
        self._why = why
        self._begin_anew()

    # Opening: the first in a turn writes and commits one entry in the log of openings

    def content_key(self, month_key_id: str, sealed_key: bytes) -> bytes:
        """Open a content key (32 bytes) that was sealed to a month's key; raises `CannotOpen`."""
        self._log()
        if month_key_id not in self._months:
            self._months[month_key_id] = self._rooms.months.private(month_key_id)
        return open_content_key(sealed_key, self._months[month_key_id])

    def unwrap(self, person_id: str, wrapped: bytes) -> bytes:
        """Open a content key that was wrapped under a person's key; raises `Erased`, `CannotOpen`."""
        self._log()
        try:
            return aes_key_unwrap(self._rooms.persons.of(person_id).key, wrapped)
        except InvalidUnwrap:
            raise CannotOpen("It was not wrapped under this person's key.") from None

    def refused_key(self, topic: str, partition: int, offset: int, person_id: str) -> bytes | None:
        """Open the content key kept for a refused input of this person; None if none is. Raises `Erased`."""
        place = Place(topic, partition, offset)
        wrapped = self._refused.get((place, person_id)) or self._rooms.store.refused_key(place, person_id)
        return None if wrapped is None else self.unwrap(person_id, wrapped)

    # Keys of persons

    def make_keys(self, person_ids: Iterable[str]) -> None:
        """Make and commit keys for those seen for the first time: once for all subjects of a turn is fastest."""
        self._rooms.persons.make(person_ids)

    def is_erased(self, person_id: str) -> bool:
        """Tell whether this person's key was destroyed before the turn first asked."""
        if self._erased is None:
            self._erased = self._rooms.persons.erased()
        return person_id in self._erased

    def wrap(self, person_id: str, content_key: bytes) -> bytes:
        """Wrap a content key (AES key wrap, RFC 3394: the same gives the same) under a person's; raises `Erased`."""
        return aes_key_wrap(self._rooms.persons.of(person_id).key, content_key)

    def digest_key(self, person_id: str) -> bytes:
        """Return the key (32 bytes) of this person's content digests, ruling 5; raises `Erased`."""
        return self._rooms.persons.of(person_id).digest_key()

    def keep_refused_key(self, topic: str, partition: int, offset: int, person_id: str, content_key: bytes) -> None:
        """Keep the content key of a refused input, wrapped under its subject's key; raises `Erased`."""
        self._refused[Place(topic, partition, offset), person_id] = self.wrap(person_id, content_key)

    # NHS numbers

    def holder(self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str) -> Answer:
        """Tell whether a number (ten digits) is free for this person; their own counts as free.

        An input once answered hears the same for ever (ruling 1), else the register is asked and, with the turn, the
        answer is kept.
        """
        place = Place(topic, partition, offset)
        known = self._answer(place)
        if known is None:
            held_by = self._rooms.register.holder(nhs_number)
            known = self._answers[place] = "free" if held_by in (None, person_id) else "taken"
        return "free" if known == _CLAIMED else cast("Answer", known)

    def claim(
        self, topic: str, partition: int, offset: int, nhs_number: str, person_id: str, event_id: str, replaces: bool
    ) -> bool:
        """Take a number for a person, theirs with `commit`; true again for an input that took it, whatever came since.

        With `replaces` their former numbers become free. False if another holds it by now: then the answer to this
        input becomes "taken". From a turn's first claim to its end other processes wait with all they would write.
        """
        place = Place(topic, partition, offset)
        if self._answer(place) == _CLAIMED:
            return True  # decided again: the number may have been given up since, by an input that comes again too
        self._answers.pop(place, None)
        self._rooms.store.begin()
        self._rooms.store.add_answers(self._answers.items())  # never less durable than a claim that came after them
        self._stored |= {at.offset: answer for at, answer in self._answers.items() if at[:2] == self._asked_of}
        self._answers.clear()
        won = self._rooms.register.claim(nhs_number, person_id, event_id, replaces=replaces)
        self._stored[offset] = _CLAIMED if won else "taken"
        self._rooms.store.overrule_answer(place, self._stored[offset])
        return won

    def _answer(self, place: Place) -> str | None:
        """The answer to an input, of this turn or stored. Inputs come in order: one question asks for many to come."""
        topic, partition, offset = place
        if offset not in self._asked or (topic, partition) != self._asked_of:
            self._asked, self._asked_of = range(offset, offset + _AHEAD), (topic, partition)
            self._stored = self._rooms.store.answers(topic, partition, self._asked)
        return self._answers.get(place) or self._stored.get(offset)

    # The end of a turn

    def commit(self) -> None:
        """Make claims, answers and kept keys durable; to be done before the log's own commit."""
        if self._answers or self._refused:
            self._rooms.store.begin()
            self._rooms.store.add_answers(self._answers.items())
            self._rooms.store.add_refused_keys((*key, wrapped) for key, wrapped in self._refused.items())
        self._rooms.store.commit()
        self._begin_anew()

    def discard(self) -> None:
        """Take back what was claimed, answered and kept."""
        self._rooms.store.rollback()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._logged = self._covered
        self._erased = None
        self._months: dict[str, X25519PrivateKey] = {}
        self._answers: dict[Place, str] = {}
        self._stored = {}
        self._asked = range(0)
        self._asked_of = None
        self._refused: dict[tuple[Place, str], bytes] = {}

    def _log(self) -> None:
        if not self._logged:
            self._rooms.openings.log(self._who, self._why, CONTENT_KEYS)
            self._logged = True
