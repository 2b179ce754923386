"""How a command ends: 0 done, 1 a finding, 2 wrong usage, 75 try again; and in plain words, never in a traceback.

Knows where errors end. Must never print what an error quotes: it could be about a person.
"""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import typer

from services.cli.app import app
from services.cli.failures import Failed


def main() -> NoReturn:
    """Run one command line and end the process with its exit code."""
    logging.getLogger().addHandler(logging.NullHandler())  # what clients of Kafka log is not for people: errors say it
    try:
        app(prog_name="sis")  # ends the process itself when all went well, and with 2 on wrong usage
        code = 0
    except Failed as fault:
        code = _say(str(fault), fault.code)
    except Exception as fault:  # noqa: BLE001  # whatever it is, no traceback reaches a user
        from services.cli.faults import told  # here, for it imports a part of every room

        code = _say(*told(fault))
    sys.exit(code)


def _say(words: str, code: int) -> int:
    typer.echo(f"sis: {words}", err=True)
    return code
