"""Processes in which an audit does its work, partition beside partition.

Knows how they begin, and that they end with the command that began them. Must never know what the work is.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

from services.cli.giving_way import give_way


@contextmanager
def side_by_side() -> Iterator[Executor]:
    """As many processes as there are cores, while the context lasts."""
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=begin) as pool:
        yield pool


def begin() -> None:
    """Begin such a process: it gives way, says nothing itself, and ends at once with its command or by Ctrl-C."""
    give_way()
    logging.getLogger().addHandler(logging.NullHandler())  # as in the command: errors say it, not clients of Kafka
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a KeyboardInterrupt would print where it was
    Thread(target=_end_with_the_command, daemon=True).start()


def _end_with_the_command() -> None:
    """A command that is killed tells nobody: its processes would wait for work for ever."""
    command = parent_process()
    assert command is not None
    command.join()
    os._exit(1)
