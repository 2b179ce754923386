"""Ports on 127.0.0.1 that stay a process's own over its restarts.

Knows which ports are free. Never knows who listens on them.
"""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000


class NoFreePort(Exception):
    """No port was found free on 127.0.0.1; something holds thousands of them."""


def free_port() -> int:
    """A port nobody listens on now. Raises `NoFreePort`.

    It lies below the range from which Linux gives out ports for outgoing connections (from 32768): else, while the
    listener is down, a client that tries again and again could be given the very port and keep it from coming back.
    """
    for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), 100):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoFreePort("No free port on 127.0.0.1 between 20000 and 32000; stop what holds them and start again")
