"""A leash: what a claim names is ended when the process that holds the leash is gone, however it went.

For brokers of tests and measurements, whose process may be killed before it can stop them. Knows a pipe, which the
system closes with its last holder. Must never be put on what is to outlive its starter, as a supervisor's broker is.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WATCH = 'read gone || { [ -s "$0" ] && kill -s KILL -- "-$(cat "$0")"; }'


@contextmanager
def leash(claim: Path) -> Iterator[None]:
    """While the context lasts, end the session of the process whose id stands at `claim` if this process is gone."""
    watched, held = os.pipe()
    try:
        with subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, str(claim)],
            stdin=watched,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as watcher:
            os.close(watched)
            try:
                yield
            finally:
                os.write(held, b"\n")
                watcher.wait()
    finally:
        os.close(held)
