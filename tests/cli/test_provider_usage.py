"""`sis provider` typed amiss: said in plain words, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine

AN_ID = "2b137f02-b601-5796-89d5-1d22047208cf"
AMISS: dict[tuple[str, ...], tuple[int, str]] = {
    ("OAK", "inbox"): (2, "a provider id has 1 to 40 lower-case letters, digits and hyphens"),
    ("../oak", "inbox"): (2, "a provider id has 1 to 40 lower-case letters, digits and hyphens"),
    ("oak", "accept", "offer", "--start-on", "soon"): (
        2,
        "offer_id, start_on: not of the form that is needed; see sis provider ID accept --help",
    ),
    ("oak", "decline", AN_ID, "--reason", "OTHER", "--text", "x" * 102_400): (
        2,
        "text: not of the form that is needed; see sis provider ID decline --help",
    ),
    ("oak", "start", AN_ID, "--on", "2012-02-30"): (
        2,
        "on: not of the form that is needed; see sis provider ID start --help",
    ),
    ("oak", "inbox", "--key", "none.pem"): (2, "none.pem cannot be read: No such file or directory"),
    ("oak", "keygen", "--out", "none/oak.pem"): (2, "none/oak.pem cannot be written: No such file or directory"),
    ("oak", "accept", AN_ID, "--start-on", "2012-10-08"): (75, "the system is not running; start it with `sis up`"),
    ("oak", "exchange", "folder", "--once"): (75, "the system is not running; start it with `sis up`"),
}


@pytest.mark.parametrize(("typed", "answer"), AMISS.items(), ids=[" ".join(typed)[:40] for typed in AMISS])
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    command: CommandLine, tmp_path: Path, typed: tuple[str, ...], answer: tuple[int, str]
) -> None:
    """Exit code 2 where it was typed amiss, 75 where it may be tried again; neither key nor folder is made for it."""
    done = command("provider", *typed)

    assert (done.code, done.err, done.out) == (answer[0], f"sis: {answer[1]}\n", "")
    assert list(tmp_path.iterdir()) == []
