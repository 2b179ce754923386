"""What is said of an error of another room, and the exit code of each; what should not happen is kept in a log.

Knows the errors of every room, and so is imported when there is one. Must never print or keep what an error quotes: it
could be about a person.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from services.audit.gone import TopicGone
from services.audit.new_folder import NotWritten
from services.cli.failures import FINDING, TRY_AGAIN, USAGE
from services.episodes.postgres import ViewAway
from services.episodes.view import ChainBroken, PositionMoved
from services.log.connection import SecretUnusable
from services.log.errors import BrokerAway, LogDamaged, NotAllowed, UnknownTopic
from services.log.full_disk import is_full
from services.log.kafka_admin import PartitionsAreFixed, TopicsRefused
from services.log.kept import Altered
from services.log.month_key import NoPublicKey
from services.log.rebuilding import BrokenLedger
from services.provider.position import PositionUnreadable
from services.settings import UnknownSetting, load
from services.stack.broker import BrokerDidNotStart, FolderInUse
from services.stack.jars import JarsNotFetched, MavenMissing
from services.stack.java import JavaMissing
from services.vault.key_files import KeyFileExposed, WrongKeyFile
from services.vault.store import VaultBusy, VaultDamaged

CODES: dict[type[Exception], int] = {
    UnknownSetting: USAGE,
    Altered: FINDING,
    BrokenLedger: FINDING,
    LogDamaged: FINDING,
    ChainBroken: FINDING,
    PositionUnreadable: USAGE,
    KeyFileExposed: FINDING,
    WrongKeyFile: FINDING,
    VaultDamaged: FINDING,
    JavaMissing: FINDING,
    MavenMissing: FINDING,
    JarsNotFetched: TRY_AGAIN,
    BrokerDidNotStart: TRY_AGAIN,
    FolderInUse: TRY_AGAIN,
    SecretUnusable: FINDING,
    NotAllowed: FINDING,
    PartitionsAreFixed: FINDING,
    TopicsRefused: FINDING,
    NoPublicKey: TRY_AGAIN,
    PositionMoved: TRY_AGAIN,
    VaultBusy: TRY_AGAIN,
    ViewAway: TRY_AGAIN,
    BrokerAway: TRY_AGAIN,
    TopicGone: FINDING,
    NotWritten: TRY_AGAIN,
    UnknownTopic: TRY_AGAIN,
}
"""Errors of other rooms that a command may end with, and the exit code of each."""


def told(fault: Exception) -> tuple[str, int]:
    """What to say of an error, and the exit code."""
    if is_full(fault) and not isinstance(fault, NotWritten):
        return f"the disk is full{_where(fault)}: make room on it, then type the same again", TRY_AGAIN
    code = next((code for kind, code in CODES.items() if isinstance(fault, kind)), None)
    if code is None:
        return f"something went wrong that should not; {_kept(fault)}", FINDING
    return str(fault), code


def _where(fault: Exception) -> str:
    """What could not be written, where the error says it."""
    named = getattr(fault, "filename", None)
    return f", {named} could not be written" if named else ""


def _kept(fault: Exception) -> str:
    """Write where an error came from, without its message, to the system's log, or to one in a scratch folder."""
    try:
        log = _log_file()
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{datetime.now(UTC).isoformat()} {type(fault).__name__}\n")
            lines.writelines(traceback.format_tb(fault.__traceback__))
    except OSError as closed:  # no room, or no right to write: then the kind of error is all that can be told
        return f"it was a {type(fault).__name__}, and where it happened could not be kept: {closed.strerror}"
    return f"{log} says where"


def _named_folder() -> Path | None:
    """The folder after the last --data, read from the command line as it is: the command itself may have failed."""
    named = [after for option, after in pairwise(sys.argv) if option == "--data"]
    named += [argument.removeprefix("--data=") for argument in sys.argv if argument.startswith("--data=")]
    return Path(named[-1]) if named else None


def _log_file() -> Path:
    try:
        data = load(data=_named_folder()).data
    except UnknownSetting:
        data = Path()
    folder = data / "logs" if data.is_dir() and data != Path() else Path(tempfile.mkdtemp(prefix="sis-"))
    folder.mkdir(exist_ok=True)
    return folder / "sis.log"
