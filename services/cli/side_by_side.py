"""Processes in which an audit does its work, partition beside partition.

Knows how they begin, and that they end with the command that began them. Must never know what the work is.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.context import ForkServerContext
from threading import Thread
from typing import Any

from services.cli.giving_way import give_way


@contextmanager
def side_by_side(work: Callable[..., Any]) -> Iterator[Executor]:
    """As many processes as there are cores, ready for this work, while the context lasts."""
    with ProcessPoolExecutor(mp_context=ready_for(work), initializer=begin) as pool:
        yield pool


def ready_for(work: Callable[..., Any]) -> ForkServerContext:
    """How to begin processes: as copies of one that loads the work's module once and has neither threads nor clients.

    Loading takes most of a second of a processor, and an audit begins a process a partition.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    return context


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
