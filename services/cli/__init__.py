"""The command line `sis`: reads arguments, calls the room that does it, prints what came out.

Knows arguments, output and exit codes. Never decides anything that another door would decide otherwise.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from services.cli.giving_way import give_way_from_the_start, is_replay

__all__ = ["main"]


def main() -> NoReturn:
    """The whole program: one command line, in a process that does nothing else."""
    if is_replay(sys.argv):
        give_way_from_the_start()
    from services.cli.ending import main as run  # what a command imports is work as well: only after giving way

    run()
