"""Whether a broker still answers: one that is frozen lives, holds its port, and says nothing.

Knows the shortest question of Kafka's protocol (ApiVersions, version 0). Must never know what is kept there.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable

from services.log.connection import Address, bootstrap_of

EVERY = 5.0
"""Seconds between two questions."""
LOST_AFTER = 60.0
"""Seconds without an answer after which a broker is held for frozen: one that paused 35 s was seen to recover."""
_ANSWER_WITHIN = 1.0
_QUESTION = struct.pack(">ihhih", 10, 18, 0, 1, -1)


class Pulse:
    """The pulse of one broker; `now` is a clock in seconds that never goes back."""

    def __init__(self, address: Address, now: Callable[[], float] = time.monotonic) -> None:
        host, _, port = bootstrap_of(address).rpartition(":")
        self._context = None if isinstance(address, str) else address.context()
        self._address = host, int(port)
        self._now = now
        self._asked = now()
        self._silent_since: float | None = None

    def begin(self) -> None:
        """Count anew: the broker was just started."""
        self._asked = self._now()
        self._silent_since = None

    def is_lost(self) -> bool:
        """Ask if it is time to, and tell whether the broker has been silent for too long.

        Silence begins with the first question that was not answered: time in which nobody asked is none.
        """
        now = self._now()
        if now - self._asked >= EVERY:
            self._asked = now
            self._silent_since = None if self._answers() else (self._silent_since or now)
        return self._silent_since is not None and now - self._silent_since >= LOST_AFTER - EVERY

    def _answers(self) -> bool:
        try:
            with socket.create_connection(self._address, _ANSWER_WITHIN) as bare, self._line(bare) as line:
                line.settimeout(_ANSWER_WITHIN)
                line.sendall(_QUESTION)
                return bool(line.recv(1))
        except OSError:
            return False

    def _line(self, bare: socket.socket) -> socket.socket:
        if self._context is None:
            return bare
        return self._context.wrap_socket(bare, server_hostname=self._address[0])
