"""Audits on the command line: what was damaged is named, and nothing is answered from it or made by asking."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.checkpoint import Checkpoint, signed
from services.log.errors import UnknownTopic
from services.log.kafka_reader import KafkaReader
from services.notary.signing_key import signing_key
from tests.audit.exported import exported, log_of
from tests.command_line import CommandLine, running_here
from tests.episodes import words_said as say
from tests.ledgers import Ledger


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    """An export of a ledger with one registration."""
    ledger = Ledger()
    ledger.add(say.registered())
    return exported(log_of(ledger), tmp_path / "taken")


def test_of_a_damaged_export_no_question_is_answered(command: CommandLine, taken: Path) -> None:
    """The answer would look like any other: it says which file was altered, and where all is said."""
    ask = ("audit", "ask", "over-six-months", "--export", str(taken))
    whole = command(*ask)
    with (taken / "tables" / "people.csv").open("a", encoding="utf-8") as people:
        people.write("somebody\n")

    damaged = command(*ask)

    assert (whole.code, whole.out) == (0, "nobody and nothing\n")
    assert (damaged.code, damaged.out) == (1, "")
    assert damaged.err.startswith("sis: tables/people.csv is damaged: it is not the file that was signed; no answer")


@pytest.mark.parametrize("content", [None, b"", b"no key at all"], ids=["missing", "empty", "damaged"])
def test_a_notary_s_key_that_cannot_be_read_is_named(command: CommandLine, content: bytes | None) -> None:
    """Which file, and what it means for whoever verifies; it is not said that there never was one."""
    public = command.data / "keys" / "notary.pub"
    public.parent.mkdir(parents=True)
    if content is not None:
        public.write_bytes(content)

    answer = command("audit", "checkpoint", "--key")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"sis: {public} is missing or damaged: without the notary's public key")


def test_a_topic_that_is_gone_is_a_finding_and_not_to_be_made_anew(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removed it hoped for that: it says which topic, what it means, and that the rest can be verified."""

    async def gone(*_: object) -> None:
        raise UnknownTopic("topic kmpt.handover.refused.v1 is not there, or this user may not see it: run sis topics")

    monkeypatch.setattr(KafkaReader, "start", gone)
    monkeypatch.setattr("services.cli.audit.running_on", lambda _: running_here("localhost:1"))
    signing_key(command.data)

    answer = command("audit", "prove", "kmpt.handover.refused.v1/0@3")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "sis: topic kmpt.handover.refused.v1 is not there, or this user may not see it. Everything in it was removed, "
        "if it ever was there: look before it is made anew. sis audit verify says what else is left\n"
    )


def test_where_no_checkpoint_is_held_it_is_said(command: CommandLine) -> None:
    """An empty table alone could be taken for a short one."""
    command.data.mkdir()

    answer = command("audit", "checkpoint")

    assert (answer.code, answer.out) == (0, "origin\tsize\troot\tfile\n")
    assert answer.err == "no checkpoint is held: the notary has signed none yet, or they were removed\n"


def test_where_no_system_is_no_list_of_checkpoints_is_given(command: CommandLine) -> None:
    """A mistyped folder is no system whose checkpoints were removed."""
    for more in ((), ("--json",), ("--key",)):
        answer = command("audit", "checkpoint", *more)

        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"sis: there is no system in {command.data}; ")


def test_a_damaged_checkpoint_is_named_beside_the_others(command: CommandLine) -> None:
    """One that is no longer read hides none of those that are."""
    notes = command.data / "checkpoints" / "kmpt.episodes.ledger.v1-0"
    notes.mkdir(parents=True)
    whole = signed(Checkpoint("kmpt.episodes.ledger.v1/0", 3, bytes(32)), Ed25519PrivateKey.generate())
    for name, note in (("1.txt", b"\xff\xfe"), ("3.txt", whole.encode()), ("4.txt", b"")):
        (notes / name).write_bytes(note)

    answer = command("audit", "checkpoint", "--json")

    assert answer.code == 1
    assert [row["size"] for row in answer.json()] == [3]
    assert [line.partition(": ")[0] for line in answer.err.splitlines()] == [
        f"FINDING {notes.name}/{name} in the folder of checkpoints is damaged" for name in ("1.txt", "4.txt")
    ]


def test_the_notary_s_key_is_told_to_programs_too(command: CommandLine) -> None:
    """`--key --json` is JSON, like every other answer."""
    signing_key(command.data)

    for_people, for_programs = (command("audit", "checkpoint", "--key", *more) for more in ((), ("--json",)))

    assert for_programs.json() == {"public_key": for_people.out.strip()}


def test_what_is_no_text_is_not_looked_for(command: CommandLine) -> None:
    """An argument in another encoding, as a copied id may be: which one, and nothing is made of it."""
    for line in (("audit", "history", "\udcff"), ("audit", "export", "\udcfe", "--engagement", "cqc")):
        answer = command(*line)

        assert (answer.code, answer.out) == (2, "")
        assert answer.err == "sis: argument 5 of this line is no UTF-8 text: type it anew, or rename what it names\n"


def test_of_an_export_without_a_key_it_is_not_said_that_its_own_was_taken(command: CommandLine, taken: Path) -> None:
    """There is none in it to be compared."""
    (taken / "audit-export.pub").unlink()

    answer = command("audit", "check-export", str(taken))

    assert (answer.code, answer.err) == (1, "")
    assert answer.out == "FINDING audit-export.pub is missing: without it nothing of this folder is proved.\n"


def test_a_key_to_sign_with_is_not_made_where_no_system_is(command: CommandLine, tmp_path: Path) -> None:
    """A mistyped folder gets no keys, and the private half is not written either."""
    answer = command("keys", "person", "ann", "--out", str(tmp_path / "ann.pem"))

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sis: there is no system in {command.data}")
    assert list(tmp_path.iterdir()) == []


def test_a_private_key_that_cannot_be_written_is_not_registered(command: CommandLine, tmp_path: Path) -> None:
    """The folder for it is not there: the name is still free afterwards."""
    command.data.mkdir()

    lost = command("keys", "person", "ann", "--out", str(tmp_path / "none" / "ann.pem"))
    made = command("keys", "person", "ann", "--out", str(tmp_path / "ann.pem"))

    assert (lost.code, lost.out) == (2, "")
    assert "none/ann.pem cannot be written: No such file or directory; no key was registered" in lost.err
    assert made.code == 0


NOWHERE = "/nowhere"
A_KEY = base64.b64encode(bytes(31)).decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "--key", A_KEY), "--key is no Ed25519 public key"),
        (("as-of", "2012-02-30"), "no such day in the calendar"),
        (("as-of", "2012-10-05", "--known-at", "soon"), "an instant is written"),
        (("as-of", "2012-10-05", "--known-at", ""), "an instant is written"),
        (("as-of", "2012-10-05", "--check"), "only now can be compared with the live view"),
        (("diff", "2012-10-05", "later"), "a date is written YYYY-MM-DD"),
        (("prove", "an-id", "--from", "3"), "sis audit prove FACT, or"),
        (("prove", "kmpt.episodes.ledger.v1/0"), "sis audit prove FACT, or"),
        (("export", "out", "--engagement", "CQC 2012"), "an engagement's name has"),
        (("check-export", NOWHERE), "there is no folder"),
        (("check-export", ".", "--key", A_KEY), "--key is no Ed25519 public key"),
        (("ask", "anything"), "there is no question anything"),
        (("ask", "over-six-months", "--export", NOWHERE), "there is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_asked_so_ends_with_2_in_plain_words(
    command: CommandLine, arguments: Sequence[str], words: str
) -> None:
    """It is said before anything is read, and makes no folder."""
    answer = command("audit", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"sis: {words}")
    assert not command.data.exists()
