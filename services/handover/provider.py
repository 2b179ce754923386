"""A provider as the allocator sees it: may it be asked today, and which key are packs sealed to.

Knows only what a later decision needs. Must never know who is supported by it.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Provider(NamedTuple):
    """A registered provider; `dspt_valid_to` is the last day of its security toolkit, `public_key` is base64."""

    id: str
    dspt_valid_to: date
    public_key: str
    connected: bool = False
    suspended: bool = False

    def is_in_date(self, day: date) -> bool:
        """Whether its security toolkit is in date."""
        return self.dspt_valid_to >= day

    def can_be_asked(self, day: date) -> bool:
        """Connected, not suspended, and its security toolkit in date (H1)."""
        return self.connected and not self.suspended and self.is_in_date(day)
