"""The reference program as a process: how it ends when it cannot go on, in words for whoever runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.log.errors import BrokerAway
from services.provider import reference
from services.provider.joining import Joining
from services.provider.kit import Connection
from services.provider.own_key import make_key
from services.stack.ports import free_port
from tests.command_line import Answer, environment


def run(settings: Path) -> Answer:
    """Run it until it ends."""
    command = [sys.executable, "-m", "services.provider.reference", "--settings", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


def test_a_trust_that_is_away_ends_it_with_try_again(tmp_path: Path) -> None:
    """75: whoever supervises it starts it again, and it goes on where it stopped."""
    make_key(tmp_path / "oak.pem")
    settings = tmp_path / "provider.toml"
    settings.write_text(f'provider = "oak"\nbootstrap = "127.0.0.1:{free_port()}"\nkey_file = "oak.pem"\n')

    answer = run(settings)

    assert (answer.code, answer.out) == (75, "")
    assert answer.err.splitlines()[-1] == "the broker takes no connection: is it running, and at this address?"


async def test_every_day_it_connects_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the month is asked for at each connection: whoever runs for months never seals to an old one."""
    monkeypatch.setattr(reference, "KEY_HOLDS_SECONDS", 0.01)
    settings = Joining(provider="oak", exchange=tmp_path)
    connections = []

    class Counting(reference.Reference):
        async def look(self, connection: Connection) -> None:
            if connection not in connections:
                connections.append(connection)
            if len(connections) == 3:
                raise BrokerAway("enough")

    with pytest.raises(BrokerAway):
        await reference.run(settings, Counting("oak", b""))

    assert len(connections) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('provider = "oak"\nexchange = "."\n', "the settings name no key_file, and without it no pack opens"),
        ('provider = "oak"\nexchange = "."\nkey_file = "none.pem"\n', "none.pem cannot be read: No such file"),
        ('provider = "oak"\n', "names either bootstrap (host:port) or exchange (a folder), and not both"),
    ],
)
def test_wrong_settings_end_it_with_wrong_use(tmp_path: Path, text: str, words: str) -> None:
    """2, and one line that says what is wrong."""
    settings = tmp_path / "provider.toml"
    settings.write_text(text)

    answer = run(settings)

    assert answer.code == 2
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
