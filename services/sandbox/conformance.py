"""A conformance run: each behaviour with a provider of its own, so that one failure does not spoil the next line.

Knows files of settings, keys and the order of trials. Must never know a broker: the log is given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from services.county.civil_dates import london_day
from services.log.ports import Log
from services.log.turns import Turns
from services.provider.exchange import DOOR, Exchange, Reporting
from services.provider.own_key import make_key
from services.sandbox.behaviours import BEHAVIOURS, Behaviour
from services.sandbox.program import Program
from services.sandbox.strange import write_newer_schema
from services.sandbox.trial import Trial
from services.sandbox.trust import Trust

_LONG_AGO = timedelta(days=21)
"""So far back begins the first trial, so that its offer has lapsed today (respond by: 5 working days)."""
_LONGEST_STEM = 37


@dataclass(frozen=True, slots=True)
class Line:
    """What a run says of one behaviour; `mend` is empty where it passed."""

    number: int
    behaviour: str
    passed: bool
    seen: str
    mend: str

    def row(self) -> dict[str, Any]:
        """As a program reads it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where a run takes place: its folder, its log with the port that owns the handover partition, and the clock.

    `bootstrap` is what a program with Kafka connects to; None: the program exchanges files.
    """

    folder: Path
    log: Log
    turns: Turns
    now: Callable[[], datetime]
    bootstrap: str | None

    def instant(self) -> str:
        """Now, RFC 3339."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def run(
    sandbox: Sandbox, provider_id: str, command: str, wait: float, behaviours: Sequence[Behaviour] = BEHAVIOURS
) -> AsyncIterator[Line]:
    """Try a program; each line as soon as it is known. `wait` is how long, in seconds, it may take to answer.

    Raises `ProgramMissing`, `BrokerAway`.
    """
    trust = Trust(sandbox.folder / "trust", sandbox.log, sandbox.turns, sandbox.instant)
    today = london_day(sandbox.now())
    await trust.start()
    try:
        await trust.day(today - _LONG_AGO)
        for number, behaviour in enumerate(BEHAVIOURS, start=1):
            if behaviour not in behaviours:
                continue
            if number > 1:
                await trust.day(today)
            name = f"{provider_id[:_LONGEST_STEM]}-{number:02}"
            yield await _tried(sandbox, trust, Tried(name, command, wait, today, number, behaviour))
    finally:
        await trust.close()


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial's provider, program and behaviour."""

    provider_id: str
    command: str
    wait: float
    today: date
    number: int
    behaviour: Behaviour


async def _tried(sandbox: Sandbox, trust: Trust, tried: Tried) -> Line:
    folder = sandbox.folder / "providers" / tried.provider_id
    settings, public = _settings(sandbox, tried.provider_id, folder)
    await trust.engage(tried.provider_id, public, tried.today)
    exchange = await _exchange(sandbox, trust, tried.provider_id, folder) if sandbox.bootstrap is None else None
    program = Program(tried.command, folder / "program.log")
    program.start(settings, folder)
    try:
        trial = Trial(
            trust, program, public, tried.today, tried.wait, exchange, folder if exchange else None, sandbox.instant
        )
        seen = await tried.behaviour.attempt(trial)
        passed = seen.passed and not program.ended
        ended = f" (the program ended; {program.log} says why)" if program.ended else ""
    finally:
        program.kill()
        if exchange is not None:
            await exchange.close()
    await trust.dismiss(tried.today)
    mend = "" if passed else tried.behaviour.mend
    return Line(tried.number, tried.behaviour.name, passed, f"{seen.words}{ended}", mend)


def _settings(sandbox: Sandbox, provider_id: str, folder: Path) -> tuple[Path, str]:
    """The provider's one file, as its owner would write it, and its public key."""
    folder.mkdir(parents=True)
    public = make_key(folder / "key.pem")
    write_newer_schema(folder / "schemas")
    where = 'exchange = "."' if sandbox.bootstrap is None else f'bootstrap = "{sandbox.bootstrap}"'
    path = folder / "provider.toml"
    lines = (f'provider = "{provider_id}"', where, 'key_file = "key.pem"', 'position_file = "position"')
    path.write_text("\n".join([*lines, 'schemas = "schemas"', ""]), "utf-8")
    return path, public


async def _exchange(sandbox: Sandbox, trust: Trust, provider_id: str, folder: Path) -> Exchange:
    reporting = Reporting(sandbox.log, trust.key(DOOR))
    exchange = Exchange(provider_id, folder, sandbox.log, trust.public, reporting, sandbox.now)
    await exchange.start()
    return exchange
