"""The option that every command with a system takes.

Knows arguments only: it is read before any command is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The folder of the system; without it SIS_DATA, else ./data."),
]
"""May stand before the command or after it; the one after it wins."""
