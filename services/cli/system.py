"""Finds the system that a command is about: its settings, its broker, its read view.

Knows the data folder and `stack.json`, which the running stack writes there. Must never start anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from services.cli.failures import TRY_AGAIN, USAGE, Failed
from services.log.connection import Address, address_of
from services.log.system import NotRunning, Running
from services.log.system import find as find_running
from services.settings import Settings, load

if TYPE_CHECKING:  # only a command that reads a view that is there imports its database, below
    from services.episodes.reading import Reading
    from services.episodes.views import Views


@dataclass(frozen=True, slots=True)
class System:
    """A system as its settings describe it; it need not be running."""

    settings: Settings

    def address(self, principal: str = "stack") -> Address:
        """Where a principal reaches its broker: the one that is set, else the one that the running stack has."""
        if self.settings.bootstrap is not None:
            return address_of(self.settings.bootstrap, principal, self.settings.keys)
        try:
            stack = json.loads((self.settings.data / "stack.json").read_text("utf-8"))
        except FileNotFoundError:
            raise Failed("the system is not running; start it with `sis up`", TRY_AGAIN) from None
        return address_of(stack["bootstrap"], principal, Path(stack["keys"]) if stack.get("keys") else None)

    def views(self) -> Views:
        """Its read views."""
        url = self.settings.view.get_secret_value()
        if not url:
            self.must_be_there()
        from services.episodes.views import views_of

        return views_of(url, self.settings.data)

    def view_url(self) -> str:
        """Where its read view is."""
        return self.views().current()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Its read view, for reading."""
        url = self.view_url()
        from services.episodes.reading import Reading

        reading = Reading(url)
        try:
            yield reading
        finally:
            reading.close()

    def must_be_there(self) -> None:
        """Raises `Failed` where no system is, so that none is made by asking."""
        if not self.settings.data.is_dir():
            where = self.settings.data
            raise Failed(
                f"there is no system in {where}; start one with `sis up`, or name its folder: --data DIR", USAGE
            )


def find(ctx: typer.Context, data: Path | None, *, secure: bool | None = None) -> System:
    """The system named after the command, else before it, else by settings. Raises `UnknownSetting`."""
    system = System(load(data=data or ctx.find_root().obj, secure=secure))
    where = system.settings.data
    if where.exists() and not where.is_dir():
        raise Failed(f"{where} is no folder; name the one of a system: --data DIR", USAGE)
    return system


def running_on(system: System) -> Running:
    """The system that runs on this data folder. Raises `Failed` if none does."""
    try:
        return find_running(system.settings.data)
    except NotRunning as fault:
        raise Failed(str(fault), TRY_AGAIN) from fault
