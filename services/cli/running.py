"""`sis up`, `sis down`, `sis status`: a system on this machine.

Knows the command line and the supervisor's word of itself. Must never start a service itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from services.cli.failures import TRY_AGAIN, USAGE, Failed
from services.cli.options import DataOption
from services.cli.output import JsonOption, print_json
from services.cli.system import System, find, running_on
from services.episodes.view import View
from services.log.connection import Address
from services.log.kafka_reader import KafkaReader
from services.log.system import NotRunning
from services.log.system import find as find_running
from services.stack.claims import WillNotEnd
from services.stack.supervisor import AlreadyRunning, SettingFixed, Supervisor, end_left_over

_POLL = 0.1
_READY_WITHIN = 180.0
_DOWN_WITHIN = 60.0


def up(
    ctx: typer.Context,
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything answers; it runs on.")] = False,
    secure: Annotated[
        bool, typer.Option("--secure", help="TLS, users and rights, denied by default; fixed at the first start.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Run the whole system on this machine: broker, recorder, projector and the rest, supervised."""
    settings = find(ctx, data, secure=secure or None).settings
    if detach:
        bootstrap = start_detached(settings.data, secure=settings.secure)
        typer.echo(f"running on {bootstrap}; stop it with: sis --data {settings.data} down")
        return
    try:
        Supervisor(settings, lambda words: typer.echo(words, err=True)).run()
    except (AlreadyRunning, SettingFixed) as fault:
        raise Failed(str(fault), USAGE) from fault


def start_detached(data: Path, *, secure: bool = False) -> str:
    """Start the system in the background and return its bootstrap address when everything answers."""
    data.mkdir(parents=True, exist_ok=True)
    log = data / "supervisor.log"
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        environment = {**os.environ, "SIS_DATA": str(data.resolve()), "SIS_SECURE": str(secure).lower()}
        command = [sys.executable, "-m", "services.stack"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        if _is_ready(data, process.pid):
            return find_running(data).bootstrap
        time.sleep(_POLL)
    raise Failed(f"the system did not come up; {log} says why:\n{_last_lines(log, begin)}", TRY_AGAIN)


def down(ctx: typer.Context, data: DataOption = None) -> None:
    """Stop the system in order; nothing is lost, whatever it was doing."""
    typer.echo(stop(find(ctx, data).settings.data))


def stop(data: Path) -> str:
    """Stop the system on a data folder if one runs, and say what was done."""
    try:
        pid = find_running(data).pid
    except NotRunning as fault:
        return _clear_away(data) or str(fault)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_WITHIN
    while _lives(pid):
        if time.monotonic() > deadline:
            raise Failed(f"the supervisor {pid} is still stopping after {_DOWN_WITHIN:.0f} s; look again", TRY_AGAIN)
        time.sleep(_POLL)
    return "stopped"


def _clear_away(data: Path) -> str:
    """End what a supervisor that was killed has left running; what that was, empty if nothing."""
    ended: list[str] = []
    if (data / "supervisor.lock").exists():
        try:
            end_left_over(data, ended.append)
        except (AlreadyRunning, WillNotEnd) as fault:
            raise Failed(str(fault), TRY_AGAIN) from fault
    return "\n".join(ended)


def status(ctx: typer.Context, json: JsonOption = False, data: DataOption = None) -> None:
    """What runs, how far the view is behind, and the county's today."""
    system = find(ctx, data)
    running = running_on(system)
    with system.reading() as reading:
        today = reading.today()
    found = {
        "bootstrap": running.bootstrap,
        "calendar": running.calendar,
        "ready": running.ready,
        "services": {name: {"pid": pid, "running": _lives(pid)} for name, pid in running.services.items()},
        "today": today,
        "lag": asyncio.run(_lag(system, running.address("auditor"))),
    }
    if json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    typer.echo(
        f"broker on {found['bootstrap']}, calendar {found['calendar']}, {'ready' if found['ready'] else 'starting'}"
    )
    for name, service in found["services"].items():
        typer.echo(f"  {name:<12} {service['pid']:>8}  {'running' if service['running'] else 'being started again'}")
    lag = sum(found["lag"].values())
    typer.echo(f"today {found['today'] or 'has not begun'}; the view is {lag} offsets behind the ledgers")


async def _lag(system: System, bootstrap: Address) -> dict[str, int]:
    """Offsets of each partition that the view has not passed; a transaction's marker counts until the next fact."""
    view = View(system.view_url())
    try:
        positions = view.reload()
        async with KafkaReader(bootstrap, positions) as reader:
            ends = await reader.end_offsets(positions)
    finally:
        view.close()
    return {f"{topic}/{number}": max(0, end - positions[topic, number]) for (topic, number), end in ends.items()}


def _is_ready(data: Path, pid: int) -> bool:
    try:
        running = find_running(data)
    except NotRunning:
        return False
    return running.ready and running.pid == pid


def _lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and that we started ourselves still has its id, as a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _last_lines(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return "\n".join(file.read().decode(errors="replace").splitlines()[-8:])
