"""A contract and its capacity: what is declared for a day, what is taken of it, and its place in the order of asking.

Knows rulings 61, 62, 72 and 74. Must never know which cases take its minutes.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

SHARES = 10**14
"""Two shares of up to 10,000,000 minutes differ by 1/SHARES at least, so that whole numbers order them exactly."""

Rank = tuple[int, int, str]
"""Tier, share used in 1/SHARES, contract id: candidates are asked in this order (H1)."""


class Contract(NamedTuple):
    """A contract; `last_on` is its last day, `declared` each declaration's day and weekly minutes as recorded.

    `reserved` are the minutes of open offers, `used` those from acceptance on. `raised_at` says when its capacity was
    last raised, in the book's count of raises. `capacity`, `active`, `over` and `open` hold for the book's today;
    `open`: it is active, and its provider can be asked.
    """

    id: str
    provider_id: str
    lot: str
    districts: frozenset[str]
    tier: int
    minutes: int
    from_on: date
    last_on: date
    declared: tuple[tuple[date, int], ...] = ()
    reserved: int = 0
    used: int = 0
    raised_at: int = 0
    capacity: int = 0
    active: bool = False
    over: bool = False
    open: bool = False

    @property
    def taken(self) -> int:
        """Weekly minutes reserved or used."""
        return self.reserved + self.used

    @property
    def free(self) -> int:
        """Weekly minutes that can still be taken today; below 0 after a lowering (ruling 61)."""
        return self.capacity - self.taken

    @property
    def rank(self) -> Rank:
        """Its place in the order of asking, with the share used before the case that asks (ruling 74)."""
        return self.tier, self.taken * SHARES // max(self.capacity, 1), self.id

    def is_active(self, day: date) -> bool:
        """Whether the day lies in the contract."""
        return self.from_on <= day <= self.last_on

    def capacity_on(self, day: date) -> int:
        """Weekly minutes of a day: the declaration with the latest day not after it, but not above the contract's.

        Of declarations for the same day the later recorded counts; without any, the contract's minutes (ruling 72).
        """
        known = [(on, number, minutes) for number, (on, minutes) in enumerate(self.declared) if on <= day]
        return min(self.minutes, max(known)[2]) if known else self.minutes

    def on(self, day: date, *, can_be_asked: bool) -> Contract:
        """The contract as it is on a day."""
        active = self.is_active(day)
        return self._replace(
            capacity=self.capacity_on(day),
            active=active,
            over=self.last_on < day,
            open=active and can_be_asked,
        )

    def taking(self, *, reserved: int = 0, used: int = 0) -> Contract:
        """The contract with so many minutes more (or, below 0, less) reserved and used."""
        return self._replace(reserved=self.reserved + reserved, used=self.used + used)
