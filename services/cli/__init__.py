"""The command line `sis`: reads arguments, calls the room that does it, prints what came out.

Knows arguments, output and exit codes. Never decides anything that another door would decide otherwise.
"""

from services.cli.ending import main

__all__ = ["main"]
