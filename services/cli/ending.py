"""How a command ends: 0 done, 1 a finding, 2 wrong usage, 75 try again; and in plain words, never in a traceback.

Knows where errors end. Must never print what an error quotes: it could be about a person.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from services.cli.app import app
from services.cli.failures import USAGE, Failed


def main() -> NoReturn:
    """Run one command line and end the process with its exit code."""
    logging.getLogger().addHandler(logging.NullHandler())  # what clients of Kafka log is not for people: errors say it
    try:
        _must_be_text(sys.argv[1:])
        app(prog_name="sis")  # ends the process itself when all went well, and with 2 on wrong usage
        code = 0
    except Failed as fault:
        code = _say(str(fault), fault.code)
    except Exception as fault:  # noqa: BLE001  # whatever it is, no traceback reaches a user
        from services.cli.faults import told  # here, for it imports a part of every room

        code = _say(*told(fault))
    sys.exit(code)


def _must_be_text(typed: Sequence[str]) -> None:
    """Raises `Failed` if an argument is no UTF-8 text, which Python hands on as halves of characters."""
    for at, argument in enumerate(typed, start=1):
        if not argument.isascii() and any("\ud800" <= character <= "\udfff" for character in argument):
            raise Failed(f"argument {at} of this line is no UTF-8 text: type it anew, or rename what it names", USAGE)


def _say(words: str, code: int) -> int:
    typer.echo(f"sis: {words}", err=True)
    return code
